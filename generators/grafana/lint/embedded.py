"""Dashboards inside of YAML: ConfigMaps, and the resources of Grafana's operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from generators.formats.nesting import BoundedLoader
from generators.grafana.lint.finding import Place
from generators.grafana.lint.places import Places

_HOLDERS: Final = "a ConfigMap with keys `*.json`, a GrafanaDashboard with `spec.json`, or the JSON itself"
_TOP: Final = (1, 1, 1, 2)


class UnreadableError(Exception):
    """A file or a part of it is no dashboard; ``place`` says where, ``help`` what to do."""

    def __init__(self, message: str, place: Place, help_: str) -> None:
        super().__init__(message)
        self.place = place
        self.help = help_


def embedded(text: str) -> Iterator[Places]:
    """Yield the JSON texts in a file of YAML. Raises UnreadableError, also where there is none."""
    documents = _composed(text)
    found = [each for document in documents for each in _texts(document)]
    if not found:
        raise UnreadableError(_nothing(documents), _TOP, f"what is read: {_HOLDERS}")
    lines = text.split("\n")
    yield from (_places(node, lines) for node in found)


def _composed(text: str) -> list[Node]:
    try:
        return list(yaml.compose_all(text, Loader=BoundedLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"neither JSON nor YAML: {error.problem or 'it cannot be read'}"
        raise UnreadableError(message, (line, column, line, column + 1), "correct the syntax") from None
    except (yaml.YAMLError, ValueError) as error:
        message = str(error).partition("\n")[0]
        raise UnreadableError(f"neither JSON nor YAML: {message}", _TOP, "correct it") from None


def _nothing(documents: list[Node]) -> str:
    """Return what is said of YAML without dashboards."""
    if any(_get(document, "providers") is not None for document in documents):
        return "this says where Grafana finds dashboards, and holds none; name the files in its `options.path`"
    return "there is no dashboard in this file"


def _texts(document: Node) -> Iterator[ScalarNode]:
    listed = _get(document, "items") if _word(_get(document, "kind")) == "List" else None
    resources = listed.value if listed is not None and isinstance(listed.value, list) else (document,)
    for resource in resources:
        if isinstance(resource, Node):
            yield from _texts_of(resource)


def _texts_of(resource: Node) -> Iterator[ScalarNode]:
    kind = _word(_get(resource, "kind"))
    if kind == "ConfigMap":
        data = _get(resource, "data")
        for key, value in data.value if isinstance(data, MappingNode) else ():
            if _word(key).endswith(".json") and isinstance(value, ScalarNode):
                yield value
    elif kind == "GrafanaDashboard":
        value = _get(_get(resource, "spec"), "json")
        if isinstance(value, ScalarNode):
            yield value


def _get(node: Node | None, name: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((value for key, value in pairs if _word(key) == name), None)


def _word(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


def _places(node: ScalarNode, lines: list[str]) -> Places:
    """Return where the text of a scalar is: known line by line for a block (`|`), else its beginning."""
    start = node.start_mark
    if node.style != "|":
        return Places(node.value, start.line + 1, None, start.column + 1)
    first = next((line for line in node.value.split("\n") if line.strip()), "")
    written = next((line for line in lines[start.line + 1 :] if line.strip()), "")
    indent = (len(written) - len(written.lstrip())) - (len(first) - len(first.lstrip()))
    return Places(node.value, start.line + 2, indent)
