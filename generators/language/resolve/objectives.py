"""Objectives: what is promised, and what counts as a good event."""

from __future__ import annotations

from typing import Final

from generators.language.catalog import EventRatio, Latency, Limit, Outage, Slo
from generators.language.problems import Problem
from generators.language.resolve.items import MINUTE, required, runbook
from generators.language.resolve.models import share
from generators.language.resolve.reading import Reading
from generators.language.values.quantities import Quantity
from generators.promql.ast import VectorSelector

DEFAULT_WINDOW: Final = 30 * 1440 * MINUTE


def slo(name: str, reading: Reading) -> Slo | None:
    """Read an objective."""
    if not required(reading, f"objective `{name}`", ("objective",)):
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
        outage=_outage(name, reading.child("outage")) if reading.has("outage") else None,
        tiers=reading.texts("tiers") if reading.has("tiers") else None,
        symptom=reading.text("symptom", name),
        runbook=runbook(reading.child("runbook")),
        position=reading.place(),
        objective_position=reading.place("objective"),
        tier_positions=tuple(each.position for each in reading.scalars("tiers")),
    )


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
            return None if value is None else _latency(reading, value)
        case "events":
            return _events(name, reading.child("events"))
        case _:
            return _limit(name, reading.child("value"))


def _latency(reading: Reading, below: Quantity) -> Latency:
    place = reading.place("below")
    stated = reading.place("metric") if reading.has("metric") else place
    return Latency(reading.text("metric", "duration"), below, place, stated)


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
    return Limit(reading.text("measure"), value, upper, reading.duration_ms("slice"), place, reading.place("measure"))


def _outage(name: str, reading: Reading) -> Outage | None:
    if not required(reading, f"the outage of objective `{name}`", ("ratio", "window")):
        return None
    value = reading.quantity("ratio")
    ratio = None if value is None else share(value, reading, "ratio")
    window, events = reading.duration_ms("window"), reading.integer("min_events")
    if ratio is None or window is None:
        return None
    return Outage(ratio, window, events or 1, reading.place())
