"""Where two PromQL expressions differ: in a limit, a window, a matcher, or altogether."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from generators import promql
from generators.formats.durations import format_duration
from generators.promql.syntax.ast import (
    Binary,
    Duration,
    DurationExpr,
    Expr,
    Matcher,
    MatrixSelector,
    NumberLiteral,
    Subquery,
    VectorSelector,
)
from generators.promql.syntax.printer import format_matcher
from generators.promql.syntax.walk import children, rebuild

LIMIT = "limit"
"""What a number is called that something is compared with."""

WHOLE = "expression"
"""What differs where the expressions have little in common."""

_RISING = frozenset((">", ">="))
_FALLING = frozenset(("<", "<="))


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what kind of part it is, and how it is written on either side.

    ``weaker`` says of a limit whether it is reached later than before.
    """

    what: str
    before: str
    after: str
    weaker: bool = False


def differences(before: Expr, after: Expr) -> tuple[Difference, ...]:
    """Return where two expressions differ, each difference once; one for the whole where their shapes do."""
    if before == after:
        return ()
    try:
        return tuple(dict.fromkeys(_compare(before, after, "")))
    except _ShapesDifferError:
        return (Difference(WHOLE, promql.pretty(before), promql.pretty(after)),)


class _ShapesDifferError(Exception):
    """The trees cannot be walked side by side."""


def _compare(before: Expr, after: Expr, compared_by: str) -> Iterator[Difference]:
    """Yield the differences of two nodes; ``compared_by`` is the operator whose right side they are."""
    match before, after:
        case (NumberLiteral(), NumberLiteral()):
            yield from _number(before, after, compared_by)
            return
        case (VectorSelector(), VectorSelector()):
            yield from _selector(before, after)
            return
        case (MatrixSelector(), MatrixSelector()):
            yield from _duration_differences((("window", before.range, after.range),))
            after = replace(after, range=before.range)
        case (Subquery(), Subquery()):
            rows = (("window", before.range, after.range), ("step", before.step, after.step))
            yield from _duration_differences((*rows, ("offset", before.offset, after.offset)))
            after = replace(after, range=before.range, step=before.step, offset=before.offset)
    old, new = children(before), children(after)
    if type(before) is not type(after) or len(old) != len(new) or not _same_head(before, after, old):
        raise _ShapesDifferError
    operator = before.op if isinstance(before, Binary) else ""
    for index, (left, right) in enumerate(zip(old, new, strict=True)):
        yield from _compare(left, right, operator if index == 1 else "")


def _same_head(before: Expr, after: Expr, parts: tuple[Expr, ...]) -> bool:
    """Whether two nodes are the same but for what is below them."""
    if isinstance(after, MatrixSelector):
        return True
    return not parts or rebuild(after, parts) == before


def _number(before: NumberLiteral, after: NumberLiteral, compared_by: str) -> Iterator[Difference]:
    if before == after:
        return
    limit = compared_by in _RISING | _FALLING
    weaker = (compared_by in _RISING and after.value > before.value) or (
        compared_by in _FALLING and after.value < before.value
    )
    yield Difference(LIMIT if limit else "number", promql.format(before), promql.format(after), weaker)


def _selector(before: VectorSelector, after: VectorSelector) -> Iterator[Difference]:
    if (before.at, before.modifier) != (after.at, after.modifier):
        raise _ShapesDifferError
    if before.name != after.name:
        yield Difference("series", before.name or "any", after.name or "any")
    yield from _duration_differences((("offset", before.offset, after.offset),))
    old, new = _by_label(before), _by_label(after)
    for label in dict.fromkeys((*old, *new)):
        if old.get(label) != new.get(label):
            yield Difference("matcher", _matchers(old.get(label, ())), _matchers(new.get(label, ())))


def _by_label(selector: VectorSelector) -> dict[str, tuple[Matcher, ...]]:
    found: dict[str, tuple[Matcher, ...]] = {}
    for matcher in selector.matchers:
        found[matcher.label] = (*found.get(matcher.label, ()), matcher)
    return found


def _matchers(matchers: tuple[Matcher, ...]) -> str:
    return ", ".join(map(format_matcher, matchers)) or "none"


def _duration_differences(
    rows: Iterable[tuple[str, DurationExpr | None, DurationExpr | None]],
) -> Iterator[Difference]:
    for what, before, after in rows:
        if before != after:
            yield Difference(what, _duration(before), _duration(after))


def _duration(duration: DurationExpr | None) -> str:
    if duration is None:
        return "none"
    if isinstance(duration, Duration):
        return format_duration(duration.milliseconds)
    text = promql.format(MatrixSelector(VectorSelector("x"), duration))
    return text[2:-1]
