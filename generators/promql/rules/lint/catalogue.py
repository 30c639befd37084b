"""What is known of metrics beyond the rules themselves: types, units, labels, buckets, export intervals.

Optional: checks that need to know a metric say nothing about one that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generators.promql.labels.label_set import LabelSet, label_set
from generators.promql.syntax.ast import MatchOp, VectorSelector


class MetricType(StrEnum):
    """Types of metrics, as Prometheus knows them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family.

    ``unit`` is what its values count (``seconds``, ``bytes``, ``ratio``…, empty for none); ``labels`` are all that
    its series may have, without ``le`` and ``__name__``, None where unknown; ``sure`` those that all have; ``interval``
    is the time between samples in milliseconds, 0 where unknown; ``buckets`` are a histogram's finite upper bounds.
    """

    name: str
    type: MetricType
    unit: str = ""
    labels: frozenset[str] | None = None
    sure: frozenset[str] = frozenset()
    interval: int = 0
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesOf:
    """A metric by the name of its series: ``part`` is ``bucket``, ``sum``, ``count``, or empty."""

    metric: Metric
    part: str = ""

    @property
    def is_counter(self) -> bool:
        """Tell whether the series only ever grows."""
        return self.metric.type is MetricType.COUNTER or bool(self.part)

    @property
    def unit(self) -> str:
        """The unit of the values of this series; counts of observations have none."""
        return "" if self.part in ("bucket", "count") else self.metric.unit


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Metrics by name."""

    metrics: Mapping[str, Metric] = field(default_factory=dict)

    def find(self, selector: VectorSelector) -> SeriesOf | None:
        """Return the metric behind a selector, if it is known."""
        name = selected_name(selector)
        if name is None:
            return None
        if name in self.metrics:
            return SeriesOf(self.metrics[name])
        for part in ("bucket", "sum", "count"):
            metric = self.metrics.get(name.removesuffix(f"_{part}")) if name.endswith(f"_{part}") else None
            if metric is not None and metric.type in (MetricType.HISTOGRAM, MetricType.SUMMARY):
                return SeriesOf(metric, part)
        return None

    def labels(self, selector: VectorSelector) -> LabelSet | None:
        """Return the labels of the series behind a selector: the schema of the label algebra."""
        series = self.find(selector)
        if series is None or series.metric.labels is None:
            return None
        sure = {"__name__", *series.metric.sure, *(("le",) if series.part == "bucket" else ())}
        return label_set(*sure, maybe=series.metric.labels)


def selected_name(selector: VectorSelector) -> str | None:
    """Return the metric name that a selector asks for, if it asks for one."""
    if selector.hole:
        return None
    if selector.name is not None:
        return selector.name
    return next((m.value for m in selector.matchers if m.label == "__name__" and m.op is MatchOp.EQUAL), None)
