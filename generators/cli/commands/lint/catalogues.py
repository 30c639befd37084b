"""Catalogues of metrics for the linter: from a file, from Prometheus' own metadata, from rendered instruments.

A catalogue file is JSON: ``{"metrics": {NAME: {"type": "histogram", "unit": "seconds", "labels": ["job"],
"sure": ["job"], "interval": "30s", "buckets": [0.1, 0.5]}}}``, where only ``type`` is needed. The answer of
``/api/v1/metadata`` is taken as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from generators.cli.input_files import UnreadableError, read_text
from generators.formats.durations import parse_duration
from generators.promql.rules.lint import Catalogue, Metric, MetricType
from otel.names import label_name

_LARGEST: Final = 200_000_000
_KEYS: Final = frozenset(("type", "unit", "labels", "sure", "interval", "buckets"))
_KINDS: Final = {"updowncounter": MetricType.GAUGE}
_UNITS: Final = {"s": "seconds", "By": "bytes", "1": "ratio"}
_PARTS: Final = ("_bucket", "_sum", "_count")
_FROM_OUTSIDE: Final = frozenset(("job", "instance", "service_instance_id", "k8s_pod_name", "k8s_node_name"))
"""Labels that the path from service to Prometheus may add."""


def read_catalogue(name: str) -> Catalogue:
    """Read a catalogue file or an answer of ``/api/v1/metadata``; raises ValueError."""
    document = _read(name)
    try:
        if "data" in document:
            entries = document["data"].items()
            return Catalogue({key: _of_metadata(key, found) for key, found in entries if _type(found[0]["type"])})
        return Catalogue({key: _of_entry(key, entry) for key, entry in document["metrics"].items()})
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"{name}: not a catalogue of metrics: {_reason(error)}") from error
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def of_instruments(folder: str) -> Catalogue:
    """Read the manifests under ``rendered/instruments``; raises ValueError.

    Of several models with one metric the labels are put together; the interval is the shortest of any environment.
    """
    paths = sorted(Path(folder).rglob("*.json"))
    if not paths:
        raise ValueError(f"{folder}: there are no manifests; `watchspec render` writes them to rendered/instruments")
    catalogues = []
    for path in paths:
        try:
            catalogues.append(_of_manifest(_read(str(path))))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"{path}: not a manifest of instruments: {_reason(error)}") from error
    return join(catalogues)


def join(catalogues: Iterable[Catalogue]) -> Catalogue:
    """Return one catalogue of all metrics; what two of them say differently about a metric is left open."""
    metrics: dict[str, Metric] = {}
    for catalogue in catalogues:
        for name, metric in catalogue.metrics.items():
            metrics[name] = _both(metrics[name], metric) if name in metrics else metric
    return Catalogue(metrics)


def _both(left: Metric, right: Metric) -> Metric:
    labels = None if left.labels is None or right.labels is None else left.labels | right.labels
    intervals = [interval for interval in (left.interval, right.interval) if interval]
    return Metric(
        left.name,
        left.type,
        left.unit if left.unit == right.unit else "",
        labels,
        left.sure & right.sure,
        min(intervals, default=0),
        left.buckets if left.buckets == right.buckets else (),
    )


def _read(name: str) -> dict[str, Any]:
    try:
        document = json.loads(read_text(name, _LARGEST))
    except UnreadableError as error:
        raise ValueError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"{name}: not a JSON object")
    return document


def _type(text: str) -> MetricType | None:
    return next((kind for kind in MetricType if kind.value == text), None)


def _of_metadata(name: str, entries: list[dict[str, str]]) -> Metric:
    return Metric(name, MetricType(entries[0]["type"]), entries[0].get("unit", ""))


def _of_entry(name: str, entry: Mapping[str, Any]) -> Metric:
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise ValueError(f"`{name}` has the unknown key `{unknown[0]}`; there are {', '.join(sorted(_KEYS))}")
    if _type(entry["type"]) is None:
        raise ValueError(f"`{name}` has the type `{entry['type']}`; there are {', '.join(MetricType)}")
    return Metric(
        name,
        MetricType(entry["type"]),
        str(entry.get("unit", "")),
        frozenset(map(str, entry["labels"])) if "labels" in entry else None,
        frozenset(map(str, entry.get("sure", ()))),
        parse_duration(str(entry["interval"])) if "interval" in entry else 0,
        tuple(map(float, entry.get("buckets", ()))),
    )


def _of_manifest(manifest: Mapping[str, Any]) -> Catalogue:
    environments = manifest["environments"].values()
    interval = min((round(each["export_interval_seconds"] * 1000) for each in environments), default=0)
    resource = [manifest["attributes"], manifest["resource"], *(each["resource"] for each in environments)]
    shared = {label_name(key) for attributes in resource for key in attributes} | _FROM_OUTSIDE
    found: dict[str, Metric] = {}
    for metric in manifest["metrics"].values():
        kind = _KINDS.get(metric["kind"]) or MetricType(metric["kind"])
        own = {attribute["label"] for attribute in metric.get("attributes", {}).values()}
        unit = "" if metric["unit"].startswith("{") else _UNITS.get(metric["unit"], metric["unit"])
        buckets = tuple(map(float, metric.get("buckets", ())))
        for names in metric["prometheus"].values():
            name = _base(names[0], kind)
            found[name] = Metric(name, kind, unit, frozenset(own | shared), frozenset(), interval, buckets)
    return Catalogue(found)


def _base(name: str, kind: MetricType) -> str:
    """Return the name of a histogram without the ending of its series."""
    if kind is not MetricType.HISTOGRAM:
        return name
    return next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)


def _reason(error: Exception) -> str:
    return f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
