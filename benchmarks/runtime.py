"""What a prediction pays for being observed, and what exporting costs: against the SDK and prometheus_client.

A caller's time is the processor time of his thread alone, so that what else runs on the machine hardly matters.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData, ResourceMetrics
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry, Histogram

from benchmarks.rows import Row, measured
from otel.export.telemetry import Telemetry
from otel.manifest import Manifest, parse_manifest
from otel.monitoring import Monitor
from otel.recording.cells import Cells, Places
from otel.recording.derived import derivations
from otel.recording.points import Producer

FEATURES = 20
CALLS = 20_000
BATCH = 1_000
EDGES = [round(step / 15, 3) for step in range(15)]


def measure() -> Iterator[Row]:
    """Measure recording, batches, collecting and memory."""
    row = {f"feature_{number}": number / FEATURES for number in range(FEATURES)}
    monitor, reader = _monitor(FEATURES)

    def predict() -> None:
        monitor.record(row, "yes", score=0.8, confidence=0.8, seconds=0.01)

    ours = _caller(predict, monitor.recorder.fold)
    sdk, client = _caller(_sdk_records()), _caller(_client_records())
    yield Row("a prediction with 20 features: caller's time for all metrics", ours, "µs", 2)
    yield Row("the same, against 20 records of the SDK", sdk / ours, "times", 50, at_least=True, peer=f"{sdk:.1f} µs")
    yield Row("the same, against prometheus_client", client / ours, "times", 5, at_least=True, peer=f"{client:.1f} µs")
    yield _spans(monitor)
    yield _batch(monitor)
    yield from _export()
    yield _import()
    reader.shutdown()


def _caller(work: Callable[[], object], after: Callable[[], object] = lambda: None, rounds: int = 7) -> float:
    """Return the processor time of one call in the calling thread, in microseconds: the best of several rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        for _ in range(CALLS // 10):
            work()
        best = min(best, time.thread_time() - start)
        after()
    return best / (CALLS // 10) * 1e6


def _manifest(features: int, *, segmented: bool = False) -> Manifest:
    names = [f"feature_{number}" for number in range(features)]
    bins = [f"{place:02d}" for place in range(16)] + ["missing", "invalid"]

    def metric(name: str, kind: str = "counter", **attributes: list[str]) -> dict[str, Any]:
        found = {f"ml.{key}": {"values": values} for key, values in attributes.items()}
        return {"name": name, "kind": kind, "unit": "1", "description": name, "attributes": found}

    document = {
        "manifest": 1,
        "model": {"name": "bench", "tenant": "bench", "version": "1.0.0", "task": "binary-classification"},
        "resource": {"service.name": "bench"},
        "environments": {"bench": {"resource": {}, "export_interval_seconds": 5}},
        "features": {name: {"type": "number", "range": [0, 1], "bins": {"edges": EDGES}} for name in names},
        "prediction": {"classes": ["no", "yes"], "positive": "yes", "low_confidence": 0.7},
        "metrics": {
            "duration": {**metric("ml.prediction.duration", "histogram"), "buckets": [0.01, 0.1, 1]},
            "confidence": {**metric("ml.prediction.confidence", "histogram"), "buckets": [0.5, 0.9]},
            "predictions": metric("ml.prediction.count", answer=["no", "yes", "other"]),
            "unsure": metric("ml.prediction.unsure"),
            "active": metric("ml.prediction.active", "updowncounter"),
            "vectors": metric("ml.feature.vector"),
            "feature_bins": metric("ml.feature.bin", feature=names, bin=bins),
            "segmented": metric("ml.segment.bin", feature=names, bin=bins, segment=[f"s:{n}" for n in range(10)]),
        },
    }
    if not segmented:
        del document["metrics"]["segmented"]  # type: ignore[attr-defined]
    return parse_manifest(document, "bench")


def _monitor(features: int) -> tuple[Monitor, InMemoryMetricReader]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], views=[View(instrument_name="*", aggregation_cardinality_limit=100_000)])
    return Monitor(_manifest(features), Telemetry(provider, TracerProvider(), LoggerProvider())), reader


def _sdk_records() -> Callable[[], None]:
    """Return what records 20 values as 20 histograms of the SDK would."""
    meter = MeterProvider([InMemoryMetricReader()]).get_meter("bench")
    histograms = [meter.create_histogram(f"feature_{number}") for number in range(FEATURES)]
    attributes = {"model.name": "bench", "model.version": "1.0.0"}

    def record() -> None:
        for number, histogram in enumerate(histograms):
            histogram.record(number / FEATURES, attributes)

    return record


def _client_records() -> Callable[[], None]:
    """Return what observes 20 values with children of prometheus_client that were looked up before."""
    family = Histogram("feature", "bench", ["feature"], buckets=EDGES[1:], registry=CollectorRegistry())
    children = [family.labels(f"feature_{number}") for number in range(FEATURES)]

    def observe() -> None:
        for number, child in enumerate(children):
            child.observe(number / FEATURES)

    return observe


def _spans(monitor: Monitor) -> Row:
    """Compare a decorated call with three stages against the four bare spans of the SDK."""
    tracer = TracerProvider().get_tracer("bench")
    attributes: Mapping[str, str] = {"model.name": "bench", "model.version": "1.0.0"}

    def bare() -> None:
        with tracer.start_as_current_span("receive_request", attributes=attributes):
            for stage in ("feature_vectorize", "model_infer", "post_process"):
                with tracer.start_as_current_span(stage, attributes=attributes):
                    pass

    @monitor.inference
    def observed() -> str:
        with monitor_current().stage("feature_vectorize"):
            pass
        with monitor_current().stage("model_infer"):
            pass
        with monitor_current().stage("post_process"):
            return "yes"

    theirs, ours = _caller(bare), _caller(observed, monitor.recorder.fold)
    return Row("the decorator with four spans and all metrics, against bare spans", ours / theirs, "times", 1.3)


def monitor_current() -> Any:
    """Return the prediction that is being made."""
    from otel.predictions.prediction import current  # noqa: PLC0415

    return current()


def _batch(monitor: Monitor) -> Row:
    columns = {f"feature_{number}": np.random.default_rng(number).random(BATCH) for number in range(FEATURES)}
    best = float("inf")
    for _ in range(20):
        start = time.process_time()
        monitor.predictions(columns)
        monitor.recorder.fold()
        best = min(best, time.process_time() - start)
    return Row("a batch of 1,000 rows × 20 features, counted", best / BATCH / FEATURES * 1e9, "ns a value", 15)


def _import() -> Row:
    """Compare a process that loads the SDK with one that loads the runtime too."""
    sdk = "import opentelemetry.sdk.metrics.export, opentelemetry.sdk.trace, opentelemetry.sdk._logs"
    theirs, ours = (
        measured([sys.executable, "-c", code]).processor for code in (sdk, f"{sdk}\nimport otel\notel.monitor")
    )
    return Row("import otel and its runtime, beyond opentelemetry's own", (ours - theirs) * 1000, "ms", 80)


def _export() -> Iterator[Row]:
    monitor, _ = _monitor(556)
    produce = Producer(monitor.recorder, "bench")
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        encode_metrics(MetricsData([ResourceMetrics(Resource({}), [produce()], "")])).SerializeToString()
        best = min(best, time.process_time() - start)
    yield Row("collect and encode 10,000 cells", best * 1000, "ms", 60)
    manifest = _manifest(100, segmented=True)
    tracemalloc.start()
    metric = manifest.metrics["segmented"]
    cells = Cells(Places(metric, {"model.name": "bench"}, derivations(manifest)), counts=True)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Row(f"memory of {len(cells.values):,} cells", size / 2**20, "MiB", 5)
