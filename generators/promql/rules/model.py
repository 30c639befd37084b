"""Rules, groups and rule files as frozen values: read from a file, or built by a compiler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from generators.diagnostics import Span
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Scalar
from generators.promql.rules.sources import Source
from generators.promql.syntax.ast import Expr

START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule stands in its file: the text, and the scalars of ``expr``, ``labels.x`` and so on."""

    place: Place = START
    source: Source = field(default_factory=lambda: Source(""))
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    number: int = 0
    """Which rule of its group it is in the file, from 1; 0 where it was not read from one."""

    def at(self, key: str, span: Span | None = None) -> Place:
        """Return the place of a key's value, or of a span within it; the rule's own place without such a key."""
        scalar = self.scalars.get(key)
        if scalar is None:
            return self.place
        return scalar.place if span is None else self.source.place(scalar, span)

    def text(self, key: str) -> str:
        """Return a key's value as it was written; empty without such a key."""
        scalar = self.scalars.get(key)
        return "" if scalar is None else scalar.content


NOWHERE_READ = Origin()


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A rule that records its expression's result under a name, with labels added (an empty value removes)."""

    record: str
    expr: Expr
    labels: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=lambda: NOWHERE_READ, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The name that it records under."""
        return self.record


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A rule that alerts on every element of its expression's result; durations are in milliseconds."""

    alert: str
    expr: Expr
    for_: int = 0
    keep_firing_for: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=lambda: NOWHERE_READ, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.alert


Rule: TypeAlias = RecordingRule | AlertingRule


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated together, in order; durations in milliseconds, None for the server's default."""

    name: str
    rules: tuple[Rule, ...]
    interval: int | None = None
    query_offset: int | None = None
    limit: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(default_factory=lambda: NOWHERE_READ, compare=False, repr=False)

    def labels_of(self, rule: Rule) -> Mapping[str, str]:
        """Return the labels that the rule adds: the group's under the rule's own."""
        return {**self.labels, **rule.labels}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The groups of one file."""

    groups: tuple[Group, ...] = ()
    path: str = ""

    def rules(self) -> Iterator[tuple[Group, int, Rule]]:
        """Yield every rule with its group and its number there, from 1; rules that cannot be read count as well."""
        for group in self.groups:
            for number, rule in enumerate(group.rules, start=1):
                yield group, rule.origin.number or number, rule
