"""A spec as YAML in which every value says where it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from generators.diagnostics import Position
from generators.formats.characters import INVISIBLE
from generators.formats.yaml.nodes import Mapping, Node, Scalar, Sequence
from generators.formats.yaml_printer import format_key, format_text

Path = tuple[str | int, ...]
Note = Callable[[Path], str]
"""What is to be said of a value besides its place, by its path; empty for nothing."""

_WIDEST = 76
_LONGEST_LIST = 60
_IN_LIST = re.compile(r"[A-Za-z0-9_./%][A-Za-z0-9_./%-]*")


def annotated_yaml(spec: Mapping, note: Note) -> str:
    """Return a spec as YAML with ``# file:line`` behind each value, in one column."""
    lines = list(_mapping(spec, "", (), note))
    width = min(_WIDEST, max((len(text) for text, origin in lines if origin), default=0))
    return "".join(f"{text.ljust(width)}  # {origin}\n" if origin else f"{text}\n" for text, origin in lines)


def origin(position: Position) -> str:
    """Return ``file:line``."""
    return f"{position.file}:{position.line}"


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every value that is no mapping with its path; lists count as one value."""
    if isinstance(node, Mapping) and node.entries:
        for entry in node.entries:
            yield from leaves(entry.value, (*path, entry.key))
    else:
        yield path, node


def _mapping(node: Mapping, indent: str, path: Path, note: Note) -> Iterator[tuple[str, str]]:
    for entry in node.entries:
        here = (*path, entry.key)
        yield from _value(entry.value, f"{indent}{format_key(entry.key)}:", indent, here, note)


def _value(node: Node, head: str, indent: str, path: Path, note: Note) -> Iterator[tuple[str, str]]:
    remark = note(path)
    place = " ".join(filter(None, (origin(node.position), f"({remark})" if remark else "")))
    match node:
        case Scalar():
            first, *rest = _scalar(node)
            yield f"{head} {first}", place
            yield from ((f"{indent}  {line}" if line else "", "") for line in rest)
        case Mapping() if node.entries:
            yield head, remark
            yield from _mapping(node, f"{indent}  ", path, note)
        case Sequence():
            short = _on_one_line(node)
            yield (f"{head} {short}", place) if short else (head, "")
            for index, item in enumerate(() if short else node.items):
                yield from _item(item, f"{indent}  ", (*path, index), note)
        case Mapping():
            yield f"{head} {{}}", place


def _item(node: Node, indent: str, path: Path, note: Note) -> Iterator[tuple[str, str]]:
    """Yield an item of a list; its dash takes the place of two spaces of its first line."""
    if isinstance(node, Mapping) and node.entries:
        (first, where), *rest = _mapping(node, f"{indent}  ", path, note)
        yield f"{indent}- {first[len(indent) + 2 :]}", where
        yield from rest
    else:
        yield from _value(node, f"{indent}-", f"{indent}", path, note)


def _on_one_line(node: Sequence) -> str:
    """Return a short list of plain words or numbers on one line; empty where it is something else."""
    if not all(isinstance(item, Scalar) and _IN_LIST.fullmatch(item.text) for item in node.items):
        return ""
    words = [_scalar(item)[0] for item in node.items if isinstance(item, Scalar)]
    line = f"[{', '.join(words)}]"
    return line if len(line) <= _LONGEST_LIST else ""


def _scalar(node: Scalar) -> list[str]:
    """Return the lines of a scalar; what was written plain stays as it was written."""
    text = node.text
    if not isinstance(node.value, str):
        return [text or "null"]
    if INVISIBLE.search(text.replace("\n", "")) or text.startswith(("\n", " ")) or text.endswith("\n\n"):
        return [json.dumps(text)]
    if "\n" in text:
        return [f"|{'' if text.endswith(chr(10)) else '-'}", *text.removesuffix("\n").split("\n")]
    return [format_text(text) if node.quoted else text]
