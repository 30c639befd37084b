"""What every part of an evaluation needs to know: the query, the storage, the version's semantics, the limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from generators.diagnostics import Span
from generators.promql.engine.frame import Frame, Grid, Scalar, merge_duplicates
from generators.promql.engine.results import BAD_TYPE, LIMIT, Annotations, Failure, Floats, Limits, Repair, StringValue
from generators.promql.engine.series.labels import METRIC_NAME, Labels, without
from generators.promql.engine.series.storage import Storage
from generators.promql.profiles import Profile
from generators.promql.syntax.ast import Expr

Evaluated: TypeAlias = Frame | Scalar | StringValue


@dataclass(frozen=True, slots=True)
class Semantics:
    """Where the versions of Prometheus differ.

    ``left_open``: a range or lookback does not include its left boundary. ``dot_all``: ``.`` in a regular expression
    matches a newline. ``metadata``: the labels that are dropped with the name. ``zero_first``: see
    `rates.extrapolated`. ``repair_tolerance``: relative difference between buckets that is rounding.
    ``name_in_histograms``: buckets of different metrics are different histograms.
    ``naming``: arithmetic operators that keep the metric name. ``zero_variance``: the variance of a single value is 0
    even if that is not a number. ``late_ambiguity``: ambiguous matches that a comparison filters out are no error.
    """

    left_open: bool = True
    dot_all: bool = True
    metadata: tuple[str, ...] = (METRIC_NAME, "__type__", "__unit__")
    zero_first: bool = False
    repair_tolerance: float = 1e-12
    name_in_histograms: bool = True
    annotations: bool = True
    naming: tuple[str, ...] = ()
    zero_variance: bool = False
    late_ambiguity: bool = False


def semantics_of(profile: Profile) -> Semantics:
    """How a version of Prometheus evaluates."""
    if profile.version >= (3, 0):
        return Semantics(left_open=profile.left_open, dot_all=profile.dot_all)
    return Semantics(
        left_open=profile.left_open,
        dot_all=profile.dot_all,
        metadata=(METRIC_NAME,),
        zero_first=True,
        repair_tolerance=0.0,
        name_in_histograms=False,
        annotations=False,
        naming=("atan2",),
        zero_variance=True,
        late_ambiguity=True,
    )


@dataclass(slots=True)
class Budget:
    """How much of its limits an evaluation has used."""

    limits: Limits
    samples: int = 0

    def reserve(self, cells: int, span: Span) -> None:
        """Ask for a table of so many cells."""
        if cells > self.limits.cells:
            raise Failure(
                LIMIT,
                f"the expression needs a table of {cells:,} values at once; the limit is {self.limits.cells:,}",
                span,
                "shorten the time range, use a longer step, or select fewer series",
            )

    def read(self, samples: int, span: Span) -> None:
        """Account for samples that are read."""
        self.samples += samples
        if self.samples > self.limits.samples:
            raise Failure(
                LIMIT,
                f"the expression reads more than {self.limits.samples:,} samples",
                span,
                "shorten the time range, use a longer step, or select fewer series",
            )


@dataclass(frozen=True, slots=True)
class Context:
    """One evaluation: ``query`` is the grid of the whole query, ``grid`` that of the part under evaluation.

    They differ inside subqueries. ``lookback`` and ``default_step`` are ms. ``repeated`` leads from parts of the
    expression that occur more than once, by identity, to the first such part; ``known`` holds what they gave.
    """

    storage: Storage
    query: Grid
    grid: Grid
    lookback: int
    default_step: int
    semantics: Semantics
    delayed: bool
    start_times: bool
    notes: Annotations
    budget: Budget
    evaluate: Callable[[Expr, Context], Evaluated] = field(repr=False)
    repeated: Mapping[int, int] = field(default_factory=dict)
    known: dict[tuple[int, Grid], Frame] = field(default_factory=dict)

    def on(self, grid: Grid) -> Context:
        """The same evaluation on another grid."""
        return replace(self, grid=grid)

    def vector(self, node: Expr) -> Frame:
        """The value of an expression that must be an instant vector."""
        value = self.evaluate(node, self)
        if not isinstance(value, Frame):
            raise Failure(BAD_TYPE, "an instant vector must stand here", node.span)
        return value

    def scalar(self, node: Expr) -> Floats:
        """The values of an expression that must be a scalar [S]."""
        value = self.evaluate(node, self)
        if not isinstance(value, Scalar):
            raise Failure(BAD_TYPE, "a scalar must stand here", node.span)
        return value.values

    def dropping_name(self, frame: Frame) -> Frame:
        """The rows without their metric name, now or (delayed name removal) at the end of the query."""
        if self.delayed:
            return replace(frame, drops_name=frame.drops_name | True)
        return replace(frame, labels=tuple(self.nameless(labels) for labels in frame.labels))

    def merged(self, frame: Frame, span: Span) -> Frame:
        """The frame with rows of equal labels made one.

        With delayed name removal, an instant query lets them stand until the end, as Prometheus does.
        """
        if self.delayed and self.grid.start == self.grid.end:
            return frame
        return merge_duplicates(frame, span)

    def nameless(self, labels: Labels) -> Labels:
        """A label set without name, type and unit."""
        return without(labels, self.semantics.metadata)

    def warn(self, text: str, span: Span) -> None:
        """Add a warning, unless the version knows none."""
        if self.semantics.annotations:
            self.notes.warn(text, span)

    def warn_often(self, text: str, span: Span, count: int) -> None:
        """Add a warning that tells how often it came up, unless the version knows none."""
        if self.semantics.annotations:
            self.notes.warn_often(text, span, count)

    def inform(self, text: str, span: Span, repair: Repair | None = None) -> None:
        """Add an info, unless the version knows none."""
        if self.semantics.annotations:
            self.notes.inform(text, span, repair)
