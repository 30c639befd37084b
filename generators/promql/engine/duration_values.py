"""Duration expressions: ``[5m + step()]``, ``offset min(1h, range())``, worked out once per query."""

from __future__ import annotations

import math

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.frame import Grid
from generators.promql.engine.results import BAD_DURATION, Failure
from generators.promql.syntax.ast import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationNumber,
    DurationUnary,
)

_LONGEST_SECONDS = 2**63 / 1e9


def duration_ms(duration: DurationExpr | None, query: Grid, *, negative: bool = False) -> int:
    """Milliseconds of a duration in a query; None is 0. Ranges and steps must be positive, offsets need not.

    Inside expressions a literal counts in seconds; the result is cut to whole milliseconds.
    """
    if duration is None:
        return 0
    if isinstance(duration, Duration):
        return duration.milliseconds
    seconds = _seconds(duration, query)
    if math.isnan(seconds) or math.isinf(seconds):
        raise Failure(BAD_DURATION, "duration is NaN or infinite", duration.span)
    if seconds <= 0 and not negative:
        raise Failure(BAD_DURATION, "duration must be greater than 0", duration.span)
    if abs(seconds) > _LONGEST_SECONDS:
        raise Failure(BAD_DURATION, "duration is out of range", duration.span)
    return int(seconds * 1000)


def _seconds(duration: DurationExpr, query: Grid) -> float:
    match duration:
        case Duration(milliseconds):
            return milliseconds / 1000
        case DurationNumber(value):
            return value
        case DurationHole(name):
            raise Failure(BAD_DURATION, f"the hole ${name} has not been filled", duration.span)
        case DurationUnary(op, operand):
            value = _seconds(operand, query)
            return -value if op == "-" else value
        case DurationCall(function, arguments):
            return _call(function, [_seconds(argument, query) for argument in arguments], query)
        case DurationBinary(op, left, right):
            return _binary(op, _seconds(left, query), _seconds(right, query), duration.span)


def _call(function: str, values: list[float], query: Grid) -> float:
    if function == "step":
        return query.step / 1000
    if function == "range":
        return (query.end - query.start) / 1000
    if any(math.isnan(value) for value in values):
        return math.nan
    return min(values) if function in ("min", "min_of") else max(values)


def _binary(op: str, left: float, right: float, span: Span) -> float:
    if op in "/%" and right == 0:
        raise Failure(BAD_DURATION, "division by zero" if op == "/" else "modulo by zero", span)
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "%":
            return float(np.fmod(left, right))
    return float(np.power(left, right))
