"""The values that templates work on, and Go's view of them: type names, truth, text.

Go's types are mapped so: string → str, bool → bool, int → int, float64 → float, nil → None, slices → list.  Maps,
structs, samples, times and durations have classes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from generators.promql.templates.numbers import format_float
from generators.promql.templates.times import Duration, Moment, Named

NO_VALUE = "<no value>"


@dataclass(frozen=True, slots=True)
class GoMap:
    """A map with string keys; ``strings`` tells map[string]string from map[string]any, whose zero values differ."""

    entries: Mapping[str, Value]
    strings: bool = True

    @property
    def zero(self) -> Value:
        """What a missing key yields."""
        return "" if self.strings else None


class Html(str):
    """What ``safeHtml`` returns: prints as a string, but functions that take strings refuse it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of a query's result."""

    labels: GoMap
    value: float


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct: the template's root."""

    type_name: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Vector:
    """The result of a query."""

    samples: tuple[Sample, ...] = field(default=())


Value: TypeAlias = (
    bool | int | float | str | list["Value"] | GoMap | Sample | Struct | Vector | Moment | Duration | Named | None
)

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float64"),
    (Html, "template.HTML"),
    (str, "string"),
    (list, "[]interface {}"),
    (Sample, "*template.sample"),
    (Vector, "template.queryResult"),
    (Moment, "*time.Time"),
    (Duration, "*time.Duration"),
)


def type_name(value: Value) -> str:
    """Return the name of the value's Go type."""
    if isinstance(value, Struct | Named):
        return value.type_name
    if isinstance(value, GoMap):
        return "map[string]string" if value.strings else "map[string]interface {}"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "<nil>")


def truth(value: Value) -> bool:
    """Tell whether ``if`` takes the value for true: neither zero nor empty."""
    if isinstance(value, GoMap):
        return bool(value.entries)
    if isinstance(value, Vector):
        return bool(value.samples)
    if isinstance(value, Named):
        return value.number != 0
    if isinstance(value, Sample | Struct | Moment | Duration):
        return True
    return bool(value)


def text(value: Value, *, nil: str = "<nil>") -> str:
    """Write the value as Go's ``%v`` does; ``nil`` is what stands for nil inside of it."""
    match value:
        case None:
            return nil
        case bool():
            return "true" if value else "false"
        case float():
            return format_float(value)
        case list():
            return "[" + " ".join(text(item) for item in value) + "]"
        case GoMap():
            return "map[" + " ".join(f"{key}:{text(item)}" for key, item in sorted(value.entries.items())) + "]"
        case Sample():
            return f"{{{text(value.labels)} {text(value.value)}}}"
        case Struct():
            return "{" + " ".join(text(item) for item in value.fields.values()) + "}"
        case Vector():
            return "[" + " ".join(f"&{text(sample)}" for sample in value.samples) + "]"
    return str(value)


def printed(value: Value) -> str:
    """Write the value as an action does."""
    return text(value, nil=NO_VALUE)


def sprint(values: tuple[Value, ...]) -> str:
    """Write values as ``print`` does: with a space between two of which neither is a string."""
    pieces: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            pieces.append(" ")
        pieces.append(text(value))
    return "".join(pieces)
