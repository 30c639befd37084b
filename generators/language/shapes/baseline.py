"""The kind Baseline: a reference profile of a model's inputs and outputs, written by a command, never by hand."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from generators.language.shapes.base import DurationText, FeatureName, Identifier, Name, Shape, Text

MOST_BINS: Final = 100
"""Bins have numbers of two digits."""


class QuantilesShape(Shape):
    """Quantiles of the finite values, six digits of each."""

    minimum: int | float
    """Least value."""
    p1: int | float
    """Value that one in a hundred is below."""
    p5: int | float
    """Value that one in twenty is below."""
    p25: int | float
    """Lower quartile."""
    p50: int | float
    """Median."""
    p75: int | float
    """Upper quartile."""
    p95: int | float
    """Value that one in twenty is above."""
    p99: int | float
    """Value that one in a hundred is above."""
    maximum: int | float
    """Greatest value."""


class SpreadShape(Shape):
    """What a statistic was in the windows of the reference data, each compared with all of them."""

    mean: int | float
    """Mean over windows."""
    deviation: int | float = Field(ge=0)
    """Standard deviation over windows."""
    p99: int | float
    """Value that it was below in 99 of 100 windows."""


class WindowShape(Shape):
    """How far windows of one length are from the whole when nothing has drifted but the time of day and of the week."""

    windows: int = Field(ge=1)
    """Windows with at least 50 values."""
    values: int = Field(ge=1)
    """Values in the median window."""
    design_effect: int | float = Field(default=1, ge=1)
    """How many rows say as much as one independent one, where rows of the same entity come together."""
    psi: SpreadShape | None = None
    """Population stability index."""
    jensen_shannon: SpreadShape | None = None
    """Jensen-Shannon distance, in nats."""
    hellinger: SpreadShape | None = None
    """Hellinger distance."""
    l_infinity: SpreadShape | None = None
    """Largest difference of a share."""
    kolmogorov_smirnov: SpreadShape | None = None
    """Kolmogorov-Smirnov distance over bins; numbers only."""
    wasserstein: SpreadShape | None = None
    """Wasserstein distance in ranks of the baseline; numbers only."""


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
    invalid: int | float = Field(default=0, ge=0, le=1)
    """Share of infinite values and of those of another type among all rows."""
    other: int | float = Field(default=0, ge=0, le=1)
    """Share of values that the spec lists and that have no bin of their own, among all rows; categories only."""
    unseen: int | float = Field(default=0, ge=0, le=1)
    """Share of values that the spec does not list, among all rows; categories only."""
    mean: int | float | None = None
    """Mean of the values that are there; numbers only."""
    deviation: int | float | None = Field(default=None, ge=0)
    """Standard deviation of the values that are there; numbers only."""
    quantiles: QuantilesShape | None = None
    """Quantiles of the values that are there; numbers only."""
    design_effect: int | float = Field(default=1, ge=1)
    """How many rows say as much as one independent one, over all rows."""
    windows: dict[DurationText, WindowShape] | None = None
    """What statistics were in windows of the reference data, by length."""
    labelled: list[int] | None = None
    """Rows by bin whose answer is known to be right or wrong: numbered bins, then `other` and `unseen` of categories,
    `missing`, `invalid`."""
    right: list[int] | None = None
    """Those of them whose answer was right."""
    importance: int | float | None = Field(default=None, ge=0, le=1)
    """Share of the uncertainty about the predicted class that the bin takes away."""
    segments: dict[Identifier, dict[str, list[int]]] | None = None
    """Rows by bin, by segment and its value; bins as under `labelled`."""


class DataShape(Shape):
    """Which data were profiled; the same data give the same document."""

    content: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file; of several files or of a table that of the sorted digests of files or rows."""
    query: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of what was asked: columns, their roles, and what the spec says of them."""
    begin: Text | None = None
    """First time in the data, UTC."""
    end: Text | None = None
    """Last time in the data, UTC."""
    accepted: list[str] | None = None
    """Codes of problems that somebody accepted."""


class SegmentQualityShape(Shape):
    """Rows of one value of a segment, and how good answers were there."""

    rows: int = Field(ge=0)
    """Rows."""
    confusion: dict[str, dict[str, int]] | None = None
    """Labelled rows by actual and predicted class."""


class QualityShape(Shape):
    """How good the answers of the reference data were, by their labels."""

    labels: int = Field(ge=0)
    """Rows with a label."""
    confusion: dict[str, dict[str, int]] | None = None
    """Labelled rows by actual and predicted class."""
    accuracy: int | float | None = Field(default=None, ge=0, le=1)
    """Share of right answers."""
    auc: int | float | None = Field(default=None, ge=0, le=1)
    """Area under the ROC curve, from score bins."""
    calibration_error: int | float | None = Field(default=None, ge=0, le=1)
    """Mean gap between score and share of positives by score bin."""
    calibration: list[int | float] | None = None
    """Share of positives by score bin, made rising (isotonic regression): what a score means."""
    mean_absolute_error: int | float | None = Field(default=None, ge=0)
    """Mean size of the error of predicted numbers."""
    root_mean_square_error: int | float | None = Field(default=None, ge=0)
    """Root of the mean square of the error."""
    bias: int | float | None = None
    """Mean of prediction minus truth."""


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
    features: dict[FeatureName, ProfileShape] = Field(min_length=1)
    """Profiles of the inputs."""
    prediction: ProfileShape | None = None
    """Profile of the predictions."""
    score: ProfileShape | None = None
    """Profile of the scores of the positive class, in 20 bins of equal width: edges 0.05 to 0.95."""
    data: DataShape | None = None
    """Which data were profiled."""
    quality: QualityShape | None = None
    """How good the answers were, where the data have labels."""
    segments: dict[Identifier, dict[str, SegmentQualityShape]] | None = None
    """Rows and quality by segment and its value."""
    hours: list[int | float] | None = Field(default=None, min_length=24, max_length=24)
    """Share of rows by hour of the day, UTC, from midnight on."""
    weekdays: list[int | float] | None = Field(default=None, min_length=7, max_length=7)
    """Share of rows by day of the week, UTC, from Monday on."""
