"""What is counted of a column, as queries: values, the bins that they fall into, groups that rows belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generators.baseline.engines import BOOLEAN, NUMBER, OTHER, TEXT, TIME, TableColumn
from generators.baseline.sql import (
    Call,
    Case,
    Cast,
    Column,
    Count,
    Distinct,
    Epoch,
    ExactSum,
    Expr,
    Infix,
    IsNull,
    Literal,
    Name,
    Not,
    Quantiles,
    Query,
    Together,
    all_of,
    any_of,
)
from generators.language.catalog import Bins
from generators.language.resolve.bins import CATEGORIES, NUMBERS

HOUR: Final = 3600
SCORE_BINS: Final = 20
_NOTHING: Final = Literal(None)
_INFINITE: Final = Cast(Literal("Infinity"), "double")
_MILLISECONDS: Final = 1e11
"""Times in seconds are below this until the year 5138; in milliseconds they are above it from 1973 on."""

_INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT")


@dataclass(frozen=True, slots=True)
class Binned:
    """How one column is counted: a value's bin by number, and how many bins have an edge or value of their own.

    Numbers from ``own`` on are the bins that ``others`` names, in its order.
    """

    bin: Expr
    own: int
    others: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many bins there are."""
        return self.own + len(self.others)


@dataclass(frozen=True, slots=True)
class Number:
    """A column read as numbers: the double, and whether it is missing, of another type, or infinite."""

    value: Expr
    missing: Expr
    wrong: Expr
    infinite: Expr

    @property
    def usable(self) -> Expr:
        """The finite values."""
        return Case(((any_of(self.missing, self.wrong, self.infinite), _NOTHING),), self.value)


def number(column: TableColumn) -> Number:
    """Read a column as numbers; texts that are none, and what is neither, have another type."""
    raw = Column(column.name)
    if column.kind in (OTHER, TIME):
        return Number(Cast(_NOTHING, "double"), IsNull(raw), Not(IsNull(raw)), Literal(False))
    value = Cast(raw, "double")
    wrong = all_of(Not(IsNull(raw)), IsNull(value)) if column.kind == TEXT else Literal(False)
    missing = any_of(IsNull(raw), all_of(Not(IsNull(value)), Call("isnan", (value,))))
    return Number(value, missing, wrong, Infix("=", Call("abs", (value,)), _INFINITE))


def text(column: TableColumn, classes: Mapping[str, str] | None = None) -> Expr:
    """Read a column as texts: whole numbers without a point, truth as ``true`` and ``false``.

    ``classes`` says what some texts stand for.
    """
    raw = Column(column.name)
    if column.kind == BOOLEAN:
        value: Expr = Case(((raw, Literal("true")), (Not(raw), Literal("false"))), _NOTHING)
    elif column.kind == NUMBER and column.type.upper() not in _INTEGERS:
        whole = Cast(raw, "long")
        value = Case(((Infix("=", whole, raw), Cast(whole, "text")),), Cast(raw, "text"))
    else:
        value = Cast(raw, "text")
    if not classes:
        return value
    return Case(tuple((Infix("=", value, Literal(code)), Literal(name)) for code, name in classes.items()), value)


def truth(column: TableColumn) -> Expr:
    """Read a column as ``true`` and ``false``: truth values, these two words, and the numbers 1 and 0."""
    if column.kind != NUMBER:
        return text(column)
    value = Cast(Column(column.name), "double")
    one, zero = (Infix("=", value, Literal(float(each))) for each in (1, 0))
    return Case(((one, Literal("true")), (zero, Literal("false"))), Cast(Column(column.name), "text"))


def number_bins(column: TableColumn, edges: tuple[float, ...]) -> Binned:
    """Count numbers between edges: bin k holds what is at least edge k-1 and less than edge k."""
    read, own = number(column), len(edges) + 1
    branches = [(read.missing, Literal(own)), (any_of(read.wrong, read.infinite), Literal(own + 1))]
    branches += [(Infix("<", read.value, Literal(edge)), Literal(place)) for place, edge in enumerate(edges)]
    return Binned(Case(tuple(branches), Literal(own - 1)), own, NUMBERS)


def value_bins(column: TableColumn, values: Expr, own: tuple[str, ...], declared: tuple[str, ...]) -> Binned:
    """Count texts: a bin for each of ``own``, one for others that are declared, one for those that are not."""
    size = len(own)
    special = {name: Literal(size + place) for place, name in enumerate(CATEGORIES)}
    branches: list[tuple[Expr, Expr]] = [(IsNull(Column(column.name)), special["missing"])]
    if column.kind in (OTHER, TIME):
        return Binned(Case(tuple(branches), special["invalid"]), size, CATEGORIES)
    branches += [(Infix("=", values, Literal(name)), Literal(place)) for place, name in enumerate(own)]
    branches += [(Infix("=", values, Literal(name)), special["other"]) for name in declared if name not in own]
    return Binned(Case(tuple(branches), special["unseen"]), size, CATEGORIES)


def score_bins(column: TableColumn) -> Binned:
    """Count scores in 20 bins of equal width, by the arithmetic of the runtime; what lies outside is in the nearest."""
    read = number(column)
    place = Call("floor", (Infix("*", read.value, Literal(float(SCORE_BINS))),))
    last = SCORE_BINS - 1
    branches = (
        (read.missing, Literal(SCORE_BINS)),
        (any_of(read.wrong, read.infinite), Literal(SCORE_BINS + 1)),
        (Infix("<", place, Literal(0.0)), Literal(0)),
        (Infix(">", place, Literal(float(last))), Literal(last)),
    )
    return Binned(Case(branches, Cast(place, "long")), SCORE_BINS, NUMBERS)


def binned(column: TableColumn, bins: Bins, type_: str, declared: tuple[str, ...]) -> Binned:
    """Count a feature in given bins."""
    if not bins.values:
        return number_bins(column, tuple(map(float, bins.edges)))
    return value_bins(column, truth(column) if type_ == "boolean" else text(column), bins.values, declared)


def seconds(column: TableColumn) -> Expr:
    """Read a column as seconds from 1970; numbers above 10^11 are milliseconds, texts may be numbers or dates."""
    if column.kind == TIME:
        return Epoch(Cast(Column(column.name), "time"))
    value = Cast(Column(column.name), "double")
    number_ = Case(((Infix(">", value, Literal(_MILLISECONDS)), Infix("/", value, Literal(1000.0))),), value)
    if column.kind != TEXT:
        return number_
    return Case(((IsNull(value), Epoch(Cast(Column(column.name), "time"))),), number_)


def period_of(column: TableColumn, length: int) -> Expr:
    """Return the number of the period of so many seconds that a row belongs to."""
    return Cast(Call("floor", (Infix("/", seconds(column), Literal(float(length))),)), "long")


def numbers_query(column: TableColumn, levels: tuple[float, ...]) -> Query:
    """Rows, missing, of another type, infinite, least, greatest, and quantiles of the finite values."""
    read = number(column)
    return Query(
        (
            ("rows", Call("count")),
            ("missing", Count(read.missing)),
            ("wrong", Count(read.wrong)),
            ("infinite", Count(read.infinite)),
            ("least", Call("min", (read.usable,))),
            ("greatest", Call("max", (read.usable,))),
            ("quantiles", Quantiles(read.usable, levels)),
        ),
        "rows",
    )


def next_query(column: TableColumn, values: tuple[float, ...]) -> Query:
    """The least number above each of some values."""
    usable = number(column).usable
    above = (
        (f"next_{place}", Case(((Infix(">", usable, Literal(value)), usable),), _NOTHING))
        for place, value in enumerate(values)
    )
    return Query(tuple((name, Call("min", (value,))) for name, value in above), "rows")


def unseen_query(binned_: Binned, values: Expr) -> Query:
    """How many different values are not declared, and the first of them."""
    unseen = Case(((Infix("=", binned_.bin, Literal(binned_.own + CATEGORIES.index("unseen"))), values),), _NOTHING)
    return Query((("different", Distinct(unseen)), ("first", Call("min", (unseen,)))), "rows")


def counts_query(bin_: Expr, groups: Mapping[str, Expr], sums: Mapping[str, Expr] | None = None) -> Query:
    """Rows by bin, and by bin in each of some groups, in one reading; the columns are bin, groups, rows and sums."""
    sets = (("bin",), *(("bin", name) for name in groups))
    marks = tuple((f"is_{name}", Call("grouping", (Name(name),))) for name in groups) if groups else ()
    select = (
        ("bin", bin_),
        *groups.items(),
        ("rows", Call("count")),
        *((name, ExactSum(value)) for name, value in (sums or {}).items()),
        *marks,
    )
    return Query(select, "rows", sets=sets)


def clusters_query(bin_: Expr, own: int, key: Expr, period: Expr | None) -> Query:
    """By bin: values, squares of the values of a cluster, and products of these with the cluster's size.

    A cluster is what one entity did in one period.
    """
    names = ("key", "period") if period is not None else ("key",)
    parts = (("bin", bin_), ("key", key), *((("period", period),) if period is not None else ()))
    where = Infix("<", bin_, Literal(own))
    cells = Query((*parts, ("cell", Call("count"))), "rows", where=where, sets=(tuple(name for name, _ in parts),))
    sized = Query((("bin", Name("bin")), ("cell", Name("cell")), ("size", Together("cell", names))), cells)
    return Query(
        (
            ("bin", Name("bin")),
            ("values", ExactSum(Name("cell"))),
            ("squares", ExactSum(Infix("*", Name("cell"), Name("cell")))),
            ("products", ExactSum(Infix("*", Name("cell"), Name("size")))),
        ),
        sized,
        sets=(("bin",),),
    )


def scaled(value: Expr, centre: float, scale: float) -> Expr:
    """A double as a whole number: floor((x - centre) * scale + 1/2), the same in every engine."""
    shifted = Infix("-", value, Literal(centre)) if centre else value
    return Cast(Call("floor", (Infix("+", Infix("*", shifted, Literal(scale)), Literal(0.5)),)), "long")


def moments_query(column: TableColumn, centre: float, scale: float) -> Query:
    """Number of finite values, with first and second moment about a centre in steps of 1/scale."""
    usable = number(column).usable
    step = scaled(usable, centre, scale)
    return Query(
        (
            ("n", Call("count", (usable,))),
            ("first", ExactSum(step)),
            ("second", ExactSum(Infix("*", step, step))),
        ),
        "rows",
    )


def errors_query(label: TableColumn, prediction: TableColumn, scale: float) -> Query:
    """Rows with both numbers, and sums of error, of its size and of its square, in steps of 1/scale."""
    actual, predicted = number(label).usable, number(prediction).usable
    step = scaled(Infix("-", predicted, actual), 0.0, scale)
    return Query(
        (
            ("n", Call("count", (Infix("-", predicted, actual),))),
            ("sum", ExactSum(step)),
            ("size", ExactSum(Call("abs", (step,)))),
            ("square", ExactSum(Infix("*", step, step))),
        ),
        "rows",
    )


def largest_query(columns: tuple[TableColumn, ...]) -> Query:
    """The largest size of a finite value in each of some columns."""
    sizes = (Call("max", (Call("abs", (number(each).usable,)),)) for each in columns)
    return Query(tuple((f"largest_{place}", size) for place, size in enumerate(sizes)), "rows")


def rows_query() -> Query:
    """How many rows there are."""
    return Query((("rows", Call("count")),), "rows")


def distinct_query(column: TableColumn) -> Query:
    """How many values a column has, and how many different ones."""
    raw = Column(column.name)
    return Query((("values", Call("count", (raw,))), ("different", Distinct(raw))), "rows")


def period_query(column: TableColumn) -> Query:
    """The first and the last time, in seconds from 1970."""
    time = seconds(column)
    return Query((("first", Call("min", (time,))), ("last", Call("max", (time,)))), "rows")


def place_of(value: Expr, names: Sequence[str]) -> Expr:
    """The place of a text in a list, its length for all others, nothing for nothing."""
    branches: list[tuple[Expr, Expr]] = [(IsNull(value), _NOTHING)]
    branches += [(Infix("=", value, Literal(name)), Literal(place)) for place, name in enumerate(names)]
    return Case(tuple(branches), Literal(len(names)))


def answer_bins(answer: Expr, classes: tuple[str, ...]) -> Binned:
    """Count what a classifier said: a bin for each class; others are not seen."""
    size = len(classes)
    branches: list[tuple[Expr, Expr]] = [(IsNull(answer), Literal(size + CATEGORIES.index("missing")))]
    branches += [(Infix("=", answer, Literal(name)), Literal(place)) for place, name in enumerate(classes)]
    return Binned(Case(tuple(branches), Literal(size + CATEGORIES.index("unseen"))), size, CATEGORIES)


def threshold_answer(score: TableColumn, threshold: float, positive: str, negative: str) -> Expr:
    """The class that a score stands for, by the side of the threshold that it is on."""
    read = number(score)
    above = Infix(">=", read.value, Literal(threshold))
    unknown = any_of(read.missing, read.wrong)
    return Case(((unknown, _NOTHING), (above, Literal(positive))), Literal(negative))


def right(label: Expr, answer: Expr) -> Expr:
    """Whether an answer is the label; nothing where one of them is missing."""
    return Case(((any_of(IsNull(label), IsNull(answer)), _NOTHING),), Infix("=", label, answer))
