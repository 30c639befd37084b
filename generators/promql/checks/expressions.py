"""Finds everything that Prometheus would refuse in a well-formed tree, all at once.

Types, arity, modifiers, regular expressions, and what a version does not know or keeps behind a flag.  The rules are
those of ``checkAST`` in `promql/parser/parse.go`.
"""

from __future__ import annotations

from generators.diagnostics import Code, Span, TextFinding, did_you_mean
from generators.promql.checks.durations import check_literal, check_offset, check_positive
from generators.promql.checks.report import EXPERIMENTAL, NOT_IN_VERSION, Known, Report
from generators.promql.checks.selectors import check_labels, check_selector
from generators.promql.profiles import EXPERIMENTAL_FUNCTIONS, PROMETHEUS_3, Feature, Profile
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Matching,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from generators.promql.syntax.functions import AGGREGATES, FUNCTIONS, RENAMED, Signature
from generators.promql.syntax.printer import COMPARISONS, SET_OPERATORS

UNKNOWN_FUNCTION = Code(
    "Q020",
    "an unknown function",
    "No version of Prometheus has a function of this name. Names are in lower case.",
    "rates(errors_total[5m])",
    "rate(errors_total[5m])",
)
ARGUMENT_COUNT = Code(
    "Q021",
    "the wrong number of arguments",
    "The function takes more or fewer arguments.",
    "histogram_quantile(latency_bucket)",
    "histogram_quantile(0.99, latency_bucket)",
)
ARGUMENT_TYPE = Code(
    "Q022",
    "an argument of the wrong type",
    "Each argument of a function has one type: scalar, instant vector, range vector or string.",
    "rate(errors_total)",
    "rate(errors_total[5m])",
)
INFO_SELECTOR = Code(
    "Q023",
    "the second argument of `info` is no list of matchers",
    "It chooses labels of the info metric, so it has braces but no metric name.",
    "info(up, target_info)",
    'info(up, {__name__="target_info"})',
)
AGGREGATION_TYPE = Code(
    "Q024",
    "an aggregation over the wrong type",
    "Aggregations work on instant vectors; their parameter is a scalar, for count_values a string.",
    "sum(errors_total[5m])",
    "sum(rate(errors_total[5m]))",
)
OPERAND_TYPE = Code(
    "Q025",
    "an operand of the wrong type",
    "Operators work on scalars and instant vectors.",
    "errors_total[5m] / requests_total[5m]",
    "rate(errors_total[5m]) / rate(requests_total[5m])",
)
BOOL_WITHOUT_COMPARISON = Code(
    "Q026",
    "`bool` on an operator that does not compare",
    "`bool` makes a comparison return 0 or 1 instead of filtering.",
    "errors_total + bool 1",
    "errors_total + 1",
)
COMPARISON_WITHOUT_BOOL = Code(
    "Q027",
    "a comparison of scalars without `bool`",
    "A comparison filters the elements of a vector. Two scalars have none, so the result can only be 0 or 1.",
    "scalar(up) > 0.5",
    "scalar(up) > bool 0.5",
)
SET_OPERATOR_ON_SCALAR = Code(
    "Q028",
    "a set operator on a scalar",
    "`and`, `or` and `unless` compare the labels of elements; scalars have none.",
    "sum(errors_total) or 0",
    "sum(errors_total) or vector(0)",
)
GROUPED_SET_OPERATOR = Code(
    "Q029",
    "`group_left`, `group_right` or `fill` on a set operator",
    "Set operators match many elements with many and compute nothing.",
    "up and on (job) group_left () build_info",
    "up and on (job) build_info",
)
MATCHING_WITH_SCALAR = Code(
    "Q030",
    "vector matching with a scalar",
    "Elements are matched by labels, and a scalar has none.",
    "errors_total > on (job) 5",
    "errors_total > 5",
)
LABEL_MATCHED_AND_INCLUDED = Code(
    "Q031",
    "a label in both `on` and `group_left` or `group_right`",
    "Labels in `on` are in the result anyway.",
    "up * on (job) group_left (job) build_info",
    "up * on (job) group_left () build_info",
)
SIGN_TYPE = Code(
    "Q032",
    "a sign before the wrong type",
    "Only scalars and instant vectors can be negated.",
    "-errors_total[5m]",
    "-rate(errors_total[5m])",
)
SUBQUERY_TYPE = Code(
    "Q033",
    "a subquery over the wrong type",
    "A subquery evaluates an instant vector again and again.",
    "max_over_time(errors_total[5m][1h:])",
    "max_over_time(rate(errors_total[5m])[1h:])",
)


_VALUES = (ValueType.SCALAR, ValueType.VECTOR)


def check(expr: Expr, profile: Profile = PROMETHEUS_3) -> tuple[TextFinding, ...]:
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
        report.add(EXPERIMENTAL, f"function `{expr.function}` is experimental", expr.span, help_)
    if _check_arity(report, expr, signature):
        for index, (argument, found) in enumerate(zip(expr.arguments, types, strict=True)):
            place = f"argument {index + 1} of `{expr.function}`" if len(types) > 1 else f"`{expr.function}`"
            report.expect(argument, found, signature.argument(index), ARGUMENT_TYPE, place)
    if expr.function == "info" and len(expr.arguments) > 1:
        selector = expr.arguments[1]
        if not isinstance(selector, VectorSelector) or selector.name is not None:
            message = "the second argument of `info` takes matchers only, without a metric name"
            report.add(INFO_SELECTOR, message, selector.span, 'write info(metric, {label="value"})')
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
        report.add(NOT_IN_VERSION, f"{profile.name} has no function `{name}`", expr.span, help_)
        return
    known = [each for each, signature in FUNCTIONS.items() if signature.known(profile)]
    help_ = did_you_mean(name.lower(), (*known, *AGGREGATES))
    if name.lower() in FUNCTIONS:
        help_ = f"names of functions are in lower case: `{name.lower()}`"
    report.add(UNKNOWN_FUNCTION, f"unknown function `{name}`", expr.span, help_)


def _check_arity(report: Report, expr: Call, signature: Signature) -> bool:
    """Report a wrong number of arguments; return whether it is right."""
    count, least, most = len(expr.arguments), signature.required, signature.most
    if least <= count and (most is None or count <= most):
        return True
    bound = f"at least {least}" if count < least else f"at most {most}"
    wanted = str(least) if least == most else bound
    plural = "" if wanted.endswith(" 1") or wanted == "1" else "s"
    message = f"`{expr.function}` takes {wanted} argument{plural}, but got {count}"
    report.add(ARGUMENT_COUNT, message, expr.span)
    return False


def _check_aggregate(report: Report, expr: Aggregate) -> Known:
    aggregation = AGGREGATES[expr.op]
    if aggregation.since > report.profile.version:
        help_ = "it came with Prometheus {}.{}".format(*aggregation.since)
        report.add(NOT_IN_VERSION, f"{report.profile.name} has no aggregation `{expr.op}`", expr.span, help_)
    elif aggregation.experimental and not report.profile.experimental:
        help_ = f"start Prometheus with --enable-feature={EXPERIMENTAL_FUNCTIONS}"
        report.add(EXPERIMENTAL, f"aggregation `{expr.op}` is experimental", expr.span, help_)
    check_labels(report, expr.labels or (), expr.span)
    if expr.parameter is not None:
        found = _check(report, expr.parameter)
        if aggregation.parameter is not None:
            report.expect(
                expr.parameter, found, aggregation.parameter, AGGREGATION_TYPE, f"the parameter of `{expr.op}`"
            )
    report.expect(expr.expr, _check(report, expr.expr), ValueType.VECTOR, AGGREGATION_TYPE, f"`{expr.op}`")
    return ValueType.VECTOR


def _check_unary(report: Report, expr: Unary) -> Known:
    found = _check(report, expr.expr)
    if found is not None and found not in _VALUES:
        report.wrong_type(expr.expr, found, SIGN_TYPE, f"the sign `{expr.op}`", "a scalar or an instant vector")
        return None
    return found


def _check_subquery(report: Report, expr: Subquery) -> Known:
    report.expect(expr.expr, _check(report, expr.expr), ValueType.VECTOR, SUBQUERY_TYPE, "a subquery")
    check_positive(report, expr.range, "range")
    check_literal(report, expr.range)
    if expr.step is not None:
        check_positive(report, expr.step, "step")
    check_offset(report, expr.offset)
    return ValueType.MATRIX


_TRIMS = ("</", ">/")
_SCALAR, _VECTOR = ValueType.SCALAR, ValueType.VECTOR


def check_operator(report: Report, expr: Binary, left: Known, right: Known) -> Known:
    """Report the problems of an operator between operands of these types, and return the type of the result."""
    if expr.op in _TRIMS:
        report.need(Feature.TRIMMING, _between(expr))
    usable = True
    for operand, found in ((expr.left, left), (expr.right, right)):
        if found is not None and found not in (_SCALAR, _VECTOR):
            report.wrong_type(operand, found, OPERAND_TYPE, f"operator `{expr.op}`", "scalars and instant vectors")
            usable = False
    _check_bool(report, expr, left, right)
    if expr.op in SET_OPERATORS:
        _check_set_operator(report, expr, left, right)
    if expr.matching is not None:
        _check_matching(report, expr, expr.matching, left, right)
    if not usable:
        return None
    if left is _VECTOR or right is _VECTOR:
        return _VECTOR
    return _SCALAR if left is right is _SCALAR else None


def _check_bool(report: Report, expr: Binary, left: Known, right: Known) -> None:
    if expr.return_bool and expr.op not in COMPARISONS:
        message = f"`bool` belongs to comparisons, not to `{expr.op}`"
        report.add(BOOL_WITHOUT_COMPARISON, message, _between(expr), "delete `bool`")
    if expr.op in COMPARISONS and not expr.return_bool and left is right is _SCALAR:
        message = f"a comparison of two scalars needs `bool`: `{expr.op} bool`"
        report.add(COMPARISON_WITHOUT_BOOL, message, _between(expr), "it gives 1 or 0; only vectors can be filtered")


def _check_set_operator(report: Report, expr: Binary, left: Known, right: Known) -> None:
    if _SCALAR in (left, right):
        message = f"`{expr.op}` works on instant vectors, not on scalars"
        report.add(SET_OPERATOR_ON_SCALAR, message, expr.span, "make the scalar a vector with `vector(…)`")
    if expr.matching is not None and expr.matching.group:
        message = f"`{expr.op}` is always many-to-many and takes no `{expr.matching.group}`"
        report.add(GROUPED_SET_OPERATOR, message, _between(expr), f"delete `{expr.matching.group}`")
    if expr.matching is not None and _fills(expr.matching):
        report.add(GROUPED_SET_OPERATOR, f"`{expr.op}` takes no `fill`", _between(expr), "delete it")


def _check_matching(report: Report, expr: Binary, matching: Matching, left: Known, right: Known) -> None:
    between = _between(expr)
    if _fills(matching):
        report.need(Feature.FILL, between)
    vectors = left in (None, _VECTOR) and right in (None, _VECTOR)
    if not vectors and (matching.labels or _fills(matching)):
        word = "`fill`" if not matching.labels else "`on`" if matching.on else "`ignoring`"
        report.add(MATCHING_WITH_SCALAR, f"{word} works between two instant vectors only", between, "delete it")
    if matching.on:
        for label in dict.fromkeys(matching.labels):
            if label in matching.include:
                message = f"label `{label}` stands in both `on` and `{matching.group}`"
                report.add(
                    LABEL_MATCHED_AND_INCLUDED, message, between, "labels in `on` are in the result anyway; delete one"
                )
    check_labels(report, (*matching.labels, *matching.include), between)


def _fills(matching: Matching) -> bool:
    return matching.fill_left is not None or matching.fill_right is not None


def _between(expr: Binary) -> Span:
    """The text from the left operand to the right one."""
    start, end = expr.left.span.end, expr.right.span.start
    return Span(start, end) if 0 <= start < end else expr.span
