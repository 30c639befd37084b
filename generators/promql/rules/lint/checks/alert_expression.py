"""What keeps an expression from being a good alert."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.diagnostics import Code, Severity, TextFinding
from generators.promql.labels.algebra import KEEPING, LabelSet, labels_of
from generators.promql.labels.calls import absent_labels
from generators.promql.labels.vector_arguments import is_scalar, vector_argument
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Group,
    Matching,
    MatrixSelector,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.printer import COMPARISONS, SET_OPERATORS
from generators.promql.syntax.walk import walk

ABSENT_WITHOUT_LABELS = Code(
    "Q120",
    "an alert on `absent` carries no labels",
    "`absent` knows only the labels that equality matchers name. Without one, the alert cannot be "
    "routed to the owner of what is missing.",
    "absent(sum by (job) (up))",
    'absent(up{job="scorer"})',
    Severity.WARNING,
)
ALWAYS_FIRING = Code(
    "Q121",
    "an alert whose expression always returns something",
    "An alert fires for every element of the result, whatever its value. A comparison with `bool` "
    "gives 0 or 1 instead of filtering.",
    "error_ratio > bool 0.01",
    "error_ratio > 0.01",
)
NO_CONDITION = Code(
    "Q122",
    "an alert without a condition",
    "Nothing in the expression filters, so the alert fires as long as the series exist.",
    "sum by (job) (rate(errors_total[5m]))",
    "sum by (job) (rate(errors_total[5m])) > 5",
    Severity.WARNING,
)
FLAPPING_CHOICE = Code(
    "Q123",
    "an alert on the first few elements",
    "Which elements `topk`, `bottomk` and their like return changes from one evaluation to the "
    "next, so the alert resolves and fires again, and never passes a long `for`.",
    "topk(3, error_ratio) > 0.01",
    "error_ratio > 0.01",
    Severity.WARNING,
)


_ABSENT = frozenset({"absent", "absent_over_time"})


def alert_problems(expr: Expr) -> tuple[TextFinding, ...]:
    """Return what keeps an expression from being a good alert, in the order of the text."""
    found = [problem for node in walk(expr) if (problem := _absence_problem(node)) is not None]
    found += map(_choice_problem, _choices(expr))
    cause = _unfiltered(expr)
    if isinstance(cause, Binary):
        message = f"`{cause.op} bool` gives 0 or 1 and filters nothing, so the alert always fires"
        found.append(TextFinding(ALWAYS_FIRING, message, cause.span, "remove `bool`"))
    elif cause is not None:
        message = "nothing in this expression filters, so the alert fires as long as the series exist"
        found.append(TextFinding(NO_CONDITION, message, expr.span, "compare it with a threshold"))
    return tuple(sorted(found, key=lambda problem: (problem.span, problem.code)))


def _absence_problem(node: Expr) -> TextFinding | None:
    if isinstance(node, Call) and node.function in _ABSENT and node.arguments:
        labels = absent_labels(node.arguments[0])
        if not labels.sure and not labels.open:
            message = f"`{node.function}` gives an element without labels here, so nobody owns the alert"
            help_ = 'name what is missing with equality matchers, as in `absent(up{job="scorer"})`'
            return TextFinding(ABSENT_WITHOUT_LABELS, message, node.span, help_)
    return None


def _choice_problem(node: Aggregate) -> TextFinding:
    message = f"which elements `{node.op}` returns changes all the time, so the alert flaps"
    return TextFinding(FLAPPING_CHOICE, message, node.span, "leave it out; the threshold selects")


def _choices(expr: Expr) -> Iterator[Aggregate]:
    """Yield the ``topk`` and the like whose choice decides which labels the result's elements have.

    It does not where no label of the chosen elements survives, as in ``sum(topk(5, x))``.
    """
    match expr:
        case Aggregate():
            if expr.op in KEEPING and _has_labels(expr.expr):
                yield expr
            if expr.without or _survive(expr.labels or (), expr.expr) or expr.op in KEEPING:
                yield from _choices(expr.expr)
        case MatrixSelector() | Subquery() | Unary():
            yield from _choices(expr.selector if isinstance(expr, MatrixSelector) else expr.expr)
        case Call():
            argument = None if expr.function in _ABSENT else vector_argument(expr)
            if argument is not None:
                yield from _choices(argument)
        case Binary():
            yield from _choices_of_operation(expr)


def _choices_of_operation(expr: Binary) -> Iterator[Aggregate]:
    matching = expr.matching or Matching()
    sides = (expr.left, expr.right)
    for side, other in (sides, sides[::-1]):
        kept = is_scalar(other) or expr.op == "or" or not matching.on or _keeps_all(expr, matching, side)
        if kept or _survive((*matching.labels, *matching.include), side):
            yield from _choices(side)


def _keeps_all(expr: Binary, matching: Matching, side: Expr) -> bool:
    """Tell whether the elements of a side keep their labels whatever is matched on."""
    if expr.op in SET_OPERATORS:
        return side is expr.left
    many = {Group.LEFT: expr.left, Group.RIGHT: expr.right}
    return matching.group is not None and side is many[matching.group]


def _survive(labels: Sequence[str], expr: Expr) -> bool:
    if not labels:
        return False
    known = _labels(expr)
    return any(known.may_have(label) or label.startswith("$") for label in labels)


def _has_labels(expr: Expr) -> bool:
    known = _labels(expr).drop_name()
    return known.open or bool(known.named)


def _labels(expr: Expr) -> LabelSet:
    return labels_of(expr, lambda _: None)[0]


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
        yield Finding(problem.message, "expr", problem.span, problem.help, problem.kind)


ALERT_EXPRESSION = Code(
    "Q724",
    "an alert without a threshold, or one that flaps",
    "An alert fires for every element of its result. Without a comparison it always fires, with `bool` as well, and "
    "`topk` changes its mind at every evaluation. Findings carry the codes Q120 and up.",
    "expr: error_ratio > bool 0.1",
    "expr: error_ratio > 0.1",
    Severity.WARNING,
)
CHECK = Check("alert-expression", ALERT_EXPRESSION, find)
