"""Between which values an expression's results lie, as far as that can be told; NaN apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

from generators.promql.labels.vector_arguments import is_scalar
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, NumberLiteral, Unary, VectorSelector

_INF = math.inf


@dataclass(frozen=True, slots=True)
class Bounds:
    """A closed interval."""

    low: float = -_INF
    high: float = _INF

    @property
    def is_point(self) -> bool:
        """Tell whether there is only one value."""
        return self.low == self.high


ANYTHING = Bounds()
NOT_NEGATIVE = Bounds(0, _INF)
_ZERO_OR_ONE = Bounds(0, 1)
_CALLS = {
    **dict.fromkeys(("rate", "increase", "irate", "resets", "changes", "stddev_over_time", "abs"), NOT_NEGATIVE),
    **dict.fromkeys(("stdvar_over_time", "sqrt", "exp", "histogram_count", "mad_over_time", "year"), NOT_NEGATIVE),
    **dict.fromkeys(("absent", "absent_over_time", "present_over_time"), Bounds(1, 1)),
    "count_over_time": Bounds(1, _INF),
    "histogram_fraction": _ZERO_OR_ONE,
    "sgn": Bounds(-1, 1),
    "hour": Bounds(0, 23),
    "minute": Bounds(0, 59),
    "day_of_week": Bounds(0, 6),
    "day_of_month": Bounds(1, 31),
    "days_in_month": Bounds(28, 31),
    "day_of_year": Bounds(1, 366),
    "month": Bounds(1, 12),
    "time": NOT_NEGATIVE,
}
_KEEPING_CALLS = frozenset(
    [
        "avg_over_time",
        "min_over_time",
        "max_over_time",
        "last_over_time",
        "first_over_time",
        "sort",
        "sort_desc",
        "vector",
        "scalar",
        "label_replace",
        "label_join",
    ]
)
_KEEPING_AGGREGATES = frozenset(["min", "max", "avg", "topk", "bottomk", "limitk", "limit_ratio"])


def bounds_of(expr: Expr) -> Bounds:
    """Return bounds that hold for every value of the result."""
    match expr:
        case NumberLiteral():
            return ANYTHING if math.isnan(expr.value) else Bounds(expr.value, expr.value)
        case Unary():
            inner = bounds_of(expr.expr)
            return Bounds(-inner.high, -inner.low) if expr.op == "-" else inner
        case VectorSelector():
            return _ZERO_OR_ONE if expr.name == "up" else ANYTHING
        case Aggregate():
            return _aggregate(expr)
        case Call():
            return _call(expr)
        case Binary():
            return _binary(expr)
    return ANYTHING


def _aggregate(expr: Aggregate) -> Bounds:
    inner = bounds_of(expr.expr)
    if expr.op in _KEEPING_AGGREGATES:
        return inner
    if expr.op in ("count", "count_values"):
        return Bounds(1, _INF)
    if expr.op == "group":
        return Bounds(1, 1)
    if expr.op in ("stddev", "stdvar") or (expr.op == "sum" and inner.low >= 0):
        return NOT_NEGATIVE
    return ANYTHING


def _call(expr: Call) -> Bounds:
    if expr.function in _CALLS:
        return _CALLS[expr.function]
    arguments = [bounds_of(argument) for argument in expr.arguments]
    if expr.function in _KEEPING_CALLS and arguments:
        return arguments[0]
    if expr.function == "sum_over_time" and arguments and arguments[0].low >= 0:
        return NOT_NEGATIVE
    if expr.function == "clamp" and len(arguments) == 3 and arguments[1].is_point and arguments[2].is_point:
        return Bounds(arguments[1].low, arguments[2].high)
    if expr.function == "clamp_min" and len(arguments) == 2 and arguments[1].is_point:
        return Bounds(max(arguments[0].low, arguments[1].low), max(arguments[0].high, arguments[1].low))
    if expr.function == "clamp_max" and len(arguments) == 2 and arguments[1].is_point:
        return Bounds(min(arguments[0].low, arguments[1].high), min(arguments[0].high, arguments[1].high))
    return ANYTHING


def _binary(expr: Binary) -> Bounds:
    left, right = bounds_of(expr.left), bounds_of(expr.right)
    if expr.op in ("and", "unless"):
        return left
    if expr.op == "or":
        return Bounds(min(left.low, right.low), max(left.high, right.high))
    if expr.op in ("==", "!=", "<", "<=", ">", ">="):
        return _ZERO_OR_ONE if expr.return_bool else _compared(expr, left, right)
    return _arithmetic(expr.op, left, right)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _compared(expr: Binary, left: Bounds, right: Bounds) -> Bounds:
    """Return bounds of what a comparison lets through: the vector's elements, on whichever side that stands."""
    if is_scalar(expr.left) and not is_scalar(expr.right):
        return filtered(_MIRRORED[expr.op], right, left)
    return filtered(expr.op, left, right)


def filtered(op: str, left: Bounds, right: Bounds) -> Bounds:
    """Return what remains of the left side behind a comparison."""
    low, high = left.low, left.high
    if op in (">", ">=", "=="):
        low = max(low, right.low)
    if op in ("<", "<=", "=="):
        high = min(high, right.high)
    return Bounds(low, high) if low <= high else left


def _arithmetic(op: str, left: Bounds, right: Bounds) -> Bounds:
    if op == "+":
        return Bounds(left.low + right.low, left.high + right.high)
    if op == "-":
        return Bounds(left.low - right.high, left.high - right.low)
    if op == "*":
        corners = [a * b for a, b in product((left.low, left.high), (right.low, right.high))]
        known = [0.0 if math.isnan(corner) else corner for corner in corners]
        return Bounds(min(known), max(known))
    if op == "/" and left.low >= 0 and right.low >= 0:
        return NOT_NEGATIVE
    return ANYTHING


def holds(op: str, left: Bounds, right: Bounds) -> bool | None:
    """Return whether a comparison always (True) or never (False) holds; None if that depends."""
    always = {
        ">": left.low > right.high,
        ">=": left.low >= right.high,
        "<": left.high < right.low,
        "<=": left.high <= right.low,
        "==": left.is_point and right.is_point and left.low == right.low,
        "!=": left.high < right.low or left.low > right.high,
    }
    never = {
        ">": left.high <= right.low,
        ">=": left.high < right.low,
        "<": left.low >= right.high,
        "<=": left.low > right.high,
        "==": left.high < right.low or left.low > right.high,
        "!=": left.is_point and right.is_point and left.low == right.low,
    }
    return True if always[op] else False if never[op] else None
