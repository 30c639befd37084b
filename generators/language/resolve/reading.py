"""Reading typed values from a positioned spec: problems are collected, and reading goes on.

The shape of the spec has been checked already; what is wrong here is the grammar or the unit of a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar

from generators import promql
from generators.diagnostics import Code, Position, Problem
from generators.formats.durations import format_duration
from generators.formats.yaml.nodes import NOTHING, Entry, Mapping, Scalar, Sequence, inside, plain
from generators.language.catalog import Formula, Template
from generators.language.values.comparisons import parse_comparison
from generators.language.values.durations import parse_duration
from generators.language.values.quantities import Quantity, parse_decimal, parse_quantity
from generators.language.values.value_problem import ValueProblem, as_problem
from generators.promql.checks.expressions import check
from generators.promql.syntax.holes import holes
from otel.units import UnitError, parse_unit

NOT_A_UNIT = Code(
    "V210",
    "Not a unit",
    "Units are written in UCUM; things that are counted stand in braces.",
    "unit: requests",
    'unit: "{request}"',
)

DURATION_OUT_OF_RANGE = Code(
    "V228",
    "Duration out of range",
    "The duration is shorter or longer than makes sense here.",
    "evaluation_interval: 0s",
    "evaluation_interval: 30s",
)
YEAR_MS: Final = 366 * 86_400_000
"""Longest duration of a spec that says nothing else, in milliseconds."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading:
    """A mapping of a spec, the list that its problems go to, and the place of its key where it has one.

    ``units`` are those of the model, each after the hole that stands for it: `{currency}` and `{target}`.
    """

    node: Mapping
    problems: list[Problem]
    key: Position | None = None
    units: tuple[tuple[str, str], ...] = ()

    def place(self, key: str | None = None) -> Position:
        """The place of a value; of the mapping's own key where the value is absent, or none is asked for."""
        value = self.node.get(key) if key else None
        return value.position if value else self.key or self.node.position

    def key_place(self, key: str) -> Position:
        """The place of a key, or of the mapping's own where it is absent."""
        entry = self.node.entry(key)
        return entry.key_position if entry else self.place()

    def has(self, key: str) -> bool:
        """Whether the key has a value other than null."""
        value = self.node.get(key)
        return value is not None and not (isinstance(value, Scalar) and value.value is None)

    def scalar(self, key: str) -> Scalar | None:
        """The scalar of a key; None if it is absent, null, or not a scalar."""
        value = self.node.get(key)
        return value if isinstance(value, Scalar) and value.value is not None else None

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self.scalar(key)
        return default if value is None else value.text

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.scalar(key)
        return default if value is None else value.value is True

    def integer(self, key: str) -> int | None:
        """A whole number."""
        value = self.scalar(key)
        return value.value if value is not None and isinstance(value.value, int) else None

    def decimal(self, key: str) -> Decimal | None:
        """A plain number, exact; `.nan` is a problem."""
        value = self.scalar(key)
        return None if value is None else parsed(value, parse_decimal, self.problems)

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """The scalars of a list."""
        value = self.node.get(key)
        items = value.items if isinstance(value, Sequence) else ()
        return tuple(item for item in items if isinstance(item, Scalar))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text for item in self.scalars(key))

    def named_texts(self) -> tuple[tuple[str, str], ...]:
        """The keys whose values are scalars, with their texts."""
        return tuple((each.key, each.value.text) for each in self.node.entries if isinstance(each.value, Scalar))

    def decimals(self, key: str) -> tuple[Decimal, ...]:
        """A list of plain numbers, exact; what is none, such as `.inf`, is a problem."""
        found = (parsed(item, parse_decimal, self.problems) for item in self.scalars(key))
        return tuple(each for each in found if each is not None)

    def child(self, key: str) -> Reading:
        """The mapping of a key; an empty one where there is none."""
        value = self.node.get(key)
        node = value if isinstance(value, Mapping) else NOTHING
        return Reading(node, self.problems, self.key_place(key), self.units)

    def children(self, key: str) -> Iterator[tuple[Entry, Reading]]:
        """The entries of a mapping whose values are mappings, with their readings."""
        value = self.node.get(key)
        if isinstance(value, Mapping):
            yield from Reading(value, self.problems, None, self.units).mappings()

    def mappings(self) -> Iterator[tuple[Entry, Reading]]:
        """The entries whose values are mappings, with their readings."""
        for entry in self.node.entries:
            if isinstance(entry.value, Mapping):
                yield entry, Reading(entry.value, self.problems, entry.key_position, self.units)

    def data(self, key: str) -> dict[str, object]:
        """A mapping as plain data."""
        value = self.node.get(key)
        return dict(plain(value)) if isinstance(value, Mapping) else {}

    def duration_ms(self, key: str, least: int = 0, most: int = YEAR_MS) -> int | None:
        """A duration in milliseconds, from ``least`` to ``most``; another one is a problem."""
        value = self.scalar(key)
        milliseconds = None if value is None else duration_ms(value, self.problems)
        if value is None or milliseconds is None or least <= milliseconds <= most:
            return milliseconds
        bound, words = (least, "at least") if milliseconds < least else (most, "at most")
        message = f"`{key}` of {value.text} is too {'short' if milliseconds < least else 'long'}"
        help_ = f"write {words} `{format_duration(bound)}`"
        self.problems.append(Problem(DURATION_OUT_OF_RANGE, message, value.position, help_))
        return None

    def duration_or(self, key: str, default: int, least: int = 0, most: int = YEAR_MS) -> int:
        """A duration in milliseconds, or the default."""
        value = self.duration_ms(key, least, most)
        return default if value is None else value

    def quantity(self, key: str) -> Quantity | None:
        """A number with its unit."""
        value = self.scalar(key)
        return None if value is None else quantity(value, self.problems)

    def comparison(self, key: str) -> tuple[str, Quantity] | None:
        """A comparison operator with a quantity."""
        value = self.scalar(key)
        if value is None:
            return None
        compared = parsed(value, _comparison, self.problems)
        return None if compared is None else (compared.op.value, compared.quantity)

    def unit(self, key: str, default: str = "1") -> str:
        """A unit's text, checked; `{currency}` and `{target}` in it are the model's."""
        value = self.scalar(key)
        if value is None or not value.text:
            return default if value is None else ""
        try:
            parse_unit(value.text)
        except UnitError as error:
            message, _, remedy = str(error).partition("; ")
            help_ = remedy or "units are written in UCUM, things counted in braces"
            self.problems.append(Problem(NOT_A_UNIT, message, value.position, help_))
            return default
        text = value.text
        for hole, unit in self.units:
            text = text.replace(hole, unit)
        return text

    def formula(self, key: str) -> Formula | None:
        """PromQL with holes, parsed and type-checked."""
        value = self.scalar(key)
        return None if value is None else formula(value, self.problems)


_comparison = lru_cache(maxsize=4096)(parse_comparison)
_duration = lru_cache(maxsize=4096)(parse_duration)
_quantity = lru_cache(maxsize=4096)(parse_quantity)


def parsed(scalar: Scalar, parse: Callable[[str], Value], problems: list[Problem]) -> Value | None:
    """Parse a scalar's text; what is wrong is pointed at inside it."""
    try:
        return parse(scalar.text)
    except ValueProblem as wrong:
        problems.append(as_problem(wrong, scalar))
        return None


def duration_ms(scalar: Scalar, problems: list[Problem]) -> int | None:
    """Parse a duration to milliseconds."""
    return parsed(scalar, _duration, problems)


def quantity(scalar: Scalar, problems: list[Problem]) -> Quantity | None:
    """Parse a number with its unit."""
    return parsed(scalar, _quantity, problems)


def formula(scalar: Scalar, problems: list[Problem]) -> Formula | None:
    """Parse PromQL with holes; errors point into the YAML."""
    template, found = _template(scalar.text)
    problems += [
        finding.at(inside(scalar, finding.span.start, finding.span.end))
        for finding in found
        if finding.severity is promql.Severity.ERROR
    ]
    return None if template is None else Formula(template, scalar)


@lru_cache(maxsize=4096)
def _template(text: str) -> tuple[Template | None, tuple[promql.TextFinding, ...]]:
    expr, problems = promql.parse(text, template=True)
    if expr is None:
        return None, problems
    return Template(text, expr, tuple(sorted(holes(expr)))), (*problems, *check(expr))
