"""Durations as Prometheus writes them (``1h30m``), to and from milliseconds.

The rules are those of ``model.Duration`` in prometheus/common: units from large to small, each at most once, a year
of 365 days, and years and weeks printed only where nothing remains (so 90d stays 90d, and 28d is 4w).
"""

from __future__ import annotations

import re
from functools import lru_cache

_UNITS = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_ONLY_WHOLE = ("y", "w")
_PATTERN = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in _UNITS))
_ONE_UNIT = re.compile(rf"([0-9]+)({'|'.join(sorted(_UNITS, key=len, reverse=True))})")

LONGEST = (2**63 - 1) // 1_000_000
"""The longest duration that Prometheus can hold, in milliseconds: about 292 years."""


def parse_duration(text: str) -> int:
    """Milliseconds of a duration such as ``1h30m``; ``0`` needs no unit, and no sign is allowed.

    Raises ValueError with a message for people when the text is no duration or is too long.
    """
    if text == "0":
        return 0
    match = _PATTERN.fullmatch(text)
    if match is None or not text:
        raise ValueError(_complaint(text))
    milliseconds = sum(int(count) * size for count, size in zip(match.groups(), _UNITS.values(), strict=True) if count)
    if milliseconds > LONGEST:
        raise ValueError(f"duration `{text}` is out of range; Prometheus holds up to 292 years")
    return milliseconds


def _complaint(text: str) -> str:
    if not text:
        return "empty duration"
    pieces = _ONE_UNIT.findall(text)
    if "".join(count + unit for count, unit in pieces) == text:
        return f"units of duration `{text}` must go from large to small, each at most once"
    return f"`{text}` is not a duration; the units are y, w, d, h, m, s and ms, with whole numbers"


@lru_cache(maxsize=4096)
def format_duration(milliseconds: int) -> str:
    """The canonical text of a duration in milliseconds: ``5400000`` is ``1h30m``, and 28 days are ``4w``."""
    if milliseconds == 0:
        return "0s"
    sign, rest = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    text = sign
    for unit, size in _UNITS.items():
        if unit in _ONLY_WHOLE and rest % size:
            continue
        count, rest = divmod(rest, size)
        if count:
            text += f"{count}{unit}"
    return text
