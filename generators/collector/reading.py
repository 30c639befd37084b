"""Text of a configuration → plain values, and the place of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generators.diagnostics import Path
from generators.formats.nesting import MAX_DEPTH, BoundedLoader

Place = tuple[int, int, int, int]
"""Line, column, end line, end column, from 1."""

_SEVERAL = "but found another document"
_BOOLEANS = {"true": True, "false": False}


class UnreadableError(Exception):
    """The text is not one YAML document; ``place`` says where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class Read:
    """A document with the places of its keys and of its values."""

    document: object = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Return the place of the deepest known part of a path: its value if that is short, else its key."""
        for length in range(len(path), -1, -1):
            part = path[:length]
            if part in self.values:
                value = self.values[part]
                return value if value[0] == value[2] or part not in self.keys else self.keys[part]
        return (1, 1, 1, 1)


def read(text: str) -> Read:
    """Return the document of a text. Raises UnreadableError."""
    result = Read()
    try:
        node = yaml.compose(text, Loader=BoundedLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = "several documents in one file" if error.problem == _SEVERAL else error.problem or "not YAML"
        raise UnreadableError(message, (line, column, line, column + 1)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableError(str(error).partition("\n")[0], (1, 1, 1, 1)) from error
    if node is not None:
        result.document = _plain(node, (), result, 0)
    return result


def _plain(node: Node, path: Path, result: Read, depth: int) -> object:
    result.values[path] = _place(node)
    if depth > MAX_DEPTH:  # aliases nest, too
        raise UnreadableError("nested too deeply", _place(node))
    if isinstance(node, MappingNode):
        values: dict[str, object] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else "?"
            if name in values and name != "<<":
                raise UnreadableError(f"the key `{name}` occurs twice", _place(key))
            inner = _plain(value, (*path, name), result, depth + 1)
            result.keys[(*path, name)] = _place(key)
            if name == "<<" and isinstance(inner, Mapping):
                values = {**inner, **values}
            else:
                values[name] = inner
        return values
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), result, depth + 1) for index, item in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: Node) -> object:
    """Return a scalar by the YAML 1.2 core schema, as the Collector reads it."""
    text: str = node.value
    if node.tag == "tag:yaml.org,2002:bool":
        return _BOOLEANS.get(text.lower(), text)
    try:
        if node.tag == "tag:yaml.org,2002:int" and ":" not in text:
            return int(text.replace("_", ""), 0)
        if node.tag == "tag:yaml.org,2002:float" and ":" not in text:
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return None if node.tag == "tag:yaml.org,2002:null" else text


def _place(node: Node) -> Place:
    start, end = node.start_mark, node.end_mark
    return (start.line + 1, start.column + 1, end.line + 1, end.column + 1)
