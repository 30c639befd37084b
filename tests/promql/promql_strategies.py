"""Hypothesis strategies for syntax trees of PromQL, all of which can be printed and read back."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from generators.promql.syntax.ast import (
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
    VectorSelector,
)
from generators.promql.syntax.functions import AGGREGATES, FUNCTIONS
from generators.promql.syntax.lexer import KEYWORDS
from generators.promql.syntax.parser import BINDING, PARAMETRIC

_WORDS = ("a", "job", "le", "up", "errors_total", "inf", "NaN", "Sum", "OFFSET", *sorted(KEYWORDS))
_BYTES = st.sampled_from("\udc80\udcff\ufffd\u00a0\x00\n\\\"'`{}$#")

strings = st.text(max_size=6) | st.text(_BYTES, max_size=4) | st.sampled_from(_WORDS)
"""Values of any kind, bytes that are no UTF-8 among them."""

metric_names = st.sampled_from(_WORDS) | st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,5}", fullmatch=True) | strings
label_names = st.sampled_from(_WORDS) | st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True) | strings
grouping_labels = label_names.filter(lambda label: not label.startswith("$"))
groupings = st.lists(grouping_labels, max_size=3).map(tuple)

matchers = st.builds(Matcher, label_names.filter(lambda name: name != "__name__"), st.sampled_from(MatchOp), strings)

literal_durations = st.integers(-(10**12), 10**12).map(Duration) | st.sampled_from(
    [Duration(0), Duration(1), Duration(28 * 86_400_000), Duration(30 * 86_400_000), Duration(5_400_000)]
)
_factors = st.floats(allow_nan=False, allow_infinity=False).map(DurationNumber)


def _composed(inner: st.SearchStrategy[DurationExpr]) -> st.SearchStrategy[DurationExpr]:
    part = inner | _factors
    return (
        st.builds(DurationBinary, st.sampled_from(["+", "-", "*", "/", "%", "^"]), part, part)
        | st.builds(DurationUnary, st.sampled_from(["+", "-"]), part)
        | st.builds(DurationCall, st.sampled_from(["min_of", "max_of"]), st.tuples(part, part))
    )


def _durations(leaves: st.SearchStrategy[DurationExpr]) -> st.SearchStrategy[DurationExpr]:
    calls = st.sampled_from([DurationCall("step"), DurationCall("range")])
    return leaves | st.recursive(leaves | calls, _composed, max_leaves=5)


durations = _durations(literal_durations)
times = st.none() | st.sampled_from(At) | st.integers(-(2**62), 2**62) | st.integers(-(10**13), 10**13)

_fills = st.none() | st.floats()
matchings = st.none() | st.one_of(
    st.builds(Matching, st.booleans(), groupings, fill_left=_fills, fill_right=_fills),
    st.builds(Matching, st.booleans(), groupings, st.sampled_from(Group), groupings, _fills, _fills),
)

numbers = st.builds(NumberLiteral, st.floats() | st.integers(-20, 20).map(float), st.booleans())


def _selectors(duration: st.SearchStrategy[DurationExpr]) -> st.SearchStrategy[VectorSelector]:
    return st.builds(
        VectorSelector,
        st.none() | metric_names,
        st.lists(matchers, max_size=2).map(tuple),
        st.none() | duration,
        times,
        st.sampled_from(["", "", "anchored", "smoothed"]),
    )


selectors = _selectors(durations)


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    plain = sorted(set(AGGREGATES) - PARAMETRIC)
    return st.one_of(
        st.builds(Binary, st.sampled_from(sorted(BINDING)), inner, inner, st.booleans(), matchings),
        st.builds(Binary, st.sampled_from(["^", "*", "-", "==", "and", "unless"]), inner, inner),
        st.builds(Unary, st.sampled_from(["-", "+"]), inner),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=2).map(tuple)),
        st.builds(Aggregate, st.sampled_from(plain), inner, labels=st.none()),
        st.builds(Aggregate, st.sampled_from(plain), inner, labels=groupings, without=st.booleans()),
        st.builds(Aggregate, st.sampled_from(sorted(PARAMETRIC)), inner, inner, labels=groupings),
        st.builds(Subquery, inner, durations, st.none() | durations, st.none() | durations, times),
    )


_leaves: st.SearchStrategy[Expr] = st.one_of(
    numbers, selectors, st.builds(MatrixSelector, selectors, durations), strings.map(StringLiteral)
)
expressions = st.recursive(_leaves, _grown, max_leaves=8)
"""Any tree, most of them ill-typed."""

_some_names = st.sampled_from(["errors", "window", "by"])
_holey_durations = _durations(literal_durations | _some_names.map(DurationHole))
_holey = _selectors(_holey_durations) | st.builds(
    VectorSelector,
    _some_names,
    st.lists(matchers, max_size=1).map(tuple),
    st.none() | _holey_durations,
    hole=st.just(True),
)
_holey_groupings = st.lists(grouping_labels | st.sampled_from(["$by", "$errors"]), max_size=3).map(tuple)
templates = st.recursive(
    _holey | st.builds(MatrixSelector, _holey, _holey_durations) | numbers,
    lambda inner: st.one_of(
        st.builds(
            Binary,
            st.sampled_from(["+", "and"]),
            inner,
            inner,
            matching=st.builds(Matching, st.just(True), _holey_groupings),
        ),
        st.builds(Aggregate, st.just("sum"), inner, labels=_holey_groupings),
        st.builds(Subquery, inner, _holey_durations, st.none() | _holey_durations),
        st.builds(Call, st.just("rate"), st.tuples(inner)),
    ),
    max_leaves=5,
)
"""Trees with holes."""

# --- expressions that mean something ---------------------------------------------------------------------

_plain_selectors = st.builds(
    VectorSelector,
    st.sampled_from(["up", "errors_total", "sum", "a:b"]),
    st.lists(st.builds(Matcher, st.sampled_from(["job", "le"]), st.just(MatchOp.EQUAL), strings), max_size=2).map(
        tuple
    ),
    st.none() | st.integers(-(10**8), 10**8).map(Duration),
    st.none() | st.sampled_from(At),
)
_positive = st.integers(1, 10**8).map(Duration)
scalars = st.one_of(
    st.builds(NumberLiteral, st.sampled_from([0.0, 1.0, -2.5, math.inf, math.nan])), st.just(Call("time"))
)
_ranges = st.builds(MatrixSelector, _plain_selectors, _positive)
_groupings = st.lists(st.sampled_from(["job", "le", "x"]), max_size=2, unique=True).map(tuple)


def _vectors(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    operators = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", ">", "<=", ">="]
    one_to_one = st.none() | st.builds(Matching, st.booleans(), _groupings)
    return st.one_of(
        st.builds(Binary, st.sampled_from(operators), inner, inner, matching=one_to_one),
        st.builds(Binary, st.sampled_from(operators), inner, scalars),
        st.builds(Binary, st.sampled_from(["and", "or", "unless"]), inner, inner, matching=one_to_one),
        st.builds(Aggregate, st.sampled_from(["sum", "avg"]), inner, labels=st.none() | _groupings),
        st.builds(Aggregate, st.just("topk"), inner, scalars, labels=st.none() | _groupings),
        st.builds(Call, st.sampled_from(["abs", "ln", "sort"]), st.tuples(inner)),
        st.builds(Call, st.just("histogram_quantile"), st.tuples(scalars, inner)),
        st.builds(Unary, st.just("-"), inner),
        st.builds(
            Call, st.just("max_over_time"), st.tuples(st.builds(Subquery, inner, _positive, st.none() | _positive))
        ),
    )


typed = st.recursive(
    _plain_selectors | st.builds(Call, st.sampled_from(["rate", "increase"]), st.tuples(_ranges)),
    _vectors,
    max_leaves=8,
)
"""Instant vectors that Prometheus accepts."""
