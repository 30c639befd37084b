"""Rates that know when counters were started (Prometheus' feature ``use-start-timestamps``).

A sample may say since when its counter has been counting. A new start is a reset even if the value did not fall, and
a start inside the range is a sample of zero, so that one sample is enough for a rate. Few series have start times;
they are computed window by window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generators.promql.engine.context import Context
from generators.promql.engine.go_text import quote
from generators.promql.engine.ranges.windows import Windows
from generators.promql.engine.results import Floats, Mask, Times
from generators.promql.engine.series.labels import METRIC_NAME, get
from generators.promql.syntax.ast import Span

STARTING_FUNCTIONS = frozenset(("increase", "irate", "rate", "resets"))


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The samples of one window, with their start times (0 unknown) and the range's edges, all in ms."""

    times: Times
    values: Floats
    starts: Times
    start: int
    end: int

    def resets(self) -> Mask:
        """Which samples begin anew, from the second on."""
        return (self.values[1:] < self.values[:-1]) | _restarts(self.times, self.starts)

    def overlaps(self) -> bool:
        """Whether a sample claims to have started before the sample before it was taken."""
        begun, earlier = self.starts[1:], self.starts[:-1]
        return bool(((begun != 0) & (begun < self.times[:-1]) & (begun != earlier)).any())


def _restarts(times: Times, starts: Times) -> Mask:
    """Which samples have a start time that tells of a reset since the sample before."""
    begun, earlier, before, now = starts[1:], starts[:-1], times[:-1], times[1:]
    known = (begun != earlier) & (begun != 0) & (begun < now)
    touching = (begun == before) & (earlier < before) & (earlier != 0)
    restarts: Mask = known & ((begun > before) | touching)
    return restarts


def start_aware(context: Context, function: str, windows: Windows, starts: Times, span: Span) -> tuple[Floats, Mask]:
    """rate, increase, irate or resets of one series with start times [S]."""
    values, present = np.zeros(windows.low.size), np.zeros(windows.low.size, dtype=bool)
    overlaps = 0
    for step, (low, high) in enumerate(zip(windows.low.tolist(), windows.high.tolist(), strict=True)):
        part = slice(low, high)
        window = _Window(
            windows.times[part],
            windows.values[0, part],
            starts[part],
            int(windows.starts[step]),
            int(windows.ends[step]),
        )
        value = _value(function, window, windows.width)
        if value is not None:
            values[step], present[step] = value, True
        overlaps += function in ("rate", "increase") and window.overlaps()
    if overlaps:
        name = quote(get(windows.labels[0], METRIC_NAME))
        text = f"sample has start time that overlaps with previous sample timestamp for metric {name}"
        context.warn_often(text, span, overlaps)
    return values, present


def _value(function: str, window: _Window, width: int) -> float | None:
    count = window.times.size
    if count == 0:
        return None
    if function == "resets":
        return float(window.resets().sum())
    if function == "irate":
        return _instant_rate(window) if count > 1 else None
    increase = _increase(window)
    return increase if increase is None or function == "increase" else increase / (width / 1000)


def _instant_rate(window: _Window) -> float:
    fresh = bool(window.resets()[-1])
    rise = window.values[-1] if fresh else window.values[-1] - window.values[-2]
    return float(rise / ((window.times[-1] - window.times[-2]) / 1000))


def _increase(window: _Window) -> float | None:
    """Increase as in `rates.extrapolated`, but from the start time where it lies inside the range."""
    times, values = window.times, window.values
    result = float(values[-1] - values[0] + values[:-1][window.resets()].sum())
    sampled = float(times[-1] - times[0]) / 1000
    average = sampled / max(times.size - 1, 1)
    to_start, to_end = float(times[0] - window.start) / 1000, float(window.end - times[-1]) / 1000
    begun = int(window.starts[0])
    if begun != 0 and window.start < begun < times[0]:
        to_start, sampled = 0.0, float(times[-1] - begun) / 1000
        result += float(values[0])
    elif times.size == 1:
        return None
    else:
        to_start = average / 2 if to_start >= average * 1.1 else to_start
        if result > 0 and values[0] >= 0:
            to_start = min(to_start, sampled * (float(values[0]) / result))
    to_end = average / 2 if to_end >= average * 1.1 else to_end
    return result * ((sampled + to_start + to_end) / sampled if sampled else 1.0)
