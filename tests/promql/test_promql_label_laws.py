"""Whatever the series are, the labels of every element lie within the bounds that the algebra states.

The engine evaluates random expressions over random series; the schema tells the algebra no more than bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generators.promql import format as text_of
from generators.promql.engine.evaluator import evaluate
from generators.promql.engine.results import VectorValue
from generators.promql.engine.series.labels import from_mapping
from generators.promql.engine.series.storage import Storage
from generators.promql.labels.algebra import METRIC_NAME, LabelSet, Schema, labels_of, why_missing
from generators.promql.profiles import PROMETHEUS_3
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Duration,
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
from generators.promql.syntax.walk import transform

METRICS = ("a", "b", "c")
LABELS = ("j", "k", "le")
VALUES = ("", "1", "2")
MINUTE = Duration(60_000)
PROFILE = PROMETHEUS_3.with_experimental()
LAW = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)

# --- series and schemas --------------------------------------------------------------------------------------

LABEL_VALUES = st.fixed_dictionaries({label: st.sampled_from(VALUES) for label in LABELS})
SERIES = st.lists(st.tuples(st.sampled_from(METRICS), LABEL_VALUES), min_size=1, max_size=7)


def storage_of(series: list[tuple[str, Mapping[str, str]]]) -> Storage:
    storage = Storage()
    for number, (name, labels) in enumerate(series):
        storage.add(from_mapping({METRIC_NAME: name, **labels}), (0, 60_000), (1.0 + number, 2.0 + number))
    return storage


def schema_of(series: list[tuple[str, Mapping[str, str]]], unknown: str | None) -> Schema:
    """The tightest bounds on the labels of each metric, except of the one that is unknown."""
    known: dict[str, LabelSet] = {}
    for name in METRICS:
        sets = [{label for label, value in labels.items() if value} for metric, labels in series if metric == name]
        sure = frozenset.intersection(*map(frozenset, sets)) if sets else frozenset[str]()
        known[name] = LabelSet(sure, frozenset().union(*sets) - sure)
    return lambda selector: None if selector.name in (unknown, None) else known[selector.name or ""]


# --- expressions ---------------------------------------------------------------------------------------------

SOME_LABELS = st.lists(st.sampled_from(LABELS), unique=True, max_size=3).map(tuple)
MATCHERS = st.one_of(
    st.builds(Matcher, st.sampled_from(LABELS), st.sampled_from(MatchOp), st.sampled_from(VALUES)),
    st.builds(
        Matcher,
        st.sampled_from(LABELS),
        st.sampled_from((MatchOp.REGEX, MatchOp.NOT_REGEX)),
        st.sampled_from((".+", ".*", "1|2", "1?")),
    ),
)
SELECTORS = st.builds(VectorSelector, st.sampled_from(METRICS), st.lists(MATCHERS, max_size=2).map(tuple))


def functions(vectors: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    ranges = st.one_of(
        st.builds(MatrixSelector, SELECTORS, st.just(Duration(120_000))),
        st.builds(Subquery, vectors, st.just(Duration(120_000)), st.just(MINUTE)),
    )
    over_time = st.sampled_from(("rate", "last_over_time", "absent_over_time", "sum_over_time", "first_over_time"))
    instant = st.sampled_from(("abs", "sort", "absent", "ceil", "timestamp", "hour"))
    label = st.sampled_from((*LABELS, "new")).map(StringLiteral)
    return st.one_of(
        st.builds(lambda name, argument: Call(name, (argument,)), over_time, ranges),
        st.builds(lambda name, argument: Call(name, (argument,)), instant, vectors),
        st.builds(lambda inner: Call("histogram_quantile", (NumberLiteral(0.5), inner)), vectors),
        st.builds(
            lambda inner, target, text, source, pattern: Call(
                "label_replace", (inner, target, StringLiteral(text), source, StringLiteral(pattern))
            ),
            vectors,
            label,
            st.sampled_from(("$1", "x", "x-$1", "", "$0", "$2$3", "$$")),
            label,
            st.sampled_from(("(.*)", "(.+)", ".*", "(1)|(2)", "", "1", "(1?)")),
        ),
        st.builds(
            lambda inner, target, separator, sources: Call(
                "label_join", (inner, target, StringLiteral(separator), *sources)
            ),
            vectors,
            label,
            st.sampled_from(("", "-")),
            st.lists(label, max_size=3),
        ),
        st.builds(lambda inner: Call("vector", (Call("scalar", (inner,)),)), vectors),
        st.just(Call("vector", (NumberLiteral(1.0),))),
    )


AGGREGATES = st.sampled_from(("sum", "max", "count", "group", "quantile", "topk", "limitk", "count_values"))


@st.composite
def aggregations(draw: st.DrawFn, vectors: st.SearchStrategy[Expr]) -> Expr:
    op = draw(AGGREGATES)
    parameter: Expr | None = None
    if op == "count_values":
        parameter = StringLiteral(draw(st.sampled_from((*LABELS, "new"))))
    elif op in ("quantile", "topk", "limitk"):
        parameter = NumberLiteral(1.0)
    labels = draw(st.none() | SOME_LABELS | st.just((METRIC_NAME, "j")))
    return Aggregate(op, draw(vectors), parameter, labels, labels is not None and draw(st.booleans()))


@st.composite
def operations(draw: st.DrawFn, vectors: st.SearchStrategy[Expr]) -> Expr:
    op = draw(st.sampled_from(("+", "/", ">", "==", "!=", "and", "or", "unless")))
    left, right = draw(vectors), draw(vectors)
    setlike = op in ("and", "or", "unless")
    if not setlike and draw(st.integers(0, 4)) == 0:
        return Binary(op, left, NumberLiteral(2.0)) if draw(st.booleans()) else Binary(op, NumberLiteral(2.0), left)
    on, names = draw(st.booleans()), draw(SOME_LABELS)
    group = None if setlike else draw(st.none() | st.sampled_from(Group))
    include: tuple[str, ...] = ()
    if group is not None:
        include = tuple(name for name in draw(SOME_LABELS) if not (on and name in names))
    fills = [None if setlike or draw(st.integers(0, 3)) else 1.0 for _ in range(2)]
    matching = Matching(on, names, group, include, *fills)
    return_bool = op in (">", "==", "!=") and draw(st.booleans())
    return Binary(op, left, right, return_bool, draw(st.none() | st.just(matching)) if setlike else matching)


def extended(vectors: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    signs = st.builds(Unary, st.sampled_from("+-"), vectors)
    return st.one_of(aggregations(vectors), operations(vectors), operations(vectors), functions(vectors), signs)


EXPRESSIONS: st.SearchStrategy[Expr] = st.recursive(SELECTORS, extended, max_leaves=5)


def elements(expr: Expr, storage: Storage) -> list[dict[str, str]]:
    """The label sets of the result; an evaluation that fails, as on many-to-many matches, is no example."""
    result = evaluate(expr, storage, 60_000, profile=PROFILE)
    assume(result.error is None)
    assert isinstance(result.value, VectorValue)
    return [dict(sample.labels) for sample in result.value.samples]


# --- laws ----------------------------------------------------------------------------------------------------


@given(SERIES, EXPRESSIONS, st.none() | st.sampled_from(METRICS))
@LAW
def test_the_labels_of_every_element_lie_within_the_bounds(
    series: list[tuple[str, Mapping[str, str]]], expr: Expr, unknown: str | None
) -> None:
    bounds, _ = labels_of(expr, schema_of(series, unknown))
    assert bounds.sure.isdisjoint(bounds.maybe)
    assert bounds.constant.keys() <= bounds.sure
    for labels in elements(expr, storage_of(series)):
        where = f"{text_of(expr)} gave {labels} for {bounds}"
        assert bounds.sure <= labels.keys(), where
        assert all(bounds.may_have(label) for label in labels), where
        assert all(labels[label] == value for label, value in bounds.constant.items()), where


@given(SERIES, st.one_of(SELECTORS, operations(st.one_of(SELECTORS, aggregations(SELECTORS)))))
@LAW
def test_what_is_said_never_to_match_is_empty(series: list[tuple[str, Mapping[str, str]]], expr: Expr) -> None:
    _, problems = labels_of(expr, schema_of(series, None))
    codes = {problem.code for problem in problems}
    assume(codes & {"Q101", "Q102", "Q103", "Q104"})
    if isinstance(expr, VectorSelector) or {"Q103", "Q104"} & codes:
        assert elements(expr, storage_of(series)) == [], text_of(expr)


@given(SERIES, EXPRESSIONS, st.sampled_from((*LABELS, METRIC_NAME, "other")))
@LAW
def test_a_reason_is_given_for_exactly_the_labels_that_are_impossible(
    series: list[tuple[str, Mapping[str, str]]], expr: Expr, label: str
) -> None:
    schema = schema_of(series, None)
    bounds, _ = labels_of(expr, schema)
    reason = why_missing(expr, schema, label)
    assert (reason is None) == bounds.may_have(label)
    assert reason is None or reason[1]


@given(SERIES, EXPRESSIONS, st.sampled_from((("k",), ())))
@LAW
def test_a_hole_for_labels_allows_for_whatever_fills_it(
    series: list[tuple[str, Mapping[str, str]]], expr: Expr, filling: tuple[str, ...]
) -> None:
    template = transform(expr, lambda node: with_labels(node, {"k": ("$k",)}))
    filled = transform(template, lambda node: with_labels(node, {"$k": filling}))
    bounds, _ = labels_of(template, schema_of(series, None))
    for labels in elements(filled, storage_of(series)):
        where = f"{text_of(filled)} gave {labels} for {bounds}"
        assert bounds.sure <= labels.keys(), where
        assert all(bounds.may_have(label) for label in labels), where


def with_labels(node: Expr, changes: Mapping[str, tuple[str, ...]]) -> Expr:
    """The node with other labels in its grouping or matching."""

    def changed(labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new for label in labels for new in changes.get(label, (label,)))

    if isinstance(node, Aggregate) and node.labels is not None:
        return replace(node, labels=changed(node.labels))
    if isinstance(node, Binary) and node.matching is not None:
        matching = node.matching
        return replace(
            node, matching=replace(matching, labels=changed(matching.labels), include=changed(matching.include))
        )
    return node
