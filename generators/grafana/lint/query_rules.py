"""Rules about queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generators.diagnostics import Code, Severity
from generators.grafana.lint.finding import DashboardFinding
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

QUERY_THAT_CANNOT_BE_READ = Code(
    "D810",
    "Query that cannot be read",
    "Prometheus refuses the query, whatever the variables in it stand for, and the panel shows an error.",
    "sum(rate(hits_total[$__rate_interval])",
    "sum(rate(hits_total[$__rate_interval]))",
)
RATE_OVER_A_FIXED_TIME = Code(
    "D811",
    "Rate over a fixed time",
    "A fixed range is too short for a slow scrape or a wide zoom, and then shows nothing or skips samples; "
    "`$__rate_interval` fits both.",
    "rate(hits_total[5m])",
    "rate(hits_total[$__rate_interval])",
    Severity.WARNING,
)
QUERY_THAT_IS_NOT_NARROWED_BY_JOB = Code(
    "D812",
    "Query that is not narrowed by `job`",
    "Series that carry `job` are narrowed by its variable; others of the same name are added to them otherwise.",
    "up",
    'up{job=~"$job"}',
    Severity.WARNING,
)
QUERY_THAT_IS_NOT_NARROWED_BY_INSTANCE = Code(
    "D813",
    "Query that is not narrowed by `instance`",
    "Series that carry `instance` are narrowed by its variable.",
    "up",
    'up{instance=~"$instance"}',
    Severity.WARNING,
)
COUNTER_THAT_IS_READ_AS_IT_IS = Code(
    "D814",
    "Counter that is read as it is",
    "A counter's value is how much has happened since its process started, which says nothing; its rate does.",
    "sum(hits_total)",
    "sum(rate(hits_total[$__rate_interval]))",
    Severity.WARNING,
)
QUERY_OF_LOGS_THAT_CANNOT_BE_READ = Code(
    "D816",
    "Query of logs that cannot be read",
    "A query of logs selects a stream, and its brackets close.",
    '{app="x" |= "error"',
    '{app="x"} |= "error"',
)
QUERY_OF_LOGS_OVER_A_FIXED_TIME = Code(
    "D817",
    "Query of logs over a fixed time",
    "`$__auto` follows the zoom; a fixed range leaves gaps or counts lines twice.",
    'count_over_time({app="x"}[5m])',
    'count_over_time({app="x"}[$__auto])',
    Severity.WARNING,
)
QUANTILE_WITHOUT_LE = Code(
    "D828",
    "Quantile without `le`",
    "`histogram_quantile` reads the bounds of buckets from `le`; without it the result is empty.",
    "histogram_quantile(0.9, sum by (job) (rate(x_bucket[$__rate_interval])))",
    "histogram_quantile(0.9, sum by (job, le) (rate(x_bucket[$__rate_interval])))",
)

RATES = frozenset(("rate", "irate", "increase"))
_LOG_RANGE = re.compile(r"\[(?!\$__auto\])[^\]]*\]")
_LOG_STREAM = re.compile(r"\{[^{}]*\}")


def find(view: View) -> Iterator[DashboardFinding]:
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


def _refused(view: View, query: Query, why: Unread) -> DashboardFinding:
    message, help_ = f"the query cannot be read: {why.message}", why.help or "correct it; the character is marked"
    return view.finding(
        QUERY_THAT_CANNOT_BE_READ, query.place, message, help_, at=(query.target, "expr"), offset=why.start
    )


def _at(query: Query, node: Expr) -> dict[str, Any]:
    return {"at": (query.target, "expr"), "offset": query.read.original(node.span.start)}


def _labels(view: View, query: Query, expr: Expr) -> Iterator[DashboardFinding]:
    for each in selectors(expr):
        if not carries_scrape_labels(each):
            continue
        for kind, label in (
            (QUERY_THAT_IS_NOT_NARROWED_BY_JOB, "job"),
            (QUERY_THAT_IS_NOT_NARROWED_BY_INSTANCE, "instance"),
        ):
            variable = view.variables.get(label)
            if variable is None:
                continue
            operators = (MatchOp.REGEX,) if variable.get("multi") else (MatchOp.REGEX, MatchOp.EQUAL)
            if not any((label, f"${label}") == (m.label, m.value) and m.op in operators for m in each.matchers):
                message = f"`{each.name}` is not narrowed by `{label}`"
                yield view.finding(kind, query.place, message, f'add `{label}=~"${label}"`', **_at(query, each))


def _ranges(view: View, query: Query, expr: Expr) -> Iterator[DashboardFinding]:
    for node in walk(expr):
        if isinstance(node, Call) and node.function in RATES:
            for argument in node.arguments:
                if isinstance(argument, MatrixSelector) and argument.range != DurationHole("__rate_interval"):
                    message = f"`{node.function}` does not look back over `$__rate_interval`"
                    help_ = "write `$__rate_interval`, or record it as a rule"
                    yield view.finding(RATE_OVER_A_FIXED_TIME, query.place, message, help_, **_at(query, argument))


def _counters(view: View, query: Query, expr: Expr) -> Iterator[DashboardFinding]:
    for selector in _bare(expr, rated=False):
        if (selector.name or "").endswith("_total"):
            message = f"`{selector.name}` is a counter, and read as it is"
            yield view.finding(
                COUNTER_THAT_IS_READ_AS_IT_IS, query.place, message, "read its `rate`", **_at(query, selector)
            )


def _bare(expr: Expr, *, rated: bool) -> Iterator[VectorSelector]:
    """Yield selectors that are not right inside of a rate."""
    if isinstance(expr, VectorSelector):
        if not rated:
            yield expr
        return
    inside = isinstance(expr, Call) and expr.function in RATES
    for child in children(expr):
        yield from _bare(child, rated=inside or (rated and isinstance(expr, MatrixSelector)))


def _quantiles(view: View, query: Query, expr: Expr) -> Iterator[DashboardFinding]:
    for node in walk(expr):
        if isinstance(node, Call) and node.function == "histogram_quantile":
            inner = node.arguments[-1]
            if isinstance(inner, Aggregate) and not inner.without and "le" not in (inner.labels or ()):
                classic = any((each.name or "").endswith("_bucket") for each in selectors(inner))
                if classic:
                    message = "the quantile's aggregation loses `le`"
                    yield view.finding(QUANTILE_WITHOUT_LE, query.place, message, "add it to `by`", **_at(query, inner))


def _logs(view: View) -> Iterator[DashboardFinding]:
    """Yield what can be said of queries of logs without reading LogQL: a stream is selected, ranges follow the zoom."""
    for panel in view.panels:
        for target in panel.get("targets") or ():
            text = str(target.get("expr") or "")
            if not text or view.language(panel, target) != LOGQL:
                continue
            place = f"{panel.get('title', '')} {target.get('refId', '')}".strip()
            if not _LOG_STREAM.search(text) or any(text.count(a) != text.count(b) for a, b in ("()", "[]", "{}")):
                yield view.finding(
                    QUERY_OF_LOGS_THAT_CANNOT_BE_READ,
                    place,
                    "the query of logs cannot be read",
                    "close each bracket",
                    at=(target, "expr"),
                )
            if _LOG_RANGE.search(text):
                yield view.finding(
                    QUERY_OF_LOGS_OVER_A_FIXED_TIME,
                    place,
                    "the query of logs looks back over a fixed time",
                    "write `[$__auto]`",
                    at=(target, "expr"),
                )
