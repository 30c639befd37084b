"""Measures of forecasts and of language-model applications on small samples whose results are known by hand."""

import pytest
from library_fleet import measured, value

TILE_MS = 300_000
START_MS = 1_700_000_000_000
TIMES = [START_MS + index * TILE_MS for index in range(12)]


def constant(amount: float, **labels: str) -> tuple[dict[str, str], list[float]]:
    return labels, [amount] * len(TIMES)


def test_a_month_costs_what_its_tiles_cost_at_the_pace_so_far() -> None:
    tiles = [constant(0.25, llm_tier="small", user_tier="free"), constant(0.75, llm_tier="large", user_tier="paid")]
    found = measured({"model:ml_llm_cost:increase5m": tiles}, TIMES)
    assert value(found, "model:llm_cost:sum1d") == pytest.approx(12)
    assert value(found, "model:llm_cost:forecast30d") == pytest.approx(30 * 24 * 12 * 1.0)


def test_reports_count_as_negative_feedback() -> None:
    tiles = [
        constant(6, ml_feedback_verdict="up"),
        constant(3, ml_feedback_verdict="down"),
        constant(1, ml_feedback_verdict="report"),
    ]
    found = measured({"model:ml_llm_feedback:increase5m": tiles}, TIMES)
    assert value(found, "model:llm_feedback_down:ratio1d") == pytest.approx(0.4)
    assert value(found, "model:llm_feedback_up:ratio1d") == pytest.approx(0.6)


def test_evaluations_need_thirty_verdicts_before_they_say_anything() -> None:
    def verdicts(passed: float, failed: float, name: str) -> list[tuple[dict[str, str], list[float]]]:
        key = {"gen_ai_evaluation_name": name}
        return [
            constant(passed, **key, gen_ai_evaluation_score_label="pass"),
            constant(failed, **key, gen_ai_evaluation_score_label="fail"),
        ]

    tiles = [*verdicts(9, 1, "task_success"), *verdicts(4, 1, "hallucination"), *verdicts(1, 1, "toxicity")]
    found = measured({"model:ml_llm_evaluation:increase5m": tiles}, TIMES)
    assert value(found, "model:llm_task_success:ratio1d") == pytest.approx(0.9)
    assert value(found, "model:llm_hallucination:ratio1d") == pytest.approx(0.2)
    assert "model:llm_toxicity:ratio1d" not in found


def test_mean_scores_are_sums_over_verdicts() -> None:
    name = {"gen_ai_evaluation_name": "similarity"}
    tiles = {
        "model:ml_llm_evaluation:increase5m": [constant(10, **name, gen_ai_evaluation_score_label="pass")],
        "model:ml_llm_evaluation_score:increase5m": [constant(7.5, **name)],
    }
    assert value(measured(tiles, TIMES), "model:llm_similarity:mean1d") == pytest.approx(0.75)


def test_forecasts_are_judged_against_their_volume_and_a_naive_forecast() -> None:
    tiles = {
        "model:ml_forecast_error_absolute:increase5m": [
            constant(10, ml_horizon="near"),
            constant(30, ml_horizon="far"),
        ],
        "model:ml_forecast_naive_absolute:increase5m": [
            constant(20, ml_horizon="near"),
            constant(30, ml_horizon="far"),
        ],
        "model:ml_forecast_actual_absolute:increase5m": [
            constant(100, ml_horizon="near"),
            constant(100, ml_horizon="far"),
        ],
    }
    found = measured(tiles, TIMES)
    by_horizon = {labels["ml_horizon"]: number for labels, number in found["model_horizon:forecast_error:wape7d"]}
    assert value(found, "model:forecast_error:wape7d") == pytest.approx(0.2)
    assert value(found, "model:forecast_error:mase7d") == pytest.approx(0.8)
    assert by_horizon == pytest.approx({"near": 0.1, "far": 0.3})


def test_people_overruling_a_model_are_counted_against_its_predictions() -> None:
    tiles = {
        "model:ml_override_count:increase5m": [constant(2)],
        "model:ml_prediction_count:increase5m": [constant(50)],
    }
    assert value(measured(tiles, TIMES), "model:overrides:ratio7d") == pytest.approx(0.04)


def test_a_model_without_overrides_has_a_share_of_zero() -> None:
    found = measured({"model:ml_prediction_count:increase5m": [constant(50)]}, TIMES)
    assert value(found, "model:overrides:ratio7d") == 0
