"""Connectors that make metrics: keys that are ignored, values of the wrong type, increments where totals are taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from generators.collector.view import Component, Pipeline, View, items, mapping
from generators.diagnostics import Code, Finding, did_you_mean

KEY_THAT_IS_IGNORED = Code(
    "C926",
    "Key that is ignored",
    "The count connector passes over keys that it does not know; `validate` does too.",
    "count: {spans: {a: {condition: […]}}}",
    "count: {spans: {a: {conditions: […]}}}",
)
METRIC_MADE_WRONGLY = Code(
    "C927",
    "Metric made wrongly",
    "Edges rise, values are expressions, nothing counts twice, resources are listed.",
    "histogram: {buckets: [1, 0.5]}",
    "histogram: {buckets: [0.5, 1]}",
)
INCREMENTS_WHERE_TOTALS_ARE_TAKEN = Code(
    "C928",
    "Increments where totals are taken",
    "Connectors emit increments; Prometheus answers 500 to them or keeps the last one.",
    "metrics: {receivers: [count], exporters: [otlp_http]}",
    "metrics: {receivers: [count], processors: [deltatocumulative], exporters: [otlp_http]}",
)

MAKERS = ("count", "signal_to_metrics", "signaltometrics", "sum")
SPAN_METRICS = ("span_metrics", "spanmetrics")
COUNT_SIGNALS = ("spans", "spanevents", "metrics", "datapoints", "logs", "profiles")
COUNT_KEYS = ("description", "conditions", "attributes")
ATTRIBUTE_KEYS = ("key", "default_value")


def derivation(view: View) -> Iterator[Finding]:
    """Yield what is wrong with connectors that make metrics."""
    for component in view.of("connectors", "count"):
        yield from _count(component)
    for component in view.of("connectors", "signal_to_metrics", "signaltometrics"):
        yield from _signal(component)
    for pipeline in view.pipelines:
        yield from _increments(pipeline, view)


def _count(component: Component) -> Iterator[Finding]:
    """The count connector passes over what it does not know."""
    yield from _keys(component.settings, COUNT_SIGNALS, component.path)
    for signal in COUNT_SIGNALS:
        for name, metric in mapping(component.settings.get(signal)).items():
            path = (*component.path, signal, name)
            yield from _keys(mapping(metric), COUNT_KEYS, path)
            for index, attribute in enumerate(items(mapping(metric).get("attributes"))):
                yield from _keys(mapping(attribute), ATTRIBUTE_KEYS, (*path, "attributes", index))


def _keys(values: object, known: tuple[str, ...], path: tuple[str | int, ...]) -> Iterator[Finding]:
    for key in mapping(values):
        if key not in known:
            help_ = did_you_mean(str(key), known) or f"it knows {', '.join(known)}"
            yield Finding(KEY_THAT_IS_IGNORED, f"`{key}` is ignored in silence", (*path, key), help_)


def _signal(component: Component) -> Iterator[Finding]:
    for signal in ("spans", "logs", "datapoints", "profiles"):
        seen: set[tuple[str, str]] = set()
        for index, each in enumerate(items(component.settings.get(signal))):
            metric, path = mapping(each), (*component.path, signal, index)
            name = str(metric.get("name", ""))
            identity = (name, repr(metric.get("conditions")))
            if identity in seen:
                message = f"`{name}` is made twice of the same data, and counts double"
                yield Finding(METRIC_MADE_WRONGLY, message, (*path, "name"), "remove one of them")
            seen.add(identity)
            if not items(metric.get("include_resource_attributes")):
                message = "without a list every attribute of a resource starts streams of its own"
                yield Finding(METRIC_MADE_WRONGLY, message, path, "list `include_resource_attributes`")
            for kind in ("sum", "histogram", "exponential_histogram", "gauge"):
                value = mapping(metric.get(kind)).get("value")
                if value is not None and not isinstance(value, str):
                    yield Finding(
                        METRIC_MADE_WRONGLY, "`value` is an expression", (*path, kind, "value"), f'write "{value}"'
                    )
            buckets = items(mapping(metric.get("histogram")).get("buckets"))
            numbers = [edge for edge in buckets if isinstance(edge, int | float)]
            if any(low >= high for low, high in pairwise(numbers)):
                message = "bucket edges must rise; otherwise counts land in the wrong one"
                yield Finding(METRIC_MADE_WRONGLY, message, (*path, "histogram", "buckets"), "sort them")


def _increments(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    """Increments come from connectors and from a processor; what makes totals of them stands behind these."""
    if not view.feeds_prometheus(pipeline):
        return
    makers = [name for name in pipeline.receivers if _emits_increments(view.get("connectors", name))]
    for name in pipeline.processors:
        match name.partition("/")[0]:
            case "cumulativetodelta":
                makers.append(name)
            case "deltatocumulative":
                makers.clear()
    if makers:
        message = f"`{makers[0]}` emits increments; Prometheus refuses them, or shows the last one"
        yield Finding(
            INCREMENTS_WHERE_TOTALS_ARE_TAKEN, message, pipeline.path, "add `deltatocumulative` to `processors`"
        )


def _emits_increments(connector: Component | None) -> bool:
    if connector is None:
        return False
    stated = str(connector.settings.get("aggregation_temporality", ""))
    return connector.type in MAKERS or (connector.type in SPAN_METRICS and stated.endswith("DELTA"))
