"""The function info(): adds the labels of info series, such as ``target_info``, to the series that they describe.

An info series describes a series when both agree in ``job`` and ``instance``. If several info series of one name
describe it, the one with the newest sample counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.duration_values import duration_ms
from generators.promql.engine.frame import Frame, empty_frame, merge_duplicates, stack
from generators.promql.engine.ranges.selectors import matches, moments, newest_samples, select
from generators.promql.engine.results import BAD_LABELS, BAD_TYPE, Failure, Mask, Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, get, keep, with_labels
from generators.promql.syntax.ast import (
    At,
    Binary,
    Call,
    Duration,
    Expr,
    Matcher,
    MatchOp,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from generators.promql.syntax.functions import FUNCTIONS
from generators.promql.syntax.walk import children

IDENTIFYING = ("instance", "job")
_DEFAULT = (Matcher(METRIC_NAME, MatchOp.EQUAL, "target_info"),)
_ANY_INFO = Matcher(METRIC_NAME, MatchOp.REGEX, ".+_info")


@dataclass(frozen=True, slots=True, eq=False)
class _InfoSeries:
    """Info series over all steps: labels, sample times [M × S] and presence [M × S]."""

    labels: tuple[Labels, ...]
    times: Times
    present: Mask


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the second argument asks for: matchers of info names, and matchers of data labels."""

    names: tuple[Matcher, ...]
    data: tuple[Matcher, ...]

    @property
    def labels(self) -> frozenset[str]:
        """The data labels to copy; none named means all."""
        return frozenset(matcher.label for matcher in self.data)


def info(context: Context, node: Call) -> Frame:
    """The first argument's series with data labels added."""
    frame = context.vector(node.arguments[0])
    wanted = _wanted(node)
    dot_all = context.semantics.dot_all
    tests = [matches(matcher, dot_all=dot_all) for matcher in wanted.names]
    own = np.array([all(test(get(labels, METRIC_NAME)) for test in tests) for labels in frame.labels], dtype=bool)
    described = [labels for labels, ignored in zip(frame.labels, own, strict=True) if not ignored]
    infos = _info_series(context, node, wanted, {key for key in map(_identity, described) if key})
    optional = all(matches(matcher, dot_all=dot_all)("") for matcher in wanted.data)
    parts = [_enriched(frame, row, infos, wanted, optional, node.span) for row in np.flatnonzero(~own).tolist()]
    return merge_duplicates(stack((frame.rows(own), *parts), context.grid.size), node.span)


def _wanted(node: Call) -> _Wanted:
    if len(node.arguments) < 2:
        return _Wanted(_DEFAULT, ())
    selector = node.arguments[1]
    if not isinstance(selector, VectorSelector):
        raise Failure(BAD_TYPE, "the second argument of info must be matchers in braces", selector.span)
    named = tuple(matcher for matcher in selector.matchers if matcher.label == METRIC_NAME)
    if selector.name is not None:
        named = (Matcher(METRIC_NAME, MatchOp.EQUAL, selector.name), *named)
    data = tuple(matcher for matcher in selector.matchers if matcher.label != METRIC_NAME)
    if not named:
        return _Wanted(_DEFAULT, data)
    positive = any(matcher.op in (MatchOp.EQUAL, MatchOp.REGEX) for matcher in named)
    return _Wanted(named if positive else (_ANY_INFO, *named), data)


def _identity(labels: Labels) -> Labels:
    return keep(labels, IDENTIFYING)


def _info_series(context: Context, node: Call, wanted: _Wanted, identities: set[Labels]) -> _InfoSeries:
    at, offset = _reference(context, node.arguments[0])
    found = [
        series
        for series in select(context, None, (*wanted.names, *wanted.data))
        if _identity(series.labels) in identities
    ]
    when = moments(context, at, Duration(offset))
    frame, times = newest_samples(context, found, when, node.span)
    return _InfoSeries(frame.labels, times, frame.present)


def _enriched(frame: Frame, row: int, infos: _InfoSeries, wanted: _Wanted, optional: bool, span: Span) -> Frame:
    """One series with the labels that its info series give it, which may change from step to step."""
    labels = frame.labels[row]
    identity = _identity(labels)
    names = sorted({get(each, METRIC_NAME) for each in infos.labels if identity and _identity(each) == identity})
    steps = frame.steps
    chosen = np.array([_newest(infos, name, identity, frame.present[row], span) for name in names], dtype=np.intp)
    chosen = chosen.reshape(len(names), steps)
    patterns, which = np.unique(chosen, axis=1, return_inverse=True) if names else (chosen[:, :1], np.zeros(steps))
    parts = []
    for index in range(patterns.shape[1]):
        sources = [infos.labels[source] for source in patterns[:, index] if source >= 0]
        if not sources and not optional:
            continue
        present = frame.present[row] & (which.reshape(-1) == index)
        if present.any():
            extended = with_labels(labels, _data_labels(labels, sources, wanted, span))
            part = frame.rows([row])
            parts.append(replace(part, labels=(extended,), present=present[None]))
    return stack(parts, steps) if parts else empty_frame(steps)


def _newest(infos: _InfoSeries, name: str, identity: Labels, needed: Mask, span: Span) -> Times:
    """Index of the info series with the newest sample at each step, -1 for none [S]."""
    rows = [
        row
        for row, labels in enumerate(infos.labels)
        if get(labels, METRIC_NAME) == name and _identity(labels) == identity
    ]
    times = np.where(infos.present[rows], infos.times[rows], np.iinfo(np.int64).min)
    best = times.max(axis=0)
    exists = infos.present[rows].any(axis=0)
    tied = ((times == best) & infos.present[rows]).sum(axis=0) > 1
    if (tied & needed).any():
        step = int((tied & needed).argmax())
        first, second = (rows[i] for i in np.flatnonzero(times[:, step] == best[step])[:2])
        one, two = format_labels(infos.labels[first]), format_labels(infos.labels[second])
        message = f"found duplicate series for info metric: existing {one} @ {best[step]}, new {two} @ {best[step]}"
        raise Failure(BAD_LABELS, message, span)
    return np.where(exists, np.array(rows)[times.argmax(axis=0)], -1)


def _data_labels(labels: Labels, sources: Sequence[Labels], wanted: _Wanted, span: Span) -> list[tuple[str, str]]:
    base = {name for name, _ in labels}
    added: dict[str, str] = {}
    for source in sources:
        for name, value in source:
            if name == METRIC_NAME or (wanted.data and name not in wanted.labels):
                continue
            if added.get(name, value) != value:
                raise Failure(BAD_LABELS, f"conflicting label: {name}", span)
            if name not in base:
                added[name] = value
    return list(added.items())


# --- the time at which info series are read -------------------------------------------------------------------


def _reference(context: Context, expr: Expr) -> tuple[int | At | None, int]:
    """``@`` and offset (ms) of the argument's selectors if all agree; otherwise the evaluation time counts."""
    references: set[tuple[int | At | None, int]] = set()
    if not _collect(context, expr, (), references):
        return None, 0
    first = next(iter(references))
    if len(references) == 1:
        return first
    resolved = {(_moment(context, at), offset) for at, offset in references}
    if any(at is None for at, _ in resolved):
        return None, 0
    fixed = {at - offset for at, offset in resolved if at is not None}
    return (fixed.pop(), 0) if len(fixed) == 1 else (None, 0)


def _moment(context: Context, at: int | At | None) -> int | None:
    if isinstance(at, At):
        return context.query.start if at is At.START else context.query.end
    return at


def _collect(
    context: Context,
    expr: Expr,
    outer: tuple[Subquery, ...],
    references: set[tuple[int | At | None, int]],
) -> bool:
    """Gather the references of all selectors; False when some vector has no selector to take one from."""
    if isinstance(expr, VectorSelector):
        at, offset = expr.at, duration_ms(expr.offset, context.query, negative=True)
        for subquery in reversed(outer):
            if at is not None:
                break
            offset += duration_ms(subquery.offset, context.query, negative=True)
            at = subquery.at
        references.add((at, offset))
        return True
    path = (*outer, expr) if isinstance(expr, Subquery) else outer
    inner: tuple[Expr, ...] = (expr.selector,) if isinstance(expr, MatrixSelector) else children(expr)
    if isinstance(expr, Call) and expr.function == "info":
        inner = inner[:1]
    vectors = [child for child in inner if not _is_plain(child)]
    found = [_collect(context, child, path, references) for child in vectors]
    return bool(found) and all(found)


def _is_plain(expr: Expr) -> bool:
    """Whether an expression is a scalar or a string."""
    if isinstance(expr, Call):
        signature = FUNCTIONS.get(expr.function)
        return signature is not None and signature.returns is ValueType.SCALAR
    if isinstance(expr, (Binary, Unary)):
        return all(_is_plain(child) for child in children(expr))
    return isinstance(expr, (NumberLiteral, StringLiteral))
