"""The metrics catalogue: every metric that a model of the organisation emits, what it says, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.diagnostics import Position
from generators.formats.markdown import bullets, code, escape, heading, link, relative, table
from generators.planning.conventions.shared import SharedMetric, shared_metrics
from generators.planning.plan import Plan, Recording
from generators.targets import files
from generators.targets.docs.alert_pages import alert_pages
from generators.targets.docs.metric_readers import Readers, readers
from generators.targets.target import Target
from otel.names import label_name

PATH = "docs/metrics_catalog.md"
MODELS = "docs/models"

_MOST_VALUES = 12
_MOST_MODELS = 10
_NOT_IN_ANCHOR = re.compile(r"[^a-z0-9 _-]")


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``docs/metrics_catalog.md``."""
    metrics = shared_metrics(model for each in plan.environments for model in each.models)
    files = {file for each in plan.environments for model in each.models for file in model.files}
    sources = tuple(sorted({plan.catalog.platform.position.file, *files}))
    yield Artifact(PATH, catalog_text(plan, metrics), sources)


def catalog_text(plan: Plan, metrics: tuple[SharedMetric, ...]) -> str:
    """Return the catalogue as Markdown."""
    found = readers(plan)
    pages = {(page.subject, page.alert): page.path for page in alert_pages(plan)}
    return files.page_text(
        (
            heading(1, "Metrics catalogue"),
            f"What the AI models of {escape(plan.catalog.platform.organisation)} emit. Every series also carries the "
            "tenant, the model, its version and the environment.",
            _overview(metrics),
            *(block for each in metrics for block in _metric(each, found.get(each.name, Readers()), pages)),
            *_external(plan),
            *_recorded(plan),
        )
    )


def anchor(title: str) -> str:
    """Return the fragment that forges give to a heading."""
    return _NOT_IN_ANCHOR.sub("", title.lower()).replace(" ", "-")


def _overview(metrics: Iterable[SharedMetric]) -> str:
    rows = (
        (
            link(each.name, f"metrics_catalog.md#{anchor(each.name)}"),
            each.first.metric.kind.value,
            _unit(each.unit),
            escape(each.first.metric.description),
            _listed([escape(subject) for subject in each.dpia()]),
        )
        for each in metrics
    )
    return table(("Metric", "Instrument", "Unit", "Description", "About persons in"), rows)


def _metric(shared: SharedMetric, found: Readers, pages: dict[tuple[str, str], str]) -> Iterator[str]:
    first = shared.first
    yield heading(2, shared.name)
    yield escape(first.metric.description)
    yield bullets(
        filter(
            None,
            (
                f"Instrument: {first.metric.kind.value}, unit {_unit(shared.unit)}",
                f"In Prometheus: {', '.join(code(name) for name in shared.prometheus)}",
                f"Source: {_source(shared)}, declared in {_place(shared.position)}",
                f"Emitted by: {_listed([_model_link(subject) for subject in shared.subjects])}",
                _buckets(shared),
                f"Read by: {_readers(found, pages)}",
                f"Data protection: {_protection(shared)}",
            ),
        )
    )
    if shared.keys:
        yield table(("Attribute", "Label", "Values", "Meaning"), (_attribute(shared, key) for key in shared.keys))


def _source(shared: SharedMetric) -> str:
    whole = shared.first.metric.per_model
    return "the service of the model, once for all replicas" if whole else "each replica of the model's service"


def _place(position: Position) -> str:
    return code(f"{position.file}:{position.line}" if position.line else position.file)


def _model_link(subject: str) -> str:
    return link(subject, relative(f"{MODELS}/{subject}.md", PATH))


def _unit(unit: str) -> str:
    return code(unit) if unit else "none"


def _buckets(shared: SharedMetric) -> str:
    edges = shared.buckets()
    different = dict.fromkeys(found for found in edges.values() if found)
    if not different:
        return ""
    if len(different) == 1:
        return f"Bucket edges: {_numbers(next(iter(different)))}"
    each = (
        f"{_numbers(found)} ({_listed([escape(subject) for subject in edges if edges[subject] == found])})"
        for found in different
    )
    return f"Bucket edges: {'; '.join(each)}"


def _numbers(edges: Iterable[float]) -> str:
    return ", ".join(f"{edge:.15g}" for edge in edges)


def _readers(found: Readers, pages: dict[tuple[str, str], str]) -> str:
    count = len(found.records)
    rules = f"{count} recorded series" if count else ""
    alerts = [_alert(alert, subjects, pages) for alert, subjects in found.alerts.items()]
    return "; ".join(filter(None, (rules, f"alerts {', '.join(alerts)}" if alerts else ""))) or "dashboards only"


def _alert(alert: str, subjects: tuple[str, ...], pages: dict[tuple[str, str], str]) -> str:
    links = [
        link(subject.partition("/")[2], relative(pages[subject, alert], PATH))
        for subject in subjects
        if (subject, alert) in pages
    ]
    return f"{escape(alert)} ({_listed(links)})" if links else escape(alert)


def _listed(items: Sequence[str]) -> str:
    """Return a list that stays readable where a fleet is large."""
    more = len(items) - _MOST_MODELS
    return ", ".join(items) if more <= 1 else f"{', '.join(items[:_MOST_MODELS])} and {more} more"


def _protection(shared: SharedMetric) -> str:
    found = shared.dpia()
    if not found:
        return "says nothing about persons"
    texts: dict[str, list[str]] = {}
    for subject, text in found.items():
        texts.setdefault(text, []).append(subject)
    return "; ".join(
        f"{escape(text)} ({_listed([escape(subject) for subject in subjects])})" for text, subjects in texts.items()
    )


def _attribute(shared: SharedMetric, key: str) -> tuple[str, ...]:
    declared = shared.declared(key)
    descriptions = dict.fromkeys(one.description for one in declared if one.description)
    return (
        code(key),
        code(label_name(key)),
        _values(shared.values(key), derived=any(one.derived for one in declared)),
        escape(" / ".join(descriptions)),
    )


def _values(values: tuple[str, ...], *, derived: bool) -> str:
    if not values:
        return "follows from other attributes" if derived else ""
    shown = ", ".join(code(value) if "|" not in value else escape(value) for value in values[:_MOST_VALUES])
    more = len(values) - _MOST_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


def _external(plan: Plan) -> Iterator[str]:
    external = plan.catalog.platform.external
    if external:
        yield heading(2, "From other systems")
        yield "Rules read these series too; what emits them is not ours."
        yield table(
            ("Series", "Type", "Unit", "Labels", "Source"),
            (
                (code(name), each.type, _unit(each.unit), escape(", ".join(each.labels)), escape(each.source))
                for name, each in sorted(external.items())
            ),
        )


def _recorded(plan: Plan) -> Iterator[str]:
    rules = {
        rule.record: rule
        for environment in plan.environments
        for group in environment.fleet
        for rule in group.rules
        if isinstance(rule, Recording) and rule.description
    }
    if rules:
        yield heading(2, "Recorded for all models")
        yield table(
            ("Series", "Unit", "Meaning"),
            ((code(name), _unit(rule.unit), escape(rule.description)) for name, rule in sorted(rules.items())),
        )


TARGET: Final = Target("docs/metrics_catalog", of_plan=emit)
