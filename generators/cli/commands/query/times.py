"""Times as people write them on the command line, and as results show them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from generators.formats.durations import format_duration, parse_duration

_YEAR_MS: Final = 365 * 86_400_000
_LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""


def read_time(text: str, first: int, last: int) -> int:
    """Return a time in Unix milliseconds.

    ``start`` and ``end`` are the first and the last sample of the data; a duration such as ``1h30m`` counts from the
    first, ``-5m`` back from the last; a number is in Unix seconds; anything else is RFC 3339. Raises ValueError.
    """
    if text in ("start", "end"):
        return first if text == "start" else last
    try:
        seconds = float(text)
    except ValueError:
        return _relative(text, first, last)
    if not math.isfinite(seconds) or abs(seconds) * 1000 > _LAST_MS:
        raise ValueError(f"`{text}` is not a time")
    return round(seconds * 1000)


def read_step(text: str) -> int:
    """Return a duration or a number of seconds in milliseconds, at least one. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        step = parse_duration(text)
    else:
        step = round(seconds * 1000) if math.isfinite(seconds) and seconds < _LAST_MS else 0
    if step < 1:
        raise ValueError(f"`{text}` is no step; it must be longer than nothing")
    return step


def show_time(milliseconds: int) -> str:
    """Return a time as RFC 3339; within the first year of Unix time, where test data lives, as a duration."""
    if not _YEAR_MS <= milliseconds <= _LAST_MS:
        return format_duration(milliseconds)
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    exact = "milliseconds" if milliseconds % 1000 else "seconds"
    return moment.isoformat(timespec=exact).replace("+00:00", "Z")


def _relative(text: str, first: int, last: int) -> int:
    try:
        return last - parse_duration(text[1:]) if text.startswith("-") else first + parse_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        remedy = "give Unix seconds, RFC 3339 with a zone, a duration from the start of the data, `start` or `end`"
        raise ValueError(f"`{text}` is not a time: {remedy}")
    return round(moment.timestamp() * 1000)
