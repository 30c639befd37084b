"""Which rules read what others write, and in which order they can be evaluated, each over all ticks at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generators.promql.rules.evaluation.written_series import Written, WrittenSeries, labels_written, names_written
from generators.promql.rules.model import Group, Rule
from generators.promql.syntax.ast import Duration, Expr, Subquery, VectorSelector
from generators.promql.syntax.walk import walk


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
