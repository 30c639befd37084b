"""What rules write: metrics with what is known of their labels, and which of them a selector may find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generators.formats.re2 import RegexError, compile_regex
from generators.promql.labels.algebra import METRIC_NAME, UNKNOWN, LabelSet, labels_of
from generators.promql.rules.model import AlertingRule, Group, Rule
from generators.promql.syntax.ast import Matcher, MatchOp, VectorSelector

ALERT_SERIES = ("ALERTS", "ALERTS_FOR_STATE")


@dataclass(frozen=True, slots=True)
class Written:
    """A metric that a rule (by index) writes, with bounds on its labels."""

    rule: int
    name: str
    labels: LabelSet


def names_written(rule: Rule) -> tuple[str, ...]:
    """Return the metrics that a rule writes."""
    return ALERT_SERIES if isinstance(rule, AlertingRule) else (rule.name,)


def labels_written(group: Group, rule: Rule) -> LabelSet:
    """Return what is known of the labels that a rule's series have, other than the name."""
    labels = labels_of(rule.expr, lambda _: UNKNOWN)[0].drop_name()
    for name, text in group.labels_of(rule).items():
        if "{{" in text and isinstance(rule, AlertingRule):
            labels = labels.admit(name)
        else:
            labels = labels.add(name, text) if text else labels.drop((name,))
    if isinstance(rule, AlertingRule):
        labels = labels.add("alertname", rule.alert).admit("alertstate")
    return labels


class WrittenSeries:
    """All that is written, by metric, and by the labels whose value is known."""

    def __init__(self, entries: Sequence[Written]) -> None:
        self.entries = tuple(entries)
        self.by_name: dict[str, list[Written]] = defaultdict(list)
        self._fixed: dict[tuple[str, str, str], list[Written]] = defaultdict(list)
        self._loose: dict[tuple[str, str], list[Written]] = {}
        for entry in entries:
            self.by_name[entry.name].append(entry)
            for label, value in entry.labels.constant.items():
                self._fixed[entry.name, label, value].append(entry)

    def candidates(self, name: str, known: Mapping[str, str]) -> Iterable[Written]:
        """Return what is written under a name, less what has another value of one of the labels."""
        best: Sequence[Written] = self.by_name.get(name, ())
        for label, value in known.items():
            loose = self._without_constant(name, label)
            fixed = self._fixed.get((name, label, value), [])
            if len(loose) + len(fixed) < len(best):
                best = [*fixed, *loose]
        return best

    def _without_constant(self, name: str, label: str) -> list[Written]:
        key = name, label
        if key not in self._loose:
            self._loose[key] = [entry for entry in self.by_name[name] if label not in entry.labels.constant]
        return self._loose[key]

    def found_by(self, selector: VectorSelector) -> Iterator[int]:
        """Yield the rules whose series a selector may find."""
        others = [matcher for matcher in selector.matchers if matcher.label != METRIC_NAME]
        on_name = [matcher for matcher in selector.matchers if matcher.label == METRIC_NAME]
        known = {matcher.label: matcher.value for matcher in others if matcher.op is MatchOp.EQUAL and matcher.value}
        for name in [selector.name] if selector.name is not None else list(self.by_name):
            if name in self.by_name and all(accepts(matcher, name) for matcher in on_name):
                for entry in self.candidates(name, known):
                    if all(_may_match(matcher, entry.labels) for matcher in others):
                        yield entry.rule

    @cached_property
    def sharing(self) -> tuple[tuple[Written, Written], ...]:
        """Pairs of what two rules write, the later one first, that may be series of the same labels."""
        return tuple(
            (entry, other)
            for entry in self.entries
            for other in self.candidates(entry.name, entry.labels.constant)
            if other.rule < entry.rule and _may_be_equal(entry.labels, other.labels)
        )

    def contested(self, present: Callable[[str], bool]) -> frozenset[str]:
        """Return the metrics of which two rules may write the same series, or that are there already."""
        shared = {entry.name for entry, _ in self.sharing}
        return frozenset(shared | {name for name in self.by_name if present(name)})


def _may_be_equal(left: LabelSet, right: LabelSet) -> bool:
    for one, other in ((left, right), (right, left)):
        if any(not other.may_have(label) for label in one.sure):
            return False
        if any(other.constant.get(label, value) != value for label, value in one.constant.items()):
            return False
    return True


def _may_match(matcher: Matcher, labels: LabelSet) -> bool:
    value = labels.constant.get(matcher.label)
    if value is not None:
        return accepts(matcher, value)
    return labels.may_have(matcher.label) or accepts(matcher, "")


def accepts(matcher: Matcher, value: str) -> bool:
    """Tell whether a matcher accepts a value; a pattern that cannot be used here is taken to accept everything."""
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return (matcher.value == value) == (matcher.op is MatchOp.EQUAL)
    try:
        pattern = compile_regex(matcher.value)
    except RegexError:
        return True
    return (pattern.match(value) is not None) == (matcher.op is MatchOp.REGEX)
