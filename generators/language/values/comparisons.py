"""Comparisons, read exactly: no binary fraction stands between a spec and a rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from generators.diagnostics import Code
from generators.language.values.quantities import Quantity, parse_quantity
from generators.language.values.value_problem import ValueProblem, shown

NOT_A_COMPARISON = Code(
    "V205",
    "Not a comparison",
    "A comparison is an operator and a value.",
    "warning: under 5",
    "warning: < 5",
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


def _quantity(text: str, offset: int) -> Quantity:
    try:
        return parse_quantity(text)
    except ValueProblem as error:
        raise error.shifted(offset) from None
