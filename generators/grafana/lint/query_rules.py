"""Rules about queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generators.grafana.lint.finding import Finding
from generators.grafana.lint.queries import Unread
from generators.grafana.lint.view import LOGQL, Query, View, carries_scrape_labels
from generators.promql.syntax.ast import (
    Aggregate,
    Call,
    DurationHole,
    Expr,
    MatchOp,
    MatrixSelector,
    VectorSelector,
)
from generators.promql.syntax.walk import children, selectors, walk

RATES = frozenset(("rate", "irate", "increase"))
_LOG_RANGE = re.compile(r"\[(?!\$__auto\])[^\]]*\]")
_LOG_STREAM = re.compile(r"\{[^{}]*\}")


def find(view: View) -> Iterator[Finding]:
    """Yield what is wrong with queries."""
    for query in view.queries:
        if query.read.problem is not None:
            yield _refused(view, query, query.read.problem)
        if query.expr is not None:
            yield from _labels(view, query, query.expr)
            yield from _ranges(view, query, query.expr)
            yield from _counters(view, query, query.expr)
            yield from _quantiles(view, query, query.expr)
    yield from _logs(view)


def _refused(view: View, query: Query, why: Unread) -> Finding:
    message, help_ = f"the query cannot be read: {why.message}", why.help or "correct it; the character is marked"
    return view.finding("D810", query.place, message, help_, at=(query.target, "expr"), offset=why.start)


def _at(query: Query, node: Expr) -> dict[str, Any]:
    return {"at": (query.target, "expr"), "offset": query.read.original(node.span.start)}


def _labels(view: View, query: Query, expr: Expr) -> Iterator[Finding]:
    for each in selectors(expr):
        if not carries_scrape_labels(each):
            continue
        for code, label in (("D812", "job"), ("D813", "instance")):
            variable = view.variables.get(label)
            if variable is None:
                continue
            operators = (MatchOp.REGEX,) if variable.get("multi") else (MatchOp.REGEX, MatchOp.EQUAL)
            if not any((label, f"${label}") == (m.label, m.value) and m.op in operators for m in each.matchers):
                message = f"`{each.name}` is not narrowed by `{label}`"
                yield view.finding(code, query.place, message, f'add `{label}=~"${label}"`', **_at(query, each))


def _ranges(view: View, query: Query, expr: Expr) -> Iterator[Finding]:
    for node in walk(expr):
        if isinstance(node, Call) and node.function in RATES:
            for argument in node.arguments:
                if isinstance(argument, MatrixSelector) and argument.range != DurationHole("__rate_interval"):
                    message = f"`{node.function}` does not look back over `$__rate_interval`"
                    help_ = "write `$__rate_interval`, or record it as a rule"
                    yield view.finding("D811", query.place, message, help_, **_at(query, argument))


def _counters(view: View, query: Query, expr: Expr) -> Iterator[Finding]:
    for selector in _bare(expr, rated=False):
        if (selector.name or "").endswith("_total"):
            message = f"`{selector.name}` is a counter, and read as it is"
            yield view.finding("D814", query.place, message, "read its `rate`", **_at(query, selector))


def _bare(expr: Expr, *, rated: bool) -> Iterator[VectorSelector]:
    """Yield selectors that are not right inside of a rate."""
    if isinstance(expr, VectorSelector):
        if not rated:
            yield expr
        return
    inside = isinstance(expr, Call) and expr.function in RATES
    for child in children(expr):
        yield from _bare(child, rated=inside or (rated and isinstance(expr, MatrixSelector)))


def _quantiles(view: View, query: Query, expr: Expr) -> Iterator[Finding]:
    for node in walk(expr):
        if isinstance(node, Call) and node.function == "histogram_quantile":
            inner = node.arguments[-1]
            if isinstance(inner, Aggregate) and not inner.without and "le" not in (inner.labels or ()):
                classic = any((each.name or "").endswith("_bucket") for each in selectors(inner))
                if classic:
                    message = "the quantile's aggregation loses `le`"
                    yield view.finding("D828", query.place, message, "add it to `by`", **_at(query, inner))


def _logs(view: View) -> Iterator[Finding]:
    """Yield what can be said of queries of logs without reading LogQL: a stream is selected, ranges follow the zoom."""
    for panel in view.panels:
        for target in panel.get("targets") or ():
            text = str(target.get("expr") or "")
            if not text or view.language(panel, target) != LOGQL:
                continue
            place = f"{panel.get('title', '')} {target.get('refId', '')}".strip()
            if not _LOG_STREAM.search(text) or any(text.count(a) != text.count(b) for a, b in ("()", "[]", "{}")):
                yield view.finding(
                    "D816", place, "the query of logs cannot be read", "close each bracket", at=(target, "expr")
                )
            if _LOG_RANGE.search(text):
                yield view.finding(
                    "D817",
                    place,
                    "the query of logs looks back over a fixed time",
                    "write `[$__auto]`",
                    at=(target, "expr"),
                )
