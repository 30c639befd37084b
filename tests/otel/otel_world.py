"""A model, telemetry that stays in memory, and what was recorded of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel.export.telemetry import Telemetry
from otel.manifest import Manifest, parse_manifest
from otel.monitoring import Monitor


def metric(name: str, kind: str = "counter", unit: str = "1", /, **attributes: Any) -> dict[str, Any]:
    """A metric of a manifest; a value that is a dictionary says more of an attribute than its values.

    Keys without ``__``, which stands for a dot, get our prefix.
    """
    fields = {
        (key.replace("__", ".") if "__" in key else f"ml.{key}"): each if isinstance(each, dict) else {"values": each}
        for key, each in attributes.items()
    }
    return {"name": name, "kind": kind, "unit": unit, "description": f"About {name}.", "attributes": fields}


REASONS = ["timeout", "invalid_input", "unavailable", "rate_limit", "internal"]

DOCUMENT: Mapping[str, Any] = {
    "manifest": 1,
    "model": {"name": "churn", "tenant": "retail", "version": "2.0.0", "task": "binary-classification"},
    "resource": {"service.name": "churn-api", "service.namespace": "retail"},
    "attributes": {},
    "environments": {
        "production": {"resource": {"deployment.environment.name": "prod"}, "export_interval_seconds": 5},
        "staging": {"resource": {"deployment.environment.name": "staging"}, "export_interval_seconds": 15},
    },
    "baseline": {"version": "b1", "rows": 1000},
    "features": {
        "age": {
            "type": "number",
            "range": [0, 100],
            "bins": {"edges": [20, 40, 60]},
            "shares": [0.1, 0.4, 0.4, 0.1],
            "missing": 0.02,
            "mean": 40,
            "deviation": 10,
        },
        "plan": {"type": "category", "values": ["basic", "plus", "pro"], "bins": {"values": ["basic", "plus"]}},
        "member": {"type": "boolean", "bins": {"values": ["false", "true"]}},
        "comment": {"type": "text"},
    },
    "prediction": {"classes": ["stay", "churn"], "positive": "churn", "threshold": 0.5, "low_confidence": 0.7},
    "segments": {"region": ["emea", "apac"]},
    "metrics": {
        "duration": {
            **metric("ml.prediction.duration", "histogram", "s", error__type={"values": REASONS, "optional": True}),
            "buckets": [0.1, 1],
        },
        "active": metric("ml.prediction.active", "updowncounter"),
        "predictions": metric("ml.prediction.count", **{"class": ["stay", "churn", "other"]}),
        "confidence": {**metric("ml.prediction.confidence", "histogram"), "buckets": [0.5, 0.9]},
        "unsure": metric("ml.prediction.unsure"),
        "score_bins": metric("ml.score.bin", bin=[f"{place:02d}" for place in range(20)]),
        "rejected": metric("ml.prediction.rejected", reason=["schema", "guard"]),
        "fallback": metric("ml.prediction.fallback", reason=["outlier", "timeout"]),
        "overrides": metric("ml.override.count", direction=["in_favour", "against"], reason=["policy"]),
        "vectors": metric("ml.feature.vector"),
        "feature_quality": metric(
            "ml.feature.quality",
            feature=["age", "plan", "member", "comment"],
            check=["missing", "schema", "range", "outlier", "unseen", "stale"],
        ),
        "feature_bins": {
            **metric(
                "ml.feature.bin",
                feature=["age", "plan", "member"],
                bin=["00", "01", "02", "03", "other", "unseen", "missing", "invalid"],
                baseline__version={"values": [], "derived": True},
            ),
            "cells": [
                {"ml.feature": ["age"], "ml.bin": ["00", "01", "02", "03", "missing", "invalid"]},
                {"ml.feature": ["plan", "member"], "ml.bin": ["00", "01", "other", "unseen", "missing", "invalid"]},
            ],
        },
        "baseline_shares": metric(
            "ml.baseline.share", "gauge", feature=["age"], bin=["00", "01", "02", "03", "missing"]
        ),
        "baseline_size": metric("ml.baseline.size", "gauge"),
        "confusion": metric(
            "ml.confusion",
            actual=["stay", "churn"],
            predicted=["stay", "churn"],
            cell={"values": ["true_positive"], "derived": True},
        ),
        "segment_predictions": metric(
            "ml.segment.prediction", segment=["region:emea", "region:apac"], result=["ok", "error"]
        ),
        "undeclared": metric(
            "ml.telemetry.undeclared", kind=["feature", "class", "segment", "label", "value", "metric"]
        ),
        "info": metric("ml.model.info", "gauge", model__framework={"values": [], "derived": True}),
        "budget": metric("ml.budget", "gauge"),
    },
}
"""A manifest with each kind of metric and feature."""

LABELS = metric("ml.label.count", label__age=["1h", "1d", "7d", "30d", "older"], label__source=["human", "system"])
"""The counter of labels; a model that has it keeps its predictions until their label comes."""

GOOD = {"age": 30, "plan": "plus", "member": True, "comment": "fine"}


def manifest(**changes: Any) -> Manifest:
    return parse_manifest({**DOCUMENT, **changes}, "churn")


class World:
    """A monitor whose telemetry stays in memory."""

    def __init__(self, found: Manifest | None = None, **options: Any) -> None:
        self.monitor = Monitor(found or manifest(), self.renewed(), **options)

    def renewed(self) -> Telemetry:
        """New providers, from which alone is read what follows."""
        self.reader = InMemoryMetricReader()
        self.exporter = InMemorySpanExporter()
        traces = TracerProvider()
        traces.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.logs = InMemoryLogRecordExporter()
        logs = LoggerProvider()
        logs.add_log_record_processor(SimpleLogRecordProcessor(self.logs))
        self.telemetry = Telemetry(MeterProvider([self.reader]), traces, logs)
        return self.telemetry

    def points(self, name: str) -> dict[tuple[str, ...], Any]:
        """The values of a metric by its attributes' values, without those that every metric carries."""
        data = self.reader.get_metrics_data()
        assert data is not None
        return {
            tuple(str(value) for key, value in (point.attributes or {}).items() if not key.startswith("model.")): point
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for each in scope.metrics
            if each.name == name
            for point in each.data.data_points
        }

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        """The values that are not zero."""
        return {key: point.value for key, point in self.points(name).items() if point.value}

    def count(self, name: str) -> int:
        """The observations of a histogram, over all its series."""
        return sum(point.count for point in self.points(name).values())

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}
