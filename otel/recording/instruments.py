"""Instruments of a meter that is not ours, each created once for all recorders.

The SDK hands out a name once: of a second observable instrument of that name the callback is never called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from opentelemetry.metrics import CallbackOptions, Histogram, Meter, Observation

from otel.manifest import Metric

Observations: TypeAlias = Callable[[], Iterable[Observation]]
"""Says what the series of a metric are now."""


class Instruments:
    """Histograms and observable instruments of one meter, by name."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._histograms: dict[str, Histogram] = {}
        self._observed: dict[str, dict[int, Observations]] = {}

    def histogram(self, metric: Metric) -> Histogram:
        """Return the histogram of a metric."""
        if metric.name not in self._histograms:
            self._histograms[metric.name] = self._meter.create_histogram(
                metric.name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=metric.buckets
            )
        return self._histograms[metric.name]

    def observe(self, metric: Metric, owner: int, observations: Observations) -> None:
        """Export what ``observations`` says of a metric, besides what other owners say."""
        if metric.name not in self._observed:
            observed = self._observed[metric.name] = {}
            create: Callable[..., object] = {
                "counter": self._meter.create_observable_counter,
                "updowncounter": self._meter.create_observable_up_down_counter,
                "gauge": self._meter.create_observable_gauge,
            }[metric.kind]
            create(metric.name, [_callback(observed)], metric.unit, metric.description)
        self._observed[metric.name][owner] = observations

    def leave_out(self, owner: int) -> None:
        """Export no more what an owner says."""
        for observed in self._observed.values():
            observed.pop(owner, None)


def _callback(observed: dict[int, Observations]) -> Callable[[CallbackOptions], list[Observation]]:
    return lambda _options: [each for observations in list(observed.values()) for each in observations()]
