"""Finds everything that Prometheus would refuse in a well-formed tree, all at once.

Types, arity, modifiers, regular expressions, and what a version does not know or keeps behind a flag.  The rules are
those of ``checkAST`` in `promql/parser/parse.go`.
"""

from __future__ import annotations

from generators.promql.checks.durations import check_literal, check_offset, check_positive
from generators.promql.checks.operators import check_operator
from generators.promql.checks.report import Known, Report
from generators.promql.checks.selectors import check_labels, check_selector
from generators.promql.problems import Problem
from generators.promql.profiles import EXPERIMENTAL_FUNCTIONS, PROMETHEUS_3, Feature, Profile
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from generators.promql.syntax.functions import AGGREGATES, FUNCTIONS, RENAMED, Signature

_VALUES = (ValueType.SCALAR, ValueType.VECTOR)


def check(expr: Expr, profile: Profile = PROMETHEUS_3) -> tuple[Problem, ...]:
    """Return all problems of an expression under a version of Prometheus, in the order of the text.

    Holes of templates are taken to fit where they stand.
    """
    report = Report(profile)
    _check(report, expr)
    return tuple(sorted(report.problems, key=lambda problem: problem.span.start))


def _check(report: Report, expr: Expr) -> Known:
    """Report the problems of ``expr`` and return its type, or None where a hole or a mistake hides it."""
    match expr:
        case VectorSelector():
            check_selector(report, expr)
            bare = expr.hole and not expr.matchers and expr.offset is None and expr.at is None
            return None if bare else ValueType.VECTOR
        case Call():
            return _check_call(report, expr)
        case MatrixSelector():
            check_selector(report, expr.selector)
            check_positive(report, expr.range, "range")
            return ValueType.MATRIX
        case NumberLiteral():
            if expr.as_duration:
                report.need(Feature.DURATIONS_AS_NUMBERS, expr.span)
            return ValueType.SCALAR
        case Binary():
            return check_operator(report, expr, _check(report, expr.left), _check(report, expr.right))
        case Aggregate():
            return _check_aggregate(report, expr)
        case Unary():
            return _check_unary(report, expr)
        case Subquery():
            return _check_subquery(report, expr)
        case StringLiteral():
            return ValueType.STRING


def _check_call(report: Report, expr: Call) -> Known:
    signature = FUNCTIONS.get(expr.function)
    types = [_check_argument(report, expr, index) for index in range(len(expr.arguments))]
    if signature is None or not signature.known(report.profile):
        _report_unknown(report, expr, signature)
        return signature.returns if signature else None
    if not signature.enabled(report.profile):
        help_ = f"start Prometheus with --enable-feature={EXPERIMENTAL_FUNCTIONS}"
        report.add("Q040", f"function `{expr.function}` is experimental", expr.span, help_)
    if _check_arity(report, expr, signature):
        for index, (argument, found) in enumerate(zip(expr.arguments, types, strict=True)):
            place = f"argument {index + 1} of `{expr.function}`" if len(types) > 1 else f"`{expr.function}`"
            report.expect(argument, found, signature.argument(index), "Q022", place)
    if expr.function == "info" and len(expr.arguments) > 1:
        selector = expr.arguments[1]
        if not isinstance(selector, VectorSelector) or selector.name is not None:
            message = "the second argument of `info` takes matchers only, without a metric name"
            report.add("Q023", message, selector.span, 'write info(metric, {label="value"})')
    return signature.returns


def _check_argument(report: Report, expr: Call, index: int) -> Known:
    argument = expr.arguments[index]
    if expr.function == "info" and index == 1 and isinstance(argument, VectorSelector):
        check_selector(report, argument, may_be_empty=True)
        return ValueType.VECTOR
    return _check(report, argument)


def _report_unknown(report: Report, expr: Call, signature: Signature | None) -> None:
    name, profile = expr.function, report.profile
    if signature is not None:
        help_ = ""
        if name in RENAMED and profile.version >= signature.until:
            help_ = f"it is called `{RENAMED[name]}` now"
        elif profile.version < signature.since:
            help_ = "it came with Prometheus {}.{}".format(*signature.since)
        report.add("Q041", f"{profile.name} has no function `{name}`", expr.span, help_)
        return
    known = [each for each, signature in FUNCTIONS.items() if signature.known(profile)]
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake, and slow to import

    close = get_close_matches(name.lower(), [*known, *AGGREGATES], 1)
    help_ = f"did you mean `{close[0]}`?" if close else ""
    if name.lower() in FUNCTIONS:
        help_ = f"names of functions are in lower case: `{name.lower()}`"
    report.add("Q020", f"unknown function `{name}`", expr.span, help_)


def _check_arity(report: Report, expr: Call, signature: Signature) -> bool:
    """Report a wrong number of arguments; return whether it is right."""
    count, least, most = len(expr.arguments), signature.required, signature.most
    if least <= count and (most is None or count <= most):
        return True
    bound = f"at least {least}" if count < least else f"at most {most}"
    wanted = str(least) if least == most else bound
    plural = "" if wanted.endswith(" 1") or wanted == "1" else "s"
    message = f"`{expr.function}` takes {wanted} argument{plural}, but got {count}"
    report.add("Q021", message, expr.span)
    return False


def _check_aggregate(report: Report, expr: Aggregate) -> Known:
    aggregation = AGGREGATES[expr.op]
    if aggregation.since > report.profile.version:
        help_ = "it came with Prometheus {}.{}".format(*aggregation.since)
        report.add("Q041", f"{report.profile.name} has no aggregation `{expr.op}`", expr.span, help_)
    elif aggregation.experimental and not report.profile.experimental:
        help_ = f"start Prometheus with --enable-feature={EXPERIMENTAL_FUNCTIONS}"
        report.add("Q040", f"aggregation `{expr.op}` is experimental", expr.span, help_)
    check_labels(report, expr.labels or (), expr.span)
    if expr.parameter is not None:
        found = _check(report, expr.parameter)
        if aggregation.parameter is not None:
            report.expect(expr.parameter, found, aggregation.parameter, "Q024", f"the parameter of `{expr.op}`")
    report.expect(expr.expr, _check(report, expr.expr), ValueType.VECTOR, "Q024", f"`{expr.op}`")
    return ValueType.VECTOR


def _check_unary(report: Report, expr: Unary) -> Known:
    found = _check(report, expr.expr)
    if found is not None and found not in _VALUES:
        report.wrong_type(expr.expr, found, "Q032", f"the sign `{expr.op}`", "a scalar or an instant vector")
        return None
    return found


def _check_subquery(report: Report, expr: Subquery) -> Known:
    report.expect(expr.expr, _check(report, expr.expr), ValueType.VECTOR, "Q033", "a subquery")
    check_positive(report, expr.range, "range")
    check_literal(report, expr.range)
    if expr.step is not None:
        check_positive(report, expr.step, "step")
    check_offset(report, expr.offset)
    return ValueType.MATRIX
