"""A model in one environment: layers merged, items read, what applies selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.nodes import NOTHING
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import (
    Alert,
    Deployment,
    Environment,
    EventRatio,
    Formula,
    Kpi,
    Latency,
    Limit,
    Measure,
    Metric,
    Model,
    Platform,
    Slo,
    Team,
    Tile,
)
from generators.language.resolve import alerting, alerts, kpis, levels, noise, objectives
from generators.language.resolve.applicability import (
    UNKNOWN_NAME_IN_PROMQL,
    Scope,
    facts,
    plain_names,
    plain_references,
    readable,
    references,
    select,
)
from generators.language.resolve.autoscaling import autoscaling
from generators.language.resolve.causes import with_causes
from generators.language.resolve.generic_alerts import with_generic_alerts
from generators.language.resolve.layering import layered
from generators.language.resolve.metrics import attributes_of, measure, metric, tile, unknown_attributes
from generators.language.resolve.organisation import UNKNOWN_RECEIVER, UNKNOWN_TIME_INTERVAL
from generators.language.resolve.panels import panels
from generators.language.resolve.reading import Reading
from generators.language.shapes import Monitoring
from generators.language.sources import of_library
from generators.language.values.currencies import units_of_model
from otel.names import InstrumentKind

TILE_WITHOUT_COUNTER = Code(
    "R323",
    "Tile of no counter",
    "A tile is the increments of a counter over five minutes; gauges and histograms have none.",
    "hits_5m: {metric: temperature}",
    "hits_5m: {metric: hits}",
)

UNKNOWN_OBJECTIVE = Code(
    "R338",
    "Unknown objective",
    "The levels of an alert follow an objective of the same model.",
    "follows: availabilty",
    "follows: availability",
)

SECTIONS = tuple(Monitoring.model_fields)
EXPORTS_IN_A_RATE = 4
Item = TypeVar("Item")


def deployment(
    model: Model,
    environment: Environment,
    layers: Iterable[MappingNode],
    platform: Platform,
    packs: tuple[str, ...],
    files: tuple[str, ...],
    problems: list[Problem],
    unread: frozenset[str] = frozenset(),
    absent: frozenset[str] = frozenset(),
) -> Deployment:
    """Resolve one model in one environment from its layers, most general first.

    ``unread`` are the facts of the model that its spec states and that cannot be read; ``absent`` are series of other
    systems that its packs read and that the platform does not have.
    """
    currency = model.llm.prices.currency if model.llm and model.llm.prices else ""
    merged = Reading(layered(layers, NOTHING), problems, units=units_of_model(currency, model.prediction_unit))
    scope = Scope(merged, facts(model), model.position.file, unread)
    metrics = _read(scope, "metrics", lambda name, each: metric(name, each, model, platform))
    tiles = select(
        _read(scope, "tiles", lambda name, each: tile(name, each, platform)),
        lambda each: [(each.metric, each.position)],
        set(metrics),
        scope,
    )
    tiles = _of_counters(tiles, metrics, problems)
    for name, counted in tiles.items():
        kept = merged.child("tiles").child(name).scalars("keep")
        stated = attributes_of(counted.metric, merged)
        unknown = tuple(unknown_attributes(f"tile `{name}`", kept, stated, platform))
        problems.extend(unknown)
        scope.unread.update({name} if unknown else ())
    base = readable(metrics, tiles, {})
    measures = select(
        _that_can_be(
            _read(scope, "measures", lambda name, each: measure(name, each, platform)),
            lambda each: each.formula,
            absent,
        ),
        lambda each: list(references(each.formula)),
        base,
        scope,
        grows=True,
    )
    known = base | set(measures) | set(metrics)
    quality = merged.child("quality")
    promised = _read(scope, "slos", objectives.slo)
    problems.extend(objectives.without_metric(promised.values(), metrics.values(), scope.declared("slos")))
    slos = select(_of_histograms(promised, metrics, scope), _slo_needs, known, scope)
    figures = _kpis(scope, measures)
    watched = _alerts(scope, measures, quality, known, model.team, platform)
    watched = _that_can_be(watched, lambda each: each.formula, absent)
    beyond = alerting.left_out(watched, scope)
    problems.extend(_follow_nothing(scope, watched))
    watched = {name: alerts.following(each, slos.get(_followed(merged, name))) for name, each in watched.items()}
    watched = {name: alerts.of_one_severity(each) if _stated(merged, name) else each for name, each in watched.items()}
    figures = {name: _as_patient(kpi, watched.values(), merged) for name, kpi in figures.items()}
    offered = tuple(watched.pop(name) for name in beyond)
    slos, watched = with_causes(slos, watched, scope)
    compared: tuple[Alert | Kpi, ...] = (*watched.values(), *figures.values())
    for each in compared:
        for _, thresholds in groupby(each.thresholds, key=lambda threshold: threshold.measure):
            problems.extend(levels.out_of_order(f"`{each.name}`", thresholds, scope.file))
    problems.extend(levels.beyond_shares(watched.values(), slos.values(), measures))
    problems.extend(noise.below_noise(watched.values(), measures, model))
    return Deployment(
        model=model,
        environment=environment,
        packs=packs,
        metrics=metrics,
        tiles=tiles,
        measures=measures,
        slos=tuple(_with_room(slos[name], environment) for name in sorted(slos)),
        kpis=tuple(sorted(figures.values(), key=lambda kpi: kpi.name)),
        alerts=tuple(sorted(watched.values(), key=lambda alert: alert.name)),
        files=files,
        autoscaling=autoscaling(scope, model, environment, measures),
        panels=panels(scope, metrics, tiles, measures, platform),
        alerting=alerting.alerting(merged),
        left_out=offered,
    )


def _follow_nothing(scope: Scope, watched: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each alert that follows what no layer calls an objective."""
    promised = scope.declared("slos")
    for name in watched:
        followed = scope.merged.child("alerts").child(name).scalar("follows")
        if followed is not None and followed.text not in promised and not of_library(followed.position):
            help_ = did_you_mean(followed.text, promised) or f"objectives: {', '.join(sorted(promised)) or 'none'}"
            message = f"alert `{name}` follows `{followed.text}`, which is no objective of this model"
            yield Problem(UNKNOWN_OBJECTIVE, message, followed.position, help_)


def _followed(merged: Reading, alert: str) -> str:
    return merged.child("alerts").child(alert).text("follows")


def _stated(merged: Reading, alert: str) -> bool:
    return merged.child("alerts").child(alert).has("severity")


def _as_patient(kpi: Kpi, watched: Iterable[Alert], merged: Reading) -> Kpi:
    """Return a figure that waits as long as the alerts on what it is computed from, unless it says how long."""
    if merged.child("kpis").child(kpi.name).has("for"):
        return kpi
    read = {name for name, _ in plain_references(kpi.formula)}
    waits = [each.for_ms for alert in watched if alert.measure in read for each in alert.thresholds]
    return replace(kpi, thresholds=tuple(replace(each, for_ms=max([each.for_ms, *waits])) for each in kpi.thresholds))


def _with_room(slo: Slo, environment: Environment) -> Slo:
    """Widen the outage window of a built-in pack to four exports, which a rate needs; what a person wrote stays."""
    outage = slo.outage
    if outage is None or not of_library(outage.position):
        return slo
    window = max(outage.window_ms, EXPORTS_IN_A_RATE * environment.export_interval_ms)
    return replace(slo, outage=replace(outage, window_ms=window))


def _read(scope: Scope, section: str, read: Callable[[str, Reading], Item | None]) -> dict[str, Item]:
    found = {entry.key: read(entry.key, each) for entry, each in scope.entries(section)}
    scope.unread.update(name for name, item in found.items() if item is None)
    return {name: item for name, item in found.items() if item is not None}


def _that_can_be(
    items: dict[str, Item], formula: Callable[[Item], Formula | None], absent: frozenset[str]
) -> dict[str, Item]:
    """Return what reads no series that does not exist."""
    read = {name: formula(each) for name, each in items.items()}
    return {name: items[name] for name, found in read.items() if found is None or not absent & plain_names(found)}


def _of_counters(tiles: dict[str, Tile], metrics: dict[str, Metric], problems: list[Problem]) -> dict[str, Tile]:
    """Return the tiles that have something to count; report the others."""
    counted = {}
    for name, item in tiles.items():
        kind = metrics[item.metric].kind
        if kind is InstrumentKind.COUNTER:
            counted[name] = item
        else:
            message = f"tile `{name}` sums the increments of `{item.metric}`, which is a {kind.value} and no counter"
            problems.append(Problem(TILE_WITHOUT_COUNTER, message, item.position, "name a counter"))
    return counted


def _of_histograms(slos: dict[str, Slo], metrics: dict[str, Metric], scope: Scope) -> dict[str, Slo]:
    """Return the objectives without those whose bound is for a histogram that nothing declares, which are reported."""
    declared = scope.declared("metrics")
    histograms = [name for name, metric in metrics.items() if metric.kind is InstrumentKind.HISTOGRAM]
    found = {}
    for name, slo in slos.items():
        bound = slo.indicator
        if isinstance(bound, Latency) and bound.metric not in declared:
            help_ = did_you_mean(bound.metric, histograms) or f"histograms: {', '.join(sorted(histograms)) or 'none'}"
            message = f"objective `{name}` is for the histogram `{bound.metric}`, which is not declared"
            scope.merged.problems.append(Problem(UNKNOWN_NAME_IN_PROMQL, message, bound.metric_position, help_))
        else:
            found[name] = slo
    return found


def _slo_needs(slo: Slo) -> list[tuple[str, Position]]:
    match slo.indicator:
        case Latency(metric=name, metric_position=position):
            return [(f"{name}_bucket", position)]
        case Limit(measure=name, measure_position=position):
            return [(name, position)]
        case EventRatio(bad=bad, good=good, total=total):
            return [each for formula in (bad, good, total) if formula for each in references(formula)]


def _kpis(scope: Scope, measures: dict[str, Measure]) -> dict[str, Kpi]:
    """Return the KPIs whose measures apply; units are checked only for those."""
    declared = scope.declared("measures")
    result = {}
    for entry, reading in scope.entries("kpis"):
        parsed = reading.formula("value")
        read = dict(plain_references(parsed)) if parsed else {}
        absent = [name for name in read if name in declared and name not in measures]
        if absent:
            scope.unavailable(f"KPI `{entry.key}`", absent[0], read[absent[0]])
            continue
        item = kpis.kpi(entry.key, reading, parsed, measures)
        if item is not None:
            result[entry.key] = item
    return result


def _alerts(
    scope: Scope, measures: dict[str, Measure], quality: Reading, known: set[str], team: Team, platform: Platform
) -> dict[str, Alert]:
    chosen: dict[str, Alert] = {}
    declared = scope.declared("measures")
    _check_thresholds(scope, measures)
    for entry, reading in replace(scope, merged=with_generic_alerts(scope.merged, measures, scope.file)).entries(
        "alerts"
    ):
        for unknown in reading.scalars("measures"):
            if unknown.text not in declared:
                scope.merged.problems.append(alerts.unknown_measure(unknown.text, unknown.position, measures))
        read = reading.text("measure")
        if read and read not in measures:
            place = reading.place("measure")
            if read in declared:
                scope.unavailable(f"alert `{entry.key}`", read, place)
            else:
                scope.merged.problems.append(alerts.unknown_measure(read, place, measures))
            continue
        if reading.place("measure").file == scope.file:
            scope.merged.problems.extend(alerts.without_levels(entry.key, reading, quality))
        item = alerts.alert(entry.key, reading, measures, quality)
        if item is not None:
            chosen[entry.key] = _with_receivers(item, reading, team, platform)
    return select(chosen, _alert_needs, known, scope)


def _with_receivers(alert: Alert, reading: Reading, team: Team, platform: Platform) -> Alert:
    """Return the alert with those receivers and times that exist; a missing team's cannot be known."""
    if not team.name:
        return alert
    problems = reading.problems
    for name in reading.scalars("notify"):
        if name.text not in team.receivers:
            help_ = did_you_mean(name.text, team.receivers) or f"receivers: {', '.join(sorted(team.receivers))}"
            problems.append(
                Problem(UNKNOWN_RECEIVER, f"team `{team.name}` has no receiver `{name.text}`", name.position, help_)
            )
    times = platform.time_intervals
    if alert.active and alert.active not in times:
        help_ = did_you_mean(alert.active, times) or f"time intervals: {', '.join(sorted(times)) or 'none'}"
        problems.append(
            Problem(
                UNKNOWN_TIME_INTERVAL, f"there is no time interval `{alert.active}`", reading.place("active"), help_
            )
        )
    return replace(
        alert,
        notify=tuple(name for name in alert.notify if name in team.receivers),
        active=alert.active if alert.active in times else "",
    )


def _check_thresholds(scope: Scope, measures: dict[str, Measure]) -> None:
    """Report thresholds of its own for what is no measure, or for one that the model does not have."""
    node = scope.merged.node.get("quality")
    for entry in node.entries if isinstance(node, MappingNode) else ():
        if entry.key_position.file != scope.file:
            continue
        if entry.key not in scope.declared("measures"):
            scope.merged.problems.append(alerts.unknown_measure(entry.key, entry.key_position, measures))
        elif entry.key not in measures and isinstance(entry.value, MappingNode):
            scope.unavailable("this threshold", entry.key, entry.key_position)


def _alert_needs(alert: Alert) -> list[tuple[str, Position]]:
    needs = list(references(alert.formula)) if alert.formula else []
    return [*needs, (alert.gate.measure, alert.gate.position)] if alert.gate else needs
