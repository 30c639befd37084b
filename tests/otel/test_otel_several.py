"""Several monitors in one process: each model's counts arrive, through the encoder of OTLP, and arrive once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from otel_programs import without_variables
from otel_world import World, manifest
from otlp_receiver import Received, http_receiver

import otel
from otel.export.configure import shutdown
from otel.monitoring import Monitor
from otel.recording.points import Producer, merged

INSTRUMENTS = Path(__file__).parents[2] / "rendered" / "instruments"
environ = pytest.fixture(without_variables)


@pytest.fixture
def receiver(environ: pytest.MonkeyPatch) -> Iterator[Received]:
    with http_receiver() as received:
        environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        environ.setenv("OTEL_METRIC_EXPORT_INTERVAL", "60000")
        environ.setenv("WATCHSPEC_INSTRUMENTS", str(INSTRUMENTS))
        yield received
        shutdown(10)  # while there is somebody to send to, or the last counts go to whoever gets the port next


def by_model(received: Received, metric: str) -> dict[str, float]:
    """What the last export of each series says, summed by model."""
    found: dict[str, float] = {}
    for (_, labels), value in received.points(metric).items():
        model = dict(labels)["model.name"]
        found[model] = found.get(model, 0) + value
    return found


def test_each_of_several_models_is_exported_whole(receiver: Received) -> None:
    for name, calls in (("screening", 300), ("cultivar", 200), ("demand", 100)):
        monitor = otel.monitor(name, environment="production")
        for _ in range(calls):
            with monitor.prediction():
                pass
    assert otel.flush()
    expected = {"screening": 300, "cultivar": 200, "demand": 100}
    assert by_model(receiver, "ml.prediction.duration") == expected
    assert by_model(receiver, "ml.prediction.count") == expected


def test_a_monitor_that_is_asked_for_again_is_the_same(receiver: Received) -> None:
    for cell in range(3):
        monitor = otel.monitor("screening", environment="production", reviewer=lambda *_: None)
        for _ in range(10):
            monitor.record({}, "benign", seconds=0.1)
        assert monitor is otel.monitor("health/screening", environment="production"), cell
    assert otel.flush()
    assert by_model(receiver, "ml.prediction.duration") == {"screening": 30}


def test_a_module_that_is_reloaded_goes_on_counting(
    receiver: Received, tmp_path: Path, environ: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reloaded_service.py").write_text(
        'import otel\nmonitor = otel.monitor("screening", environment="production")\n'
    )
    environ.syspath_prepend(str(tmp_path))
    service = importlib.import_module("reloaded_service")
    for _ in range(4):
        service.monitor.record(None, "benign", seconds=0.1)
        service = importlib.reload(service)
    del sys.modules["reloaded_service"]
    assert otel.flush()
    assert by_model(receiver, "ml.prediction.duration") == {"screening": 4}


def test_another_manifest_of_the_model_makes_a_new_monitor_and_the_old_one_leaves(receiver: Received) -> None:
    first = otel.monitor("screening", environment="production")
    first.record(None, "benign", seconds=0.1)
    second = otel.monitor("screening", environment="staging")
    assert second is not first
    second.record(None, "benign", seconds=0.1)
    assert otel.flush()
    assert by_model(receiver, "ml.prediction.duration") == {"screening": 1}


def test_several_models_with_providers_of_somebody_else_are_exported_whole() -> None:
    world = World()
    other = Monitor(manifest(model={"name": "churn", "tenant": "retail", "version": "9", "task": "x"}), world.telemetry)
    for monitor, calls in ((world.monitor, 3), (other, 2)):
        for _ in range(calls):
            monitor.record(None, "churn", seconds=0.1)
    data = world.reader.get_metrics_data()
    assert data is not None
    points = [
        (metric.name, dict(point.attributes or {})["model.version"], point)
        for scope in data.resource_metrics[0].scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    ]
    assert {v: p.count for n, v, p in points if n == "ml.prediction.duration"} == {"2.0.0": 3, "9": 2}
    assert {v: p.value for n, v, p in points if n == "ml.prediction.count" and p.value} == {"2.0.0": 3, "9": 2}


def test_two_recorders_of_one_series_add_up() -> None:
    worlds = [World(), World(), World()]
    for world in worlds:
        world.monitor.recorder._instruments.clear()
        world.monitor.record(None, "churn", seconds=0.1, score=0.5)
    (scope,) = merged(Producer(world.monitor.recorder, "watchspec")() for world in worlds)
    names = [metric.name for metric in scope.metrics]
    assert len(names) == len(set(names))
    found = {metric.name: metric.data.data_points for metric in scope.metrics}
    assert sum(point.value for point in found["ml.prediction.count"]) == 3  # type: ignore[union-attr]
    assert sum(point.count for point in found["ml.prediction.duration"]) == 3  # type: ignore[union-attr]
    assert [point.value for point in found["ml.baseline.size"]] == [1000]  # type: ignore[union-attr]
