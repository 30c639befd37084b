from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_recorded import Recorded, metric, rendered
from sklearn.metrics import mean_absolute_error, ndcg_score

from otel.tasks.embeddings import Embeddings, vector_norm
from otel.tasks.forecasts import Forecasts
from otel.tasks.ranking import Ranking, normalised_gain, position_class

HORIZONS = ["near", "middle", "far"]
POSITIONS = ["1", "2", "3", "4-10", "beyond"]

FORECASTING = {
    "points": metric("ml.forecast.point", horizon=HORIZONS, sign=["over", "under", "exact"]),
    "forecast_error": metric("ml.forecast.error.absolute", horizon=HORIZONS),
    "naive_error": metric("ml.forecast.naive.absolute", horizon=HORIZONS),
    "actual": metric("ml.forecast.actual.absolute", horizon=HORIZONS),
    "forecast_intervals": metric("ml.forecast.interval", position=["inside", "below", "above"]),
}
RANKING = {
    "lists": metric("ml.rank.list", result=["full", "short", "empty"], audience=["known", "cold"]),
    "impressions": metric("ml.rank.impression", position=POSITIONS),
    "clicks": metric("ml.rank.click", position=POSITIONS),
    "exposure": metric("ml.rank.exposure", popularity=["head", "torso", "tail"]),
    "judged": metric("ml.rank.judged"),
    "gain": metric("ml.rank.gain"),
}
EMBEDDING = {
    "embeddings": metric("ml.embedding.count", result=["ok", "zero", "invalid"]),
    "inputs": metric("ml.embedding.input", result=["whole", "truncated", "empty"]),
    "batch_size": metric("ml.embedding.batch", kind="histogram"),
    "norm": metric("ml.embedding.norm", kind="histogram"),
}


def test_a_forecast_counts_its_error_by_horizon() -> None:
    seen = Recorded(rendered("wine/demand", metrics=FORECASTING))
    forecasts = Forecasts(seen.recorder)
    truths, said, naive = [10.0, 20.0, -30.0], [12.0, 20.0, -35.0], [11.0, 18.0, -20.0]
    for each in zip(said, truths, naive, strict=True):
        assert forecasts.label_forecast("near", *each, interval=(0, 15))
    assert seen.total("forecast_error") / 3 == pytest.approx(mean_absolute_error(truths, said))
    assert seen.total("naive_error") / 3 == pytest.approx(mean_absolute_error(truths, naive))
    assert seen.total("actual") == 60
    assert seen.counts("points") == {("near", "over"): 1, ("near", "exact"): 1, ("near", "under"): 1}
    assert seen.counts("forecast_intervals") == {("inside",): 1, ("above",): 1, ("below",): 1}


@pytest.mark.parametrize("actual", [None, math.nan, math.inf, "many"])
def test_a_forecast_point_without_a_number_is_not_counted(actual: object) -> None:
    seen = Recorded(rendered("wine/demand", metrics=FORECASTING))
    assert not Forecasts(seen.recorder).label_forecast("far", 1.0, actual)
    assert seen.total("points") == 0
    assert seen.counts("undeclared") == {("label",): 1}


def test_a_forecast_says_when_it_was_made_and_what_is_missing() -> None:
    seen = Recorded(rendered("wine/demand"))
    Forecasts(seen.recorder).created(1_700_000_000.0)
    Forecasts(seen.recorder).missing(2)
    assert seen.total("created") == 1_700_000_000.0
    assert seen.total("missing_series") == 2


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=20).filter(any))
def test_the_gain_of_an_order_is_that_of_scikit_learn(relevances: list[int]) -> None:
    shown = np.arange(len(relevances), 0, -1)
    assert normalised_gain(relevances) == pytest.approx(ndcg_score([relevances], [shown]))


def test_a_list_counts_its_items_by_position() -> None:
    seen = Recorded(rendered("wine/demand", metrics=RANKING))
    ranking = Ranking(seen.recorder)
    ranking.shown(12, 12, popularity=["head", "tail"])
    ranking.shown(2, 10, known=False)
    ranking.shown(0, 10)
    ranking.clicked(4)
    ranking.clicked(11)
    assert seen.counts("impressions") == {("1",): 2, ("2",): 2, ("3",): 1, ("4-10",): 7, ("beyond",): 2}
    assert seen.counts("lists") == {("full", "known"): 1, ("short", "cold"): 1, ("empty", "known"): 1}
    assert seen.counts("clicks") == {("4-10",): 1, ("beyond",): 1}
    assert seen.counts("exposure") == {("head",): 1, ("tail",): 1}


def test_judged_lists_add_their_gain_and_bad_judgements_do_not_count() -> None:
    seen = Recorded(rendered("wine/demand", metrics=RANKING))
    ranking = Ranking(seen.recorder)
    assert ranking.judged([3, 2, 1])
    assert ranking.judged([0, 0])
    assert not ranking.judged([1, None])
    assert not ranking.judged([-1, 1])
    assert not ranking.judged([])
    assert seen.total("judged") == 2
    assert seen.total("gain") == 1


def test_positions_fall_into_classes() -> None:
    assert [position_class(each) for each in (1, 2, 3, 4, 10, 11)] == ["1", "2", "3", "4-10", "4-10", "beyond"]


def test_vectors_count_by_whether_they_can_be_used() -> None:
    seen = Recorded(rendered("wine/demand", metrics=EMBEDDING))
    embeddings = Embeddings(seen.recorder)
    embeddings.vectors([[3.0, 4.0], [0.0, 0.0], [math.nan, 1.0], ["a"]])
    embeddings.vectors(np.array([[0.6, 0.8]], dtype=np.float32))
    embeddings.inputs(whole=3, truncated=1)
    assert seen.counts("embeddings") == {("ok",): 2, ("zero",): 1, ("invalid",): 2}
    assert seen.values("norm") == [5.0, pytest.approx(1.0)]
    assert seen.counts("inputs") == {("whole",): 3, ("truncated",): 1}
    assert seen.values("batch_size") == [4]


def test_the_length_of_what_is_no_vector_is_not_a_number() -> None:
    assert math.isnan(vector_norm(None))
    assert math.isnan(vector_norm(["x"]))
