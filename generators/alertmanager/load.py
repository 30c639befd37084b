"""Anybody's configuration file, read with the position of every value."""

from __future__ import annotations

from collections.abc import Iterable

from generators.alertmanager.build import build
from generators.alertmanager.check import check_document, check_meaning
from generators.alertmanager.checks.declared import AlertLabels
from generators.alertmanager.checks.reading import mapping
from generators.alertmanager.checks.routes import DEPRECATED_MATCHERS, RESTRICTED_ROOT
from generators.alertmanager.checks.structure import UNKNOWN_KEY
from generators.alertmanager.config import Config
from generators.alertmanager.refusal import is_refused
from generators.alertmanager.schema import FILE
from generators.alertmanager.shapes import ListOf, MapOf, Shape, Table
from generators.diagnostics import Code, Finding, Position, Problem, Severity, located, point, sort_problems
from generators.formats.yaml import reader
from generators.formats.yaml.nodes import Mapping, Node, Scalar, deepest
from generators.formats.yaml.schema import GO_2

SEVERAL_DOCUMENTS = Code(
    "M005",
    "More than one document",
    "Alertmanager reads the first document of a file and ignores the others without a word.",
    "route: {receiver: a}\n---\nreceivers: [{name: a}]",
    "route: {receiver: a}\nreceivers: [{name: a}]",
    Severity.WARNING,
)

_TYPED = frozenset({"any", "bool", "float", "int", "uint", "go_duration"})
"""Scalars that are read by their YAML type; all others are the text as it is written, as in Go."""

_AT_KEY = frozenset({UNKNOWN_KEY, RESTRICTED_ROOT, DEPRECATED_MATCHERS})


def load(
    text: str, file: str = "alertmanager.yaml", carried: Iterable[AlertLabels] = ()
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read and check a file. The configuration is None if Alertmanager would refuse it.

    Problems stand in the order of the file, which they call ``file``. ``carried`` is as for ``check``.
    """
    loaded = reader.load(text, file, GO_2)
    if not loaded.is_whole:
        return None, loaded.problems
    root = loaded.documents[0] if loaded.documents else None
    document = None if root is None else _plain(root, FILE)
    found = check_document(document)
    if len(loaded.documents) > 1:
        found = (Finding(SEVERAL_DOCUMENTS, "only the first document of the file is read", ()), *found)
    config = None
    if not loaded.problems and not is_refused(found):
        config = build(mapping(document))
        found = (*found, *check_meaning(config, carried))
    problems = located(found, lambda finding: _position(root, finding, file))
    return config, sort_problems((*loaded.problems, *problems))


def _plain(node: Node, shape: Shape) -> object:
    """Return the plain values of a node, as the fields of its shape take them."""
    if isinstance(node, Scalar):
        typed = shape in _TYPED if isinstance(shape, str) else True
        return node.value if typed or node.is_null else node.text
    if isinstance(node, Mapping):
        inner = shape.fields if isinstance(shape, Table) else {}
        rest: Shape = shape.value if isinstance(shape, MapOf) else "any"
        return {entry.key: _plain(entry.value, inner.get(entry.key, rest)) for entry in node.entries}
    item: Shape = shape.item if isinstance(shape, ListOf) else "any"
    return [_plain(each, item) for each in node.items]


def _position(root: Node | None, finding: Finding, file: str) -> Position:
    """Return where the longest part of a finding's path that stands in the file begins: its key or its value."""
    if root is None:
        return point(file, 1, 1)
    entry, node = deepest(root, finding.path)
    at_key = entry is not None and (finding.kind in _AT_KEY or isinstance(node, Mapping))
    position = entry.key_position if entry is not None and at_key else node.position
    return point(file, position.line, position.column)
