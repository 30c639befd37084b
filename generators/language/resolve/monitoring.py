"""What is measured and watched, from a merged spec to the Catalog's values.

Each function reads one item; which items apply to a model is decided in ``applicability``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from generators.language.catalog import (
    Alert,
    Attribute,
    Better,
    Comparison,
    EventRatio,
    Gate,
    Kpi,
    Latency,
    Level,
    Limit,
    Measure,
    Metric,
    Model,
    Outage,
    Platform,
    Runbook,
    Slo,
    Threshold,
    Tile,
)
from generators.language.nodes import Mapping as MappingNode
from generators.language.nodes import Scalar, Sequence
from generators.language.problems import Position, Problem, did_you_mean
from generators.language.reading import Reading, formula, quantity
from generators.language.resolve.kpi_units import check_units
from generators.language.resolve.models import share
from generators.language.values import Quantity
from generators.promql.ast import VectorSelector
from otel.genai import DEFAULT_PROFILE, PROFILES
from otel.names import InstrumentKind
from otel.units import ONE, UnitError, convert, parse_unit

MINUTE = 60_000
DEFAULT_FOR = 2 * MINUTE
DEFAULT_WINDOW = 30 * 1440 * MINUTE
PACK_PREFIX = "ml."


def metric(id_: str, reading: Reading, model: Model, platform: Platform) -> Metric | None:
    """Read an instrument; None (with problems) if it lacks a name or a kind."""
    if not _required(reading, f"metric `{id_}`", ("name", "instrument", "description")):
        return None
    name = _metric_name(reading.text("name"), platform)
    unit = reading.unit("unit", "1")
    kind = InstrumentKind(reading.text("instrument"))
    edges = _edges(reading, unit)
    if kind is InstrumentKind.HISTOGRAM and not edges:
        reading.problems.append(
            Problem(
                "P402",
                f"the histogram `{id_}` has no buckets",
                reading.place(),
                "add `buckets: [0.1, 0.5, 1]`",
            )
        )
    return Metric(
        id=id_,
        name=name,
        kind=kind,
        unit=unit,
        description=reading.text("description"),
        buckets=edges,
        attributes=tuple(
            _attribute(_renamed(platform.gen_ai)[1].get(entry.key, entry.key), each, model)
            for entry, each in reading.children("attributes")
        ),
        per_model=reading.text("per") == "model",
        personal_data=reading.text("personal_data"),
        position=reading.place("name"),
    )


def tile(id_: str, reading: Reading) -> Tile | None:
    """Read a tile."""
    if not _required(reading, f"tile `{id_}`", ("metric",)):
        return None
    return Tile(id_, reading.text("metric"), reading.texts("keep"), reading.place("metric"))


def measure(id_: str, reading: Reading) -> Measure | None:
    """Read a measure."""
    if not _required(reading, f"measure `{id_}`", ("promql", "record", "description")):
        return None
    parsed = reading.formula("promql")
    if parsed is None:
        return None
    return Measure(
        id=id_,
        description=reading.text("description"),
        unit=reading.unit("unit", "1"),
        better=Better(reading.text("better", Better.NEITHER)),
        formula=parsed,
        record=reading.text("record"),
        keep=reading.texts("keep"),
        interval_ms=reading.duration_ms("interval"),
        position=reading.place("promql"),
    )


def slo(name: str, reading: Reading) -> Slo | None:
    """Read an objective."""
    if not _required(reading, f"objective `{name}`", ("objective",)):
        return None
    value = reading.quantity("objective")
    objective = None if value is None else share(value, reading, "objective")
    indicator = _indicator(name, reading)
    if objective is None or indicator is None:
        return None
    if not 0 < objective < 1:
        message = (
            f"an objective of {reading.text('objective')} leaves no error budget"
            if objective
            else "an objective of 0 % promises nothing"
        )
        reading.problems.append(
            Problem(
                "V216",
                message,
                reading.place("objective"),
                "write a share between 0 % and 100 %, both excluded",
            )
        )
        return None
    return Slo(
        name=name,
        description=reading.text("description"),
        objective=objective,
        window_ms=reading.duration_or("window", DEFAULT_WINDOW),
        indicator=indicator,
        outage=_outage(reading.child("outage")) if reading.has("outage") else None,
        tiers=reading.texts("tiers") if reading.has("tiers") else None,
        symptom=reading.text("symptom", name),
        runbook=runbook(reading.child("runbook")),
        position=reading.place(),
        objective_position=reading.place("objective"),
    )


def alert(name: str, reading: Reading, measures: Mapping[str, Measure], quality: Reading) -> Alert | None:
    """Read an alert; thresholds are converted to the unit of the measure."""
    of, promql = reading.text("measure"), reading.scalar("promql")
    if bool(of) == (promql is not None):
        message = f"alert `{name}` needs exactly one of `measure` and `promql`"
        reading.problems.append(
            Problem("S110", message, reading.place(), "give the measure to compare, or an expression")
        )
        return None
    measured = measures.get(of)
    thresholds = _thresholds(name, reading, measured, quality) if measured else ()
    parsed = reading.formula("promql")
    if parsed is None and not thresholds:
        return None
    if parsed is not None and not reading.has("severity"):
        reading.problems.append(
            Problem("S111", f"alert `{name}` has no severity", reading.place(), "add `severity: warning`")
        )
    if not reading.text("summary"):
        reading.problems.append(
            Problem(
                "A501",
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
        measure=of,
        thresholds=thresholds,
        formula=parsed,
        severity=Level(reading.text("severity", Level.WARNING)),
        for_ms=_for(reading, Level(reading.text("severity", Level.WARNING))),
        unit=unit,
        gate=_gate(reading.child("gate")) if reading.has("gate") else None,
        priority=reading.text("priority"),
        keep_firing_for_ms=reading.duration_or("keep_firing_for", 0),
        interval_ms=reading.duration_ms("interval"),
        symptom=reading.text("symptom", "other"),
        notify=reading.texts("notify"),
        repeat_ms=reading.duration_ms("repeat"),
        active=reading.text("active"),
        runbook=runbook(reading.child("runbook")),
        position=reading.place(),
    )


def kpi(name: str, reading: Reading, measures: Mapping[str, Measure]) -> Kpi | None:
    """Read a business figure; its value is arithmetic over measures, checked for units."""
    if not _required(reading, f"KPI `{name}`", ("value", "unit")):
        return None
    scalar = reading.scalar("value")
    parsed = None if scalar is None else formula(scalar, reading.problems)
    if parsed is None:
        return None
    unit = reading.unit("unit")
    found = check_units(parsed, unit, measures)
    reading.problems.extend(found)
    if found:
        return None
    comparisons = (_comparison(level, reading, unit) for level in Level if reading.has(level))
    return Kpi(
        name=name,
        description=reading.text("description"),
        unit=unit,
        formula=parsed,
        comparisons=tuple(each for each in comparisons if each),
        for_ms=reading.duration_or("for", DEFAULT_FOR),
        runbook=runbook(reading.child("runbook")),
        position=reading.place("value"),
    )


def runbook(reading: Reading) -> Runbook:
    """Read what a person needs."""
    return Runbook(reading.text("meaning"), reading.text("impact"), reading.texts("steps"), reading.text("rollback"))


def _metric_name(name: str, platform: Platform) -> str:
    """Return the name with the platform's prefix, or as its version of the GenAI conventions calls it."""
    if name.startswith(PACK_PREFIX):
        return f"{platform.prefix}.{name.removeprefix(PACK_PREFIX)}"
    return _renamed(platform.gen_ai)[0].get(name, name)


@lru_cache(maxsize=8)
def _renamed(version: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return how a version of the GenAI conventions calls the metrics and attributes that packs name."""
    target = PROFILES[version]
    metrics = {
        each.name: target.metrics[key].name for key, each in DEFAULT_PROFILE.metrics.items() if key in target.metrics
    }
    keys = {
        each: target.attributes[key] for key, each in DEFAULT_PROFILE.attributes.items() if key in target.attributes
    }
    return metrics, keys


def _required(reading: Reading, what: str, keys: tuple[str, ...]) -> bool:
    missing = [key for key in keys if not reading.has(key)]
    for key in missing:
        reading.problems.append(
            Problem(
                "S112",
                f"{what} has no `{key}`",
                reading.place(),
                f"add `{key}: …`, or `enabled: false` if it should go",
            )
        )
    return not missing


def _edges(reading: Reading, unit: str) -> tuple[Decimal, ...]:
    node = reading.node.get("buckets")
    edges = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            amount = _in_unit_of(item, unit, reading.problems)
            if amount is not None:
                edges.append(amount)
    if edges != sorted(set(edges)):
        reading.problems.append(
            Problem(
                "V217",
                "bucket edges rise from one to the next",
                reading.place("buckets"),
                "sort them, each once",
            )
        )
    return tuple(sorted(set(edges)))


def _in_unit_of(scalar: Scalar, unit: str, problems: list[Problem]) -> Decimal | None:
    value = quantity(scalar, problems)
    return None if value is None else converted(value, unit, scalar.position, problems)


def converted(value: Quantity, unit: str, place: Position, problems: list[Problem]) -> Decimal | None:
    """Convert a quantity; a bare number is in the unit already; other dimensions are a problem."""
    target = parse_unit(unit) if unit else ONE
    if value.unit == ONE and not value.text.endswith("%"):
        return value.amount
    try:
        return convert(value.amount, value.unit, target)
    except UnitError:
        message = f"`{value.text}` is in `{value.unit}`, but the value that it is compared with is in `{unit or '1'}`"
        problems.append(Problem("V218", message, place, f"write it in `{unit or '1'}`"))
        return None


def _attribute(key: str, reading: Reading, model: Model) -> Attribute:
    return Attribute(
        key=key,
        description=reading.text("description"),
        values=_values(reading, model),
        optional=reading.flag("optional", default=False),
        derived=reading.flag("derived", default=False),
        position=reading.place(),
    )


def _values(reading: Reading, model: Model) -> tuple[str, ...]:
    match reading.text("values"):
        case "$features":
            return tuple(feature.name for feature in model.features)
        case "$classes":
            return model.classes
        case "$segments":
            return tuple(f"{name}:{value}" for name, values in model.segments.items() for value in values)
        case "$tiers":
            return tuple(tier.name for tier in model.llm.tiers) if model.llm else ()
        case "$tools":
            return model.llm.tools if model.llm else ()
        case _:
            return reading.texts("values")


def _indicator(name: str, reading: Reading) -> EventRatio | Latency | Limit | None:
    given = [key for key in ("below", "events", "value") if reading.has(key)]
    if len(given) != 1:
        message = f"objective `{name}` needs exactly one of `below`, `events` and `value`"
        found = f"it has {' and '.join(f'`{key}`' for key in given)}" if given else "it has none"
        reading.problems.append(Problem("S113", f"{message}; {found}", reading.place(), "say what a good event is"))
        return None
    match given[0]:
        case "below":
            value = reading.quantity("below")
            return None if value is None else Latency(reading.text("metric", "duration"), value, reading.place("below"))
        case "events":
            return _events(name, reading.child("events"))
        case _:
            return _limit(name, reading.child("value"))


def _events(name: str, reading: Reading) -> EventRatio | None:
    bad, good, total = reading.formula("bad"), reading.formula("good"), reading.formula("total")
    if total is None or (bad is None) == (good is None):
        message = f"objective `{name}` needs `total` and either `bad` or `good` events"
        reading.problems.append(
            Problem("S114", message, reading.place(), "each is a selector of a counter, such as `$duration_count`")
        )
        return None
    for each in (bad, good, total):
        if each is not None and not isinstance(each.expr, VectorSelector):
            message = f"events of objective `{name}` are counted by rate, so this is a selector of a counter"
            reading.problems.append(
                Problem("S116", message, each.position, "write the series alone: `$duration_count`")
            )
            return None
    return EventRatio(bad, good, total)


def _limit(name: str, reading: Reading) -> Limit | None:
    upper, value = reading.has("max"), reading.quantity("max") or reading.quantity("min")
    if not reading.has("measure") or reading.has("max") == reading.has("min") or value is None:
        message = f"objective `{name}` needs a `measure` and either `max` or `min`"
        reading.problems.append(Problem("S115", message, reading.place(), "name the measure and its limit"))
        return None
    place = reading.place("max" if upper else "min")
    return Limit(reading.text("measure"), value, upper, reading.duration_ms("slice"), place)


def _outage(reading: Reading) -> Outage | None:
    value = reading.quantity("ratio")
    ratio = None if value is None else share(value, reading, "ratio")
    window, events = reading.duration_ms("window"), reading.integer("min_events")
    if ratio is None or window is None:
        return None
    return Outage(ratio, window, events or 1, reading.place())


def _gate(reading: Reading) -> Gate | None:
    minimum = reading.quantity("min")
    return None if minimum is None else Gate(reading.text("measure"), minimum, reading.place())


def _for(reading: Reading, level: Level) -> int:
    """Return how long the condition must hold: for this level, for all levels, or the default."""
    by_level = reading.child("for")
    if by_level.node.entries:
        return by_level.duration_or(level, DEFAULT_FOR)
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
            reading.problems.append(Problem("A502", message, reading.place(), "give the alert `above` or `below`"))
            return ()
    return tuple(
        Threshold(level, op, value, _for(reading, level), levels.place(level))
        for level in Level
        if (value := _in_unit(levels, level, measured.unit)) is not None
    )


def _in_unit(reading: Reading, key: str, unit: str) -> Quantity | None:
    value = reading.quantity(key)
    if value is None:
        return None
    amount = converted(value, unit, reading.place(key), reading.problems)
    return None if amount is None else Quantity(amount, parse_unit(unit) if unit else ONE, value.text)


def _comparison(level: Level, reading: Reading, unit: str) -> Comparison | None:
    compared = reading.comparison(level)
    if compared is None:
        return None
    op, value = compared
    amount = converted(value, unit, reading.place(level), reading.problems)
    return (
        None
        if amount is None
        else Comparison(level, op, Quantity(amount, parse_unit(unit), value.text), reading.place(level))
    )


def unknown_measure(name: str, place: Position, measures: Mapping[str, Measure]) -> Problem:
    """Return the problem of a measure that no pack declares."""
    help_ = did_you_mean(name, measures) or f"measures: {', '.join(sorted(measures))}"
    return Problem("R301", f"there is no measure `{name}`", place, help_)


def implied_alert(measured: Measure, levels: Reading, quality: Reading) -> Alert:
    """Return the alert of a measure that has thresholds but no alert of its own."""
    words = "".join(part.capitalize() for part in measured.id.split("_"))
    name = f"{words}{'Low' if measured.better is Better.HIGHER else 'High'}"
    reading = Reading(levels.node, levels.problems)
    return Alert(
        name=name,
        summary=f"{measured.description.rstrip('.')}: {{value}}, threshold {{threshold}}",
        description="",
        measure=measured.id,
        thresholds=_thresholds(
            name, Reading(MappingNode((), levels.node.position), levels.problems), measured, quality
        ),
        formula=None,
        severity=Level.WARNING,
        for_ms=DEFAULT_FOR,
        unit=measured.unit,
        gate=None,
        priority="",
        keep_firing_for_ms=0,
        interval_ms=None,
        symptom="quality",
        notify=(),
        repeat_ms=None,
        active="",
        runbook=Runbook(),
        position=reading.place(),
    )
