"""Dashboards inside of YAML: ConfigMaps, and the resources of Grafana's operator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generators.formats.yaml.nodes import Mapping, Node, Scalar, at
from generators.formats.yaml.nodes import Sequence as YamlSequence
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


def embedded(documents: Sequence[Node | None]) -> Iterator[Places]:
    """Yield the JSON texts in the documents of a file of YAML. Raises UnreadableError where there is none."""
    there = [document for document in documents if document is not None]
    found = [each for document in there for each in _texts(document)]
    if not found:
        raise UnreadableError(_nothing(there), _TOP, f"what is read: {_HOLDERS}")
    yield from map(_places, found)


def _nothing(documents: list[Node]) -> str:
    """Return what is said of YAML without dashboards."""
    if any(at(document, "providers") is not None for document in documents):
        return "this says where Grafana finds dashboards, and holds none; name the files in its `options.path`"
    return "there is no dashboard in this file"


def _texts(document: Node) -> Iterator[Scalar]:
    listed = at(document, "items") if _word(at(document, "kind")) == "List" else None
    for resource in listed.items if isinstance(listed, YamlSequence) else (document,):
        yield from _texts_of(resource)


def _texts_of(resource: Node) -> Iterator[Scalar]:
    kind = _word(at(resource, "kind"))
    if kind == "ConfigMap":
        data = at(resource, "data")
        for entry in data.entries if isinstance(data, Mapping) else ():
            if entry.key.endswith(".json") and isinstance(entry.value, Scalar):
                yield entry.value
    elif kind == "GrafanaDashboard":
        value = at(resource, "spec", "json")
        if isinstance(value, Scalar):
            yield value


def _word(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _places(node: Scalar) -> Places:
    """Return where the text of a scalar is: known line by line for a block (`|`), else its beginning."""
    start = node.position
    if node.style != "|":
        return Places(node.text, start.line, None, start.column)
    first = next((line for line in node.text.split("\n") if line.strip()), "")
    lines = map(node.source.line, range(start.line + 1, start.end_line + 1))
    written = next((line for line in lines if line.strip()), "")
    indent = (len(written) - len(written.lstrip())) - (len(first) - len(first.lstrip()))
    return Places(node.text, start.line + 1, indent)
