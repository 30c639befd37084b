"""The engine's values: an instant vector over all steps at once, a scalar over all steps, and the grid of steps.

A vector over N series and S steps is N label sets, a float table [N × S] and a presence mask [N × S]; NaN is a value
like any other, so absence needs the mask. An instant query is the case S = 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.results import DUPLICATE_LABELS, Failure, Floats, Mask, Times
from generators.promql.engine.series.labels import Labels

DUPLICATE_MESSAGE = "vector cannot contain metrics with the same labelset"
_DUPLICATE_REMEDY = "keep the labels that tell the series apart, or aggregate them first"


@dataclass(frozen=True, slots=True)
class Grid:
    """Evaluation times in ms: ``start``, then every ``step`` up to ``end``, both included; an instant has step 0."""

    start: int
    end: int
    step: int

    @property
    def size(self) -> int:
        """Number of steps; 0 when the end is before the start."""
        if self.end < self.start:
            return 0
        return (self.end - self.start) // self.step + 1 if self.step else 1

    def times(self) -> Times:
        """All evaluation times [S]."""
        return self.start + self.step * np.arange(self.size, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A scalar at every step [S]."""

    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An instant vector at every step.

    ``labels`` has N entries, ``values`` and ``present`` are [N × S]. ``drops_name`` [N] marks rows that lose their
    name at the end of the query (delayed name removal); without that option names go at once and it stays False.
    """

    labels: tuple[Labels, ...]
    values: Floats
    present: Mask
    drops_name: Mask

    @property
    def steps(self) -> int:
        """Number of steps S."""
        return int(self.values.shape[1])

    def used_rows(self) -> Mask:
        """Which rows have a sample at some step [N]."""
        used: Mask = np.logical_or.reduce(self.present, axis=1)
        return used

    def used_steps(self) -> Mask:
        """Which steps have a sample in some row [S]."""
        used: Mask = np.logical_or.reduce(self.present, axis=0)
        return used

    def rows(self, keep: Sequence[int] | Mask) -> Frame:
        """Some of the rows, by index or by mask."""
        indices = np.flatnonzero(keep) if isinstance(keep, np.ndarray) else np.asarray(keep, dtype=np.intp)
        labels = tuple(self.labels[index] for index in indices)
        return Frame(labels, self.values[indices], self.present[indices], self.drops_name[indices])

    def nonempty(self) -> Frame:
        """The rows that have a sample at some step."""
        used = self.used_rows()
        return self if used.all() else self.rows(used)

    def with_values(self, values: Floats, present: Mask | None = None) -> Frame:
        """The same rows with other values."""
        return replace(self, values=values, present=self.present if present is None else present)


def empty_frame(steps: int) -> Frame:
    """A vector without series."""
    return Frame((), np.empty((0, steps)), np.empty((0, steps), dtype=bool), np.empty(0, dtype=bool))


def stack(frames: Iterable[Frame], steps: int) -> Frame:
    """The rows of several frames, one after another."""
    parts = [frame for frame in frames if frame.labels]
    if not parts:
        return empty_frame(steps)
    if len(parts) == 1:
        return parts[0]
    return Frame(
        tuple(labels for part in parts for labels in part.labels),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.drops_name for part in parts]),
    )


def merge_duplicates(frame: Frame, span: Span) -> Frame:
    """Make rows with one label set one row; two samples at one step are an error."""
    if len(set(frame.labels)) == len(frame.labels):
        return frame
    frame = frame.nonempty()
    members: dict[Labels, list[int]] = {}
    for index, labels in enumerate(frame.labels):
        members.setdefault(labels, []).append(index)
    merged = [_merge_rows(frame, rows, span) for rows in members.values()]
    return Frame(
        tuple(members),
        np.array([values for values, _, _ in merged]).reshape(len(merged), frame.steps),
        np.array([present for _, present, _ in merged], dtype=bool).reshape(len(merged), frame.steps),
        np.array([drops for _, _, drops in merged], dtype=bool),
    )


def _merge_rows(frame: Frame, rows: list[int], span: Span) -> tuple[Floats, Mask, bool]:
    if len(rows) == 1:
        return frame.values[rows[0]], frame.present[rows[0]], bool(frame.drops_name[rows[0]])
    present = frame.present[rows]
    if (present.sum(axis=0) > 1).any():
        raise Failure(DUPLICATE_LABELS, DUPLICATE_MESSAGE, span, _DUPLICATE_REMEDY)
    earliest = rows[int(np.argmin(present.argmax(axis=1)))]
    values = np.take_along_axis(frame.values[rows], present.argmax(axis=0)[None], axis=0)[0]
    return values, np.logical_or.reduce(present, axis=0), bool(frame.drops_name[earliest])


def refuse_duplicates(frame: Frame, span: Span) -> Frame:
    """The frame, or an error when two rows with samples have one label set, even at different steps."""
    if len(set(frame.labels)) != len(frame.labels):
        frame = frame.nonempty()
        if len(set(frame.labels)) != len(frame.labels):
            raise Failure(DUPLICATE_LABELS, DUPLICATE_MESSAGE, span, _DUPLICATE_REMEDY)
    return frame
