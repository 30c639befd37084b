"""Levels that cannot be meant: out of order, beyond what a share can be, at odds with what the model says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final

from generators.diagnostics import Code, Position, Problem
from generators.language.catalog import Alert, Limit, Measure, Slo, Threshold
from generators.language.sources import of_library
from generators.language.values.quantities import Quantity
from otel.units import plain_number

LEVELS_OUT_OF_ORDER = Code(
    "V225",
    "Levels out of order",
    "A graver level lies beyond a milder one; otherwise the milder one says nothing, or comes last.",
    "recall: {warning: 70%, critical: 80%}",
    "recall: {warning: 80%, critical: 70%}",
)
BEYOND_A_SHARE = Code(
    "V226",
    "Beyond a share",
    "A share lies between 0 and 1, so the alert would always fire or never.",
    "accuracy: {warning: 85}",
    "accuracy: {warning: 85%}",
)
MORE_THAN_IS_LABELLED = Code(
    "V227",
    "More than is labelled",
    "The model says that fewer predictions are labelled than an alert expects, so the alert would always fire.",
    "labels: {sample: 2%}  # LabelCoverageLow: 5%",
    "quality: {label_coverage: {warning: 1%}}",
)

LABEL_COVERAGE: Final = "label_coverage"
"""The measure of the pack `labels` that `labels.sample` foretells."""
FALLING: Final = ("<", "<=")
RISING: Final = (">", ">=")


def out_of_order(name: str, thresholds: Iterable[Threshold], file: str) -> Iterator[Problem]:
    """Yield a problem for each level that is not beyond the next milder one; ``thresholds`` start with the mildest.

    It stands at the level that is stated in ``file``, the model's, where the other one comes from another layer.
    """
    for mild, grave in pairwise(thresholds):
        falling = mild.op in FALLING
        if falling != (grave.op in FALLING) or not {mild.op, grave.op} <= {*FALLING, *RISING}:
            continue
        if (grave.value.amount < mild.value.amount) is falling and grave.value.amount != mild.value.amount:
            continue
        direction = "below" if falling else "above"
        stated, other = max((grave, mild), (mild, grave), key=lambda pair: _specific(pair[0].position, file))
        problem = f"`{grave.level}` of {name} is {grave.value}, which is not {direction} `{mild.level}`, {mild.value}"
        swapped = f"`{mild.level}: {grave.value}` and `{grave.level}: {mild.value}`"
        if other.position.file != stated.position.file:
            side = direction if stated is grave else ("above" if falling else "below")
            help_ = f"write `{stated.level}` {side} {other.value}, or state `{other.level}` as well"
        elif grave.value.amount == mild.value.amount:
            help_ = f"write `{grave.level}` {direction} {mild.value}, or leave one of them out"
        else:
            help_ = f"write {swapped}"
        yield Problem(
            LEVELS_OUT_OF_ORDER, problem, stated.position, help_, related=((f"`{other.level}`", other.position),)
        )


def beyond_shares(alerts: Iterable[Alert], slos: Iterable[Slo], measures: Mapping[str, Measure]) -> Iterator[Problem]:
    """Yield a problem for each level or limit of a share that the share always keeps, or never."""
    for alert in alerts:
        for each in alert.thresholds:
            if each.measure in measures and measures[each.measure].share:
                yield from _beyond(each.measure, each.value, each.op in RISING, each.position)
    for slo in slos:
        limit = slo.indicator
        if isinstance(limit, Limit) and limit.measure in measures and measures[limit.measure].share:
            yield from _beyond(limit.measure, limit.limit, limit.upper, limit.position)


def more_than_is_labelled(alerts: Iterable[Alert], sample: Decimal | None, place: Position) -> Iterator[Problem]:
    """Yield a problem if an alert expects more labels than the share of predictions that the model says is labelled."""
    for alert in alerts:
        for each in alert.thresholds if alert.measure == LABEL_COVERAGE and sample is not None else ():
            if sample is not None and each.value.amount >= sample:
                message = (
                    f"{_percent(sample)} of the predictions are labelled, so `{alert.name}`, which fires below "
                    f"{each.value}, never ends"
                )
                half = f"{LABEL_COVERAGE}: {{{each.level}: {_percent(sample / 2)}}}"
                yield Problem(
                    MORE_THAN_IS_LABELLED,
                    message,
                    place,
                    f"label more, or write `quality: {{{half}}}`",
                    related=((f"`{each.level}`", each.position),) if not of_library(each.position) else (),
                )


def _beyond(measure: str, value: Quantity, rising: bool, place: Position) -> Iterator[Problem]:
    amount = value.amount
    if (0 <= amount < 1) if rising else (0 < amount <= 1):
        return
    message = f"`{measure}` is a share between 0 % and 100 %, so it is {_verdict(amount, rising)} {value}"
    if 1 < amount <= 100:
        help_ = f"write `{plain_number(amount)}%`"
    else:
        help_ = f"write a share {'from 0% to less than 100%' if rising else 'above 0%, up to 100%'}"
    yield Problem(BEYOND_A_SHARE, message, place, help_)


def _verdict(amount: Decimal, rising: bool) -> str:
    if rising:
        return "always above" if amount < 0 else "never above"
    return "never below" if amount <= 0 else "always below"


def _specific(place: Position, file: str) -> tuple[bool, bool]:
    return place.file == file, not of_library(place)


def _percent(share: Decimal) -> str:
    return f"{plain_number(share * 100)}%"
