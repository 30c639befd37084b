"""Durations in Prometheus' notation: ``90`` seconds are ``1m30s``, a week is ``1w``."""

from __future__ import annotations

import re

_UNITS = (
    ("y", 31_536_000_000, True),
    ("w", 604_800_000, True),
    ("d", 86_400_000, True),
    ("h", 3_600_000, False),
    ("m", 60_000, False),
    ("s", 1_000, False),
    ("ms", 1, False),
)
"""Unit, milliseconds, and whether it is used only when nothing is left over."""

_LONGEST_MS = (2**63 - 1) // 1_000_000

_TEXT = re.compile("".join(rf"(?:(\d+){unit})?" for unit, _, _ in _UNITS), re.ASCII)


def format_duration(seconds: float) -> str:
    """Print seconds, rounded to milliseconds, in the canonical form that Alertmanager prints."""
    rest = round(seconds * 1000)
    if rest == 0:
        return "0s"
    parts = []
    for unit, size, exact in _UNITS:
        if rest >= size and not (exact and rest % size):
            parts.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(parts)


def parse_duration(text: str) -> float | None:
    """Read ``1h30m`` as seconds; ``None`` if it is no duration, or longer than Alertmanager can count."""
    if text == "0":
        return 0
    found = _TEXT.fullmatch(text) if text else None
    if found is None:
        return None
    total = sum(int(digits) * size for digits, (_, size, _) in zip(found.groups(), _UNITS, strict=True) if digits)
    if total > _LONGEST_MS:
        return None
    return total // 1000 if total % 1000 == 0 else total / 1000
