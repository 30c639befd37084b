"""Queries as trees, and the two dialects that print them: what is counted is said once for DuckDB and for Spark.

Only what both take in the same meaning is here: comparisons of doubles by IEEE 754, exact quantiles with linear
interpolation between neighbours, sums of whole numbers. Sums of doubles are not, for their last digits depend on
the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table."""

    name: str


@dataclass(frozen=True, slots=True)
class Name:
    """What a query selects under that name; it cannot be taken for a column of the data."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, whole number, double, truth value, or nothing."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function that both dialects have under the same name, or an aggregate such as ``count`` without arguments."""

    name: str
    arguments: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Infix:
    """Two operands with an operator between them: ``+ - * / = <> < <= > >= AND OR``."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether there is no value."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth value."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first condition that holds, else ``otherwise``."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Cast:
    """A value as ``double``, ``long``, ``text`` or ``time``; nothing where it cannot be one."""

    value: Expr
    type: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows have a condition."""

    where: Expr


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values there are."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Epoch:
    """Seconds from 1970 to a time, in UTC."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Together:
    """Sum of a column of whole numbers over all rows that share some columns."""

    column: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExactSum:
    """Sum of doubles that are whole and below 2^63, exact in any order."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Exact quantiles of what is there, with linear interpolation, as a list."""

    value: Expr
    levels: tuple[float, ...]


Expr: TypeAlias = (
    Column
    | Name
    | Literal
    | Call
    | Infix
    | IsNull
    | Not
    | Case
    | Cast
    | Count
    | Distinct
    | Epoch
    | Together
    | ExactSum
    | Quantiles
)


@dataclass(frozen=True, slots=True)
class Query:
    """Selected expressions under their names, of a table or of another query, in groups and in order.

    ``sets`` are lists of names to group by; several are counted in one reading of the table.
    """

    select: tuple[tuple[str, Expr], ...]
    source: str | Query
    where: Expr | None = None
    sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine writes what differs."""

    quote: str
    types: dict[str, str]
    text: Callable[[str], str]
    exact_sum: str
    quantiles: str
    list_of: str
    epoch: str

    def print(self, query: Query) -> str:
        """Return the query as the engine takes it."""
        source = self.name(query.source) if isinstance(query.source, str) else self._inner(self.print(query.source))
        where = ["WHERE", self.expr(query.where)] if query.where is not None else []
        grouped = dict.fromkeys(name for names in query.sets for name in names)
        if grouped:
            # What is grouped by is computed once, below, and then known by its name.
            computed = [each for each in query.select if each[0] in grouped and each[1] != Name(each[0])]
            if computed:
                chosen = ", ".join(self._named(self.expr(value), name) for name, value in computed)
                source = self._inner(" ".join(("SELECT *,", chosen, "FROM", source, *where)))
                where = []
        selected = [
            self.expr(Name(name)) if name in grouped else self._named(self.expr(value), name)
            for name, value in query.select
        ]
        sets = [f"({', '.join(self.expr(Name(name)) for name in names)})" for names in query.sets]
        groups = ["GROUP BY", f"GROUPING SETS ({', '.join(sets)})" if len(sets) > 1 else sets[0][1:-1]] if sets else []
        return " ".join(("SELECT", ", ".join(selected), "FROM", source, *where, *groups))

    def _named(self, expression: str, name: str) -> str:
        return f"{expression} AS {self.expr(Name(name))}"

    def _inner(self, query: str) -> str:
        return f"({query}) AS {self.expr(Name('inner'))}"

    def name(self, name: str) -> str:
        """Return a name in quotes."""
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def texts(self, texts: Sequence[str]) -> str:
        """Return a list of texts."""
        return self.list_of.format(", ".join(map(self.text, texts)))

    def expr(self, value: Expr) -> str:
        """Return an expression; every one stands in its own parentheses, or needs none."""
        match value:
            case Column(name):
                return self.name(name)
            case Name(name):
                return self.name(f"watchspec_{name}")
            case Literal(content):
                return self._literal(content)
            case Call("count", ()):
                return "count(*)"
            case Call(name, arguments):
                return f"{name}({', '.join(map(self.expr, arguments))})"
            case Infix(operator, left, right):
                return f"({self.expr(left)} {operator} {self.expr(right)})"
            case IsNull(inner):
                return f"({self.expr(inner)} IS NULL)"
            case Not(inner):
                return f"(NOT {self.expr(inner)})"
            case Case(branches, otherwise):
                whens = " ".join(f"WHEN {self.expr(when)} THEN {self.expr(then)}" for when, then in branches)
                return f"CASE {whens} ELSE {self.expr(otherwise)} END"
            case Cast(inner, kind):
                return f"try_cast({self.expr(inner)} AS {self.types[kind]})"
            case Count(where):
                return f"count(CASE WHEN {self.expr(where)} THEN 1 END)"
            case Distinct(inner):
                return f"count(DISTINCT {self.expr(inner)})"
            case Epoch(inner):
                return f"{self.epoch}({self.expr(inner)})"
            case Together(column, of):
                shared = ", ".join(self.expr(Name(each)) for each in of)
                return f"sum({self.expr(Name(column))}) OVER (PARTITION BY {shared})"
            case ExactSum(inner):
                return self.exact_sum.format(self.expr(inner))
            case Quantiles(inner, levels):
                listed = self.list_of.format(", ".join(map(_double, levels)))
                return self.quantiles.format(self.expr(inner), listed)

    def _literal(self, value: str | float | bool | None) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            return self.text(value)
        return str(value) if isinstance(value, int) else _double(value)


def _double(value: float) -> str:
    """Return a double with an exponent, which neither engine takes for a decimal, and all its digits."""
    return f"{value:.17e}"


def _doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


DUCKDB: Final = Dialect(
    '"',
    {"double": "DOUBLE", "long": "BIGINT", "text": "VARCHAR", "time": "TIMESTAMP"},
    _doubled,
    "sum(CAST({} AS BIGINT))",
    "quantile_cont({}, {})",
    "[{}]",
    "epoch",
)
SPARK: Final = Dialect(
    "`",
    {"double": "DOUBLE", "long": "BIGINT", "text": "STRING", "time": "TIMESTAMP"},
    _escaped,
    "sum(CAST(CAST({} AS BIGINT) AS DECIMAL(20, 0)))",
    "percentile({}, {})",
    "array({})",
    "unix_timestamp",
)


def all_of(*conditions: Expr) -> Expr:
    """Return whether all conditions hold."""
    return _joined("AND", conditions)


def any_of(*conditions: Expr) -> Expr:
    """Return whether one of the conditions holds."""
    return _joined("OR", conditions)


def _joined(operator: str, conditions: Sequence[Expr]) -> Expr:
    joined = conditions[0]
    for each in conditions[1:]:
        joined = Infix(operator, joined, each)
    return joined
