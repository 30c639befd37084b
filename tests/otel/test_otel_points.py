"""What is exported without the SDK's instruments is what they would have exported, and zeros besides."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import HistogramDataPoint, Metric, MetricsData, ResourceMetrics
from opentelemetry.sdk.resources import Resource
from otel_world import GOOD, World

from otel.points import Producer
from otel.recorder import Recorder

CALLS = st.lists(
    st.tuples(
        st.sampled_from(["stay", "churn", "maybe"]),
        st.floats(0, 1),
        st.floats(0, 10) | st.sampled_from([0.1, 1.0]),
        st.sampled_from([None, "timeout", "internal"]),
    ),
    max_size=20,
)


def recorded(world: World, calls: list[tuple[Any, ...]]) -> None:
    for predicted, score, seconds, error in calls:
        world.monitor.record(GOOD, predicted, score=score, confidence=score, seconds=seconds, error=error)


def produced(recorder: Recorder) -> dict[str, Metric]:
    return {metric.name: metric for metric in Producer(recorder, "watchspec")().metrics}


def plain(metric: Metric) -> dict[frozenset[Any], Any]:
    """The points of a metric by attributes, histograms only where something was counted."""
    found = {}
    for point in metric.data.data_points:
        key = frozenset((point.attributes or {}).items())
        if not isinstance(point, HistogramDataPoint):
            found[key] = point.value  # type: ignore[union-attr]
        elif point.count:
            found[key] = (point.count, list(point.bucket_counts), round(point.sum, 9), list(point.explicit_bounds))
    return found


@settings(derandomize=True, deadline=None)
@given(CALLS)
def test_points_agree_with_the_instruments_of_the_sdk(calls: list[tuple[Any, ...]]) -> None:
    ours, theirs = World(), World()
    ours.monitor.recorder._instruments.clear()
    recorded(ours, calls)
    recorded(theirs, calls)
    data = theirs.reader.get_metrics_data()
    assert data is not None
    exported = {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    mine = produced(ours.monitor.recorder)
    for name, metric in exported.items():
        assert plain(mine[name]) == plain(metric), name
        assert type(mine[name].data) is type(metric.data)
        assert (mine[name].unit, mine[name].description) == (metric.unit, metric.description)


def test_a_histogram_has_all_its_series_before_its_first_value() -> None:
    metric = produced(World().monitor.recorder)["ml.prediction.duration"]
    points = metric.data.data_points
    assert len(points) == 6, "five reasons of failure, and success"
    assert all(isinstance(point, HistogramDataPoint) and point.count == 0 for point in points)


def test_values_that_no_histogram_holds_are_counted_apart() -> None:
    world = World()
    world.monitor.recorder._instruments.clear()
    for value in (math.nan, math.inf, -1.0):
        world.monitor.measure("confidence", value)
    found = produced(world.monitor.recorder)
    assert plain(found["ml.prediction.confidence"]) == {}
    assert world.values("ml.telemetry.undeclared") == {("value",): 3}


def test_points_can_be_sent() -> None:
    world = World()
    world.monitor.recorder._instruments.clear()
    recorded(world, [("churn", 0.9, 0.2, None)])
    scope = Producer(world.monitor.recorder, "watchspec")()
    message = encode_metrics(MetricsData([ResourceMetrics(Resource({}), [scope], "")]))
    metrics = {each.name: each for each in message.resource_metrics[0].scope_metrics[0].metrics}
    assert {point.count for point in metrics["ml.prediction.duration"].histogram.data_points} == {0, 1}
    assert not metrics["ml.prediction.duration"].histogram.data_points[0].HasField("min")
    assert metrics["ml.prediction.count"].sum.is_monotonic
    assert len(metrics["ml.feature.bin"].sum.data_points) == 18


def test_a_metric_without_points_is_left_out() -> None:
    world = World()
    recorder = world.monitor.recorder
    with recorder.folded() as (_, buckets):
        kept = {metric.name for metric in recorder.metrics if metric.kind == "histogram" and buckets[metric.id].counts}
    nothing = {metric.id: list for metric in recorder.metrics}
    recorder.folded = lambda: nullcontext((nothing, buckets))  # type: ignore[method-assign]
    assert set(produced(recorder)) == kept
