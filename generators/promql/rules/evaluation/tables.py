"""What a rule's expression yields at each tick: label sets × ticks, with the ticks at which it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generators.diagnostics import Code, TextFinding
from generators.promql.engine import MatrixValue, SeriesResult, Storage, VectorValue, evaluate
from generators.promql.engine.results import Floats, Mask, Result, ScalarValue, Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, get
from generators.promql.engine.series.storage import STALE, Series
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.syntax.ast import Expr
from generators.promql.templates.numbers import format_float

RULE_TYPE = Code(
    "Q630",
    "an expression of the wrong type",
    "A rule or test needs a vector or a scalar, not a range or a string.",
    "expr: up[5m]",
    "expr: max_over_time(up[5m])",
)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values [N × S] of N label sets at S ticks; ``present`` says where there is one."""

    times: Times
    labels: tuple[Labels, ...]
    values: Floats
    present: Mask
    failures: Mapping[int, str]
    """Messages by index of the tick; at these ticks nothing is present."""

    @property
    def ok(self) -> Times:
        """Indices of the ticks at which the evaluation worked."""
        if not self.failures:
            return np.arange(self.times.size, dtype=np.int64)
        return np.setdiff1d(np.arange(self.times.size, dtype=np.int64), np.fromiter(self.failures, dtype=np.int64))

    def failing(self, failures: Mapping[int, str]) -> Table:
        """Return the table with more ticks failed."""
        if not failures:
            return self
        present = self.present.copy()
        present[:, list(failures)] = False
        return Table(self.times, self.labels, self.values, present, {**self.failures, **failures})


def query(expr: Expr, storage: Storage, times: Times, offset: int, server: Server) -> Table:
    """Evaluate an expression at all ticks of a stretch, looking ``offset`` milliseconds back."""
    failures: dict[int, str] = {}
    rows: dict[Labels, tuple[Floats, Mask]] = {}
    _query(expr, storage, times - offset, 0, server, _Sink(times.size, rows, failures))
    labels = tuple(rows)
    shape = (len(labels), times.size)
    values = np.array([rows[key][0] for key in labels]).reshape(shape)
    present = np.array([rows[key][1] for key in labels], dtype=bool).reshape(shape)
    return Table(times, labels, values, present, failures)


@dataclass(frozen=True, slots=True, eq=False)
class _Sink:
    """Where results of parts of the ticks come together."""

    size: int
    rows: dict[Labels, tuple[Floats, Mask]]
    failures: dict[int, str]

    def add(self, series: SeriesResult, first: int, start: int, step: int) -> None:
        values, present = self.rows.setdefault(series.labels, (np.zeros(self.size), np.zeros(self.size, dtype=bool)))
        at = first + (series.timestamps - start) // max(step, 1)
        values[at], present[at] = series.values, True


def _query(expr: Expr, storage: Storage, times: Times, first: int, server: Server, sink: _Sink) -> None:
    """Evaluate; where that fails, halve the ticks until only those that really fail do."""
    if not times.size:
        return
    start, end = int(times[0]), int(times[-1])
    step = int(times[1]) - start if times.size > 1 else 1
    result = run(expr, storage, start, end, step, server)
    if result.error is not None:
        if times.size == 1:
            sink.failures[first] = result.error.message
            return
        middle = times.size // 2
        _query(expr, storage, times[:middle], first, server, sink)
        _query(expr, storage, times[middle:], first + middle, server, sink)
    elif isinstance(result.value, MatrixValue):
        for series in result.value.series:
            sink.add(series, first, start, step)


def run(expr: Expr, storage: Storage, start: int, end: int, step: int, server: Server) -> Result:
    """Evaluate over a range of times as the server would."""
    return evaluate(
        expr,
        storage,
        start,
        end,
        step,
        profile=server.profile,
        lookback_ms=server.lookback,
        default_step_ms=server.default_step,
    )


def run_at(
    expr: Expr, storage: Storage, time: int, server: Server
) -> tuple[tuple[tuple[Labels, float], ...], TextFinding | None]:
    """Evaluate at one time; a scalar is an element without labels."""
    result = evaluate(
        expr,
        storage,
        time,
        profile=server.profile,
        lookback_ms=server.lookback,
        default_step_ms=server.default_step,
    )
    if isinstance(result.value, VectorValue):
        return tuple((sample.labels, sample.value) for sample in result.value.samples), None
    if isinstance(result.value, ScalarValue):
        return (((), result.value.value),), None
    return (), result.error or TextFinding(RULE_TYPE, "rule result is not a vector or scalar", expr.span)


def relabel(table: Table, change: Callable[[Labels], Labels], complaint: str) -> Table:
    """Give every row other labels; rows that become one fail at ticks at which more than one is present."""
    groups: dict[Labels, list[int]] = {}
    for index, labels in enumerate(table.labels):
        groups.setdefault(change(labels), []).append(index)
    return merged(table, groups, complaint)


def merged(table: Table, groups: Mapping[Labels, Sequence[int]], complaint: str) -> Table:
    """Put rows together under new labels."""
    names = tuple(groups)
    if all(len(rows) == 1 for rows in groups.values()):
        order = [rows[0] for rows in groups.values()]
        return Table(table.times, names, table.values[order], table.present[order], table.failures)
    values, present = np.zeros((len(names), table.times.size)), np.zeros((len(names), table.times.size), dtype=bool)
    failures: dict[int, str] = {}
    for target, (labels, rows) in enumerate(groups.items()):
        counts = table.present[list(rows)].sum(axis=0)
        for tick in np.flatnonzero(counts > 1):
            failures.setdefault(int(tick), f"{complaint}: {format_labels(labels)}")
        for row in rows:
            values[target] = np.where(table.present[row], table.values[row], values[target])
            present[target] |= table.present[row]
    return Table(table.times, names, values, present, table.failures).failing(failures)


def limited(table: Table, limit: int) -> Table:
    """Fail ticks at which more series are present than the group's limit allows."""
    if limit <= 0:
        return table
    counts = table.present.sum(axis=0)
    over = {
        int(tick): f"exceeded limit of {limit} with {counts[tick]} series" for tick in np.flatnonzero(counts > limit)
    }
    return table.failing(over)


def store(table: Table, storage: Storage, offset: int, contested: frozenset[str]) -> dict[int, str]:
    """Write a table's samples, and a stale marker where a series is missing that the last good tick had.

    Returns messages, by tick, about samples that were there before with another value; only metrics that are
    ``contested`` are looked at for that.
    """
    names = {get(labels, METRIC_NAME) for labels in table.labels} & contested
    existing = {series.labels: series for name in names for series in storage.named(name)}
    ok = table.ok
    times = storage.share(table.times[ok] - offset if table.failures or offset else table.times)
    refused: dict[int, str] = {}
    for labels, values, present in rows_at(table, ok):
        gone = np.zeros_like(present)
        gone[1:] = present[:-1] & ~present[1:]
        written = present | gone
        if not written.any():
            continue
        before = existing.get(labels)
        if before is not None:
            for tick, message in conflicts(before, times[present], values[present]):
                refused.setdefault(int(ok[np.flatnonzero(present)[tick]]), message)
        samples = np.where(gone, STALE, values) if gone.any() else values
        storage.add(labels, storage.share_some(times, written), samples[written])
    return refused


def conflicts(before: Series, times: Times, values: Floats) -> Iterator[tuple[int, str]]:
    """Yield the samples, by index, that are at a time at which the series has another value."""
    places = np.searchsorted(before.timestamps, times)
    for index, place in enumerate(places):
        if place >= before.timestamps.size or before.timestamps[place] != times[index]:
            continue
        old, new = before.values[place], values[index]
        if old.tobytes() != new.tobytes():
            shown = f"existing {format_float(float(old))}, new value {format_float(float(new))}"
            yield index, f"duplicate sample for timestamp {times[index]}; overrides not allowed: {shown}"


def rows_at(table: Table, ticks: Times) -> Iterable[tuple[Labels, Floats, Mask]]:
    """Yield labels, values and presence of every row at some ticks."""
    if ticks.size == table.times.size:
        return zip(table.labels, table.values, table.present, strict=True)
    return zip(table.labels, table.values[:, ticks], table.present[:, ticks], strict=True)
