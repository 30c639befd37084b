"""The label algebra: which labels the result of an expression has, may have, and cannot have.

``labels_of`` walks a tree once, bottom up.  What it finds out is sound: whatever series the schema allows, the
labels of every element of the result lie within the bounds that are returned (`LabelSet`).
"""

from __future__ import annotations

import re

from generators.diagnostics import Code, Severity, Span, TextFinding, nearest
from generators.promql.labels.calls import call_labels
from generators.promql.labels.context import Context, Schema, listed
from generators.promql.labels.joins import join_labels
from generators.promql.labels.label_set import EMPTY, METRIC_NAME, UNKNOWN, LabelSet, label_set
from generators.promql.labels.matchers import accepts, accepts_empty
from generators.promql.labels.reasons import find_loss
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatchOp,
    MatrixSelector,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)

MATCHER_OF_MISSING_LABEL = Code(
    "Q101",
    "a matcher names a label that the metric does not have",
    "A missing label counts as empty, so a matcher that does not accept the empty string selects "
    "nothing: the rule stays silent for ever. Usually the label is misspelt.",
    'ml_prediction_count_total{modle_name="churn"}',
    'ml_prediction_count_total{model_name="churn"}',
)
MATCHERS_EXCLUDE = Code(
    "Q102",
    "the matchers exclude each other, or all series",
    "No series can satisfy all matchers at once, so the selector selects nothing.",
    'up{job="a", job="b"}',
    'up{job=~"a|b"}',
)
GROUPED_BY_MISSING_LABEL = Code(
    "Q111",
    "an aggregation groups by a label that its input cannot have",
    "The label is empty in every element, and so is missing from the result.",
    "sum by (job, model) (sum by (job) (errors))",
    "sum by (job, model) (errors)",
    Severity.WARNING,
)


__all__ = ["EMPTY", "METRIC_NAME", "UNKNOWN", "LabelSet", "Schema", "label_set", "labels_of", "why_missing"]

_PLAIN = re.compile(r"[^.*+?()|\\[\]{}^$]+")
"""Patterns that match their own text alone."""

KEEPING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
"""Aggregations that return elements of their input as they are."""


def labels_of(expr: Expr, schema: Schema, text: str = "") -> tuple[LabelSet, tuple[TextFinding, ...]]:
    """Return the labels of an expression's result, and everything about labels that is wrong in it.

    *schema* knows the labels of metrics.  *text*, which the expression was parsed from, turns positions in messages
    into line and column.
    """
    context = Context(schema, text)
    return _visit(expr, context), tuple(context.problems)


def why_missing(expr: Expr, schema: Schema, label: str, text: str = "") -> tuple[Span, str] | None:
    """Return where and why no element of the result has *label*, or None if some may have it.

    The reason is a clause such as "label `model` was removed by `sum by (job)`".
    """
    context = Context(schema, text)
    if _visit(expr, context).may_have(label):
        return None
    loss = find_loss(expr, label, context)
    return loss.span, loss.why


def _visit(node: Expr, context: Context) -> LabelSet:
    match node:
        case VectorSelector():
            result = _selector(node, context)
        case MatrixSelector():
            result = _visit(node.selector, context)
        case Call():
            for argument in node.arguments:
                _visit(argument, context)
            result = call_labels(node, context)
        case Aggregate():
            if node.parameter is not None:
                _visit(node.parameter, context)
            result = _aggregate(node, _visit(node.expr, context), context)
        case Binary():
            result = join_labels(node, _visit(node.left, context), _visit(node.right, context), context)
        case Subquery():
            result = _visit(node.expr, context)
        case Unary():
            result = _visit(node.expr, context)
            result = result.drop_name() if node.op == "-" else result
        case _:
            result = EMPTY
    context.sets[id(node)] = result
    return result


# --- selectors -----------------------------------------------------------------------------------------------


def _selector(node: VectorSelector, context: Context) -> LabelSet:
    known = None if node.hole else context.schema(node)
    result = UNKNOWN if known is None else known
    if METRIC_NAME not in result.sure and not node.hole:
        result = result.add(METRIC_NAME, node.name)
    for matcher in node.matchers:
        label, value = matcher.label, matcher.value
        if not result.may_have(label):
            if not accepts_empty(matcher):
                _report_missing_label(node, label, matcher.span, result, context)
        elif (constant := result.constant.get(label)) is not None:
            if not accepts(matcher, constant):
                message = f'label `{label}` is "{constant}" in every series here, which `{matcher.op}` excludes'
                context.report(
                    MATCHERS_EXCLUDE, message, matcher.span, "such a selector can match nothing; drop one matcher"
                )
        elif matcher.op is MatchOp.EQUAL and not value:
            if label in result.sure:
                message = f"every series here has label `{label}`, so this selector can match nothing"
                context.report(MATCHERS_EXCLUDE, message, matcher.span)
            result = result.drop((label,))
        elif matcher.op is MatchOp.EQUAL or (matcher.op is MatchOp.REGEX and value and _PLAIN.fullmatch(value)):
            result = result.add(label, value)
        elif label not in result.sure and not accepts_empty(matcher):
            result = result.add(label)
    return result


def _report_missing_label(node: VectorSelector, label: str, span: Span, known: LabelSet, context: Context) -> None:
    what = f"metric `{node.name}`" if node.name else "a selected series"
    message = f"{what} has no label `{label}`, so this selector can match nothing"
    names = sorted(known.named - {METRIC_NAME})
    close = nearest(label, names)
    help_ = f"did you mean `{close}`?" if close else f"it has {listed(names)}" if names else "it has no labels"
    context.report(MATCHER_OF_MISSING_LABEL, message, span, help_)


# --- aggregations --------------------------------------------------------------------------------------------


def _aggregate(node: Aggregate, given: LabelSet, context: Context) -> LabelSet:
    if node.op in KEEPING:
        return given
    labels = node.labels or ()
    holes = any(label.startswith("$") for label in labels)
    if node.without:
        result = given.drop((*labels, METRIC_NAME))
        result = result.weaken() if holes else result
    elif holes:
        result = given.keep_at_least(labels)
    else:
        result = given.keep(labels)
        if len(result.sure) + len(result.maybe) < len(labels):
            _report_useless_labels(node, given, context)
    if node.op == "count_values" and isinstance(node.parameter, StringLiteral):
        label = node.parameter.value
        return result if node.without and label in labels else result.add(label)
    return result


def _report_useless_labels(node: Aggregate, given: LabelSet, context: Context) -> None:
    for label in dict.fromkeys(node.labels or ()):
        if given.may_have(label):
            continue
        reason = find_loss(node.expr, label, context).text(context)
        names = sorted(given.named - {METRIC_NAME})
        close = nearest(label, names)
        help_ = f"did you mean `{close}`?" if close else f"remove `{label}` here, or keep it further inside"
        message = f"`{node.op}` groups by label `{label}`, which its input cannot have: {reason}"
        context.report(GROUPED_BY_MISSING_LABEL, message, node.span, help_)
