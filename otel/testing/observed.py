"""Whether a service emits what its manifest declares, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final, get_args

from opentelemetry.sdk.metrics.export import Gauge, Histogram, Sum
from opentelemetry.sdk.metrics.export import Metric as Emitted
from opentelemetry.sdk.trace import ReadableSpan

from otel.manifest import Attribute, Manifest, Metric
from otel.predictions.prediction import REQUEST_SPAN, Stage
from otel.semconv import ERROR_TYPE, METRIC_OVERFLOW, MODEL_NAME, MODEL_VERSION
from otel.testing.memory import InMemoryTelemetry

STAGES: Final[tuple[str, ...]] = get_args(Stage)


def assert_observed(
    subject: Any, telemetry: InMemoryTelemetry, *, predictions: int | None = None, ignore: Collection[str] = ()
) -> None:
    """Fail unless predictions were made and each left a span, a stage and a duration, all as the manifest declares.

    ``subject``      a monitor or a `Manifest`
    ``telemetry``    what was recorded; metrics of other models are left alone
    ``predictions``  how many were made; at least one if it is not said
    ``ignore``       patterns of names of metrics that other instrumentation emits, such as ``http.server.*``

    Fails if a metric, unit, kind, bucket, attribute or value was emitted that the manifest does not declare, or if the
    service recorded something undeclared, which our library counts instead of emitting it.
    """
    manifest: Manifest = getattr(subject, "manifest", subject)
    problems = [
        *_metric_problems(manifest, telemetry, ignore),
        *_undeclared(manifest, telemetry),
        *_prediction_problems(manifest, telemetry, predictions),
    ]
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise AssertionError(f"model {manifest.tenant}/{manifest.name} is not observed as its spec declares:{lines}")


# --- metrics ----------------------------------------------------------------------------------------------------


def _metric_problems(manifest: Manifest, telemetry: InMemoryTelemetry, ignore: Collection[str]) -> Iterator[str]:
    declared = {metric.name: metric for metric in manifest.metrics.values()}
    for emitted in telemetry.points():
        if any(fnmatchcase(emitted.name, pattern) for pattern in ignore):
            continue
        points = [point for point in emitted.data.data_points if _is_of(manifest, dict(point.attributes or {}))]
        metric = declared.get(emitted.name)
        if not points:
            continue
        if metric is None:
            yield f"metric {emitted.name} is not declared: add it to the spec or a pack, or stop recording it"
            continue
        yield from _shape_problems(metric, emitted, points)
        found = (each for point in points for each in _label_problems(manifest, metric, point.attributes or {}))
        yield from dict.fromkeys(found)


def _is_of(manifest: Manifest, attributes: dict[str, object]) -> bool:
    """Whether a point is this model's, as far as it says."""
    return attributes.get(MODEL_NAME, manifest.name) == manifest.name


def _shape_problems(metric: Metric, emitted: Emitted, points: Iterable[Any]) -> Iterator[str]:
    kind = _kind(emitted)
    if kind != metric.kind:
        yield f"metric {metric.name} is a {kind}, but declared as a {metric.kind}"
    if (emitted.unit or "") != metric.unit:
        yield f"metric {metric.name} has unit {emitted.unit!r}, but {metric.unit!r} is declared"
    if kind == "histogram" == metric.kind and any(tuple(each.explicit_bounds) != metric.buckets for each in points):
        yield f"metric {metric.name} has other buckets than declared {metric.buckets}: is there a View for it?"


def _kind(emitted: Emitted) -> str:
    if isinstance(emitted.data, Sum):
        return "counter" if emitted.data.is_monotonic else "updowncounter"
    if isinstance(emitted.data, Histogram):
        return "histogram"
    return "gauge" if isinstance(emitted.data, Gauge) else type(emitted.data).__name__


def _label_problems(manifest: Manifest, metric: Metric, attributes: Any) -> Iterator[str]:
    if METRIC_OVERFLOW in attributes:
        yield f"metric {metric.name} has more series than the SDK keeps: raise its cardinality limit"
        return
    common = {MODEL_NAME: manifest.name, MODEL_VERSION: manifest.version}
    declared = {each.key: each for each in metric.attributes}
    for key, value in attributes.items():
        if key in declared:
            yield from _value_problems(metric, declared[key], value)
        elif key not in common:
            yield f"metric {metric.name} has the attribute {key}, which is not declared for it"
        elif value != common[key]:
            yield f"metric {metric.name} has {key} {value!r}, but the manifest is of {common[key]!r}"
    needed = [key for key, value in common.items() if value]
    needed += [each.key for each in metric.attributes if not each.optional and not each.derived]
    for key in needed:
        if key not in attributes:
            yield f"metric {metric.name} lacks the attribute {key}"


def _value_problems(metric: Metric, attribute: Attribute, value: object) -> Iterator[str]:
    if attribute.values and value not in attribute.values:
        yield f"metric {metric.name} has {attribute.key} {value!r}, but declared are {', '.join(attribute.values)}"


def _undeclared(manifest: Manifest, telemetry: InMemoryTelemetry) -> Iterator[str]:
    metric = manifest.metrics.get("undeclared")
    series = telemetry.metrics().get(metric.name, {}) if metric is not None else {}
    for labels, count in series.items():
        if count and _is_of(manifest, dict(labels)):
            kind = dict(labels).get(f"{manifest.prefix}.kind", "thing")
            yield f"{count:.0f} times a {kind} was recorded that the spec does not declare: logger `otel` says which"


# --- predictions ------------------------------------------------------------------------------------------------


def _prediction_problems(manifest: Manifest, telemetry: InMemoryTelemetry, expected: int | None) -> Iterator[str]:
    made = [span for span in telemetry.spans(REQUEST_SPAN) if _is_of(manifest, dict(span.attributes or {}))]
    if not made:
        yield f"no prediction was made: there is no span {REQUEST_SPAN}; use @monitor.inference or monitor.prediction()"
        return
    if expected is not None and len(made) != expected:
        yield f"{expected} predictions were made, but there are {len(made)} spans {REQUEST_SPAN}"
    stages = {span.parent.span_id for span in telemetry.spans() if span.name in STAGES and span.parent is not None}
    bare = [span for span in made if _span_id(span) not in stages and ERROR_TYPE not in (span.attributes or {})]
    if bare:
        yield f"{len(bare)} of {len(made)} predictions have no stage: use p.stage({' or '.join(map(repr, STAGES))})"
    duration = manifest.metrics.get("duration")
    if duration is not None:
        counted = telemetry.total(duration.name, **{MODEL_NAME: manifest.name})
        if counted < len(made):
            yield f"metric {duration.name} counts {counted:.0f} of {len(made)} predictions"


def _span_id(span: ReadableSpan) -> int:
    return span.context.span_id if span.context is not None else 0
