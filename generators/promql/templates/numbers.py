"""Go's number formatting (strconv and fmt): shortest digits, and the verbs e, f and g."""

from __future__ import annotations

import math

SMALLEST_EXPONENT, LARGEST_EXPONENT = -4, 5
"""With shortest digits, ``%g`` and ``%v`` write numbers of these exponents without one: 100000 but 1e+06."""


def format_float(value: float, verb: str = "g", precision: int | None = None) -> str:
    """Format as Go's ``strconv.FormatFloat`` does; precision None means the shortest digits that read back."""
    special = _special(value)
    if special is not None:
        return special
    if precision is None:
        return _shortest(value, verb)
    if verb == "g" and precision == 0:
        precision = 1
    return f"{value:.{precision}{verb}}"


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return None


def _shortest(value: float, verb: str) -> str:
    digits, exponent = _digits(abs(value))
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if verb == "e" or (verb == "g" and not SMALLEST_EXPONENT <= exponent <= LARGEST_EXPONENT):
        return sign + _scientific(digits, exponent)
    return sign + _positional(digits, exponent)


def _digits(value: float) -> tuple[str, int]:
    """Return the shortest digits, without trailing zeros, and the exponent of the first one."""
    if value == 0:
        return "0", 0
    mantissa, _, power = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    together = (whole + fraction).lstrip("0")
    leading = len(whole) - 1 if whole.strip("0") else -(len(fraction) - len(fraction.lstrip("0")) + 1)
    return together.rstrip("0") or "0", leading + int(power or 0)


def _scientific(digits: str, exponent: int) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _positional(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    fraction = digits[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole
