"""Why a label is missing: the node that dropped it, and how to say so."""

from __future__ import annotations

from dataclasses import dataclass

from generators.diagnostics import Span
from generators.promql.labels.context import Context
from generators.promql.labels.label_set import METRIC_NAME
from generators.promql.labels.matchers import accepts_empty
from generators.promql.labels.vector_arguments import is_scalar, vector_argument
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
from generators.promql.syntax.printer import SET_OPERATORS, clause, operator


@dataclass(frozen=True, slots=True)
class Loss:
    """The node behind which a label is missing, and a clause that says why."""

    node: Expr
    why: str

    @property
    def span(self) -> Span:
        """Where the node stands."""
        return self.node.span

    def text(self, context: Context) -> str:
        """Return the clause with its place, such as "… was removed by `sum by (job)` at column 5"."""
        return self.why + context.place(self.span)


def find_loss(node: Expr, label: str, context: Context) -> Loss:
    """Return where and why no element of *node*, which was visited, has *label*."""
    subject = "the metric name" if label == METRIC_NAME else f"label `{label}`"
    match node:
        case MatrixSelector():
            return find_loss(node.selector, label, context)
        case VectorSelector():
            return Loss(node, _not_selected(node, label))
        case Subquery():
            return find_loss(node.expr, label, context)
        case Unary(expr=inner):
            remover = f"the sign `{node.op}`"
        case Aggregate(expr=inner):
            remover = f"`{clause(node).strip()}`"
        case Call():
            argument = vector_argument(node)
            if argument is None:
                return Loss(node, f"`{node.function}()` gives no labels")
            inner, remover = argument, f"`{node.function}()`"
        case Binary():
            remover = f"`{operator(node)}`"
            culprit = _culprit(node, label, context)
            return find_loss(culprit, label, context) if culprit else Loss(node, f"{subject} was removed by {remover}")
        case _:
            return Loss(node, "a number has no labels")
    if context.of(inner).may_have(label):
        return Loss(node, f"{subject} was removed by {remover}")
    return find_loss(inner, label, context)


def _not_selected(node: VectorSelector, label: str) -> str:
    for matcher in node.matchers:
        if matcher.label == label and accepts_empty(matcher):
            return f"the selector asks for series without label `{label}`"
    return (
        f"metric `{node.name}` has no label `{label}`" if node.name else f"the selected series have no label `{label}`"
    )


def _culprit(node: Binary, label: str, context: Context) -> Expr | None:
    """Return the operand that lacked the label already; None if the operator itself removed it."""
    matching = node.matching or Matching()
    many, one = (node.right, node.left) if matching.group is Group.RIGHT else (node.left, node.right)
    if is_scalar(many) or is_scalar(one):
        vector = one if is_scalar(many) else many
        return None if context.of(vector).may_have(label) else vector
    many_lacks, one_lacks = (not context.of(each).may_have(label) for each in (many, one))
    if label in matching.include:
        return one if one_lacks else None
    takes_part = label != METRIC_NAME and (label in matching.labels) is matching.on
    if many_lacks and (takes_part or one_lacks or node.op in SET_OPERATORS or matching.group or label == METRIC_NAME):
        return many
    return one if one_lacks and takes_part else None
