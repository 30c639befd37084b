"""What is exported without the SDK's instruments is what they would have exported, and zeros besides."""

from __future__ import annotations

import math
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import HistogramDataPoint, Metric, MetricsData, ResourceMetrics
from opentelemetry.sdk.resources import Resource
from otel_world import GOOD, World

from otel.export.delivery import Outcome
from otel.export.processors import Reader
from otel.recording.points import Producer
from otel.recording.recorder import Recorder

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
    recorder.folded = lambda: nullcontext((nothing, buckets))  # type: ignore[method-assign, assignment, return-value]
    assert set(produced(recorder)) == kept


class Wire:
    """Takes exports, or does not; stands for a connection to the Collector."""

    def __init__(self) -> None:
        self.outcome = Outcome.SENT
        self.sent: list[dict[str, Metric]] = []
        self.signal, self.target, self.reason = SimpleNamespace(name="metrics"), "wire", ""

    def send(self, batch: MetricsData) -> Outcome:
        if self.outcome is Outcome.SENT:
            scopes = [scope for of in batch.resource_metrics for scope in of.scope_metrics]
            self.sent.append({metric.name: metric for scope in scopes for metric in scope.metrics})
        return self.outcome


def test_what_was_counted_before_the_first_export_is_preceded_by_zeros() -> None:
    world, wire = World(), Wire()
    world.monitor.recorder._instruments.clear()
    reader = Reader(wire, 60, Resource({}), [Producer(world.monitor.recorder, "watchspec")])  # type: ignore[arg-type]
    recorded(world, [("churn", 0.9, 0.2, None), ("stay", 0.2, 0.2, "timeout")])
    wire.outcome = Outcome.LATER
    reader._receive_metrics(MetricsData([]))
    assert wire.sent == []
    wire.outcome = Outcome.SENT
    reader._receive_metrics(MetricsData([]))
    reader._receive_metrics(MetricsData([]))
    zeros, first, second = wire.sent
    for name in ("ml.prediction.count", "ml.feature.bin"):
        assert set(plain(zeros[name])) == set(plain(first[name]))
        assert set(plain(zeros[name]).values()) == {0}
        before, after = (each[name].data.data_points[0].time_unix_nano for each in (zeros, first))
        assert after - before >= 1_000_000, "one sample a millisecond"
    assert plain(zeros["ml.prediction.duration"]) == {}
    assert len(zeros["ml.prediction.duration"].data.data_points) == 6
    assert "ml.baseline.size" not in zeros, "a gauge was never zero"
    assert plain(first["ml.prediction.duration"]) == plain(second["ml.prediction.duration"]) != {}


def test_a_process_that_has_counted_nothing_needs_no_zeros_ahead() -> None:
    world, wire = World(), Wire()
    world.monitor.recorder._instruments.clear()
    reader = Reader(wire, 60, Resource({}), [Producer(world.monitor.recorder, "watchspec")])  # type: ignore[arg-type]
    reader._receive_metrics(MetricsData([]))
    recorded(world, [("churn", 0.9, 0.2, None)])
    reader._receive_metrics(MetricsData([]))
    first, second = wire.sent
    assert set(plain(first["ml.prediction.count"]).values()) == {0}
    assert set(plain(second["ml.prediction.count"]).values()) == {0, 1}
