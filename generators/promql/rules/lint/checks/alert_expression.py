"""What keeps an expression from being a good alert."""

from __future__ import annotations

from collections.abc import Iterator

from generators.promql.labels.algebra import KEEPING
from generators.promql.labels.calls import absent_labels
from generators.promql.labels.vector_arguments import is_scalar, vector_argument
from generators.promql.problems import Problem, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, MatrixSelector, Subquery, Unary, VectorSelector
from generators.promql.syntax.printer import COMPARISONS
from generators.promql.syntax.walk import walk

_ABSENT = frozenset({"absent", "absent_over_time"})


def alert_problems(expr: Expr) -> tuple[Problem, ...]:
    """Return what keeps an expression from being a good alert, in the order of the text."""
    found = [problem for node in walk(expr) if (problem := _node_problem(node)) is not None]
    cause = _unfiltered(expr)
    if isinstance(cause, Binary):
        message = f"`{cause.op} bool` gives 0 or 1 and filters nothing, so the alert always fires"
        found.append(Problem("Q121", message, cause.span, "remove `bool`"))
    elif cause is not None:
        message = "nothing in this expression filters, so the alert fires as long as the series exist"
        found.append(Problem("Q122", message, expr.span, "compare it with a threshold", Severity.WARNING))
    return tuple(sorted(found, key=lambda problem: (problem.span, problem.code)))


def _node_problem(node: Expr) -> Problem | None:
    if isinstance(node, Call) and node.function in _ABSENT and node.arguments:
        labels = absent_labels(node.arguments[0])
        if not labels.sure and not labels.open:
            message = f"`{node.function}` gives an element without labels here, so nobody owns the alert"
            help_ = 'name what is missing with equality matchers, as in `absent(up{job="scorer"})`'
            return Problem("Q120", message, node.span, help_, Severity.WARNING)
    if isinstance(node, Aggregate) and node.op in KEEPING:
        message = f"which elements `{node.op}` returns changes all the time, so the alert flaps"
        return Problem("Q123", message, node.span, "leave it out; the threshold selects", Severity.WARNING)
    return None


def _unfiltered(expr: Expr) -> Expr | None:
    """Return the node whose elements come through to the result whatever their values; None if something filters.

    That is a comparison with ``bool`` or a selector.  ``vector(1)``, which is meant to fire always so that silence
    means trouble, counts as filtered, and so does a hole.
    """
    match expr:
        case VectorSelector():
            return None if expr.hole or expr.name == "ALERTS" else expr
        case MatrixSelector():
            return _unfiltered(expr.selector)
        case Aggregate() | Subquery() | Unary():
            return _unfiltered(expr.expr)
        case Call():
            argument = None if expr.function in _ABSENT else vector_argument(expr)
            return None if argument is None else _unfiltered(argument)
        case Binary():
            return _unfiltered_operation(expr)
    return None


def _unfiltered_operation(expr: Binary) -> Expr | None:
    if expr.op in COMPARISONS:
        return expr if expr.return_bool else None
    left, right = _unfiltered(expr.left), _unfiltered(expr.right)
    if expr.op == "or":
        return left or right
    if expr.op in ("and", "unless"):
        return left if isinstance(left, Binary) else None
    if is_scalar(expr.left) or is_scalar(expr.right):
        return left or right
    return left if right is not None else None


def find(subject: Subject) -> Iterator[Finding]:
    """Pass on the findings about alerts under their own codes."""
    if not isinstance(subject.rule, AlertingRule):
        return
    for problem in alert_problems(subject.expr):
        yield Finding(problem.message, "expr", problem.span, problem.help, problem.severity, problem.code)


CHECK = Check(
    "alert-expression",
    "Q724",
    "an alert without a threshold, or one that flaps",
    "An alert fires for every element of its result. Without a comparison it always fires, with `bool` as well, and "
    "`topk` changes its mind at every evaluation. Findings carry the codes Q120 and up.",
    "expr: error_ratio > bool 0.1",
    "expr: error_ratio > 0.1",
    find,
)
