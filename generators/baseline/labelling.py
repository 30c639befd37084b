"""What labels say of answers: confusion, scores of positives, errors of predicted numbers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from generators.baseline.counting import (
    counts_query,
    errors_query,
    largest_query,
    number,
    place_of,
    scaled,
    score_bins,
    text,
    threshold_answer,
)
from generators.baseline.engines import Table, TableColumn
from generators.baseline.profile import Labels
from generators.baseline.roles import Roles
from generators.baseline.sql import Expr, Infix, Literal
from generators.baseline.statistics.distances import Array
from generators.language.catalog import Model

_SCORE_SCALE: Final = 2.0**40
_STEPS: Final = 30
"""Bits of an error in steps, so that its square is below 2^62."""


def answer(model: Model, roles: Roles) -> Expr | None:
    """What a classifier said: its prediction, or the class of the side of the threshold that its score is on."""
    if not model.classes:
        return None
    if roles.prediction is not None:
        return text(roles.prediction, roles.classes)
    if roles.score is None or model.threshold is None or len(model.classes) != 2 or not model.positive:
        return None
    negative = next(each for each in model.classes if each != model.positive)
    return threshold_answer(roles.score, float(model.threshold), model.positive, negative)


def labels(table: Table, model: Model, roles: Roles, said: Expr | None) -> Labels | None:
    """What the labels of the data say, or None where they have none."""
    if roles.label is None:
        return None
    if not model.classes:
        return _errors(table, roles.label, roles.prediction)
    label = text(roles.label, roles.classes)
    counted = {row[0]: int(row[1]) for row in table.rows(counts_query(place_of(label, model.classes), {}))}
    counted.pop(None, None)
    strange = _strange(table, label, model.classes) if counted.get(len(model.classes)) else {}
    if said is not None and (unknown := _strange(table, said, model.classes)):
        strange = {**unknown, **strange}
    confusion, segments = _confusion(table, model, roles, label, said) if said is not None else ({}, {})
    positives, negatives, sums = _scored(table, model, roles.score, label) if roles.score else (None, None, None)
    return Labels(sum(counted.values()), confusion, strange, segments, positives, negatives, sums)


def _strange(table: Table, value: Expr, classes: tuple[str, ...]) -> dict[str, int]:
    """Return the texts that are no class, with their rows; the first ten, for there may be very many."""
    rows = table.rows(counts_query(value, {}))
    found = {str(name): int(count) for name, count in rows if name is not None and name not in classes}
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0]))[:10])


def _confusion(
    table: Table, model: Model, roles: Roles, label: Expr, said: Expr
) -> tuple[dict[tuple[str, str], int], dict[str, dict[str, dict[tuple[str, str], int]]]]:
    classes = model.classes
    width = Literal(len(classes) + 1)
    pair = Infix("+", Infix("*", place_of(label, classes), width), place_of(said, classes))
    groups = {name: text(column) for name, column in roles.segments.items()}
    whole: dict[tuple[str, str], int] = {}
    segments: dict[str, dict[str, dict[tuple[str, str], int]]] = {
        name: {value: {} for value in model.segments[name]} for name in groups
    }
    for row in table.rows(counts_query(pair, groups)):
        number_, *values, count = row[: len(groups) + 2]
        if number_ is None:
            continue
        actual, predicted = divmod(int(number_), len(classes) + 1)
        if len(classes) in (actual, predicted):
            continue
        cell = (classes[actual], classes[predicted])
        marks = dict(zip(groups, row[len(groups) + 2 :], strict=True))
        group = next((name for name, mark in marks.items() if mark == 0), None)
        if group is None:
            whole[cell] = int(count)
        elif (value := values[list(groups).index(group)]) in segments[group]:
            segments[group][value][cell] = int(count)
    return whole, segments


def _scored(table: Table, model: Model, column: TableColumn, label: Expr) -> tuple[Array, Array, Array]:
    """Return counts of positives and negatives, and sums of scores, by score bin."""
    how = score_bins(column)
    positives, negatives, sums = (np.zeros(how.own) for _ in range(3))
    positive = place_of(label, (model.positive,))
    query = counts_query(how.bin, {"negative": positive}, {"sum": scaled(number(column).usable, 0.0, _SCORE_SCALE)})
    for place, negative, rows, total, mark in table.rows(query):
        if place < how.own and mark == 0 and negative is not None:
            (negatives if negative else positives)[place] += rows
            sums[place] += total / _SCORE_SCALE
    return positives, negatives, sums


def _errors(table: Table, label: TableColumn, prediction: TableColumn | None) -> Labels:
    if prediction is None:
        return Labels(rows=0)
    reach = sum(float(each or 0) for each in table.rows(largest_query((label, prediction)))[0])
    scale = 2.0 ** (_STEPS - math.frexp(reach)[1]) if reach > 0 else 1.0
    n, total, size, square = table.rows(errors_query(label, prediction, scale))[0]
    if not n:
        return Labels(rows=0)
    mean, width, spread = (float(each) / n / scale for each in (total, size, square / scale))
    return Labels(rows=int(n), errors=(width, math.sqrt(spread), mean))
