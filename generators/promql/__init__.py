"""PromQL in pure Python: read, check, print, rewrite and evaluate expressions.

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

An expression is evaluated over series in memory, at one time or at every step of a range at once, without a server;
only that needs numpy::

    >>> storage = promql.Storage()
    >>> series = promql.parse_series('errors_total{job="api",code="500"} 0+6x10')
    >>> storage.add(series.labels, range(0, 660_000, 60_000), series.values)
    >>> promql.evaluate(expr, storage, 600_000).value.samples
    (Sample(labels=(('job', 'api'),), value=0.1),)

``promql.read_data`` fills a storage from a file, ``promql.rules`` evaluates, lints and tests whole rule files.

The package knows nothing of models and imports nothing else of ours.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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
from generators.promql.durations import format_duration, parse_duration
from generators.promql.parser import parse
from generators.promql.pretty import pretty
from generators.promql.printer import format  # noqa: A004 - `promql.format`, the field's word
from generators.promql.problems import Code, Problem, Severity
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Feature, Profile
from generators.promql.types import type_of
from generators.promql.walk import children, selectors, transform, walk

if TYPE_CHECKING:
    from generators.promql.codes import CODES
    from generators.promql.engine import Limits, Result, Storage, evaluate, parse_series
    from generators.promql.engine.data import read_data
    from generators.promql.filling import Filling, fill, holes
else:
    _SELDOM = {
        **dict.fromkeys(("Limits", "Result", "Storage", "evaluate", "parse_series"), "engine"),
        "read_data": "engine.data",
        "CODES": "codes",
        **dict.fromkeys(("Filling", "fill", "holes"), "filling"),
    }

    def __getattr__(name: str) -> object:
        """Import on first use what evaluates, since it brings numpy, and what few want."""
        if name not in _SELDOM:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_SELDOM[name]}"), name)


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
    "Limits",
    "MatchOp",
    "Matcher",
    "Matching",
    "MatrixSelector",
    "NumberLiteral",
    "Problem",
    "Profile",
    "Result",
    "Severity",
    "Span",
    "Storage",
    "StringLiteral",
    "Subquery",
    "Unary",
    "ValueType",
    "VectorSelector",
    "check",
    "children",
    "evaluate",
    "fill",
    "format",
    "format_duration",
    "holes",
    "parse",
    "parse_duration",
    "parse_series",
    "pretty",
    "read_data",
    "selectors",
    "transform",
    "type_of",
    "walk",
]
