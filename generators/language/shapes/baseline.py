"""The kind Baseline: a reference profile of a model's inputs and outputs, written by a command, never by hand."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from generators.language.shapes.base import AttributeKey, Name, Shape, Text

MOST_BINS: Final = 100
"""Bins have numbers of two digits."""


class ProfileShape(Shape):
    """The profile of one feature, score or prediction."""

    edges: list[int | float] | None = Field(default=None, min_length=1, max_length=MOST_BINS - 1)
    """Inner edges between bins, ascending; numbers only. Bin k holds what is at least edge k-1 and less than edge k."""
    values: list[str] | None = Field(default=None, min_length=1, max_length=MOST_BINS)
    """Values that have a bin of their own; categories, booleans (`false`, `true`) and classes only."""
    shares: list[int | float] = Field(min_length=1)
    """Share of each bin among the values that are there; they add up to 1."""
    missing: int | float = Field(default=0, ge=0, le=1)
    """Share of missing values among all rows."""
    mean: int | float | None = None
    """Mean of the values that are there; numbers only."""
    deviation: int | float | None = Field(default=None, ge=0)
    """Standard deviation of the values that are there; numbers only."""


class BaselineSpec(Shape):
    """Reference shares by bin, with the data that they come from."""

    model: Name
    """The model that it belongs to."""
    version: Text
    """Version of the baseline, as series carry it."""
    rows: int = Field(ge=1)
    """Rows of reference data."""
    source: Text
    """Where the reference data came from."""
    features: dict[AttributeKey, ProfileShape] = Field(min_length=1)
    """Profiles of the inputs."""
    prediction: ProfileShape | None = None
    """Profile of the predictions."""
    score: ProfileShape | None = None
    """Profile of the scores of the positive class, in 20 bins of equal width: edges 0.05 to 0.95."""
