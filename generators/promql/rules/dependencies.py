"""Which rules read what others write, and in which order they can be evaluated, each over all ticks at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generators.promql.ast import Duration, Expr, Matcher, MatchOp, Subquery, VectorSelector
from generators.promql.regex import RegexError, compile_regex
from generators.promql.rules.model import AlertingRule, Rule
from generators.promql.walk import walk

ALERT_SERIES = ("ALERTS", "ALERTS_FOR_STATE")


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule in the order of evaluation, with its group's query offset in milliseconds."""

    rule: Rule
    offset: int
    group: int


def blocks(rules: Sequence[Placed]) -> tuple[tuple[int, ...], ...]:
    """Return rules by index, in an order in which each block reads only earlier blocks.

    A block of one rule can be evaluated for all its ticks at once.  In a block of several, rules read what they or
    later ones wrote at earlier ticks, and it has to be evaluated tick by tick.  A single rule that reads its own
    output is returned twice in its block.
    """
    edges: dict[int, set[int]] = {index: set() for index in range(len(rules))}
    loops: set[int] = set()
    for reader, writer in _reads(rules):
        edges[reader].add(writer)
        if not _is_earlier(rules, writer, reader):
            edges[writer].add(reader)
        if reader == writer:
            loops.add(reader)
    components = _components(edges)
    return tuple(tuple(sorted(block)) * (1 + (len(block) == 1 and block[0] in loops)) for block in components)


def _is_earlier(rules: Sequence[Placed], writer: int, reader: int) -> bool:
    """Tell whether at every tick the writer's samples up to that time are there when the reader runs."""
    if rules[reader].group == rules[writer].group:
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


def _reads(rules: Sequence[Placed]) -> Iterator[tuple[int, int]]:
    written: dict[str, list[int]] = {}
    for index, placed in enumerate(rules):
        for name in names_written(placed.rule):
            written.setdefault(name, []).append(index)
    for index, placed in enumerate(rules):  # of several writers of a series the first wins, so they run in order
        if not isinstance(placed.rule, AlertingRule):
            yield from ((index, writer) for writer in written[placed.rule.name] if writer < index)
    for reader, placed in enumerate(rules):
        for node in walk(placed.rule.expr):
            if isinstance(node, VectorSelector):
                yield from ((reader, writer) for writer in _writers(node, written, rules))


def _writers(selector: VectorSelector, written: dict[str, list[int]], rules: Sequence[Placed]) -> Iterator[int]:
    matchers = [matcher for matcher in selector.matchers if matcher.label == "__name__"]
    names = [selector.name] if selector.name is not None else list(written)
    for name in names:
        for index in written.get(name, ()):
            if not all(_accepts(matcher, name) for matcher in matchers):
                continue
            if name in ALERT_SERIES and not _may_be(selector, rules[index].rule.name):
                continue
            yield index


def _may_be(selector: VectorSelector, alert: str) -> bool:
    return all(_accepts(matcher, alert) for matcher in selector.matchers if matcher.label == "alertname")


def _accepts(matcher: Matcher, value: str) -> bool:
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return (matcher.value == value) == (matcher.op is MatchOp.EQUAL)
    try:
        pattern: re.Pattern[str] = compile_regex(matcher.value)
    except RegexError:
        return True
    return (pattern.match(value) is not None) == (matcher.op is MatchOp.REGEX)


def names_written(rule: Rule) -> tuple[str, ...]:
    """Return the metrics that a rule writes."""
    return ALERT_SERIES if isinstance(rule, AlertingRule) else (rule.name,)


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
