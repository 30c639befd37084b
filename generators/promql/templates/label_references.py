"""Which labels a template reads: for checking them against the labels that the expression leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from generators.diagnostics import Span
from generators.promql.templates import nodes
from generators.promql.templates.parser import Template


@dataclass(frozen=True, slots=True)
class LabelReference:
    """A label that is read by name, and where."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class References:
    """What a template reads: labels and external labels by name, and what else there is to know.

    ``dynamic`` means that it also reads labels whose names are not in the text (a range, a computed index, all at
    once); ``value`` that it reads the alert's value; ``functions`` are those that it calls, sorted.
    """

    labels: tuple[LabelReference, ...] = ()
    external_labels: tuple[LabelReference, ...] = ()
    dynamic: bool = False
    value: bool = False
    functions: tuple[str, ...] = ()


class _Kind(StrEnum):
    """What an expression stands for, as far as it matters here."""

    ROOT = "root"
    LABELS = "labels"
    EXTERNAL = "external"
    VALUE = "value"
    OTHER = "other"


_FIELDS = {"Labels": _Kind.LABELS, "ExternalLabels": _Kind.EXTERNAL, "Value": _Kind.VALUE}
_VARIABLES = {
    "$": _Kind.ROOT,
    "$labels": _Kind.LABELS,
    "$externalLabels": _Kind.EXTERNAL,
    "$value": _Kind.VALUE,
}


def references(template: Template) -> References:
    """Return what the template reads, following variables, ``with`` and templates that it defines."""
    finder = _Finder(template)
    finder.body(template.body, _Kind.ROOT, dict(_VARIABLES))
    return References(
        tuple(dict.fromkeys(finder.labels)),
        tuple(dict.fromkeys(finder.external)),
        finder.dynamic,
        finder.value,
        tuple(sorted(finder.functions)),
    )


@dataclass(slots=True)
class _Finder:
    """Walks a template with the kind of dot and of every variable."""

    template: Template
    labels: list[LabelReference] = field(default_factory=list)
    external: list[LabelReference] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    visited: set[tuple[str, _Kind]] = field(default_factory=set)
    dynamic: bool = False
    value: bool = False

    def body(self, body: nodes.Body, dot: _Kind, scope: dict[str, _Kind]) -> None:
        for node in body:
            match node:
                case nodes.Action():
                    kind = self.pipeline(node.pipeline, dot, scope)
                    if not node.pipeline.variables:
                        self.use(kind)
                case nodes.Branch():
                    self.branch(node, dot, dict(scope))
                case nodes.Invoke():
                    self.invoke(node, dot, scope)

    def branch(self, node: nodes.Branch, dot: _Kind, scope: dict[str, _Kind]) -> None:
        kind = self.pipeline(node.pipeline, dot, scope)
        inner = dot
        if node.keyword == "with":
            inner = kind
        elif node.keyword == "range":
            self.use(kind)
            inner = _Kind.OTHER
            scope.update(dict.fromkeys((variable.name for variable in node.pipeline.variables), _Kind.OTHER))
        if kind is _Kind.VALUE:
            self.value = True
        self.body(node.body, inner, scope)
        self.body(node.otherwise or (), dot, scope)

    def invoke(self, node: nodes.Invoke, dot: _Kind, scope: dict[str, _Kind]) -> None:
        kind = _Kind.OTHER if node.pipeline is None else self.pipeline(node.pipeline, dot, scope)
        if (node.name, kind) not in self.visited:
            self.visited.add((node.name, kind))
            self.body(self.template.definitions.get(node.name, ()), kind, {"$": kind})

    def use(self, kind: _Kind) -> None:
        """Note that a value as a whole is printed, ranged over or passed on."""
        self.value |= kind in (_Kind.VALUE, _Kind.ROOT)
        self.dynamic |= kind in (_Kind.LABELS, _Kind.ROOT)

    def pipeline(self, node: nodes.Pipeline, dot: _Kind, scope: dict[str, _Kind]) -> _Kind:
        kind = _Kind.OTHER
        for stage, command in enumerate(node.commands):
            last = kind
            kind = self.command(command.arguments, dot, scope)
            if stage:
                self.use(last)
        for variable in node.variables:
            scope[variable.name] = kind
        return kind

    def command(self, arguments: Sequence[nodes.Operand], dot: _Kind, scope: dict[str, _Kind]) -> _Kind:
        first = arguments[0]
        if not isinstance(first, nodes.Identifier):
            for argument in arguments[1:]:
                self.use(self.operand(argument, dot, scope))
            return self.operand(first, dot, scope)
        self.functions.add(first.name)
        kinds = [self.operand(argument, dot, scope) for argument in arguments[1:]]
        if first.name == "index" and len(kinds) == 2 and isinstance(arguments[2], nodes.String):
            return self.labelled(kinds[0], arguments[2].value, arguments[2].span)
        if first.name in ("and", "or") and kinds:
            for kind in kinds[:-1]:
                self.value |= kind is _Kind.VALUE
            return kinds[-1]
        for kind in kinds:
            if first.name not in ("len", "not"):
                self.use(kind)
        return _Kind.OTHER

    def operand(self, node: nodes.Operand, dot: _Kind, scope: dict[str, _Kind]) -> _Kind:
        match node:
            case nodes.Dot():
                return dot
            case nodes.Pipeline():
                return self.pipeline(node, dot, scope)
            case nodes.Field():
                return self.fields(dot, node.names, node.span)
            case nodes.Variable():
                return self.fields(scope.get(node.name, _Kind.OTHER), node.names, node.span)
            case nodes.Chain():
                return self.fields(self.operand(node.base, dot, scope), node.names, node.span)
            case nodes.Identifier():
                self.functions.add(node.name)
        return _Kind.OTHER

    def fields(self, kind: _Kind, names: Sequence[str], span: Span) -> _Kind:
        for name in names:
            root = kind is _Kind.ROOT
            kind = _FIELDS.get(name, _Kind.OTHER) if root else self.labelled(kind, name, span)
        return kind

    def labelled(self, kind: _Kind, name: str, span: Span) -> _Kind:
        """Note that a label is read by name."""
        if kind is _Kind.LABELS:
            self.labels.append(LabelReference(name, span))
        elif kind is _Kind.EXTERNAL:
            self.external.append(LabelReference(name, span))
        return _Kind.OTHER
