"""Labels in the terms of the spec: how late one came, where the truth was, which bin and segment it counts in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from otel.recording.bins import SCORE_BINS, bin_labels
from otel.recording.cells import attribute_text

AGES: Final = ((3600.0, "1h"), (86_400.0, "1d"), (7 * 86_400.0, "7d"), (30 * 86_400.0, "30d"), (math.inf, "older"))
"""Greatest age in seconds of a label, and the value of ``label.age``."""

SCORE_LABELS: Final = bin_labels(SCORE_BINS - 1)
"""The values of ``bin`` for scores."""

Segments: TypeAlias = Mapping[str, Any] | Iterable[str]
"""Segments of a request: a mapping of name to value, or texts ``name:value``."""

Interval: TypeAlias = tuple[float, float]
"""A 90 % interval of a predicted number: least and greatest value."""


def age_class(seconds: float) -> str:
    """Return the value of ``label.age`` for a time since the prediction; clocks that disagree count as ``1h``."""
    return next((name for limit, name in AGES if seconds <= limit), AGES[-1][1])


def error_sign(predicted: float, actual: float) -> str:
    """Return the value of ``sign``: whether a prediction was above, below or at the truth."""
    return "over" if predicted > actual else "under" if predicted < actual else "exact"


def interval_position(interval: Interval, actual: float) -> str:
    """Return the value of ``position``: where the truth was; the edges belong to the interval."""
    low, high = interval
    return "below" if actual < low else "above" if actual > high else "inside"


def segment_texts(segments: Segments) -> tuple[str, ...]:
    """Return segments as metrics carry them, ``name:value``."""
    if isinstance(segments, Mapping):
        return tuple(f"{name}:{attribute_text(value)}" for name, value in segments.items())
    return (segments,) if isinstance(segments, str) else tuple(segments)
