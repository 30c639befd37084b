"""Data → Profile: which queries are asked, and what their rows mean."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np

from generators.baseline.counting import (
    HOUR,
    Binned,
    answer_bins,
    binned,
    clusters_query,
    counts_query,
    distinct_query,
    moments_query,
    next_query,
    numbers_query,
    period_of,
    period_query,
    right,
    rows_query,
    score_bins,
    text,
    truth,
    unseen_query,
)
from generators.baseline.decimals import above, below
from generators.baseline.engines import Table, TableColumn
from generators.baseline.labelling import answer, labels
from generators.baseline.profile import Counts, Numbers, Profile
from generators.baseline.roles import Roles
from generators.baseline.sql import Expr, Literal
from generators.baseline.statistics.clusters import design_effect
from generators.language.catalog import Bins, Feature, Model
from generators.language.resolve.baselines import BOOLEANS, SCORE_EDGES
from generators.language.resolve.bins import OWN_BINS

LEVELS: Final = (0.001, 0.01, 0.05, *(tenth / 10 for tenth in range(1, 10)), 0.95, 0.99, 0.999)
"""Where edges are: dense in the tails, which deciles do not see."""

SHOWN: Final = {"p1": 0.01, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
WINDOWS: Final = {"1h": HOUR, "6h": 6 * HOUR, "1d": 24 * HOUR, "7d": 168 * HOUR}
"""Windows that rules compare over, in seconds."""

_STEPS: Final = 31
"""Bits of a value's distance from its centre, so that its square is below 2^62."""

_MOST_HOURS: Final = 24 * 366 * 20


@dataclass(frozen=True, slots=True)
class _Hours:
    """Rows by hour, and the number of the first hour; nothing without a time."""

    period: tuple[float, float] | None = None
    untimed: int = 0
    first: int = 0
    counts: np.ndarray[Any, np.dtype[np.float64]] | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """A table with the columns of a model, and what rows are grouped by beside bins."""

    table: Table
    model: Model
    roles: Roles
    hours: _Hours
    groups: Mapping[str, Expr]

    def rows(self, bins: Expr, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Count rows by bin, and by bin in each group; in none of the groups under the name ``""``."""
        groups = {name: value for name, value in self.groups.items() if names is None or name in names}
        found = []
        for row in self.table.rows(counts_query(bins, groups)):
            place, *values, count = row[: len(groups) + 2]
            marks = dict(zip(groups, row[len(groups) + 2 :], strict=True))
            group = next((name for name, mark in marks.items() if mark == 0), "")
            found.append(
                {
                    "bin": place,
                    "group": group,
                    "value": dict(zip(groups, values, strict=True)).get(group),
                    "rows": count,
                }
            )
        return found


def profile(
    table: Table,
    model: Model,
    roles: Roles,
    given: Mapping[str, Bins] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Profile:
    """Count the data of a model, in new bins, or in ``given`` ones by feature (``""`` for predicted numbers)."""
    progress("reading times")
    hours = _hours(table, roles.time)
    reading = _Reading(table, model, roles, hours, _groups(model, roles, hours))
    features = {}
    for place, (name, (feature, column)) in enumerate(roles.features.items(), 1):
        progress(f"{name} ({place} of {len(roles.features)})")
        bins = None if given is None else given.get(name)
        if given is None or bins is not None:
            features[name] = _feature(reading, feature, column, bins)
    progress("answers and labels")
    score = None
    if roles.score is not None:
        _, _, wrong, infinite, least, greatest, quantiles = table.rows(numbers_query(roles.score, (0.5,)))[0]
        numbers = None if least is None else _numbers(table, roles.score, least, greatest, {0.5: quantiles[0]})
        score = _counts(reading, score_bins(roles.score), Bins(edges=SCORE_EDGES))
        score = replace(score, numbers=numbers, wrong=int(wrong), infinite=int(infinite))
    rows = int(table.rows(rows_query())[0][0])
    said = answer(model, roles)
    return Profile(
        rows=rows,
        content=table.content,
        query=_query_digest(model, roles),
        features=features,
        prediction=_prediction(reading, None if given is None else given.get("")),
        score=score,
        labels=labels(table, model, roles, said),
        period=hours.period,
        untimed=hours.untimed,
        first_hour=hours.first,
        hourly=hours.counts,
        segments={name: _totals(reading, name) for name in roles.segments},
        repeated=_repeated(table, roles.row),
    )


def _repeated(table: Table, column: TableColumn | None) -> int:
    if column is None:
        return 0
    values, different = table.rows(distinct_query(column))[0]
    return int(values) - int(different)


def _query_digest(model: Model, roles: Roles) -> str:
    """Return the SHA-256 of what was asked: which columns are what, and what the spec says of them."""
    columns = {name: column.name for name, (_, column) in roles.features.items()}
    others = {role: getattr(roles, role) for role in ("time", "label", "score", "prediction", "key", "row")}
    asked = {
        "features": {
            each.name: {"column": columns[each.name], "type": each.type, "values": each.values}
            for each in model.features
            if each.name in columns
        },
        "roles": {role: column.name for role, column in others.items() if column is not None},
        "segments": {name: [column.name, *model.segments[name]] for name, column in roles.segments.items()},
        "classes": [*model.classes, model.positive, str(model.threshold)],
        "codes": dict(roles.classes),
        "levels": LEVELS,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _groups(model: Model, roles: Roles, hours: _Hours) -> dict[str, Expr]:
    found: dict[str, Expr] = {f"segment_{name}": text(column) for name, column in roles.segments.items()}
    if roles.time is not None and hours.counts is not None:
        found["hour"] = period_of(roles.time, HOUR)
    said = answer(model, roles)
    if said is not None:
        found["answer"] = said
        if roles.label is not None:
            found["right"] = right(text(roles.label, roles.classes), said)
    return found


def _hours(table: Table, column: TableColumn | None) -> _Hours:
    if column is None:
        return _Hours()
    counted = {row[0]: int(row[1]) for row in table.rows(counts_query(period_of(column, HOUR), {}))}
    untimed = counted.pop(None, 0)
    if not counted:
        return _Hours(untimed=untimed)
    first, last = min(counted), max(counted)
    least, greatest = table.rows(period_query(column))[0]
    period = (float(least), float(greatest))
    if last - first > _MOST_HOURS:
        return _Hours(period, untimed)
    counts = np.zeros(last - first + 1)
    for hour, count in counted.items():
        counts[hour - first] = count
    return _Hours(period, untimed, first, counts)


def _totals(reading: _Reading, name: str) -> dict[str, int]:
    rows = reading.rows(Literal(0), (f"segment_{name}",))
    return {str(row["value"]): int(row["rows"]) for row in rows if row["group"] and row["value"] is not None}


def _feature(reading: _Reading, feature: Feature, column: TableColumn, given: Bins | None) -> Counts:
    if feature.type == "number":
        return _number(reading, column, given)
    declared = BOOLEANS if feature.type == "boolean" else feature.values
    bins = given or Bins(values=declared)
    if given is None and len(declared) > OWN_BINS:
        often = dict(reading.table.rows(counts_query(binned(column, bins, feature.type, declared).bin, {})))
        ordered = sorted(range(len(declared)), key=lambda place: (-often.get(place, 0), place))
        bins = Bins(values=tuple(declared[place] for place in sorted(ordered[:OWN_BINS])))
    how = binned(column, bins, feature.type, declared)
    different, first = reading.table.rows(
        unseen_query(how, truth(column) if feature.type == "boolean" else text(column))
    )[0]
    return replace(_counts(reading, how, bins), unseen=(int(different), str(first or "")))


def _number(reading: _Reading, column: TableColumn, given: Bins | None) -> Counts:
    asked = tuple(sorted({*LEVELS, *SHOWN.values()})) if given is None else (0.5,)
    _, _, wrong, infinite, least, greatest, quantiles = reading.table.rows(numbers_query(column, asked))[0]
    by_level = {} if least is None else dict(zip(asked, map(float, quantiles), strict=True))
    bins = given or Bins(edges=_edges(reading.table, column, by_level))
    counts = _counts(reading, binned(column, bins, "number", ()), bins)
    numbers = None if least is None else _numbers(reading.table, column, float(least), float(greatest), by_level)
    return replace(counts, numbers=numbers, wrong=int(wrong), infinite=int(infinite))


def _edges(table: Table, column: TableColumn, by_level: Mapping[float, float]) -> tuple[Decimal, ...]:
    """Return edges at the quantiles, and above each value that is several of them, so that it has a bin of its own."""
    values = [by_level[level] for level in LEVELS if level in by_level]
    if not values:
        return (Decimal(0),)
    edges = {below(value) for value in values}
    spikes = sorted({value for value in values if values.count(value) > 1})
    for spike, next_ in zip(spikes, table.rows(next_query(column, tuple(spikes)))[0] if spikes else (), strict=True):
        if next_ is not None:
            edges.add(max(below(float(next_)), above(below(spike))))
    return tuple(sorted(edges))


def _numbers(
    table: Table, column: TableColumn, least: float, greatest: float, by_level: Mapping[float, float]
) -> Numbers:
    """Return mean and deviation by exact sums of whole steps from a centre, the median."""
    centre = by_level[0.5]
    reach = max(greatest - centre, centre - least)
    scale = 2.0 ** (_STEPS - 1 - math.frexp(reach)[1]) if reach > 0 else 1.0
    n, first, second = table.rows(moments_query(column, centre, scale))[0]
    mean = first / n
    variance = max(second / n - mean * mean, 0.0)
    shown = {name: by_level[level] for name, level in SHOWN.items() if level in by_level}
    return Numbers(least, greatest, shown, centre + mean / scale, math.sqrt(variance) / scale)


def _counts(reading: _Reading, how: Binned, bins: Bins) -> Counts:
    counts = np.zeros(how.size)
    hours = None if reading.hours.counts is None else np.zeros((len(reading.hours.counts), how.size))
    segments: dict[str, dict[str, Any]] = {
        name: {value: np.zeros(how.size) for value in reading.model.segments[name]} for name in reading.roles.segments
    }
    answers = {name: np.zeros(how.size) for name in reading.model.classes} if "answer" in reading.groups else {}
    labelled, kept = (np.zeros(how.size) if "right" in reading.groups else None for _ in range(2))
    for row in reading.rows(how.bin):
        place, group, value, count = row["bin"], row["group"], row["value"], row["rows"]
        if not group:
            counts[place] += count
        elif value is None:
            continue
        elif group == "hour" and hours is not None:
            hours[value - reading.hours.first, place] += count
        elif group == "answer" and value in answers:
            answers[value][place] += count
        elif group == "right" and labelled is not None and kept is not None:
            labelled[place] += count
            kept[place] += count if value else 0
        elif group.startswith("segment_") and value in segments[group.removeprefix("segment_")]:
            segments[group.removeprefix("segment_")][value][place] += count
    return Counts(
        bins=bins,
        others=how.others,
        counts=counts,
        hours=hours,
        segments=segments,
        labelled=labelled,
        right=kept,
        answers=answers,
        effects=_effects(reading, how),
    )


def _effects(reading: _Reading, how: Binned) -> dict[str, float]:
    """Return how much less the rows of a window say than independent ones would, where a key names the entities."""
    if reading.roles.key is None:
        return {}
    key, time = text(reading.roles.key), reading.roles.time
    periods = {"": None} if time is None else {name: period_of(time, length) for name, length in WINDOWS.items()}
    found = {}
    for name, period in periods.items():
        rows = reading.table.rows(clusters_query(how.bin, how.own, key, period))
        counts, squares, products = (np.array([float(row[place]) for row in rows]) for place in (1, 2, 3))
        found[name] = design_effect(counts, squares, products, float(products.sum())) if rows else 1.0
    return found


def _prediction(reading: _Reading, given: Bins | None) -> Counts | None:
    said = answer(reading.model, reading.roles)
    if not reading.model.classes:
        return _number(reading, reading.roles.prediction, given) if reading.roles.prediction else None
    if said is None:
        return None
    return _counts(reading, answer_bins(said, reading.model.classes), Bins(values=reading.model.classes))
