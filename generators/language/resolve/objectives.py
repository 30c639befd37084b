"""Objectives: what is promised, and what counts as a good event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import ROUND_UP, Decimal
from typing import Final

from generators.diagnostics import Code, Problem, Severity, did_you_mean
from generators.language.catalog import EventRatio, Latency, Limit, Metric, Outage, Slo
from generators.language.resolve.items import DAY, MINUTE, SECOND, causes, required, runbook
from generators.language.resolve.models import share
from generators.language.resolve.reading import Reading
from generators.language.values.quantities import Quantity
from generators.promql.syntax.ast import VectorSelector
from otel.names import InstrumentKind
from otel.units import plain_number

OBJECTIVE_WITHOUT_INDICATOR = Code(
    "S113",
    "Objective without indicator",
    "An objective says what a good event is in exactly one way.",
    "slos: {speed: {objective: 99%}}",
    "slos: {speed: {objective: 99%, below: 500ms}}",
)
EVENTS_WITHOUT_TOTAL = Code(
    "S114",
    "Events without total",
    "A ratio of events needs all events and either the bad or the good ones.",
    "events: {bad: $failures}",
    "events: {bad: $failures, total: $requests}",
)
LIMIT_WITHOUT_MEASURE = Code(
    "S115",
    "Limit without measure",
    "A value against a limit needs the measure and one limit.",
    "value: {measure: cost}",
    "value: {measure: cost, max: 5 USD}",
)
EVENTS_NOT_A_SELECTOR = Code(
    "S116",
    "Events that are not a selector",
    "Events are counted by rate and increase, so they are selectors of counters.",
    "bad: rate($failures[5m])",
    "bad: $failures",
)
BOUND_OF_WHAT = Code(
    "S118",
    "Bound of what",
    "An objective that is not called latency says which duration its bound is for.",
    "slos: {time-to-first-token: {objective: 99%, below: 1s}}",
    "slos: {time-to-first-token: {objective: 99%, below: 1s, metric: first_token}}",
)
OBJECTIVE_WITHOUT_ERROR_BUDGET = Code(
    "V216",
    "Objective without error budget",
    "An objective of 100 % divides by zero, and no service keeps it; one of 0 % promises nothing.",
    "objective: 100%",
    "objective: 99.9%",
)

BOUND_OF_NOTHING = Code(
    "V229",
    "Bound of nothing",
    "Nothing takes no time.",
    "below: 0ms",
    "below: 300ms",
)
BUDGET_TOO_SMALL = Code(
    "V230",
    "Budget too small to measure",
    "An objective this close to 100 % allows less than a second of failure, which no rule can tell from none.",
    "objective: 99.999999%",
    "objective: 99.9%",
    Severity.WARNING,
)
LATENCY_WORDS: Final = frozenset({"latency", "duration"})
"""Words in the name of an objective that say that its bound is for the duration of whole requests."""
HOUR: Final = 60 * MINUTE
DEFAULT_WINDOW: Final = 30 * DAY


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
                OBJECTIVE_WITHOUT_ERROR_BUDGET,
                message,
                reading.place("objective"),
                "write a share between 0 % and 100 %, both excluded",
            )
        )
        return None
    window_ms = reading.duration_or("window", DEFAULT_WINDOW, HOUR)
    if (1 - objective) * window_ms < SECOND:
        allowed = plain_number((1 - objective) * window_ms)
        message = f"an objective of {reading.text('objective')} allows {allowed} ms of failure in its whole window"
        most = plain_number((1 - (Decimal(SECOND) / window_ms).quantize(Decimal("1e-6"), ROUND_UP)) * 100)
        reading.problems.append(
            Problem(BUDGET_TOO_SMALL, message, reading.place("objective"), f"write at most `{most}%`")
        )
    return Slo(
        name=name,
        description=reading.text("description"),
        objective=objective,
        window_ms=window_ms,
        indicator=indicator,
        outage=_outage(name, reading.child("outage")) if reading.has("outage") else None,
        tiers=reading.texts("tiers") if reading.has("tiers") else None,
        symptom=reading.text("symptom", name),
        runbook=runbook(reading.child("runbook")),
        position=reading.place(),
        objective_position=reading.place("objective"),
        window_position=reading.place("window"),
        tier_positions=tuple(each.position for each in reading.scalars("tiers")),
        hidden_by=causes(reading),
    )


def without_metric(slos: Iterable[Slo], metrics: Iterable[Metric], names: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each objective whose bound could be for another duration than that of the request."""
    durations = sorted(each.id for each in metrics if each.kind is InstrumentKind.HISTOGRAM and each.unit == "s")
    for each in slos:
        bound = each.indicator
        stated = not isinstance(bound, Latency) or bound.metric_position != bound.position
        if isinstance(bound, Latency) and not stated and not LATENCY_WORDS & {*each.name.split("-")}:
            others = ", ".join(f"`{name}`" for name in durations if name != bound.metric)
            near = did_you_mean(each.name, {*names} - {each.name}).removesuffix("?")
            help_ = f"add `metric: {bound.metric}` for the whole request" + (f", or one of {others}" if others else "")
            message = f"objective `{each.name}` does not say what takes less than {bound.below}"
            yield Problem(BOUND_OF_WHAT, message, bound.position, f"{near}? If not, {help_}" if near else help_)


def _indicator(name: str, reading: Reading) -> EventRatio | Latency | Limit | None:
    given = [key for key in ("below", "events", "value") if reading.has(key)]
    if len(given) != 1:
        message = f"objective `{name}` needs exactly one of `below`, `events` and `value`"
        found = f"it has {' and '.join(f'`{key}`' for key in given)}" if given else "it has none"
        reading.problems.append(
            Problem(OBJECTIVE_WITHOUT_INDICATOR, f"{message}; {found}", reading.place(), "say what a good event is")
        )
        return None
    match given[0]:
        case "below":
            value = reading.quantity("below")
            return None if value is None else _latency(reading, value)
        case "events":
            return _events(name, reading.child("events"))
        case _:
            return _limit(name, reading.child("value"))


def _latency(reading: Reading, below: Quantity) -> Latency | None:
    place = reading.place("below")
    if below.amount <= 0:
        message = f"nothing takes less than {below}"
        reading.problems.append(Problem(BOUND_OF_NOTHING, message, place, "write a time such as `300ms`"))
        return None
    stated = reading.place("metric") if reading.has("metric") else place
    return Latency(reading.text("metric", "duration"), below, place, stated)


def _events(name: str, reading: Reading) -> EventRatio | None:
    bad, good, total = reading.formula("bad"), reading.formula("good"), reading.formula("total")
    if not reading.has("total") or reading.has("bad") == reading.has("good"):
        message = f"objective `{name}` needs `total` and either `bad` or `good` events"
        reading.problems.append(
            Problem(
                EVENTS_WITHOUT_TOTAL,
                message,
                reading.place(),
                "each is a selector of a counter, such as `$duration_count`",
            )
        )
        return None
    if total is None or (bad is None and good is None):
        return None
    for each in (bad, good, total):
        if each is not None and not isinstance(each.expr, VectorSelector):
            message = f"events of objective `{name}` are counted by rate, so this is a selector of a counter"
            reading.problems.append(
                Problem(EVENTS_NOT_A_SELECTOR, message, each.position, "write the series alone: `$duration_count`")
            )
            return None
    return EventRatio(bad, good, total)


def _limit(name: str, reading: Reading) -> Limit | None:
    upper, value = reading.has("max"), reading.quantity("max") or reading.quantity("min")
    if not reading.has("measure") or reading.has("max") == reading.has("min"):
        message = f"objective `{name}` needs a `measure` and either `max` or `min`"
        reading.problems.append(
            Problem(LIMIT_WITHOUT_MEASURE, message, reading.place(), "name the measure and its limit")
        )
        return None
    if value is None:
        return None
    place = reading.place("max" if upper else "min")
    return Limit(
        reading.text("measure"),
        value,
        upper,
        reading.duration_ms("slice", MINUTE, DAY),
        place,
        reading.place("measure"),
    )


def _outage(name: str, reading: Reading) -> Outage | None:
    if not required(reading, f"the outage of objective `{name}`", ("ratio", "window")):
        return None
    value = reading.quantity("ratio")
    ratio = None if value is None else share(value, reading, "ratio")
    window, events = reading.duration_ms("window", SECOND, DAY), reading.integer("min_events")
    if ratio is None or window is None:
        return None
    return Outage(ratio, window, events or 1, reading.place())
