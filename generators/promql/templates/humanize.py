"""Prometheus' functions that write numbers for people."""

from __future__ import annotations

import math
import re
from urllib.parse import quote_plus

from generators.promql.templates.lexer import go_quote
from generators.promql.templates.numbers import format_float
from generators.promql.templates.times import SECOND, Duration, Moment
from generators.promql.templates.values import Value, type_name

LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")
BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_FLOAT = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE | re.ASCII)
_INT64 = 2**63


class CallError(Exception):
    """A function of a template refuses its arguments; the message is Go's."""


def to_float(value: Value) -> float:
    """Convert a number, or a string that holds one."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise CallError(f"can't convert {type_name(value)} to float")
    if not _FLOAT.fullmatch(value):
        raise CallError(f"strconv.ParseFloat: parsing {go_quote(value)}: invalid syntax")
    return float(value)


def four_digits(value: float) -> str:
    """Write with four significant digits, as ``%.4g``."""
    return format_float(value, "g", 4)


def _finite(value: float) -> bool:
    return not (math.isnan(value) or math.isinf(value))


def _scaled(value: float, base: float, prefixes: tuple[str, ...]) -> tuple[float, str]:
    chosen = ""
    for prefix in prefixes:
        if abs(value) < base if base > 1 else abs(value) >= 1:
            break
        chosen = prefix
        value = value / base if base > 1 else value * 1000
    return value, chosen


def humanize(argument: Value) -> str:
    """Write with a metric prefix: 1234 is 1.234k."""
    value = to_float(argument)
    if value == 0 or not _finite(value):
        return four_digits(value)
    value, prefix = _scaled(value, 1000, LARGE) if abs(value) >= 1 else _scaled(value, 0, SMALL)
    return four_digits(value) + prefix


def humanize1024(argument: Value) -> str:
    """Write with a binary prefix: 2048 is 2ki."""
    value = to_float(argument)
    if abs(value) <= 1 or not _finite(value):
        return four_digits(value)
    value, prefix = _scaled(value, 1024, BINARY)
    return four_digits(value) + prefix


def humanize_percentage(argument: Value) -> str:
    """Write a ratio as a percentage."""
    return four_digits(to_float(argument) * 100) + "%"


def humanize_duration(argument: Value) -> str:
    """Write seconds as days, hours, minutes and seconds, or with a prefix below one second."""
    value = to_float(argument)
    if not _finite(value):
        return four_digits(value)
    if value == 0:
        return four_digits(value) + "s"
    if abs(value) < 1:
        value, prefix = _scaled(value, 0, SMALL)
        return f"{four_digits(value)}{prefix}s"
    sign, value = ("-", -value) if value < 0 else ("", value)
    if value < 60:
        return f"{sign}{four_digits(value)}s"
    if value >= _INT64:
        return f"{sign}-106751991167300d -15h -30m -8s"  # what the overflow to int64 comes to on amd64
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days}d"] if days else []
    parts += [f"{hours}h"] if days or hours else []
    return sign + " ".join((*parts, f"{minutes}m", f"{seconds}s"))


def to_time(argument: Value) -> Moment:
    """Convert seconds since 1970 to a moment, to the millisecond."""
    value = to_float(argument)
    if not _finite(value):
        raise CallError("value is NaN or Inf")
    if not -_INT64 <= value * 1e9 <= _INT64:
        shown = format_float(value)
        raise CallError(f"{shown} cannot be represented as a nanoseconds timestamp since it overflows int64")
    milliseconds = int(int(value * 1e9) / 1_000_000)
    return Moment(milliseconds * 1_000_000)


def humanize_timestamp(argument: Value) -> str:
    """Write seconds since 1970 as date and time in UTC."""
    value = to_float(argument)
    return str(to_time(value)) if _finite(value) else four_digits(value)


def to_duration(argument: Value) -> Duration:
    """Convert seconds to a duration."""
    value = to_float(argument) * SECOND
    return Duration(int(value) if abs(value) < _INT64 else -_INT64)


def query_escape(text: str) -> str:
    """Escape for the query of a URL, as Go's ``url.QueryEscape``."""
    return quote_plus(text, safe="~", errors="replace")


def graph_link(expression: str) -> str:
    """Return the relative link to an expression's graph."""
    return f"/graph?g0.expr={query_escape(expression)}&g0.tab=0"


def table_link(expression: str) -> str:
    """Return the relative link to an expression's table."""
    return f"/graph?g0.expr={query_escape(expression)}&g0.tab=1"
