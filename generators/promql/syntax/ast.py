"""The syntax tree of PromQL: frozen values, compared without their positions.

There is no node for parentheses: the tree's shape carries the grouping, and the printer writes the parentheses that
the shape needs.  So ``parse(print(tree)) == tree`` holds for every tree, parsed or built.

A *hole* (``$window``, ``$errors``) stands for something that is filled in later by substituting nodes, never text.
Holes exist only in templates; a tree that is printed for Prometheus has none.

Names follow Prometheus' own (`promql/parser/ast.go`): ``VectorSelector``, ``MatrixSelector``, ``Subquery``, ``Call``,
``Aggregate``, ``Binary``, ``Unary``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from generators.diagnostics import Span

NOWHERE = Span(-1, -1)
"""The span of built nodes."""


class ValueType(StrEnum):
    """The four types of PromQL values, named as in Prometheus' HTTP API."""

    SCALAR = "scalar"
    VECTOR = "vector"
    MATRIX = "matrix"
    STRING = "string"


class MatchOp(StrEnum):
    """Operators of label matchers."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label matcher, ``label op "value"``; a matcher on ``__name__`` is written like any other."""

    label: str
    op: MatchOp
    value: str
    span: Span = field(default=NOWHERE, compare=False)


# --- durations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duration:
    """A literal duration in milliseconds; negative only in offsets and inside duration expressions."""

    milliseconds: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationHole:
    """``$window`` where a duration is expected."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationCall:
    """``step()``, ``range()``, ``min_of(a, b)``, ``max_of(a, b)`` in a duration expression.

    Before Prometheus 3.13 the last two were called ``min`` and ``max``.
    """

    function: str
    arguments: tuple[DurationExpr, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationUnary:
    """``+d`` or ``-d`` in a duration expression."""

    op: str
    operand: DurationExpr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationBinary:
    """``a + b`` and the like (``+ - * / % ^``) in a duration expression; numbers are seconds."""

    op: str
    left: DurationExpr
    right: DurationExpr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DurationNumber:
    """A bare number inside a duration expression, in seconds or as a factor; on its own it is a Duration."""

    value: float
    span: Span = field(default=NOWHERE, compare=False)


DurationExpr: TypeAlias = Duration | DurationHole | DurationCall | DurationUnary | DurationBinary | DurationNumber


# --- expressions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number; ``as_duration`` remembers that it was written as one (``5m`` is 300), for printing.

    NaN equals NaN, so that equal trees compare equal.
    """

    value: float
    as_duration: bool = field(default=False, compare=False)
    span: Span = field(default=NOWHERE, compare=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NumberLiteral):
            return NotImplemented
        return self.value == other.value or (math.isnan(self.value) and math.isnan(other.value))

    def __hash__(self) -> int:
        return hash(None if math.isnan(self.value) else self.value)


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A string, unescaped."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


class At(StrEnum):
    """The two functions that may follow ``@``."""

    START = "start()"
    END = "end()"


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """``name{matchers} offset d @ t``.

    ``name`` is None for ``{__name__=~"…"}``.  A hole in the place of a name (``$requests{code="500"}``) has
    ``hole=True`` and the hole's name, without the dollar, in ``name``.  ``at`` is a Unix time in milliseconds.
    ``modifier`` is "anchored", "smoothed" or "" (extended range selectors; also legal on instant selectors).
    """

    name: str | None
    matchers: tuple[Matcher, ...] = ()
    offset: DurationExpr | None = None
    at: int | At | None = None
    modifier: str = ""
    hole: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    """``selector[range]``; offset, ``@`` and modifier belong to the selector."""

    selector: VectorSelector
    range: DurationExpr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subquery:
    """``expr[range:step] offset d @ t``; ``step`` None means the default evaluation interval."""

    expr: Expr
    range: DurationExpr
    step: DurationExpr | None = None
    offset: DurationExpr | None = None
    at: int | At | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    function: str
    arguments: tuple[Expr, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``op by (labels) (parameter, expr)``.

    ``labels`` None means no clause at all, which groups like ``by ()``; with a clause, ``without`` says which.
    A label written ``$by`` is a hole that is filled with any number of labels, and keeps its dollar here.
    """

    op: str
    expr: Expr
    parameter: Expr | None = None
    labels: tuple[str, ...] | None = None
    without: bool = False
    span: Span = field(default=NOWHERE, compare=False)


class Group(StrEnum):
    """``group_left`` or ``group_right``."""

    LEFT = "group_left"
    RIGHT = "group_right"


@dataclass(frozen=True, slots=True)
class Matching:
    """Vector matching: ``on``/``ignoring``, ``group_left``/``group_right`` with their labels, ``fill…`` values.

    ``on`` False with no labels is what PromQL does unasked; it is printed as ``ignoring ()`` only where a ``group``
    needs something to follow.  Holes (``$by``) in ``labels`` and ``include`` keep their dollar.
    """

    on: bool = False
    labels: tuple[str, ...] = ()
    group: Group | None = None
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None

    def __post_init__(self) -> None:
        for name in ("fill_left", "fill_right"):
            if (value := getattr(self, name)) is not None and math.isnan(value):
                object.__setattr__(self, name, math.nan)


_UNASKED = Matching()


@dataclass(frozen=True, slots=True)
class Binary:
    """``left op right``; ``return_bool`` is the ``bool`` modifier of comparisons.

    ``matching`` is None when nothing was written; ``Matching()`` means the same and becomes None.
    """

    op: str
    left: Expr
    right: Expr
    return_bool: bool = False
    matching: Matching | None = None
    span: Span = field(default=NOWHERE, compare=False)

    def __post_init__(self) -> None:
        if self.matching is not None and self.matching == _UNASKED:
            object.__setattr__(self, "matching", None)


@dataclass(frozen=True, slots=True)
class Unary:
    """``-expr`` or ``+expr``; a signed number literal is a NumberLiteral instead."""

    op: str
    expr: Expr
    span: Span = field(default=NOWHERE, compare=False)


Expr: TypeAlias = (
    NumberLiteral | StringLiteral | VectorSelector | MatrixSelector | Subquery | Call | Aggregate | Binary | Unary
)
