"""What a check is: an identity, a page for the docs, and a function that looks at one rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.labels.algebra import LabelSet, labels_of
from generators.promql.rules.lint.catalogue import Catalogue
from generators.promql.rules.model import AlertingRule, Group, RecordingRule, Rule, RuleFile
from generators.promql.syntax.ast import Expr, VectorSelector
from generators.promql.templates import parse_template
from generators.promql.templates.label_references import References, references

DEFAULT_INTERVAL = 60_000
"""Prometheus' ``evaluation_interval`` in milliseconds."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a rule file does not say about where it runs; durations in milliseconds."""

    interval: int | None = None
    """The server's evaluation interval, where it is known."""
    lookback: int = 300_000
    external_labels: frozenset[str] = frozenset()
    integer_le_suffix: bool = True
    """Whether bounds such as ``le="1"`` are stored as ``1.0``, as Prometheus 3 does."""


@dataclass(frozen=True)
class Subject:
    """A rule in its surroundings, with what several checks want to know about it, worked out once."""

    file: RuleFile
    group: Group
    number: int
    rule: Rule
    settings: Settings
    catalogue: Catalogue | None
    recorded: Mapping[str, tuple[tuple[Group, int, RecordingRule], ...]] = field(default_factory=dict)
    """The rules of the file by the metric that they record, with group and number."""

    @property
    def expr(self) -> Expr:
        """The rule's expression."""
        return self.rule.expr

    @property
    def interval(self) -> int:
        """The group's evaluation interval in milliseconds; Prometheus' default where nobody gives one."""
        return self.known_interval or DEFAULT_INTERVAL

    @property
    def known_interval(self) -> int | None:
        """The group's evaluation interval in milliseconds, as far as the file or the settings give one."""
        return self.group.interval or self.settings.interval

    def schema(self, selector: VectorSelector) -> LabelSet | None:
        """Return the labels of the series behind a selector, as far as the catalogue knows."""
        return None if self.catalogue is None else self.catalogue.labels(selector)

    @cached_property
    def labels(self) -> tuple[LabelSet, tuple[TextFinding, ...]]:
        """The labels of the expression's result, and the label algebra's findings."""
        return labels_of(self.expr, self.schema, self.rule.origin.text("expr"))

    @cached_property
    def templates(self) -> tuple[tuple[str, References], ...]:
        """What the templates of an alert's labels and annotations read, by key."""
        if not isinstance(self.rule, AlertingRule):
            return ()
        texts = [(f"labels.{name}", text) for name, text in self.group.labels_of(self.rule).items()]
        texts += [(f"annotations.{name}", text) for name, text in self.rule.annotations.items()]
        parsed = ((key, parse_template(text)[0]) for key, text in texts if "{{" in text)
        return tuple((key, references(template)) for key, template in parsed if template is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: what is wrong, at which key of the rule and where in its text; ``kind`` replaces the check's own."""

    message: str
    key: str = "expr"
    span: Span | None = None
    help: str = ""
    kind: Code | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check: ``id`` is what suppressions name; its code has the page in the docs and the usual severity."""

    id: str
    kind: Code
    find: Callable[[Subject], Iterator[Finding]]
    needs_catalogue: bool = False

    @property
    def code(self) -> str:
        """The id of its kind, such as ``Q709``."""
        return self.kind.id
