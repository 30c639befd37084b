"""PromQL in pure Python: read, check, print and rewrite expressions.

An expression is a tree of frozen values.  ``parse`` reads one, ``check`` finds what a version of Prometheus would
refuse, ``format`` and ``pretty`` write it out again::

    >>> from generators import promql
    >>> expr, problems = promql.parse('sum by(job)(rate(errors_total{code=~"5.."}[300s])) > 0')
    >>> promql.format(expr)
    'sum by (job) (rate(errors_total{code=~"5.."}[5m])) > 0'
    >>> [problem.message for problem in promql.check(promql.parse("rate(errors_total)")[0])]
    ['`rate` takes a range vector, but got an instant vector']

Mistakes are values: a ``Problem`` has a code (its page is in ``codes``), a place in the text and a remedy.

Templates have holes, which are filled with nodes, never with text::

    >>> template, _ = promql.parse("sum by ($by) (increase($errors[$window]))", template=True)
    >>> errors, _ = promql.parse("errors_total")
    >>> fillings = {"by": ("job",), "errors": errors, "window": promql.Duration(300_000)}
    >>> promql.format(promql.fill(template, fillings))
    'sum by (job) (increase(errors_total[5m]))'

The package knows nothing of models and imports nothing else of ours.
"""

from __future__ import annotations

from generators.promql.ast import (
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
    Span,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from generators.promql.check import check
from generators.promql.codes import CODES, Code
from generators.promql.durations import format_duration, parse_duration
from generators.promql.filling import Filling, fill, holes
from generators.promql.parser import parse
from generators.promql.pretty import pretty
from generators.promql.printer import format  # noqa: A004 - `promql.format`, the field's word
from generators.promql.problems import Problem, Severity
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Feature, Profile
from generators.promql.types import type_of
from generators.promql.walk import children, selectors, transform, walk

__all__ = [
    "CODES",
    "NOWHERE",
    "PROMETHEUS_2",
    "PROMETHEUS_3",
    "Aggregate",
    "At",
    "Binary",
    "Call",
    "Code",
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
    "Problem",
    "Profile",
    "Severity",
    "Span",
    "StringLiteral",
    "Subquery",
    "Unary",
    "ValueType",
    "VectorSelector",
    "check",
    "children",
    "fill",
    "format",
    "format_duration",
    "holes",
    "parse",
    "parse_duration",
    "pretty",
    "selectors",
    "transform",
    "type_of",
    "walk",
]
