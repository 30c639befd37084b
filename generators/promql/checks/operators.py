"""Checks binary operators: types, ``bool``, vector matching."""

from __future__ import annotations

from generators.promql.checks.report import Known, Report
from generators.promql.checks.selectors import check_labels
from generators.promql.profiles import Feature
from generators.promql.syntax.ast import Binary, Matching, Span, ValueType
from generators.promql.syntax.printer import COMPARISONS, SET_OPERATORS

_TRIMS = ("</", ">/")
_SCALAR, _VECTOR = ValueType.SCALAR, ValueType.VECTOR


def check_operator(report: Report, expr: Binary, left: Known, right: Known) -> Known:
    """Report the problems of an operator between operands of these types, and return the type of the result."""
    if expr.op in _TRIMS:
        report.need(Feature.TRIMMING, _between(expr))
    usable = True
    for operand, found in ((expr.left, left), (expr.right, right)):
        if found is not None and found not in (_SCALAR, _VECTOR):
            report.wrong_type(operand, found, "Q025", f"operator `{expr.op}`", "scalars and instant vectors")
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
        report.add("Q026", message, _between(expr), "delete `bool`")
    if expr.op in COMPARISONS and not expr.return_bool and left is right is _SCALAR:
        message = f"a comparison of two scalars needs `bool`: `{expr.op} bool`"
        report.add("Q027", message, _between(expr), "it gives 1 or 0; only vectors can be filtered")


def _check_set_operator(report: Report, expr: Binary, left: Known, right: Known) -> None:
    if _SCALAR in (left, right):
        message = f"`{expr.op}` works on instant vectors, not on scalars"
        report.add("Q028", message, expr.span, "make the scalar a vector with `vector(…)`")
    if expr.matching is not None and expr.matching.group:
        message = f"`{expr.op}` is always many-to-many and takes no `{expr.matching.group}`"
        report.add("Q029", message, _between(expr), f"delete `{expr.matching.group}`")
    if expr.matching is not None and _fills(expr.matching):
        report.add("Q029", f"`{expr.op}` takes no `fill`", _between(expr), "delete it")


def _check_matching(report: Report, expr: Binary, matching: Matching, left: Known, right: Known) -> None:
    between = _between(expr)
    if _fills(matching):
        report.need(Feature.FILL, between)
    vectors = left in (None, _VECTOR) and right in (None, _VECTOR)
    if not vectors and (matching.labels or _fills(matching)):
        word = "`fill`" if not matching.labels else "`on`" if matching.on else "`ignoring`"
        report.add("Q030", f"{word} works between two instant vectors only", between, "delete it")
    if matching.on:
        for label in dict.fromkeys(matching.labels):
            if label in matching.include:
                message = f"label `{label}` stands in both `on` and `{matching.group}`"
                report.add("Q031", message, between, "labels in `on` are in the result anyway; delete one")
    check_labels(report, (*matching.labels, *matching.include), between)


def _fills(matching: Matching) -> bool:
    return matching.fill_left is not None or matching.fill_right is not None


def _between(expr: Binary) -> Span:
    """The text from the left operand to the right one."""
    start, end = expr.left.span.end, expr.right.span.start
    return Span(start, end) if 0 <= start < end else expr.span
