"""PromQL in pure Python: read, check, print, rewrite and evaluate expressions.

An expression is a tree of frozen values.  ``parse`` reads one, ``check`` finds what a version of Prometheus would
refuse, ``format`` and ``pretty`` write it out again::

    >>> from generators import promql
    >>> expr, problems = promql.parse('sum by(job)(rate(errors_total{code=~"5.."}[300s])) > 0')
    >>> promql.format(expr)
    'sum by (job) (rate(errors_total{code=~"5.."}[5m])) > 0'
    >>> [problem.message for problem in promql.check(promql.parse("rate(errors_total)")[0])]
    ['`rate` takes a range vector, but got an instant vector']

Mistakes are values: a ``TextFinding`` has a code, a place in the text and a remedy.

Templates have holes, which are filled with nodes, never with text::

    >>> template, _ = promql.parse("sum by ($by) (increase($errors[$window]))", template=True)
    >>> errors, _ = promql.parse("errors_total")
    >>> fillings = {"by": ("job",), "errors": errors, "window": promql.Duration(300_000)}
    >>> promql.format(promql.fill(template, fillings))
    'sum by (job) (increase(errors_total[5m]))'

An expression is evaluated over series in memory, at one time or at every step of a range at once, without a server;
only that needs numpy::

    >>> from generators.promql import engine
    >>> storage = engine.Storage()
    >>> series = engine.parse_series('errors_total{job="api",code="500"} 0+6x10')
    >>> storage.add(series.labels, range(0, 660_000, 60_000), series.values)
    >>> engine.evaluate(expr, storage, 600_000).value.samples
    (Sample(labels=(('job', 'api'),), value=0.1),)

``promql.engine.series.files`` fills a storage from a file; ``promql.rules`` evaluates, lints and tests rule files.

The package knows nothing of models and imports nothing else of ours.
"""

from __future__ import annotations

from generators.diagnostics import Severity, Span, TextFinding
from generators.promql.checks.expressions import check
from generators.promql.checks.types import type_of
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Feature, Profile
from generators.promql.syntax.ast import (
    NOWHERE,
    Aggregate,
    At,
    Binary,
    Call,
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationNumber,
    DurationUnary,
    Expr,
    Group,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from generators.promql.syntax.holes import Filling, fill, holes
from generators.promql.syntax.parser import parse
from generators.promql.syntax.pretty import pretty
from generators.promql.syntax.printer import format  # noqa: A004 - `promql.format`, the field's word
from generators.promql.syntax.walk import children, selectors, transform, walk

__all__ = [
    "NOWHERE",
    "PROMETHEUS_2",
    "PROMETHEUS_3",
    "Aggregate",
    "At",
    "Binary",
    "Call",
    "Duration",
    "DurationBinary",
    "DurationCall",
    "DurationExpr",
    "DurationHole",
    "DurationNumber",
    "DurationUnary",
    "Expr",
    "Feature",
    "Filling",
    "Group",
    "MatchOp",
    "Matcher",
    "Matching",
    "MatrixSelector",
    "NumberLiteral",
    "Profile",
    "Severity",
    "Span",
    "StringLiteral",
    "Subquery",
    "TextFinding",
    "Unary",
    "ValueType",
    "VectorSelector",
    "check",
    "children",
    "fill",
    "format",
    "holes",
    "parse",
    "pretty",
    "selectors",
    "transform",
    "type_of",
    "walk",
]
