"""A recorder of a rendered manifest, and what was recorded with it, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from otel.manifest import Manifest, parse_manifest
from otel.recording.instruments import Instruments
from otel.recording.recorder import Recorder

INSTRUMENTS = Path(__file__).parents[2] / "rendered" / "instruments"


def rendered(model: str, **changes: Any) -> Manifest:
    """Return the manifest of ``tenant/model``, with some of the document's keys merged or replaced."""
    document: dict[str, Any] = json.loads((INSTRUMENTS / f"{model}.json").read_text("utf-8"))
    document["metrics"] |= UNDECLARED
    for key, value in changes.items():
        document[key] = {**document.get(key, {}), **value} if isinstance(value, dict) else value
    return parse_manifest(document, model)


def metric(name: str, kind: str = "counter", **attributes: list[str]) -> dict[str, Any]:
    """Return a metric as manifests write it; attributes have our prefix, and values."""
    return {
        "name": name,
        "kind": kind,
        "unit": "1",
        "description": name,
        "attributes": {f"ml.{key.rstrip('_')}": {"values": values} for key, values in attributes.items()},
    }


UNDECLARED = {
    "undeclared": metric("ml.telemetry.undeclared", kind_=["feature", "class", "segment", "label", "value", "metric"])
}
"""The counter of what no spec declares, which newer manifests have."""


class _Histogram:
    def __init__(self) -> None:
        self.points: list[tuple[float, dict[str, str]]] = []

    def record(self, value: float, attributes: Any = None) -> None:
        self.points.append((value, dict(attributes or {})))


class _Meter:
    def __init__(self) -> None:
        self.histograms: dict[str, _Histogram] = {}

    def create_histogram(self, name: str, *_: Any, **__: Any) -> _Histogram:
        return self.histograms.setdefault(name, _Histogram())

    def create_observable_counter(self, *_: Any) -> None:
        return None

    create_observable_gauge = create_observable_up_down_counter = create_observable_counter


class Recorded:
    """The recorder of one manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.recorder = Recorder(manifest, {})
        self._meter = _Meter()
        self.recorder.bind(Instruments(self._meter))  # type: ignore[arg-type]

    def counts(self, name: str) -> dict[tuple[str, ...], float]:
        """Return the cells of a metric that are not 0, by the values of their attributes."""
        keys = [each.key for each in self.manifest.metrics[name].given]
        return {
            tuple(attributes[key] for key in keys if key in attributes): value
            for value, attributes in self.observed(name)
            if value
        }

    def observed(self, name: str) -> list[tuple[float, Mapping[str, str]]]:
        """Return the series of a counter or gauge: values and their attributes."""
        with self.recorder.folded() as (observers, _):
            return list(observers[name]())

    def total(self, name: str) -> float:
        """Return the sum of a metric's cells."""
        return sum(self.counts(name).values())

    def points(self, name: str) -> list[tuple[float, dict[str, str]]]:
        """Return what was recorded in a histogram: values and their attributes."""
        self.recorder.fold()
        return self._meter.histograms[self.manifest.metrics[name].name].points

    def values(self, name: str) -> list[float]:
        """Return the values that were recorded in a histogram."""
        return [value for value, _ in self.points(name)]
