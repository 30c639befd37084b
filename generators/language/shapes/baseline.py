"""The kind Baseline: a reference profile of a model's inputs and outputs, written by a command, never by hand."""

from __future__ import annotations

from pydantic import Field

from generators.language.shapes.base import AttributeKey, Name, Shape, Text


class ProfileShape(Shape):
    """The profile of one feature, score or prediction."""

    edges: list[int | float] | None = None
    """Inner edges between bins, ascending; numbers only."""
    values: list[str] | None = None
    """Values that have a bin of their own; categories only."""
    shares: list[int | float] = Field(min_length=1)
    """Share of each bin in the reference data; they add up to 1."""
    missing: int | float = 0
    """Share of missing values."""


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
    features: dict[AttributeKey, ProfileShape]
    """Profiles of the inputs."""
    prediction: ProfileShape | None = None
    """Profile of the predictions."""
    score: ProfileShape | None = None
    """Profile of the scores."""
