"""Business figures: arithmetic over measures whose units fit, so that seconds are not added to dollars.

A plain number in an expression takes whatever unit it needs: in ``(accuracy - 0.80) * 1000000`` it is first a share
and then dollars for a share.  Two measures must fit each other and the declared unit of the result.
"""

from __future__ import annotations

from collections.abc import Mapping

from generators.diagnostics import Code, Problem, did_you_mean
from generators.language.catalog import Formula, Kpi, Level, Measure, Threshold
from generators.language.resolve.alerts import UNKNOWN_MEASURE
from generators.language.resolve.items import DEFAULT_FOR, converted, required, runbook
from generators.language.resolve.reading import Reading
from generators.language.values.quantities import Quantity
from generators.promql.syntax.ast import Binary, Call, Expr, NumberLiteral, Unary, VectorSelector
from otel.units import ONE, Unit, parse_unit

KPI_UNIT = Code(
    "V219",
    "KPI in another unit",
    "The unit that follows from the expression is not the one that the KPI declares.",
    'unit: "{USD}", value: latency_p95',
    "unit: s, value: latency_p95",
)
NOT_ARITHMETIC = Code(
    "V220",
    "Not arithmetic over measures",
    "A KPI is computed from measures and numbers with + - * / and a few functions.",
    "value: rate(accuracy[5m])",
    "value: accuracy * 1000",
)
MIXED_SUM = Code(
    "V221",
    "Sum of different things",
    "Values that are added or subtracted measure the same thing.",
    "value: accuracy + latency_p95",
    "value: accuracy - error_ratio",
)

ARITHMETIC = ("+", "-", "*", "/")
FUNCTIONS = ("abs", "clamp", "clamp_max", "clamp_min", "round", "ceil", "floor")


def kpi(name: str, reading: Reading, value: Formula | None, measures: Mapping[str, Measure]) -> Kpi | None:
    """Read a business figure; its value is arithmetic over measures, checked for units."""
    if not required(reading, f"KPI `{name}`", ("value", "unit")) or value is None:
        return None
    unit = reading.unit("unit")
    found = _check_units(value, unit, measures)
    reading.problems.extend(found)
    if found:
        return None
    for_ms = reading.duration_or("for", DEFAULT_FOR)
    thresholds = (_threshold(level, reading, unit, for_ms) for level in Level if reading.has(level))
    return Kpi(
        name=name,
        description=reading.text("description"),
        unit=unit,
        formula=value,
        thresholds=tuple(each for each in thresholds if each),
        runbook=runbook(reading.child("runbook")),
        position=reading.place("value"),
    )


def _threshold(level: Level, reading: Reading, unit: str, for_ms: int) -> Threshold | None:
    compared = reading.comparison(level)
    if compared is None:
        return None
    op, value = compared
    place = reading.place(level)
    amount = converted(value, unit, place, reading.problems)
    return (
        None if amount is None else Threshold(level, op, Quantity(amount, parse_unit(unit), value.text), for_ms, place)
    )


def _check_units(formula: Formula, unit: str, measures: Mapping[str, Measure]) -> tuple[Problem, ...]:
    """Return what is wrong with an expression whose result should be in ``unit``."""
    problems: list[Problem] = []
    result = _unit(formula.expr, formula, measures, problems)
    declared = parse_unit(unit)
    if not problems and result is not None and not result.compatible(declared):
        message = f"the value is in `{result}`, but the KPI declares `{unit}`"
        problems.append(
            Problem(
                KPI_UNIT,
                message,
                formula.position,
                f'declare `unit: "{result}"`, or multiply by a number that converts it',
            )
        )
    return tuple(problems)


def _unit(expr: Expr, formula: Formula, measures: Mapping[str, Measure], problems: list[Problem]) -> Unit | None:
    """Return the unit of a part; None where a plain number makes it anything."""
    match expr:
        case NumberLiteral():
            return None
        case VectorSelector(name=str() as name, hole=False, matchers=()):
            return _measured(name, expr, formula, measures, problems)
        case Unary():
            return _unit(expr.expr, formula, measures, problems)
        case Call(function=function, arguments=arguments) if function in FUNCTIONS:
            return _unit(arguments[0], formula, measures, problems) if arguments else None
        case Binary(op=op, matching=None) if op in ARITHMETIC:
            left = _unit(expr.left, formula, measures, problems)
            right = _unit(expr.right, formula, measures, problems)
            if op == "/" and isinstance(expr.right, NumberLiteral) and expr.right.value == 0:
                place = formula.place(expr.right.span)
                problems.append(Problem(NOT_ARITHMETIC, "nothing can be divided by 0", place, "write another divisor"))
            return _combined(op, left, right, expr, formula, problems)
        case _:
            allowed = f"measures, numbers, {' '.join(ARITHMETIC)} and {', '.join(FUNCTIONS)}"
            problems.append(
                Problem(
                    NOT_ARITHMETIC,
                    "this is not arithmetic over measures",
                    formula.place(expr.span),
                    f"a KPI may use {allowed}",
                )
            )
            return None


def _measured(
    name: str,
    expr: VectorSelector,
    formula: Formula,
    measures: Mapping[str, Measure],
    problems: list[Problem],
) -> Unit | None:
    measure = measures.get(name)
    if measure is None:
        help_ = did_you_mean(name, measures) or f"measures: {', '.join(sorted(measures))}"
        problems.append(Problem(UNKNOWN_MEASURE, f"there is no measure `{name}`", formula.place(expr.span), help_))
        return None
    return parse_unit(measure.unit) if measure.unit else ONE


def _combined(
    op: str, left: Unit | None, right: Unit | None, expr: Binary, formula: Formula, problems: list[Problem]
) -> Unit | None:
    if op in ("+", "-"):
        if left is not None and right is not None and not left.compatible(right):
            verb = "add" if op == "+" else "subtract"
            message = f"cannot {verb} `{right}` and `{left}`: they measure different things"
            problems.append(Problem(MIXED_SUM, message, formula.place(expr.right.span), "bring both to one unit first"))
        return left or right
    if left is None or right is None:
        return None
    return left * right if op == "*" else left / right
