"""What all items of a spec share: keys that they need, units that they are compared in, runbooks."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from generators.diagnostics import Code, Position, Problem
from generators.language.catalog import Cause, Runbook
from generators.language.resolve.reading import Reading
from generators.language.values.quantities import Quantity
from otel.units import ONE, UnitError, convert, parse_unit

INCOMPLETE_ITEM = Code(
    "S112",
    "Incomplete item",
    "After all layers are merged, the item still lacks a key that it needs.",
    "metrics: {hits: {instrument: counter}}",
    "metrics: {hits: {name: ml.hits, instrument: counter, description: Hits.}}",
)
THRESHOLD_UNIT = Code(
    "V218",
    "Threshold in another unit",
    "A threshold is compared with a value that measures something else.",
    "error_ratio: {warning: 5 USD}",
    "error_ratio: {warning: 5%}",
)

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
DAY: Final = 1440 * MINUTE
DEFAULT_FOR: Final = 2 * MINUTE


def runbook(reading: Reading) -> Runbook:
    """Read what a person needs."""
    return Runbook(
        meaning=reading.text("meaning"),
        impact=reading.text("impact"),
        steps=reading.texts("steps"),
        rollback=reading.text("rollback"),
        step_positions=tuple(item.position for item in reading.scalars("steps")),
        url=reading.text("url"),
    )


def causes(reading: Reading) -> tuple[Cause, ...]:
    """Read the alerts that explain an alert or an objective's; whether they exist is known when all are read."""
    return tuple(Cause(each.text, each.position) for each in reading.scalars("hidden_by"))


def required(reading: Reading, what: str, keys: tuple[str, ...]) -> bool:
    """Return whether an item has all the keys that it needs; report those that it lacks."""
    missing = [key for key in keys if not reading.has(key)]
    for key in missing:
        reading.problems.append(
            Problem(
                INCOMPLETE_ITEM,
                f"{what} has no `{key}`",
                reading.place(),
                f"add `{key}: …`, or `enabled: false` if it should go",
            )
        )
    return not missing


def converted(value: Quantity, unit: str, place: Position, problems: list[Problem]) -> Decimal | None:
    """Convert a quantity; a bare number is in the unit already; other dimensions are a problem."""
    target = parse_unit(unit) if unit else ONE
    if value.unit == ONE and not value.text.endswith("%"):
        return value.amount
    try:
        return convert(value.amount, value.unit, target)
    except UnitError:
        message = f"`{value.text}` is in `{value.unit}`, but the value that it is compared with is in `{unit or '1'}`"
        problems.append(Problem(THRESHOLD_UNIT, message, place, f"write it in `{unit or '1'}`"))
        return None
