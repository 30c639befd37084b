"""Panels of measures: a tile, a graph, bars. Their texts, units and thresholds are those of the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from generators.language.catalog import Alert, Level
from generators.planning.alerts.references import words
from generators.planning.alerts.texts import shown
from generators.planning.dashboards.panels import (
    HALF,
    THIRD,
    TILE,
    Kind,
    Legend,
    Link,
    Panel,
    Query,
    Size,
    Style,
    Thresholds,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.names import measure_title
from otel.names import label_name


def tile(subject: Subject, name: str, title: str = "", size: Size = TILE) -> Panel:
    """Return one coloured number."""
    return Panel(
        kind=Kind.STAT,
        title=title or measure_title(name),
        description=describe(subject, (name,)),
        unit=subject.measure(name).unit,
        queries=(Query(subject.recorded(name), legend(subject, name)),),
        thresholds=subject.thresholds(name),
        links=onward(subject, (name,)),
        size=size,
        minimum=0 if subject.measure(name).share else None,
    )


def graph(
    subject: Subject, names: Iterable[str], title: str = "", size: Size = HALF, style: Style = Style.LINE
) -> Panel:
    """Return measures over time; they share a unit. Thresholds are drawn where there is one measure, or one set."""
    found = tuple(names)
    first = found[0]
    sets = {subject.thresholds(name) for name in found if subject.thresholds(name).steps}
    share = all(subject.measure(name).share for name in found)
    return Panel(
        kind=Kind.TIMESERIES,
        title=title or measure_title(first),
        description=describe(subject, found),
        unit=subject.measure(first).unit,
        queries=tuple(Query(subject.recorded(name), legend(subject, name), style=style) for name in found),
        thresholds=next(iter(sets)) if len(sets) == 1 else subject.thresholds(first),
        links=onward(subject, found),
        size=size,
        minimum=0 if share or style is Style.STACKED else None,
        maximum=1 if share and style is Style.STACKED else None,
    )


def bars(subject: Subject, name: str, title: str = "", size: Size = THIRD) -> Panel:
    """Return the values of a split measure side by side, as of now."""
    return Panel(
        kind=Kind.BAR_GAUGE,
        title=title or measure_title(name),
        description=describe(subject, (name,)),
        unit=subject.measure(name).unit,
        queries=(Query(subject.recorded(name), legend(subject, name), instant=True),),
        thresholds=subject.thresholds(name),
        links=onward(subject, (name,)),
        size=size,
        minimum=0 if subject.measure(name).share else None,
        maximum=1 if subject.measure(name).share else None,
    )


def overlaid(subject: Subject, drawn: Panel, left: Iterable[str], right: str) -> Panel:
    """Return a graph of measures with another one laid over it, on the right axis."""
    other = Query(subject.recorded(right), Legend(f"{measure_title(right)} (right)"), unit=subject.measure(right).unit)
    shown = (*left, right)
    return replace(
        drawn,
        description=describe(subject, shown),
        queries=(*drawn.queries, other),
        thresholds=Thresholds(),
        links=onward(subject, shown),
        minimum=0,
    )


def graphs(subject: Subject, names: Iterable[str], size: Size = THIRD) -> Iterator[Panel]:
    """Yield a graph for each of these measures that the model has."""
    for name in subject.of(names):
        yield graph(subject, (name,), size=size)


def legend(subject: Subject, name: str) -> Legend:
    """Return the name of a measure's series: the labels that it is split by, or its own."""
    keep = tuple(label_name(key) for key in subject.measure(name).keep)
    return Legend("", keep) if keep else Legend(measure_title(name))


def describe(subject: Subject, names: Iterable[str]) -> str:
    """Return what panels of measures say about themselves: what it is, where it gets bad, what to do first."""
    found = tuple(names)
    lines = [" ".join(dict.fromkeys(_sentence(subject.measure(name).description) for name in found))]
    for name in found:
        lines += limits(subject, name, named=len(found) > 1)
    first = next((step for alert in _alerts(subject, found) for step in alert.runbook.steps), "")
    return "\n\n".join([*lines, *([f"First step: {words(first)}"] if first else [])])


def limits(subject: Subject, name: str, *, named: bool = False) -> list[str]:
    """Return a sentence about the thresholds of a measure, or none."""
    measure = subject.measure(name)
    parts = [
        f"{each.level.value} {_SIDES[each.op]} {shown(each.value.amount, measure.unit)}"
        for alert in subject.by_measure.get(name, ())
        for each in sorted(alert.thresholds, key=lambda each: tuple(Level).index(each.level))
    ]
    text = ", ".join(dict.fromkeys(parts))
    return [f"{measure_title(name)}: {text}." if named else f"{text[:1].upper()}{text[1:]}."] if parts else []


def onward(subject: Subject, names: Iterable[str]) -> tuple[Link, ...]:
    """Return the ways onward from measures: the runbooks of their alerts, and the overview of the model."""
    there = {alert.name for alert in subject.deployment.alerts}
    runbooks = dict.fromkeys(alert.name for alert in _alerts(subject, names) if alert.name in there)
    return (*(subject.runbook(alert) for alert in runbooks), subject.dashboard("System health"))


_SIDES = {">": "above", ">=": "from", "<": "below", "<=": "up to", "==": "at", "!=": "other than"}


def _alerts(subject: Subject, names: Iterable[str]) -> tuple[Alert, ...]:
    return tuple(alert for name in names for alert in subject.by_measure.get(name, ()))


def _sentence(text: str) -> str:
    return f"{text.rstrip().rstrip('.')}." if text.strip() else ""
