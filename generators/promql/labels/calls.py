"""What function calls do to labels: most drop the metric name, `label_replace` and the like do more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from generators.diagnostics import Code, Severity
from generators.formats.re2 import has_references, literal_text
from generators.promql.labels.context import Context
from generators.promql.labels.label_set import EMPTY, METRIC_NAME, UNKNOWN, LabelSet
from generators.promql.labels.matchers import accepts_empty, matches_whole
from generators.promql.labels.reasons import find_loss
from generators.promql.labels.vector_arguments import vector_argument
from generators.promql.syntax.ast import (
    Call,
    Expr,
    Matcher,
    MatchOp,
    MatrixSelector,
    StringLiteral,
    VectorSelector,
)
from generators.promql.syntax.functions import FUNCTIONS
from generators.promql.syntax.walk import selectors

MISSING_LE = Code(
    "Q112",
    "a histogram function needs the label `le`",
    "Buckets are told apart by `le`. Without it no quantile can be computed: the result is empty or NaN.",
    "histogram_quantile(0.99, sum by (job) (rate(duration_seconds_bucket[5m])))",
    "histogram_quantile(0.99, sum by (job, le) (rate(duration_seconds_bucket[5m])))",
)


NAME_KEEPING: Final = frozenset(
    {"first_over_time", "last_over_time", "sort", "sort_desc", "sort_by_label", "sort_by_label_desc"}
)
"""Functions that return the samples of their argument with all labels, even the metric name."""

INFO_METRIC = VectorSelector("target_info")
_IDENTIFYING = ("job", "instance")


def call_labels(node: Call, context: Context) -> LabelSet:
    """Return the labels of a call whose arguments were visited; of one that lacks arguments nothing is known."""
    signature = FUNCTIONS.get(node.function)
    if signature is not None and len(node.arguments) < signature.required:
        return UNKNOWN
    special = _SPECIAL.get(node.function)
    if special is not None and node.arguments:
        return special(node, context)
    vector = vector_argument(node)
    if vector is None:
        return EMPTY
    given = context.of(vector)
    return given if node.function in NAME_KEEPING else given.drop_name()


# --- absence -------------------------------------------------------------------------------------------------


def absent_labels(argument: Expr) -> LabelSet:
    """Return the labels of ``absent(argument)``: the first equality matcher of each label, unless a later one differs.

    A label with a second matcher of any kind is dropped, as Prometheus does.
    """
    selector = argument.selector if isinstance(argument, MatrixSelector) else argument
    if not isinstance(selector, VectorSelector):
        return EMPTY
    values: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in selector.matchers:
        if matcher.label == METRIC_NAME:
            continue
        if matcher.op is MatchOp.EQUAL and matcher.label not in seen:
            values[matcher.label] = matcher.value
            seen.add(matcher.label)
        else:
            values.pop(matcher.label, None)
    result = UNKNOWN.drop_name() if selector.hole else EMPTY
    for label, value in values.items():
        result = result.add(label, value) if value else result
    return result


def _absent(node: Call, _: Context) -> LabelSet:
    return absent_labels(node.arguments[0])


# --- histograms ----------------------------------------------------------------------------------------------


def _histogram(node: Call, context: Context) -> LabelSet:
    vector = vector_argument(node)
    if vector is None:
        return EMPTY
    given = context.of(vector)
    if not given.may_have("le"):
        _report_missing_edges(node, vector, context)
    result = given.drop((METRIC_NAME, "le"))
    if node.function == "histogram_quantiles" and isinstance(node.arguments[1], StringLiteral):
        result = result.add(node.arguments[1].value)
    return result


def _report_missing_edges(node: Call, vector: Expr, context: Context) -> None:
    """Series of a native histogram have no ``le`` to lose, which only the names of classic buckets exclude."""
    loss = find_loss(vector, "le", context)
    known = isinstance(loss.node, VectorSelector)  # the schema knows the metric, and that it has no `le`
    if not known and not any(map(_has_buckets, selectors(vector))):
        return
    native = isinstance(loss.node, VectorSelector) and not _has_buckets(loss.node)
    message = f"`{node.function}` needs the label `le`: {loss.text(context)}"
    help_ = "only a native histogram has no `le`" if native else "add `le` to the labels that are kept"
    context.report(MISSING_LE.as_(Severity.WARNING) if native else MISSING_LE, message, node.span, help_)


def _has_buckets(selector: VectorSelector) -> bool:
    """Tell whether a selector asks for the buckets of a classic histogram: by name, recorded or not, or by ``le``."""
    return _BUCKETS.search(selector.name or "") is not None or any(each.label == "le" for each in selector.matchers)


_BUCKETS = re.compile(r"_bucket(?:$|:)")


# --- labels from labels --------------------------------------------------------------------------------------


def _label_replace(node: Call, context: Context) -> LabelSet:
    given = context.of(node.arguments[0])
    target, replacement, source, pattern = (
        each.value if isinstance(each, StringLiteral) else "" for each in node.arguments[1:5]
    )
    return replace_text(given, target, replacement, source, pattern)


def _label_join(node: Call, context: Context) -> LabelSet:
    given = context.of(node.arguments[0])
    target, separator, *sources = (each.value if isinstance(each, StringLiteral) else "" for each in node.arguments[1:])
    return join_texts(given, target, separator, sources)


def _info(node: Call, context: Context) -> LabelSet:
    """Labels of info metrics are added where the samples have none; matchers that need a value make them sure."""
    result = context.of(node.arguments[0])
    selector = node.arguments[1] if len(node.arguments) > 1 else None
    matchers = selector.matchers if isinstance(selector, VectorSelector) else ()
    wanted = [matcher for matcher in matchers if matcher.label != METRIC_NAME]
    if wanted:
        for matcher in wanted:
            result = _with_info(result, matcher)
        return result
    known = context.schema(INFO_METRIC) if not matchers else None
    if known is None:
        return LabelSet(result.sure, result.maybe | result.never, True, result.constant)
    for label in sorted(known.named - {METRIC_NAME, *_IDENTIFYING}):
        result = result if label in result.sure else result.admit(label)
    return result


def _with_info(given: LabelSet, matcher: Matcher) -> LabelSet:
    if matcher.label in given.sure:
        return given
    return given.admit(matcher.label) if accepts_empty(matcher) else given.add(matcher.label)


_SPECIAL: Final[dict[str, Callable[[Call, Context], LabelSet]]] = {
    "absent": _absent,
    "absent_over_time": _absent,
    "histogram_quantile": _histogram,
    "histogram_quantiles": _histogram,
    "histogram_fraction": _histogram,
    "label_replace": _label_replace,
    "label_join": _label_join,
    "info": _info,
}


_COPIES = {"(.*)": ("$1", "${1}", "$0", "${0}"), ".*": ("$0", "${0}")}
"""Patterns that match anything, with the replacements that yield the whole value."""
_COPIES_SOME = {"(.+)": ("$1", "${1}", "$0", "${0}"), ".+": ("$0", "${0}")}
"""Patterns that match anything but a missing label."""


def replace_text(given: LabelSet, target: str, replacement: str, source: str, pattern: str) -> LabelSet:
    """Return the labels after ``label_replace(given, target, replacement, source, pattern)``."""
    if replacement in _COPIES.get(pattern, ()):
        return _copied(given, target, source)
    if replacement in _COPIES_SOME.get(pattern, ()):
        if source in given.sure:
            return _copied(given, target, source)
        # Where the source is missing, the target stays as it is.
        return given.admit(target) if target not in given.sure else _forgotten(given, target)
    certain = _certainly_matches(given, source, pattern)
    if certain is False:
        return given
    literal = literal_text(replacement)
    constant = literal if not has_references(replacement) else None
    if certain and (literal or constant == ""):
        return given.add(target, constant) if literal else given.drop((target,))
    if literal and target in given.sure:
        return _forgotten(given, target)
    if constant == "" and not given.may_have(target):
        return given
    return given.admit(target)


def join_texts(given: LabelSet, target: str, separator: str, sources: Sequence[str]) -> LabelSet:
    """Return the labels after ``label_join(given, target, separator, *sources)``."""
    if (separator and len(sources) > 1) or any(source in given.sure for source in sources):
        values = [given.constant.get(source) for source in sources]
        known = [value for value in values if value is not None]
        return given.add(target, separator.join(known) if len(known) == len(sources) else None)
    if not any(given.may_have(source) for source in sources):
        return given.drop((target,))
    return given.admit(target)


def _copied(given: LabelSet, target: str, source: str) -> LabelSet:
    if source in given.sure:
        return given.add(target, given.constant.get(source))
    return given.admit(target) if given.may_have(source) else given.drop((target,))


def _forgotten(given: LabelSet, target: str) -> LabelSet:
    """The label stays sure, its value is unknown."""
    return given.add(target)


def _certainly_matches(given: LabelSet, source: str, pattern: str) -> bool | None:
    """Whether the pattern matches the source label of every element, of none (False), or may do either (None)."""
    if pattern in (".*", "(.*)"):
        return True
    if source in given.constant:
        return matches_whole(pattern, given.constant[source])
    if not given.may_have(source):
        return matches_whole(pattern, "")
    if pattern in (".+", "(.+)") and source in given.sure:
        return True
    return None
