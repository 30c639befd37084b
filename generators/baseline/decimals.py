"""Doubles as short decimals, the same on every machine: noise of arithmetic is rounded away first."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

DIGITS: Final = 6


def below(value: float) -> Decimal:
    """Number with six digits that is not above a value; what differs in the twelfth digit is noise of arithmetic."""
    steady = Context(prec=2 * DIGITS).create_decimal(Decimal(value))
    return Context(prec=DIGITS, rounding=ROUND_FLOOR).plus(steady).normalize() + 0


def above(value: Decimal) -> Decimal:
    """Next number with six digits."""
    return Context(prec=DIGITS).next_plus(value).normalize() + 0


def significant(value: float, digits: int = DIGITS) -> Decimal:
    """Number rounded to some digits."""
    steady = Context(prec=12).create_decimal(Decimal(value))
    return Context(prec=digits).plus(steady).normalize() + 0


def beside(value: float, deviation: float) -> Decimal:
    """Number with as many digits after the point as six digits of its deviation have."""
    steady = Context(prec=15).create_decimal(Decimal(value))
    if deviation <= 0:
        return significant(value)
    return (
        steady.quantize(
            Decimal(1).scaleb(Decimal(deviation).adjusted() + 1 - DIGITS), context=Context(prec=40)
        ).normalize()
        + 0
    )


def share(count: int, total: int) -> Decimal:
    """Share with eight digits after the point, exact before it is rounded; 0 of nothing."""
    if not total:
        return Decimal(0)
    return (Decimal(count) / Decimal(total)).quantize(Decimal("1e-8")).normalize() + 0
