"""Comparisons, ranges and shares, read exactly: no binary fraction stands between a spec and a rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from generators.diagnostics import Code
from generators.language.value_problem import ValueProblem, shown
from generators.language.values.quantities import NUMBER_OUT_OF_RANGE, UNITS_DO_NOT_MATCH, Quantity, parse_quantity

NOT_A_COMPARISON = Code(
    "V205",
    "Not a comparison",
    "A comparison is an operator and a value.",
    "warning: under 5",
    "warning: < 5",
)
NOT_A_RANGE = Code(
    "V206",
    "Not a range",
    "A range is a lower and an upper end.",
    "0.8 - 1.25",
    "0.8 .. 1.25",
)


class ComparisonOp(StrEnum):
    """PromQL's comparison operators."""

    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    EQUAL = "=="
    NOT_EQUAL = "!="


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition such as ``< 20000``."""

    op: ComparisonOp
    quantity: Quantity

    def __str__(self) -> str:
        return f"{self.op} {self.quantity}"

    def holds(self, value: Quantity) -> bool:
        """Whether a value meets the condition; raise ValueProblem V204 if units do not match."""
        order = value.compare(self.quantity)
        return order in _ORDERS[self.op]


_ORDERS = {
    ComparisonOp.LESS: (-1,),
    ComparisonOp.LESS_EQUAL: (-1, 0),
    ComparisonOp.GREATER: (1,),
    ComparisonOp.GREATER_EQUAL: (0, 1),
    ComparisonOp.EQUAL: (0,),
    ComparisonOp.NOT_EQUAL: (-1, 1),
}


@dataclass(frozen=True, slots=True)
class Range:
    """Values from ``lower`` to ``upper``, both included."""

    lower: Quantity
    upper: Quantity

    def __str__(self) -> str:
        return f"{self.lower} .. {self.upper}"

    def contains(self, value: Quantity) -> bool:
        """Whether a value lies in the range; raise ValueProblem V204 if units do not match."""
        return self.lower.compare(value) <= 0 <= self.upper.compare(value)


_OPERATOR = re.compile(r"(<=|>=|==|!=|<|>)(\s*)")
_LOOKALIKES = {"=<": "<=", "=>": ">=", "=": "==", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!="}


def parse_comparison(text: str) -> Comparison:
    """Read ``< 20000``, ``>= 0.8``, ``> 500ms``; raise ValueProblem V205, or what its quantity raises."""
    match = _OPERATOR.match(text)
    if match is None or text.startswith("<>"):
        raise _no_operator(text)
    start = match.end()
    if start == len(text):
        message = f"nothing follows `{match[1]}`"
        raise ValueProblem(NOT_A_COMPARISON, message, f"write a value after it, such as `{match[1]} 0.8`")
    return Comparison(ComparisonOp(match[1]), _quantity(text[start:], start))


def _no_operator(text: str) -> ValueProblem:
    wrong = next((sign for sign in _LOOKALIKES if text.startswith(sign)), "")
    if wrong:
        return ValueProblem(
            NOT_A_COMPARISON, f"`{wrong}` is not an operator", f"write `{_LOOKALIKES[wrong]}`", 0, len(wrong)
        )
    help_ = "start with one of < <= > >= == !="
    if not text.strip():
        return ValueProblem(NOT_A_COMPARISON, "a comparison is missing", help_)
    return ValueProblem(NOT_A_COMPARISON, f"{shown(text)} is not a comparison", help_)


def parse_range(text: str) -> Range:
    """Read ``0.8 .. 1.25``; raise ValueProblem V206 or V204, or what its quantities raise."""
    before, dots, after = text.partition("..")
    if not dots:
        raise ValueProblem(NOT_A_RANGE, f"{shown(text)} is not a range", "write the two ends as `0.8 .. 1.25`")
    if not before.strip() or not after.strip():
        raise ValueProblem(NOT_A_RANGE, f"the range {shown(text)} has only one end", "write both, as `0.8 .. 1.25`")
    start = len(text) - len(after.lstrip())
    lower, upper = _quantity(before.rstrip(), 0), _quantity(text[start:], start)
    if lower.compare(upper) > 0:
        message = f"the range {shown(text)} runs downwards"
        raise ValueProblem(NOT_A_RANGE, message, f"write `{upper} .. {lower}`")
    return Range(lower, upper)


def parse_ratio(text: str) -> Decimal:
    """Read a share from 0 to 1, as ``0.995`` or ``99.5%``; raise ValueProblem V204 or V207 for others."""
    quantity = parse_quantity(text)
    if not quantity.unit.dimensionless:
        raise ValueProblem(
            UNITS_DO_NOT_MATCH, f"{shown(text)} is in `{quantity.unit}`; a share is expected", "write it as `99.5%`"
        )
    share = quantity.amount
    if 0 <= share <= 1:
        return share
    help_ = f"write `{text.strip()}%`" if 1 < share <= 100 and "%" not in text else "write 0% to 100%, or 0 to 1"
    raise ValueProblem(NUMBER_OUT_OF_RANGE, f"{shown(text)} is not between 0 and 1", help_)


def _quantity(text: str, offset: int) -> Quantity:
    try:
        return parse_quantity(text)
    except ValueProblem as error:
        raise error.shifted(offset) from None
