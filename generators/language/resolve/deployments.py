"""A model in one environment: layers merged, items read, what applies selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from generators.language.catalog import (
    Alert,
    Deployment,
    Environment,
    EventRatio,
    Kpi,
    Latency,
    Limit,
    Measure,
    Model,
    Platform,
    Slo,
)
from generators.language.layering import layered
from generators.language.nodes import Entry
from generators.language.nodes import Mapping as MappingNode
from generators.language.problems import NOWHERE, Position, Problem
from generators.language.reading import Reading
from generators.language.resolve import monitoring
from generators.language.resolve.applicability import (
    Scope,
    facts,
    plain_references,
    readable,
    references,
    select,
)
from generators.language.shapes import Monitoring

SECTIONS = tuple(Monitoring.model_fields)
Item = TypeVar("Item")


def deployment(
    model: Model,
    environment: Environment,
    layers: Iterable[MappingNode],
    platform: Platform,
    packs: tuple[str, ...],
    files: tuple[str, ...],
    problems: list[Problem],
) -> Deployment:
    """Resolve one model in one environment from its layers, most general first."""
    merged = Reading(layered(layers, MappingNode((), NOWHERE)), problems)
    scope = Scope(merged, facts(model), model.position.file)
    metrics = _read(scope, "metrics", lambda name, each: monitoring.metric(name, each, model, platform))
    tiles = select(
        _read(scope, "tiles", monitoring.tile),
        lambda tile: [(tile.metric, tile.position)],
        set(metrics),
        scope,
    )
    base = readable(metrics, tiles, {})
    measures = select(
        _read(scope, "measures", monitoring.measure),
        lambda measure: list(references(measure.formula)),
        base,
        scope,
        grows=True,
    )
    known = base | set(measures) | set(metrics)
    quality = merged.child("quality")
    slos = select(_read(scope, "slos", monitoring.slo), _slo_needs, known, scope)
    kpis = _kpis(scope, measures)
    alerts = _alerts(scope, measures, quality, known)
    return Deployment(
        model=model,
        environment=environment,
        packs=packs,
        metrics=metrics,
        tiles=tiles,
        measures=measures,
        slos=tuple(sorted(slos.values(), key=lambda slo: slo.name)),
        kpis=tuple(sorted(kpis.values(), key=lambda kpi: kpi.name)),
        alerts=tuple(sorted(alerts.values(), key=lambda alert: alert.name)),
        files=files,
    )


def _read(scope: Scope, section: str, read: Callable[[str, Reading], Item | None]) -> dict[str, Item]:
    return {entry.key: item for entry, each in scope.entries(section) if (item := read(entry.key, each)) is not None}


def _slo_needs(slo: Slo) -> list[tuple[str, Position]]:
    match slo.indicator:
        case Latency(metric=metric, position=position):
            return [(f"{metric}_bucket", position)]
        case Limit(measure=measure, position=position):
            return [(measure, position)]
        case EventRatio(bad=bad, good=good, total=total):
            return [each for formula in (bad, good, total) if formula for each in references(formula)]


def _kpis(scope: Scope, measures: dict[str, Measure]) -> dict[str, Kpi]:
    """Return the KPIs whose measures apply; units are checked only for those."""
    declared = scope.declared("measures")
    result = {}
    for entry, reading in scope.entries("kpis"):
        scalar = reading.scalar("value")
        parsed = reading.formula("value") if scalar else None
        names = [name for name, _ in plain_references(parsed)] if parsed else []
        if any(name in declared and name not in measures for name in names):
            _unavailable(scope, entry, names, measures)
            continue
        item = monitoring.kpi(entry.key, reading, measures)
        if item is not None:
            result[entry.key] = item
    return result


def _unavailable(scope: Scope, entry: Entry, names: list[str], measures: dict[str, Measure]) -> None:
    if entry.key_position.file == scope.file:
        missing = next(name for name in names if name not in measures)
        message = f"KPI `{entry.key}` reads `{missing}`, which does not apply to this model"
        scope.merged.problems.append(
            Problem("R302", message, entry.key_position, "see what it requires: `watchspec explain model`")
        )


def _alerts(scope: Scope, measures: dict[str, Measure], quality: Reading, known: set[str]) -> dict[str, Alert]:
    alerts: dict[str, Alert] = {}
    declared = scope.declared("measures")
    compared = set()
    for entry, reading in scope.entries("alerts"):
        measure = reading.text("measure")
        if measure and measure not in measures:
            _missing_measure(scope, entry, reading, measure, declared, measures)
            continue
        compared.add(measure)
        item = monitoring.alert(entry.key, reading, measures, quality)
        if item is not None:
            alerts[entry.key] = item
    for item in _implied(scope, measures, quality, compared):
        alerts[item.name] = item
    return select(alerts, _alert_needs, known, scope)


def _missing_measure(
    scope: Scope,
    entry: Entry,
    reading: Reading,
    measure: str,
    declared: set[str],
    measures: dict[str, Measure],
) -> None:
    place = reading.place("measure")
    if measure not in declared:
        scope.merged.problems.append(monitoring.unknown_measure(measure, place, measures))
    elif entry.key_position.file == scope.file:
        message = f"alert `{entry.key}` reads `{measure}`, which does not apply to this model"
        scope.merged.problems.append(
            Problem("R302", message, entry.key_position, "see what it requires: `watchspec explain model`")
        )


def _implied(scope: Scope, measures: dict[str, Measure], quality: Reading, compared: set[str]) -> Iterator[Alert]:
    """Yield an alert for each measure that has thresholds but that no alert compares."""
    for entry, levels in _quality(quality):
        if entry.key in measures:
            if entry.key not in compared:
                yield monitoring.implied_alert(measures[entry.key], levels, quality)
        elif entry.key not in scope.declared("measures"):
            scope.merged.problems.append(monitoring.unknown_measure(entry.key, entry.key_position, measures))
        elif entry.key_position.file == scope.file:
            message = f"measure `{entry.key}` does not apply to this model"
            scope.merged.problems.append(
                Problem("R302", message, entry.key_position, "see what it requires: `watchspec explain model`")
            )


def _quality(quality: Reading) -> Iterator[tuple[Entry, Reading]]:
    for entry in quality.node.entries:
        if isinstance(entry.value, MappingNode):
            yield entry, Reading(entry.value, quality.problems, entry.key_position)


def _alert_needs(alert: Alert) -> list[tuple[str, Position]]:
    needs = list(references(alert.formula)) if alert.formula else []
    return [*needs, (alert.gate.measure, alert.gate.position)] if alert.gate else needs
