"""Arithmetic over the sample windows of a range vector, for many series and all steps at once.

Series with the same timestamps have the same windows, so a window is a pair of sample indices per step; functions
over windows then work on a table of values [n × T] and give a table [n × S].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from generators.promql.engine.results import Floats, Indices, Mask, Times
from generators.promql.engine.series.labels import Labels

Columns: TypeAlias = slice | Indices


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The windows of n series that share T timestamps (ms, ascending), at S steps.

    The window of step s holds the samples ``low[s] <= index < high[s]``. ``starts`` and ``ends`` [S] are the
    boundaries in ms of the range that was asked for; ``at`` [S] are the evaluation times; ``width`` is the range in
    ms; ``arguments`` are the function's scalar arguments, [S] each.
    """

    labels: tuple[Labels, ...]
    times: Times
    values: Floats
    low: Indices
    high: Indices
    starts: Times
    ends: Times
    at: Times
    width: int
    arguments: tuple[Floats, ...] = ()

    @property
    def counts(self) -> Indices:
        """Samples per window [S]."""
        return self.high - self.low

    @property
    def shape(self) -> tuple[int, int]:
        """(n, S), the shape of a result."""
        return self.values.shape[0], self.low.size

    @property
    def oldest(self) -> Indices:
        """Index of each window's first sample, clipped for empty windows [S]."""
        return np.minimum(self.low, max(self.times.size - 1, 0))

    @property
    def newest(self) -> Indices:
        """Index of each window's last sample, clipped for empty windows [S]."""
        return np.maximum(self.high - 1, 0)

    def take(self, indices: Indices) -> Floats:
        """Values at one sample index per step [n × S]."""
        taken: Floats = self.values.take(indices, axis=1)
        return taken


def walk(windows: Windows) -> Iterator[tuple[int, Columns, Floats, Times]]:
    """The samples of all windows, one position after another.

    Yields the position, the steps whose window reaches that far, their values [n × steps] and timestamps.
    """
    counts = windows.counts
    for position in range(int(counts.max(initial=0))):
        active = counts > position
        columns: Columns = slice(None) if active.all() else np.flatnonzero(active)
        indices = windows.low[columns] + position
        yield position, columns, windows.take(indices), windows.times[indices]


def kahan_add(increment: Floats, total: Floats, compensation: Floats) -> tuple[Floats, Floats]:
    """One step of Kahan-Neumaier summation; a total that overflows loses its compensation."""
    new = total + increment
    larger = np.abs(total) >= np.abs(increment)
    error = np.where(larger, (total - new) + increment, (increment - new) + total)
    return new, np.where(np.isinf(new), 0.0, compensation + error)


def window_sums(windows: Windows) -> tuple[Floats, Floats]:
    """Sum of each window and the rounding error of that sum, [n × S] each.

    Rows of ordinary numbers are summed exactly by prefix sums; the others (infinities, NaN, numbers of very different
    size) sample for sample with Kahan's compensation.
    """
    slices = _exact_slices(windows.values)
    easy = slices.exact
    if easy.all():
        return _sums_of_slices(slices, windows, easy)
    sums, errors = np.zeros(windows.shape), np.zeros(windows.shape)
    if easy.any():
        sums[easy], errors[easy] = _sums_of_slices(slices, windows, easy)
    sums[~easy], errors[~easy] = _kahan_sums(windows, windows.values[~easy])
    return sums, errors


def _kahan_sums(windows: Windows, values: Floats) -> tuple[Floats, Floats]:
    sums = np.zeros((values.shape[0], windows.low.size))
    errors = np.zeros_like(sums)
    counts = windows.counts
    for position in range(int(counts.max(initial=0))):
        columns = np.flatnonzero(counts > position)
        taken = values[:, windows.low[columns] + position]
        sums[:, columns], errors[:, columns] = kahan_add(taken, sums[:, columns], errors[:, columns])
    return sums, errors


@dataclass(frozen=True, slots=True, eq=False)
class _Slices:
    """Values as a sum of ``part × unit`` with integer parts, so small that their sums over all samples are exact.

    Each unit is a power of two per row [n × 1]; ``exact`` [n] says where nothing is left over.
    """

    parts: tuple[Floats, ...]
    units: tuple[Floats, ...]
    exact: Mask


def _exact_slices(values: Floats) -> _Slices:
    headroom = max(1, int(values.shape[1]).bit_length())
    width = 52 - headroom
    magnitude = np.maximum(values.max(axis=1, initial=0.0), -values.min(axis=1, initial=0.0))
    finite = np.isfinite(magnitude)
    _, top = np.frexp(np.where(finite, magnitude, 0.0))
    exact = finite & (top + headroom < 1000) & (top - 3 * width > -1000)
    rest = values.copy() if exact.all() else np.where(exact[:, None], values, 0.0)
    parts: list[Floats] = []
    units: list[Floats] = []
    for index in range(1, 4):
        exponent = np.where(exact, top - index * width, 0)[:, None]
        unit = np.ldexp(1.0, exponent)
        part = np.rint(rest * np.ldexp(1.0, -exponent))
        parts.append(part)
        units.append(unit)
        rest -= part * unit
        if not rest.any():
            break
    return _Slices(tuple(parts), tuple(units), exact & ~rest.any(axis=1))


def _sums_of_slices(slices: _Slices, windows: Windows, rows: Mask) -> tuple[Floats, Floats]:
    total = np.zeros((int(rows.sum()), windows.low.size))
    error = np.zeros_like(total)
    every = bool(rows.all())
    for index, (part, unit) in enumerate(zip(slices.parts, slices.units, strict=True)):
        prefix = np.zeros((total.shape[0], part.shape[1] + 1))
        np.cumsum(part if every else part[rows], axis=1, out=prefix[:, 1:])
        piece = prefix.take(windows.high, axis=1)
        piece -= prefix.take(windows.low, axis=1)
        piece *= unit if every else unit[rows]
        total, error = (piece, error) if index == 0 else kahan_add(piece, total, error)
    return total, error


def window_maxima(windows: Windows, values: Floats | None = None) -> Floats:
    """Largest value of each non-empty window, NaN only where all are NaN [n × S].

    Doubling: the maxima of all runs of 1, 2, 4… samples; two overlapping runs cover a window.
    """
    runs = windows.values if values is None else values
    result = np.full(windows.shape, np.nan)
    counts = windows.counts
    levels = np.where(counts > 0, np.frexp(np.maximum(counts, 1).astype(np.float64))[1] - 1, -1)
    for level in range(int(levels.max(initial=-1)) + 1):
        length = 1 << level
        if level:
            runs = np.fmax(runs[:, : -(length >> 1)], runs[:, length >> 1 :])
        columns = np.flatnonzero(levels == level)
        if columns.size:
            left = runs.take(windows.low[columns], axis=1)
            result[:, columns] = np.fmax(left, runs.take(windows.high[columns] - length, axis=1))
    return result


def window_counts(flags: Mask, windows: Windows) -> Floats:
    """How many flags are set between neighbouring samples of each window [n × S].

    ``flags`` [n × T] marks a sample by what it is to its predecessor, so each window's first sample is left out.
    """
    prefix = np.cumsum(flags, axis=1, dtype=np.int64)
    counted: Floats = (prefix.take(windows.newest, axis=1) - prefix.take(windows.oldest, axis=1)).astype(float)
    return counted


def sorted_windows(windows: Windows) -> Iterator[tuple[slice, Floats, Mask]]:
    """The values of each window in ascending order, NaN first, a few steps at a time.

    Yields the steps, the values [n × steps × longest] padded with +Inf at the end, and which of them are NaN.
    """
    longest = int(windows.counts.max(initial=0))
    rows, steps = windows.shape
    if not longest or not rows:
        return
    chunk = max(1, 2_000_000 // (longest * rows))
    offsets = np.arange(longest)
    for start in range(0, steps, chunk):
        part = slice(start, min(steps, start + chunk))
        indices = np.minimum(windows.low[part, None] + offsets, windows.times.size - 1)
        table = windows.values[:, indices]
        absent = offsets >= windows.counts[part, None]
        undefined = np.isnan(table) & ~absent
        table = np.where(absent, np.inf, np.where(undefined, -np.inf, table))
        table.sort(axis=2)
        yield part, table, offsets < undefined.sum(axis=2)[:, :, None]
