"""Durations of Prometheus (``1h30m``) and of Go (``1.5h``), to and from numbers.

``parse_duration`` and ``format_duration`` follow ``model.Duration`` of prometheus/common, which Alertmanager reads as
well: units from large to small, each at most once, a year of 365 days; years and weeks are printed only where nothing
remains, so that 90d stays 90d and 28d is 4w.  ``parse_go_duration`` and ``format_go_duration`` follow Go's
``time.Duration``, which the Collector reads: hours are the largest unit, fractions and signs are allowed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

UNITS: Final[dict[str, int]] = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
"""Milliseconds in each unit of Prometheus, in the order in which a duration names them."""

LONGEST: Final = (2**63 - 1) // 1_000_000
"""The longest duration, in milliseconds: both keep a signed 64-bit number of nanoseconds, about 292 years."""

_ONLY_WHOLE: Final = ("y", "w")
_MOST_DIGITS: Final = 18
_WORDS: Final = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "w"),
    **dict.fromkeys(("year", "years", "a"), "y"),
    **dict.fromkeys(("msec", "millis", "milliseconds"), "ms"),
}
_DURATION = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in UNITS))
_PART = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z]*)")
_GO_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_GO_PART = re.compile(rf"([0-9]+\.?[0-9]*|\.[0-9]+)({'|'.join(sorted(_GO_UNITS, key=len, reverse=True))})")
_GO_DURATION = re.compile(rf"([-+]?)(0|(?:{_GO_PART.pattern.replace('(', '(?:')})+)")


class DurationError(ValueError):
    """Text that is no duration: what is wrong, what to write instead, and which characters of the text are meant."""

    def __init__(self, message: str, help: str, start: int, length: int) -> None:  # noqa: A002 - as in a problem
        super().__init__(f"{message}; {help}")
        self.message = message
        self.help = help
        self.start = start
        self.length = length


def parse_duration(text: str) -> int:
    """Return the milliseconds of a duration such as ``1h30m``; ``0`` needs no unit, and no sign is allowed.

    Raises DurationError.
    """
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise _explained(text)
    counts = match.groups("0")
    if any(len(count) > _MOST_DIGITS for count in counts):
        raise _too_long(text)
    milliseconds = sum(int(count) * size for count, size in zip(counts, UNITS.values(), strict=True))
    if milliseconds > LONGEST:
        raise _too_long(text)
    return milliseconds


@lru_cache(maxsize=4096)
def format_duration(milliseconds: int) -> str:
    """Return the canonical text of a duration in milliseconds: ``5400000`` is ``1h30m``, and 28 days are ``4w``."""
    if milliseconds == 0:
        return "0s"
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    text = sign
    for unit, size in UNITS.items():
        if unit in _ONLY_WHOLE and rest % size:
            continue
        count, rest = divmod(rest, size)
        if count:
            text += f"{count}{unit}"
    return text


def parse_go_duration(text: str) -> int:
    """Return the nanoseconds of a duration of Go such as ``1.5h`` or ``-300ms``; ``0`` needs no unit.

    What is less than a nanosecond is cut off.  Raises DurationError.
    """
    match = _GO_DURATION.fullmatch(text)
    if match is None:
        help_ = "write whole or decimal numbers with h, m, s, ms, us and ns, such as `1h30m` or `1.5s`"
        raise _whole_text(text, f"{_shown(text)} is not a duration of Go", help_)
    parts = _GO_PART.findall(match[2])
    total = sum(int(Decimal(number) * _GO_UNITS[unit]) for number, unit in parts)
    negative = match[1] == "-"
    if total > 2**63 - (0 if negative else 1):
        raise _too_long(text)
    return -total if negative else total


def format_go_duration(milliseconds: int) -> str:
    """Return a text that Go reads: as ``format_duration``, with hours as the largest unit (``36h``)."""
    hours, rest = divmod(abs(milliseconds), UNITS["h"])
    text = (f"{hours}h" if hours else "") + (format_duration(rest) if rest or not hours else "")
    return f"-{text}" if milliseconds < 0 else text


def _too_long(text: str) -> DurationError:
    return _whole_text(text, f"the duration {_shown(text)} is longer than 292 years", "write a shorter one")


def _whole_text(text: str, message: str, help_: str) -> DurationError:
    return DurationError(message, help_, 0, len(text))


def _explained(text: str) -> DurationError:
    """Say which part of a text keeps it from being a duration, and what to write."""
    if not text.strip():
        return _whole_text(text, "a duration is missing", "write one such as `30s`, `5m`, `1h30m` or `30d`")
    together = "".join(text.split())
    if together != text and _DURATION.fullmatch(together):
        space = next(offset for offset, letter in enumerate(text) if letter.isspace())
        return _part_of(text, "contains a space", f"write `{together}`", space, space + 1)
    position = 0
    before = ""
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            help_ = "a duration is whole numbers with y w d h m s ms, such as `1h30m`"
            if position == 0:
                return _whole_text(text, f"{_shown(text)} is not a duration", help_)
            return _part_of(text, f"cannot be read from {_shown(text[position:])} on", help_, position, len(text))
        if (error := _explained_part(text, part, before)) is not None:
            return error
        before = part["unit"]
        position = part.end()
    return _whole_text(text, f"{_shown(text)} is not a duration", "write one such as `30s` or `1h30m`")


def _explained_part(text: str, part: re.Match[str], before: str) -> DurationError | None:
    number, unit = part["number"], part["unit"]
    if not unit:
        help_ = f"write `{number}s`, `{number}m` or `{number}h`"
        return _part_of(text, "has a number without a unit", help_, *part.span())
    if unit not in UNITS:
        right = _WORDS.get(unit.lower(), unit.lower() if unit.lower() in UNITS else "")
        help_ = f"write `{number}{right}`" if right else "units are y w d h m s ms"
        return _part_of(text, f"has the unknown unit `{unit}`", help_, *part.span("unit"))
    if "." in number:
        return _part_of(text, "has a fraction", _in_whole_numbers(number, unit), *part.span("number"))
    order = list(UNITS)
    if before and order.index(unit) <= order.index(before):
        return _part_of(
            text, f"has `{unit}` after `{before}`", "name each unit once, largest first", *part.span("unit")
        )
    return None


def _in_whole_numbers(number: str, unit: str) -> str:
    """Return the remedy for a fraction, such as ``1h30m`` for ``1.5h``."""
    milliseconds = Decimal(number) * UNITS[unit] if len(number) <= _MOST_DIGITS else Decimal(0)
    if milliseconds and milliseconds == int(milliseconds) <= LONGEST:
        return f"write `{format_duration(int(milliseconds))}`"
    return "use a smaller unit and a whole number"


def _part_of(text: str, what: str, help_: str, start: int, end: int) -> DurationError:
    return DurationError(f"the duration {_shown(text)} {what}", help_, start, max(1, end - start))


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"
