"""What is wrong with profiled data, and with how they fit the model's spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from generators.baseline.codes import (
    CONSTANT,
    EMPTY,
    INFINITE,
    NO_CLASS,
    OTHER_TYPE,
    OUT_OF_RANGE,
    REPEATED,
    TOO_FEW,
    UNLISTED,
    WRONG_TIME,
)
from generators.baseline.engines import OTHER, TIME
from generators.baseline.profile import Counts, Labels, Profile
from generators.baseline.roles import Roles
from generators.baseline.windows import Window
from generators.diagnostics import Position, Problem
from generators.language.catalog import Feature, Model

FEWEST_ROWS: Final = 100
_MANY: Final = 100
"""Different values that no list in a spec would have."""


def findings(
    profile: Profile, model: Model, roles: Roles, places: Mapping[str, Position], now: float
) -> tuple[Problem, ...]:
    """Return what is wrong with the data; ``places`` are those of features in the spec, under ``""`` that of the model.

    ``now`` is the time in seconds from 1970.
    """
    return tuple(_found(profile, model, roles, places, now))


def window_findings(
    windows: Mapping[str, Mapping[str, Window | None]], asked: Iterable[str], place: Position
) -> tuple[Problem, ...]:
    """Return the windows that were asked for and that no feature has enough values for."""
    return tuple(
        Problem(
            TOO_FEW,
            f"the data are too few for windows of {name}",
            place,
            f"leave `{name}` out of --windows, or take more data",
        )
        for name in asked
        if not any(each.get(name) for each in windows.values())
    )


def _found(
    profile: Profile, model: Model, roles: Roles, places: Mapping[str, Position], now: float
) -> Iterator[Problem]:
    whole = places[""]
    if profile.rows < FEWEST_ROWS:
        yield Problem(TOO_FEW, f"the data have {profile.rows} rows; bins need {FEWEST_ROWS}", whole, "take more data")
    for name, counts in profile.features.items():
        feature, column = roles.features[name]
        yield from _feature(feature, counts, column.kind in (OTHER, TIME), column.type, places.get(name, whole))
    if profile.prediction is not None and profile.prediction.own.sum() == 0:
        yield Problem(EMPTY, "the predictions: all values are missing", whole, "look at what wrote them")
    if profile.score is not None:
        yield from _score(profile.score, whole)
    if profile.labels is not None:
        yield from label_findings(profile.labels, model, whole)
    if profile.repeated:
        message = f"{_number(profile.repeated, 'row')} with an id that another one has"
        yield Problem(REPEATED, message, whole, "remove them, or say `--accept N909`")
    yield from _times(profile, roles, whole, now)


def _feature(feature: Feature, counts: Counts, strange: bool, type_: str, place: Position) -> Iterator[Problem]:
    what = f"feature `{feature.name}`"
    total, filled = int(counts.counts.sum()), int(counts.own.sum())
    if strange and counts.other("invalid"):
        help_ = f"write it as {'a number' if feature.type == 'number' else 'text'}"
        yield Problem(OTHER_TYPE, f"{what}: the column is of type {type_}", place, help_)
        return
    if counts.other("missing") == total:
        yield Problem(
            EMPTY, f"{what}: all values are missing", place, "look at what wrote them, or at the column's name"
        )
        return
    if counts.wrong:
        message = f"{what}: {counts.wrong} of {total} values are no numbers"
        yield Problem(OTHER_TYPE, message, place, "clean them, or count them as invalid with `--accept N904`")
    if counts.infinite:
        message = f"{what}: {_number(counts.infinite, 'infinite value')}"
        yield Problem(INFINITE, message, place, "leave them empty, or count them as invalid with `--accept N907`")
    different, first = counts.unseen
    if different > _MANY:
        message = f"{what}: {different:,} different values that the spec does not list"
        yield Problem(UNLISTED, message, place, "an identifier or free text is no category; take `type: text`")
    elif different:
        others = f" and {_number(different - 1, 'other')}" if different > 1 else ""
        message = f"{what}: the spec does not list `{first}`{others} ({counts.other('unseen')} of {total} rows)"
        yield Problem(UNLISTED, message, place, "add them to `values`, or count them as unseen with `--accept N908`")
    numbers = counts.numbers
    if numbers is not None and numbers.least == numbers.greatest:
        yield Problem(CONSTANT, f"{what}: all values are {numbers.least:g}", place, "look whether a join failed")
    elif (
        not counts.bins.edges
        and filled
        and int((counts.own > 0).sum()) == 1
        and not different
        and not counts.other("other")
    ):
        only = counts.bins.values[int(counts.own.argmax())]
        yield Problem(CONSTANT, f"{what}: all values are `{only}`", place, "look whether a join failed")
    if numbers is not None and feature.range is not None:
        low, high = map(float, feature.range)
        if numbers.least < low or numbers.greatest > high:
            reach = f"from {numbers.least:g} to {numbers.greatest:g}"
            message = f"{what}: values {reach} leave the range from {low:g} to {high:g}"
            yield Problem(OUT_OF_RANGE, message, place, "mend the data, or the spec's `range`")


def _score(counts: Counts, place: Position) -> Iterator[Problem]:
    numbers = counts.numbers
    if numbers is None:
        yield Problem(EMPTY, "the scores: all values are missing", place, "look at what wrote them")
    elif numbers.least < 0 or numbers.greatest > 1:
        message = f"the scores: values from {numbers.least:g} to {numbers.greatest:g}, and scores are between 0 and 1"
        yield Problem(
            OUT_OF_RANGE, message, place, "take the probability of the positive class, not a logit or a percentage"
        )
    if counts.wrong:
        yield Problem(
            OTHER_TYPE, f"the scores: {_number(counts.wrong, 'value')} that are no numbers", place, "clean them"
        )


def label_findings(labels: Labels, model: Model, place: Position) -> Iterator[Problem]:
    """Return what is wrong with labels: no class of the model, or none at all."""
    if labels.strange:
        shown = ", ".join(f"`{name}` ({count})" for name, count in list(labels.strange.items())[:5])
        codes = [f"{code}={name}" for code, name in zip(sorted(labels.strange), model.classes, strict=False)]
        message = f"labels or predictions are no class of the model: {shown}"
        help_ = f"classes: {', '.join(model.classes)}; say what codes stand for, as in `--classes {','.join(codes)}`"
        yield Problem(NO_CLASS, message, place, help_)
    elif not labels.rows:
        yield Problem(EMPTY, "the labels: all values are missing", place, "look at what wrote them")


def _times(profile: Profile, roles: Roles, place: Position, now: float) -> Iterator[Problem]:
    if roles.time is None:
        return
    if profile.untimed:
        message = f"column `{roles.time.name}`: {_number(profile.untimed, 'row')} without a time"
        yield Problem(WRONG_TIME, message, place, "mend them, or say `--accept N912`")
    if profile.period is not None and profile.period[1] > now:
        message = f"column `{roles.time.name}`: the last time lies in the future"
        yield Problem(WRONG_TIME, message, place, "look at the unit and the time zone; times without one are UTC")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
