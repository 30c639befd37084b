from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_recorded import Recorded, metric, rendered
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    mean_absolute_error,
    mean_squared_error,
    precision_score,
    recall_score,
    roc_auc_score,
)

from otel.labels.joining import Labels
from otel.labels.stores import Joined, MemoryStore
from otel.labels.terms import AGES, SCORE_LABELS, age_class, segment_texts

POSITIVE = "malignant"
ROWS = st.lists(
    st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from(["hamburg", "leipzig"])), min_size=2, max_size=60
)


def screening() -> tuple[Recorded, Labels]:
    seen = Recorded(rendered("health/screening"))
    return seen, Labels(seen.recorder, seen.manifest)


def named(flag: bool) -> str:
    return POSITIVE if flag else "benign"


@settings(derandomize=True, deadline=None)
@given(ROWS)
def test_accuracy_precision_and_recall_of_the_counters_are_those_of_scikit_learn(
    rows: list[tuple[float, bool, str]],
) -> None:
    seen, labels = screening()
    actual = [named(true) for _, true, _ in rows]
    predicted = [named(score >= 0.4) for score, _, _ in rows]
    for answer, truth, (score, _, site) in zip(predicted, actual, rows, strict=True):
        assert labels.label_with(answer, truth, score, {"site": site})
    cells = seen.counts("confusion")
    right = cells.get((POSITIVE, POSITIVE), 0) + cells.get(("benign", "benign"), 0)
    assert right / len(rows) == pytest.approx(accuracy_score(actual, predicted))
    hits = cells.get((POSITIVE, POSITIVE), 0)
    flagged, cases = hits + cells.get(("benign", POSITIVE), 0), hits + cells.get((POSITIVE, "benign"), 0)
    assert (hits / flagged if flagged else 0) == pytest.approx(
        precision_score(actual, predicted, pos_label=POSITIVE, zero_division=0)
    )
    assert (hits / cases if cases else 0) == pytest.approx(
        recall_score(actual, predicted, pos_label=POSITIVE, zero_division=0)
    )
    for site in ("hamburg", "leipzig"):
        here = [one == other for one, other, row in zip(actual, predicted, rows, strict=True) if row[2] == site]
        assert seen.counts("segment_labels").get((f"site:{site}", "correct"), 0) == sum(here)
        assert seen.counts("segment_labels").get((f"site:{site}", "incorrect"), 0) == len(here) - sum(here)


@settings(derandomize=True, deadline=None)
@given(ROWS)
def test_the_area_under_the_curve_is_that_of_the_binned_scores(rows: list[tuple[float, bool, str]]) -> None:
    truths = [true for _, true, _ in rows]
    if len(set(truths)) < 2:
        truths = [True, *[False] * (len(rows) - 1)]
    scores = [score for score, _, _ in rows]
    seen, labels = screening()
    for score, true in zip(scores, truths, strict=True):
        labels.label_with(named(score >= 0.4), named(true), score)
    binned = [min(int(score * 20), 19) for score in scores]
    assert binned_auc(seen) == pytest.approx(roc_auc_score(truths, binned))
    pairs = sum(truths) * (len(truths) - sum(truths))
    same_bin = sum(
        one == other
        for one, is_case in zip(binned, truths, strict=True)
        if is_case
        for other, is_too in zip(binned, truths, strict=True)
        if not is_too
    )
    bound = 0.5 * same_bin / pairs  # a pair is misjudged by at most one half, and only within a bin
    assert abs(binned_auc(seen) - roc_auc_score(truths, scores)) <= bound + 1e-9


def binned_auc(seen: Recorded) -> float:
    """The formula of packs/scores.yaml."""
    scores, below = seen.counts("scores"), seen.counts("scores_below")
    cases = {name: scores.get((name, "positive"), 0) for name in SCORE_LABELS}
    others = sum(scores.get((name, "negative"), 0) for name in SCORE_LABELS)
    ranked = sum(cases[name] * below.get((name,), 0) for name in SCORE_LABELS)
    return ranked / (sum(cases.values()) * others)


def test_the_calibration_error_of_the_counters_is_that_of_the_rows() -> None:
    source = np.random.default_rng(7)
    scores = source.random(4000).tolist()
    truths = [source.random() < score**1.5 for score in scores]
    seen, labels = screening()
    for score, true in zip(scores, truths, strict=True):
        labels.label_with(named(score >= 0.4), true, score)
    counted, sums = seen.counts("scores"), seen.counts("scores_sum")
    from_counters = sum(abs(counted.get((name, "positive"), 0) - sums.get((name,), 0)) for name in SCORE_LABELS) / len(
        scores
    )
    bins = np.minimum((np.array(scores) * 20).astype(int), 19)
    exact = sum(abs(np.array(truths)[bins == k].sum() - np.array(scores)[bins == k].sum()) for k in range(20)) / len(
        scores
    )
    assert from_counters == pytest.approx(exact)
    brier = sum(
        (counted.get((name, outcome), 0)) * ((k + 0.5) / 20 - (outcome == "positive")) ** 2
        for k, name in enumerate(SCORE_LABELS)
        for outcome in ("positive", "negative")
    ) / len(scores)
    assert brier == pytest.approx(brier_score_loss(truths, scores), abs=0.025)


def test_macro_accuracy_of_three_classes_comes_from_the_confusion_counter() -> None:
    seen = Recorded(rendered("wine/cultivar"))
    labels = Labels(seen.recorder, seen.manifest)
    source = np.random.default_rng(3)
    rows = source.choice(seen.manifest.output.classes, (300, 2)).tolist()
    for predicted, actual in rows:
        labels.label_with(predicted, actual, segments=("region:tuscany",))
    cells = seen.counts("confusion")
    right = sum(count for (actual, predicted), count in cells.items() if actual == predicted)
    assert right / 300 == pytest.approx(accuracy_score([row[1] for row in rows], [row[0] for row in rows]))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=40))
def test_errors_of_a_regressor_are_those_of_scikit_learn(rows: list[tuple[float, float]]) -> None:
    seen = Recorded(rendered("health/progression"))
    labels = Labels(seen.recorder, seen.manifest)
    for predicted, actual in rows:
        assert labels.label_with(predicted, actual, segments={"age_group": "over_60"}, interval=(actual, math.inf))
    predictions, truths = zip(*rows, strict=True)
    assert seen.total("residuals") == len(rows)
    assert seen.total("residual_absolute") / len(rows) == pytest.approx(mean_absolute_error(truths, predictions))
    assert seen.total("residual_square") / len(rows) == pytest.approx(mean_squared_error(truths, predictions))
    assert seen.total("target_absolute") == pytest.approx(sum(map(abs, truths)))
    assert seen.total("segment_residual_absolute") == pytest.approx(seen.total("residual_absolute"))
    assert seen.total("segment_target_absolute") == pytest.approx(seen.total("target_absolute"))
    assert seen.counts("segment_residuals") == {("age_group:over_60",): len(rows)}
    assert seen.counts("intervals") == {("inside",): len(rows)}


def test_signs_and_intervals_say_where_the_truth_was() -> None:
    seen = Recorded(rendered("health/progression"))
    labels = Labels(seen.recorder, seen.manifest)
    for predicted, actual, interval in ((2, 1, (0, 3)), (1, 2, (0, 1.5)), (1, 1, (2, 3))):
        labels.label_with(predicted, actual, interval=interval)
    assert seen.counts("residuals") == {("over",): 1, ("under",): 1, ("exact",): 1}
    assert seen.counts("intervals") == {("inside",): 1, ("above",): 1, ("below",): 1}


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (-5, "1h"),
        (3600, "1h"),
        (3601, "1d"),
        (7 * 86_400, "7d"),
        (29 * 86_400.0, "30d"),
        (1e9, "older"),
        (math.nan, "older"),
    ],
)
def test_the_age_of_a_label_falls_into_a_class(seconds: float, name: str) -> None:
    assert age_class(seconds) == name
    assert name in {each for _, each in AGES}


def test_a_label_is_joined_with_its_prediction_and_counted_once() -> None:
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 200_000.0), clock=lambda: 200_000.0)
    labels.remember("p1", Joined(190_000.0, POSITIVE, 0.9, ("site:hamburg",)))
    assert labels.label("p1", "benign")
    assert not labels.label("p1", POSITIVE), "a correction is not applied"
    assert seen.counts("confusion") == {("benign", POSITIVE): 1}
    assert seen.counts("labels") == {("1d", "human"): 1}
    assert seen.counts("segment_labels") == {("site:hamburg", "incorrect"): 1}
    assert seen.counts("scores") == {("18", "negative"): 1}
    assert seen.counts("undeclared") == {("label",): 1}


@pytest.mark.parametrize(("predicted", "actual"), [(True, "malignant"), ("malignant", True), (np.True_, np.True_)])
def test_flags_that_were_remembered_name_a_class(predicted: Any, actual: Any) -> None:
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 0.0))
    labels.remember("p", Joined(0.0, predicted, None, ("site:hamburg",)))
    assert labels.label("p", actual)
    assert seen.counts("confusion") == {(POSITIVE, POSITIVE): 1}
    assert seen.counts("segment_labels") == {("site:hamburg", "correct"): 1}


@pytest.mark.parametrize("predicted", [1, 1.0, np.int64(1), "1"])
def test_classes_that_are_numbers_are_their_names(predicted: Any) -> None:
    classes = {"actual": ["0", "1"], "predicted": ["0", "1"]}
    seen = Recorded(
        rendered(
            "wine/cultivar",
            prediction={"classes": ["0", "1"]},
            metrics={"confusion": metric("ml.confusion", **classes)},
        )
    )
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 0.0))
    labels.remember("p", Joined(0.0, predicted, None, ("region:tuscany",)))
    assert labels.label("p", 1)
    assert seen.counts("confusion") == {("1", "1"): 1}
    assert seen.counts("segment_labels") == {("region:tuscany", "correct"): 1}


def test_a_prediction_that_said_nothing_is_neither_right_nor_wrong() -> None:
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 0.0))
    labels.remember("p", Joined(0.0, None, None, ("site:hamburg",)))
    assert labels.label("p", "benign")
    assert seen.total("labels") == 1
    assert seen.total("confusion") == seen.total("segment_labels") == 0


def test_the_time_of_a_label_may_be_a_datetime_and_its_source_given() -> None:
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 0.0))
    labels.remember("p", Joined(0.0, POSITIVE))
    assert labels.label("p", POSITIVE, at=datetime(1970, 1, 1, 0, 30, tzinfo=UTC), source="system")
    assert seen.counts("labels") == {("1h", "system"): 1}


def test_a_label_for_an_unknown_prediction_is_counted_as_undeclared() -> None:
    seen = Recorded(rendered("health/screening"))
    assert not Labels(seen.recorder, seen.manifest, MemoryStore()).label("never", "benign")
    assert not Labels(seen.recorder, seen.manifest).label("no store", "benign")
    assert seen.counts("undeclared") == {("label",): 2}
    assert seen.total("confusion") == 0


@pytest.mark.parametrize("nothing", [None, math.nan, float("nan"), np.nan, np.float64("nan")])
def test_a_label_without_a_value_leaves_the_prediction_waiting(nothing: object) -> None:
    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, MemoryStore(clock=lambda: 1.0))
    labels.remember("p", Joined(0.0, POSITIVE))
    assert not labels.label("p", nothing)
    assert labels.label("p", POSITIVE)
    assert seen.counts("confusion") == {(POSITIVE, POSITIVE): 1}


def test_a_class_that_no_spec_declares_counts_nowhere_else() -> None:
    seen, labels = screening()
    assert not labels.label_with("benign", "unclear")
    assert not labels.label_with("purple", "benign")
    assert seen.total("confusion") == seen.total("labels") == 0
    assert seen.counts("undeclared") == {("class",): 2, ("label",): 2}


@pytest.mark.parametrize("truth", [True, np.True_, "malignant", np.str_("malignant"), np.array("malignant")])
def test_flags_and_numpy_scalars_name_a_class(truth: object) -> None:
    seen, labels = screening()
    assert labels.label_with("malignant", truth)
    assert seen.counts("confusion") == {(POSITIVE, POSITIVE): 1}


@pytest.mark.parametrize("score", [math.nan, None, "high", math.inf])
def test_a_score_that_is_no_number_leaves_the_other_counters_whole(score: object) -> None:
    seen, labels = screening()
    assert labels.label_with("benign", "benign", score)  # type: ignore[arg-type]
    assert seen.total("scores") == 0
    assert seen.total("confusion") == 1


def test_a_score_outside_zero_to_one_is_undeclared() -> None:
    seen, labels = screening()
    labels.label_with("benign", "benign", 1.5)
    assert seen.counts("undeclared") == {("value",): 1}
    assert seen.total("scores") == 0


@pytest.mark.parametrize("actual", [math.inf, "much", [1, 2]])
def test_a_regressor_has_no_label_that_is_no_number(actual: object) -> None:
    seen = Recorded(rendered("health/progression"))
    assert not Labels(seen.recorder, seen.manifest).label_with(1.0, actual)
    assert seen.total("labels") == 0
    assert seen.counts("undeclared") == {("label",): 1}


def test_an_error_too_large_to_square_is_not_summed() -> None:
    seen = Recorded(rendered("health/progression"))
    Labels(seen.recorder, seen.manifest).label_with(1e200, -1e200)
    assert seen.total("residual_square") == 0
    assert seen.counts("undeclared") == {("value",): 1}


def test_a_verdict_without_classes_says_whether_the_answer_was_right() -> None:
    seen = Recorded(
        rendered(
            "wine/support-assistant",
            metrics={
                "segment_labels": metric("ml.segment.label", segment=["language:de"], result=["correct", "incorrect"])
            },
        )
    )
    labels = Labels(seen.recorder, seen.manifest)
    assert labels.label_with(None, True, segments=("language:de",))
    assert labels.label_with(None, False, segments={"language": "de"})
    assert seen.counts("segment_labels") == {("language:de", "correct"): 1, ("language:de", "incorrect"): 1}


def test_a_store_that_fails_is_said_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def put(self, rows: object) -> int:
            raise OSError("disk full")

        def take(self, prediction_id: str) -> Joined | None:
            raise OSError("disk gone")

        def close(self) -> None: ...

    seen = Recorded(rendered("health/screening"))
    labels = Labels(seen.recorder, seen.manifest, Broken())
    for number in range(3):
        labels.remember(str(number), Joined(0.0, "benign"))
        assert labels.label(str(number), "benign"), "it is tried again"
        seen.recorder.fold()
    labels.flush(5)
    assert sum("disk full" in each.message for each in caplog.records) == 1
    assert sum("disk gone" in each.message for each in caplog.records) == 1


def test_segments_are_written_name_and_value() -> None:
    assert segment_texts({"site": "hamburg", "vip": True}) == ("site:hamburg", "vip:true")
    assert segment_texts("site:hamburg") == ("site:hamburg",)
    assert segment_texts(["a:b", "c:d"]) == ("a:b", "c:d")


def test_a_forked_child_leaves_to_its_parent_what_waits() -> None:
    seen = Recorded(rendered("health/screening"))
    store = MemoryStore(clock=lambda: 0.0)
    labels = Labels(seen.recorder, seen.manifest, store)
    labels.remember("p", Joined(0.0, "benign"))
    labels.reset()
    seen.recorder.fold()
    assert len(store) == 0
