"""Alerts: what is compared with what, for how long, and who is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, groupby
from typing import Final

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.nodes import Scalar
from generators.language.catalog import Alert, Better, EventRatio, Gate, Latency, Level, Measure, Slo, Threshold
from generators.language.resolve.generic_alerts import OWN_LEVELS
from generators.language.resolve.items import DAY, DEFAULT_FOR, MINUTE, SECOND, causes, converted, required, runbook
from generators.language.resolve.reading import Reading
from generators.language.sources import of_library
from generators.language.values.quantities import Quantity
from otel.units import ONE, parse_unit

ALERT_WITHOUT_SUMMARY = Code(
    "A501",
    "Alert without summary",
    "One line has to say what is wrong.",
    "alerts: {Slow: {measure: latency_p95}}",
    'alerts: {Slow: {summary: "{model} is slow"}}',
)
NO_DIRECTION = Code(
    "A502",
    "No direction",
    "The measure does not say whether high or low is good.",
    "quality: {request_rate: {warning: 5}}",
    "alerts: {Busy: {measure: request_rate, above: {warning: 5}}}",
)
MEASURES_OF_DIFFERENT_KINDS = Code(
    "A516",
    "Measures of different kinds",
    "One alert has one text, so what it compares has one unit and one set of labels.",
    "alerts: {Bad: {measures: [accuracy, latency_p95]}}",
    "alerts: {Bad: {measures: [accuracy, recall]}}",
)
UNKNOWN_MEASURE = Code(
    "R301",
    "Unknown measure",
    "No pack and no spec declares the measure.",
    "measure: acuracy",
    "measure: accuracy",
)
ALERT_WITHOUT_CONDITION = Code(
    "S110",
    "Alert without condition",
    "An alert compares a measure or has an expression of its own, never both.",
    "alerts: {Slow: {severity: warning}}",
    "alerts: {Slow: {measure: latency_p95, above: {warning: 1s}}}",
)
RESERVED_LABEL = Code(
    "A512",
    "Reserved label",
    "Routes, inhibition and pages read the label, so an alert cannot give it another value.",
    "labels: {severity: high}",
    "labels: {urgency: high}",
)
ALERT_WITHOUT_LEVELS = Code(
    "S117",
    "Alert without levels",
    "A measure that is compared with nothing never fires.",
    "alerts: {Slow: {measure: latency_p95}}",
    "alerts: {Slow: {measure: latency_p95, above: {warning: 1s}}}",
)
ALERT_WITHOUT_SEVERITY = Code(
    "S111",
    "Alert without severity",
    "An expression does not say how bad it is.",
    "alerts: {Down: {promql: absent($info)}}",
    "alerts: {Down: {promql: absent($info), severity: critical}}",
)

RESERVED_LABELS: Final = frozenset(
    {"alertname", "environment", "escalate", "fleet", "kpi", "le", "long", "model", "namespace", "priority", "quantile"}
    | {"service", "severity", "short", "slo", "stage", "symptom", "team", "tenant", "tenant_id", "tier", "urgent"}
    | {"deployment_environment_name", "model_name", "model_version", "service_name", "service_namespace"}
    | {"instance", "job", "sloth_id", "sloth_service", "sloth_severity", "sloth_slo", "sloth_window"}
)
"""Labels that the compiler sets on alerts, or that tell the series apart which alerts are made of."""


FOLLOWING: Final = {Level.WARNING: Decimal("1.5"), Level.CRITICAL: Decimal(2)}
"""How many times the bound of an objective is a level that follows it."""


def alert(name: str, reading: Reading, measures: Mapping[str, Measure], quality: Reading) -> Alert | None:
    """Read an alert; thresholds are converted to the unit of the measure."""
    if sum(map(reading.has, ("measure", "measures", "promql"))) != 1:
        message = f"alert `{name}` needs exactly one of `measure`, `measures` and `promql`"
        reading.problems.append(
            Problem(ALERT_WITHOUT_CONDITION, message, reading.place(), "give the measure to compare, or an expression")
        )
        return None
    compared = [measures[each] for each in compared_by(reading) if each in measures]
    if len({(each.unit, frozenset(each.keep)) for each in compared}) > 1:
        message = f"the measures of alert `{name}` differ in unit or attributes"
        help_ = "make an alert of each, or name measures of one unit that keep the same attributes"
        reading.problems.append(Problem(MEASURES_OF_DIFFERENT_KINDS, message, reading.place("measures"), help_))
        return None
    thresholds = tuple(chain.from_iterable(_thresholds(name, reading, each, quality) for each in compared))
    measured = measures[thresholds[0].measure] if thresholds else None
    parsed = reading.formula("promql")
    if parsed is None and not thresholds:
        return None
    if parsed is not None and not reading.has("severity"):
        reading.problems.append(
            Problem(
                ALERT_WITHOUT_SEVERITY, f"alert `{name}` has no severity", reading.place(), "add `severity: warning`"
            )
        )
    if not reading.text("summary"):
        reading.problems.append(
            Problem(
                ALERT_WITHOUT_SUMMARY,
                f"alert `{name}` has no summary",
                reading.place(),
                "add one line that says what is wrong",
            )
        )
    unit = measured.unit if measured else reading.unit("unit", "")
    return Alert(
        name=name,
        summary=reading.text("summary"),
        description=reading.text("description"),
        measure=measured.id if measured else "",
        thresholds=thresholds,
        formula=parsed,
        severity=Level(reading.text("severity", Level.WARNING)),
        for_ms=_for(reading, Level(reading.text("severity", Level.WARNING))),
        unit=unit,
        gate=_gate(name, reading.child("gate"), measures) if reading.has("gate") else None,
        priority=reading.text("priority"),
        keep_firing_for_ms=reading.duration_or("keep_firing_for", 0),
        interval_ms=reading.duration_ms("interval", SECOND, DAY),
        symptom=reading.text("symptom", "other"),
        notify=reading.texts("notify"),
        repeat_ms=reading.duration_ms("repeat", MINUTE),
        active=reading.text("active"),
        runbook=runbook(reading.child("runbook")),
        position=reading.place(),
        hidden_by=causes(reading),
        labels=_labels(name, reading.child("labels")),
    )


def compared_by(alert: Reading) -> tuple[str, ...]:
    """Return the measures that an alert compares, by name."""
    return (alert.text("measure"),) if alert.has("measure") else alert.texts("measures")


def _labels(name: str, reading: Reading) -> dict[str, str]:
    """Read labels of an alert's own; those that the compiler sets, and routes read, are refused."""
    found: dict[str, str] = {}
    for entry in reading.node.entries:
        if entry.key in RESERVED_LABELS:
            message = f"`{entry.key}` of alert `{name}` is a label that the compiler sets"
            help_ = "give the label another name"
            reading.problems.append(Problem(RESERVED_LABEL, message, entry.key_position, help_))
        elif isinstance(entry.value, Scalar):
            found[entry.key] = entry.value.text
    return found


def without_levels(name: str, reading: Reading, quality: Reading) -> Iterator[Problem]:
    """Yield the problem of an alert whose measure is compared with nothing; `off` under ``quality`` is meant so."""
    measure = reading.text("measure")
    given = [reading.child(key) for key in OWN_LEVELS if reading.has(key)] or [quality.child(measure)]
    if (
        measure
        and not reading.has("promql")
        and not quality.scalar(measure)
        and not any(each.node.entries for each in given)
    ):
        message = f"alert `{name}` compares `{measure}` with nothing"
        help_ = f"add `above` or `below`, or thresholds of `{measure}` under `quality`"
        yield Problem(ALERT_WITHOUT_LEVELS, message, reading.place("measure"), help_)


def unknown_measure(name: str, place: Position, measures: Collection[str]) -> Problem:
    """Return the problem of a measure that no pack declares."""
    help_ = did_you_mean(name, measures) or f"measures: {', '.join(sorted(measures))}"
    return Problem(UNKNOWN_MEASURE, f"there is no measure `{name}`", place, help_)


def _gate(name: str, reading: Reading, measures: Mapping[str, Measure]) -> Gate | None:
    if not required(reading, f"the gate of alert `{name}`", ("measure", "min")):
        return None
    measured = measures.get(reading.text("measure"))
    minimum = _in_unit(reading, "min", measured.unit) if measured else reading.quantity("min")
    return None if minimum is None else Gate(reading.text("measure"), minimum, reading.place("measure"))


def _for(reading: Reading, level: Level) -> int:
    """Return how long the condition must hold: for this level, for all levels, or the default."""
    by_level = reading.child("for")
    if by_level.node.entries:
        stated = [by_level.duration_or(each, DEFAULT_FOR) for each in Level if by_level.has(each)]
        return by_level.duration_or(level, max(stated, default=DEFAULT_FOR))
    return reading.duration_or("for", DEFAULT_FOR)


def _thresholds(name: str, reading: Reading, measured: Measure, quality: Reading) -> tuple[Threshold, ...]:
    above, below = reading.child("above"), reading.child("below")
    if reading.has("above"):
        levels, op = above, ">"
    elif reading.has("below"):
        levels, op = below, "<"
    else:
        levels, op = quality.child(measured.id), "<" if measured.better is Better.HIGHER else ">"
        if measured.better is Better.NEITHER and levels.node.entries:
            message = (
                f"measure `{measured.id}` does not say whether high or low is good, so alert `{name}` cannot compare it"
            )
            reading.problems.append(
                Problem(NO_DIRECTION, message, reading.place(), "give the alert `above` or `below`")
            )
            return ()
    return tuple(
        Threshold(level, op, value, _for(reading, level), levels.place(level), measured.id)
        for level in Level
        if (value := _in_unit(levels, level, measured.unit)) is not None
    )


def of_one_severity(alert: Alert) -> Alert:
    """Return an alert on measures that says itself how grave it is: the mildest level of each, as that severity."""
    return replace(
        alert,
        thresholds=tuple(
            replace(next(levels), level=alert.severity, for_ms=alert.for_ms)
            for _, levels in groupby(alert.thresholds, key=lambda each: each.measure)
        ),
    )


def following(alert: Alert, slo: Slo | None) -> Alert:
    """Return an alert whose levels follow an objective, as far as they are those of a built-in pack.

    Latency: multiples of the bound. Events: multiples of the error budget, never below the level of the pack, since
    the few events of five minutes cannot tell less; burn rates watch the rest.
    """
    if slo is None:
        return alert
    levels = tuple(_followed(each, slo) if of_library(each.position) else each for each in alert.thresholds)
    return replace(alert, thresholds=levels)


def _followed(threshold: Threshold, slo: Slo) -> Threshold:
    times, value = FOLLOWING.get(threshold.level), threshold.value
    match slo.indicator:
        case Latency(below=below, position=position) if times is not None and below.unit == value.unit:
            return replace(threshold, value=Quantity(times * below.amount, value.unit), position=position)
        case EventRatio() if times is not None and times * (1 - slo.objective) > value.amount:
            followed = Quantity(times * (1 - slo.objective), value.unit)
            return replace(threshold, value=followed, position=slo.objective_position)
    return threshold


def _in_unit(reading: Reading, key: str, unit: str) -> Quantity | None:
    value = reading.quantity(key)
    if value is None:
        return None
    amount = converted(value, unit, reading.place(key), reading.problems)
    return None if amount is None else Quantity(amount, parse_unit(unit) if unit else ONE, value.text)
