"""What rules write, which rules read it, and in which order they can be evaluated, each over all ticks at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generators.formats.re2 import RegexError, compile_regex
from generators.promql.labels.algebra import METRIC_NAME, UNKNOWN, LabelSet, labels_of
from generators.promql.rules.model import AlertingRule, Group, Rule
from generators.promql.syntax.ast import Duration, Expr, Matcher, MatchOp, Subquery, VectorSelector
from generators.promql.syntax.walk import walk

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


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule in the order of evaluation, with its group's query offset in milliseconds."""

    rule: Rule
    offset: int
    group: Group


def written_by(rules: Sequence[Placed]) -> WrittenSeries:
    """Return all that rules write."""
    return WrittenSeries(
        [
            Written(index, name, labels)
            for index, placed in enumerate(rules)
            for labels in (labels_written(placed.group, placed.rule),)
            for name in names_written(placed.rule)
        ]
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Rules, by index, that are evaluated together; each block reads only blocks of lesser ``depth``.

    A block of one rule can be evaluated for all its ticks at once.  In a block of several, rules read what they or
    later ones wrote at earlier ticks, and it has to be evaluated tick by tick.  A single rule that reads its own
    output stands twice in its block.
    """

    rules: tuple[int, ...]
    depth: int


def blocks(rules: Sequence[Placed], written: WrittenSeries) -> tuple[Block, ...]:
    """Return the rules in an order in which each block comes after those that it reads."""
    edges: dict[int, set[int]] = {index: set() for index in range(len(rules))}
    loops: set[int] = set()
    for reader, writer in _reads(rules, written):
        edges[reader].add(writer)
        if not _is_earlier(rules, writer, reader):
            edges[writer].add(reader)
        if reader == writer:
            loops.add(reader)
    found: list[Block] = []
    depths: dict[int, int] = {}
    for component in _components(edges):
        depth = 1 + max((depths.get(read, -1) for index in component for read in edges[index]), default=-1)
        depths |= dict.fromkeys(component, depth)
        found.append(Block(tuple(sorted(component)) * (1 + (len(component) == 1 and component[0] in loops)), depth))
    return tuple(found)


def _is_earlier(rules: Sequence[Placed], writer: int, reader: int) -> bool:
    """Tell whether at every tick the writer's samples up to that time are there when the reader runs."""
    if rules[reader].group is rules[writer].group:
        return writer < reader and not _looks_ahead(rules[reader].rule.expr)
    in_time = rules[writer].offset <= rules[reader].offset
    return writer < reader and in_time and not _looks_ahead(rules[reader].rule.expr)


def _looks_ahead(expr: Expr) -> bool:
    """Tell whether an expression may read samples after the evaluation's time."""
    return any(
        isinstance(node, VectorSelector | Subquery)
        and (node.at is not None or (isinstance(node.offset, Duration) and node.offset.milliseconds < 0))
        for node in walk(expr)
    )


def _reads(rules: Sequence[Placed], written: WrittenSeries) -> Iterator[tuple[int, int]]:
    """Yield pairs of rules of which the first must see what the second wrote."""
    # of several writers of a series the first wins, so they run in order
    yield from ((entry.rule, earlier.rule) for entry, earlier in written.sharing)
    for reader, placed in enumerate(rules):
        for node in walk(placed.rule.expr):
            if isinstance(node, VectorSelector):
                yield from ((reader, writer) for writer in written.found_by(node))


def _components(edges: dict[int, set[int]]) -> list[list[int]]:
    """Return strongly connected components, those that are read first (Tarjan's algorithm without recursion)."""
    numbers: dict[int, int] = {}
    lows: dict[int, int] = {}
    stack: list[int] = []
    found: list[list[int]] = []
    for root, first in edges.items():
        if root in numbers:
            continue
        work = [(root, iter(sorted(first)))]
        numbers[root] = lows[root] = len(numbers)
        stack.append(root)
        while work:
            node, successors = work[-1]
            following = next(successors, None)
            if following is None:
                work.pop()
                if work:
                    lows[work[-1][0]] = min(lows[work[-1][0]], lows[node])
                if lows[node] == numbers[node]:
                    start = stack.index(node)
                    found.append(stack[start:])
                    del stack[start:]
            elif following not in numbers:
                numbers[following] = lows[following] = len(numbers)
                stack.append(following)
                work.append((following, iter(sorted(edges[following]))))
            elif following in stack:
                lows[node] = min(lows[node], numbers[following])
    return found
