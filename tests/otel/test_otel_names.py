"""Names against those that the original library gives, and laws."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from otel.names import (
    MAIN_UNITS,
    InstrumentKind,
    Strategy,
    TranslationError,
    edge_text,
    job_label,
    label_name,
    metric_name,
    series_names,
)

ORIGINAL = json.loads((Path(__file__).parent / "otlptranslator-1.0.0.json").read_text(encoding="utf-8"))
STRATEGIES = [Strategy(value) for value in ORIGINAL["strategies"]]

KINDS = st.sampled_from(InstrumentKind)
NAMES = st.text(alphabet="ab9_.:-é ", max_size=12)
UNITS = st.one_of(
    st.sampled_from(["", "1", "s", "{request}/s", "By/s", "%", "USD"]),
    st.text(alphabet="a_/@{}1 ", max_size=5),
)


@pytest.mark.parametrize(("name", "kind", "unit", "namespace", "expected"), ORIGINAL["metrics"])
def test_metric_names_are_those_of_the_original_library(
    name: str, kind: str, unit: str, namespace: str, expected: list[str | None]
) -> None:
    def ours(strategy: Strategy) -> str | None:
        try:
            return metric_name(name, InstrumentKind(kind), unit, strategy, namespace)
        except TranslationError:
            return None

    assert [ours(strategy) for strategy in STRATEGIES] == expected


@pytest.mark.parametrize(("key", "expected"), ORIGINAL["labels"])
def test_label_names_are_those_of_the_original_library(key: str, expected: list[str | None]) -> None:
    def ours(strategy: Strategy) -> str | None:
        try:
            return label_name(key, strategy)
        except TranslationError:
            return None

    assert [ours(STRATEGIES[0]), ours(STRATEGIES[3])] == expected


def test_a_histogram_makes_three_series_and_everything_else_makes_one() -> None:
    assert series_names("ml.prediction.duration", InstrumentKind.HISTOGRAM, "s") == (
        "ml_prediction_duration_seconds_bucket",
        "ml_prediction_duration_seconds_sum",
        "ml_prediction_duration_seconds_count",
    )
    assert series_names("ml.feature.bin", InstrumentKind.COUNTER, "{value}") == ("ml_feature_bin_total",)


def test_the_job_is_the_service_within_its_namespace() -> None:
    assert job_label("scorer", "ml") == "ml/scorer"
    assert job_label("scorer") == "scorer"


def test_moving_a_suffix_that_would_split_a_character_is_refused() -> None:
    with pytest.raises(TranslationError, match="break a character"):
        metric_name("aétotal", InstrumentKind.COUNTER, "", Strategy.NO_UTF8_ESCAPING_WITH_SUFFIXES)


# Computed with Go: strconv.FormatFloat(x, 'f', -1, 64), and %g with ".0" added to what looks like an integer.
EDGES = [
    (1.0, "1", "1.0"),
    (0.0, "0", "0.0"),
    (0.005, "0.005", "0.005"),
    (10.0, "10", "10.0"),
    (100000.0, "100000", "100000.0"),
    (1000000.0, "1000000", "1e+06"),
    (2500000.0, "2500000", "2.5e+06"),
    (123456789.0, "123456789", "1.23456789e+08"),
    (1e21, "1000000000000000000000", "1e+21"),
    (0.0001, "0.0001", "0.0001"),
    (0.00001, "0.00001", "1e-05"),
    (1.25e-7, "0.000000125", "1.25e-07"),
    (67108864.0, "67108864", "6.7108864e+07"),
    (81.92, "81.92", "81.92"),
    (-3.0, "-3", "-3.0"),
    (12345678901234567890.0, "12345678901234567000", "1.2345678901234567e+19"),
    (float("inf"), "+Inf", "+Inf"),
    (float("-inf"), "-Inf", "-Inf"),
]


@pytest.mark.parametrize(("value", "otlp", "scraped"), EDGES)
def test_bucket_edges_are_written_as_prometheus_stores_them(value: float, otlp: str, scraped: str) -> None:
    assert edge_text(value) == otlp
    assert edge_text(value, scraped=True) == scraped


@given(st.floats(allow_nan=False))
@settings(derandomize=True, deadline=None)
def test_the_text_of_an_edge_reads_back_as_the_edge(value: float) -> None:
    assert float(edge_text(value)) == value
    assert float(edge_text(value, scraped=True)) == value


@given(NAMES, KINDS, UNITS, st.sampled_from([strategy for strategy in Strategy if strategy.escapes]))
@settings(derandomize=True, deadline=None)
def test_an_escaped_name_is_a_classic_metric_name(
    name: str, kind: InstrumentKind, unit: str, strategy: Strategy
) -> None:
    try:
        result = metric_name(name, kind, unit, strategy)
    except TranslationError:
        assume(False)
    assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", result)


@given(st.text(max_size=12))
@settings(derandomize=True, deadline=None)
def test_an_escaped_label_is_a_classic_label_name(key: str) -> None:
    try:
        result = label_name(key)
    except TranslationError:
        assume(False)
    assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", result)


@given(NAMES, KINDS, st.sampled_from(["", "{request}", *MAIN_UNITS]))
@settings(derandomize=True, deadline=None)
def test_translating_a_translated_name_changes_nothing(name: str, kind: InstrumentKind, unit: str) -> None:
    try:
        once = metric_name(name, kind, unit)
    except TranslationError:
        assume(False)
    assert metric_name(once, kind, unit) == once


@given(NAMES, KINDS, UNITS)
@settings(derandomize=True, deadline=None)
def test_no_translation_leaves_the_name_alone(name: str, kind: InstrumentKind, unit: str) -> None:
    assert metric_name(name, kind, unit, Strategy.NO_TRANSLATION) == name
