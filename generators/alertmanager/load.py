"""Anybody's configuration file, read with the position of every value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import yaml

from generators.alertmanager.build import build
from generators.alertmanager.check import check_document, check_meaning
from generators.alertmanager.checks.declared import AlertLabels
from generators.alertmanager.checks.reading import mapping
from generators.alertmanager.checks.routes import DEPRECATED_MATCHERS, RESTRICTED_ROOT
from generators.alertmanager.checks.structure import UNKNOWN_KEY
from generators.alertmanager.config import Config
from generators.alertmanager.refusal import Refusal, is_refused
from generators.alertmanager.schema import FILE
from generators.alertmanager.shapes import ListOf, MapOf, Shape, Table
from generators.diagnostics import Code, Finding, Path, Position, Problem, Severity, located, point
from generators.formats.nesting import MAX_DEPTH, BoundedLoader, NestingError, is_too_deep

NOT_YAML = Refusal(
    "M001",
    "The file is not YAML",
    "The text cannot be read, so nothing else was checked.",
    "route: {receiver: default",
    "route: {receiver: default}",
)
KEY_GIVEN_TWICE = Refusal(
    "M004",
    "Key given twice",
    "A mapping holds each key once; the second value would hide the first.",
    "route: {receiver: a, receiver: b}",
    "route: {receiver: b}",
)
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

_AT_KEY = frozenset({UNKNOWN_KEY, KEY_GIVEN_TWICE, RESTRICTED_ROOT, DEPRECATED_MATCHERS})


def load(
    text: str, file: str = "alertmanager.yaml", carried: Iterable[AlertLabels] = ()
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read and check a file. The configuration is None if Alertmanager would refuse it.

    Problems stand in the order of the file, which they call ``file``. ``carried`` is as for ``check``.
    """
    reader = _Reader()
    try:
        document = reader.read(text)
    except yaml.YAMLError as error:
        return None, (_not_yaml(error, file),)
    found = [*reader.problems, *check_document(document)]
    config = None
    if not is_refused(found):
        config = build(mapping(document))
        found += check_meaning(config, carried)
    return config, located(found, lambda finding: reader.position(finding, file))


def _not_yaml(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error).splitlines()[0]
    position = point(file, 1, 1) if mark is None else _position(file, mark)
    return Problem(
        NOT_YAML, "the file is nested too deeply" if is_too_deep(error) else f"this is not YAML: {message}", position
    )


def _position(file: str, mark: yaml.Mark) -> Position:
    return point(file, mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Reader:
    """Turns YAML nodes into plain values and remembers where keys and values stand."""

    keys: dict[Path, yaml.Mark] = field(default_factory=dict)
    values: dict[Path, yaml.Mark] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    open_: list[yaml.Node] = field(default_factory=list)
    constructor: yaml.SafeLoader = field(default_factory=lambda: yaml.SafeLoader(""))

    def read(self, text: str) -> object:
        loader = BoundedLoader(text)
        try:
            root = loader.get_node() if loader.check_node() else None
            if root is not None and loader.check_node():
                self.problems.append(Finding(SEVERAL_DOCUMENTS, "only the first document of the file is read", ()))
        finally:
            loader.dispose()
        return None if root is None else self._value(root, FILE, ())

    def position(self, finding: Finding, file: str) -> Position:
        """Return the position of the longest part of a finding's path that stands in the file."""
        for length in range(len(finding.path), -1, -1):
            path = finding.path[:length]
            at_key = path in self.keys and (finding.kind in _AT_KEY or path not in self.values)
            mark = self.keys[path] if at_key else self.values.get(path)
            if mark is not None:
                return _position(file, mark)
        return point(file, 1, 1)

    def _value(self, node: yaml.Node, shape: Shape, path: Path) -> object:
        if any(node is outer for outer in self.open_):
            self.problems.append(Finding(NOT_YAML, "an anchor contains itself", path))
            return None
        if isinstance(node, yaml.ScalarNode):
            self.values.setdefault(path, node.start_mark)
            return self._scalar(node, shape, path)
        if len(self.open_) >= MAX_DEPTH:  # aliases nest, too
            raise NestingError(node.start_mark)
        self.open_.append(node)
        value = self._mapping(node, shape, path) if isinstance(node, yaml.MappingNode) else None
        if isinstance(node, yaml.SequenceNode):
            inner = shape.item if isinstance(shape, ListOf) else "any"
            value = [self._value(item, inner, (*path, index)) for index, item in enumerate(node.value)]
            self.values.setdefault(path, node.start_mark)
        self.open_.pop()
        return value

    def _mapping(self, node: yaml.MappingNode, shape: Shape, path: Path) -> object:
        if not path or isinstance(path[-1], int):
            self.values.setdefault(path, node.start_mark)
        value: dict[str, object] = {}
        own = {id(key) for key, _ in node.value}
        self.constructor.flatten_mapping(node)
        for key, item in node.value:
            name = str(key.value)
            place = (*path, name)
            if name in value and id(key) in own and place in self.keys:
                self.problems.append(Finding(KEY_GIVEN_TWICE, f"`{name}` is given twice", place))
            self.keys[place] = key.start_mark
            inner: Shape = "any"
            if isinstance(shape, Table):
                inner = shape.fields.get(name, "any")
            elif isinstance(shape, MapOf):
                inner = shape.value
            value[name] = self._value(item, inner, place)
        return value

    def _scalar(self, node: yaml.ScalarNode, shape: Shape, path: Path) -> object:
        if node.tag == "tag:yaml.org,2002:null":
            return None
        typed = shape in _TYPED if isinstance(shape, str) else True
        if not typed:
            return str(node.value)
        try:
            value = self.constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self.problems.append(Finding(NOT_YAML, f"`{node.value}` cannot be read: {error}", path))
            return None
        return value if isinstance(value, bool | int | float | str) else str(node.value)
