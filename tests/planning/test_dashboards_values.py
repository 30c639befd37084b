"""What panels show, computed by the engine over given samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from dashboards_plan import everything, model, production

from generators.formats.durations import format_duration
from generators.planning.dashboards.business import correlation
from generators.planning.dashboards.panels import Dashboard, Panel
from generators.planning.objectives.objective import windows
from generators.promql.engine import Storage, VectorValue, evaluate
from generators.promql.syntax.ast import Duration, DurationHole, Expr, Matcher, MatchOp, MatrixSelector, VectorSelector
from generators.promql.syntax.walk import selectors, transform

HOUR = 3_600_000
DAY = 24 * HOUR
IDENTITY = {"tenant_id": "health", "model_name": "screening", "deployment_environment_name": "production"}
ALL = {"environment": "production"}


def answered(expr: Expr, storage: Storage, time: int) -> list[tuple[dict[str, str], float]]:
    """The result with variables at their first values: our environment, everything else."""

    def fill(node: Expr) -> Expr:
        if isinstance(node, MatrixSelector) and isinstance(node.range, DurationHole):
            return replace(node, range=Duration(300_000))
        if isinstance(node, VectorSelector):
            return replace(node, matchers=tuple(map(chosen, node.matchers)))
        return node

    def chosen(matcher: Matcher) -> Matcher:
        if matcher.op is MatchOp.REGEX and matcher.value.startswith("$"):
            return replace(matcher, value=ALL.get(matcher.value[1:], ".+"))
        return matcher

    result = evaluate(transform(expr, fill), storage, time).value
    assert isinstance(result, VectorValue)
    return [(dict(each.labels), each.value) for each in result.samples]


def panel(page: Dashboard, title: str) -> Panel:
    return next(each for each in page.panels if each.title == title)


def stored(*series: tuple[Mapping[str, str], Iterable[int], Iterable[float]]) -> Storage:
    storage = Storage()
    for labels, times, values in series:
        storage.add(tuple(sorted(labels.items())), list(times), list(values))
    return storage


def alert(name: str, severity: str, of: str = "screening") -> Mapping[str, str]:
    facts = {"tenant": "health", "model": of, "environment": "production"}
    return {"__name__": "ALERTS", "alertname": name, "alertstate": "firing", "severity": severity, **facts}


REPORTS = {"__name__": "ml_model_info", "job": "ml/screening", "instance": "a", "model_version": "1", **IDENTITY}


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [([], 0), ([("Slow", "warning")], 1), ([("Slow", "warning"), ("Down", "critical")], 2), ([("Odd", "info")], 0)],
)
def test_the_health_tile_shows_the_worst_alert(alerts: list[tuple[str, str]], expected: int) -> None:
    tile = panel(model(everything(), "screening").dashboards[0], "Health")
    storage = stored((REPORTS, [0], [1]), *((alert(*each), [0], [1]) for each in alerts))
    assert [value for _, value in answered(tile.queries[0].expr, storage, 0)] == [expected]
    assert [each.text for each in tile.mappings if each.value == expected]


def test_the_health_tile_is_empty_and_not_ok_where_nothing_reports_and_nothing_fires() -> None:
    tile = panel(model(everything(), "screening").dashboards[0], "Health")
    assert answered(tile.queries[0].expr, stored((alert("Other", "critical", "other"), [0], [1])), 0) == []
    assert tile.no_data == "no telemetry"


def fleet_storage() -> Storage:
    versions = [
        {"__name__": "model:versions:count", **IDENTITY, "model_name": name} for name in ("one", "two", "three")
    ]
    return stored(
        *((labels, [0], [1]) for labels in versions),
        (alert("Down", "critical", "two"), [0], [1]),
        (alert("Slow", "warning", "two"), [0], [1]),
        (alert("Slow", "warning", "three"), [0], [1]),
        (alert("TelemetryMissing", "critical", "gone"), [0], [1]),
    )


def test_the_fleet_counts_each_model_once_at_its_worst() -> None:
    page = production(everything()).dashboards[0]
    counts = {
        title: answered(panel(page, title).queries[0].expr, fleet_storage(), 0)
        for title in ("Critical", "Warning", "Silent", "Models reporting", "Budgets spent")
    }
    values = {title: [value for _, value in found] for title, found in counts.items()}
    assert values == {
        "Critical": [2],
        "Warning": [1],
        "Silent": [1],
        "Models reporting": [3],
        "Budgets spent": [0],
    }


def test_the_grid_of_the_fleet_lists_models_worst_first_and_those_that_are_gone() -> None:
    page = production(everything()).dashboards[0]
    found = answered(panel(page, "Models").queries[0].expr, fleet_storage(), 0)
    assert [(labels["model"], value) for labels, value in found][:2] in (
        [("gone", 2), ("two", 2)],
        [("two", 2), ("gone", 2)],
    )
    assert [(labels["model"], value) for labels, value in found][2:] == [("three", 1), ("one", 0)]


def test_rows_of_the_fleets_table_carry_one_set_of_labels() -> None:
    page = production(everything()).dashboards[0]
    table = panel(page, "Figures of each model")
    found = answered(table.queries[0].expr, fleet_storage(), 0)
    assert {frozenset(labels) for labels, _ in found} == {frozenset(("tenant_id", "model_name"))}


def test_the_correlation_is_pearsons() -> None:
    noise = np.random.default_rng(7)
    one = np.cumsum(noise.normal(size=169))
    other = one * 0.4 + noise.normal(size=169)
    times = range(0, 7 * DAY + 1, HOUR)
    names = ("model:kpi:value", "model:accuracy:ratio7d")
    storage = stored(
        *(
            ({"__name__": name, **IDENTITY}, times, map(float, values))
            for name, values in zip(names, (one, other), strict=True)
        )
    )
    expr = correlation(*(VectorSelector(name) for name in names))
    ((labels, value),) = answered(expr, storage, 7 * DAY)
    seen = slice(1, None)  # a range leaves its older end out
    assert value == pytest.approx(np.corrcoef(one[seen], other[seen])[0, 1], abs=1e-9)
    assert labels == IDENTITY


def test_a_constant_figure_moves_with_nothing() -> None:
    times = list(range(0, 7 * DAY + 1, HOUR))
    storage = stored(
        ({"__name__": "a", **IDENTITY}, times, [1.0] * len(times)),
        ({"__name__": "b", **IDENTITY}, times, [float(n % 5) for n in range(len(times))]),
    )
    assert answered(correlation(VectorSelector("a"), VectorSelector("b")), storage, 7 * DAY) == []


def slo_storage(left: float, hour: float, budget: float) -> Storage:
    ids = {"sloth_id": "health.screening-availability", **IDENTITY}
    return stored(
        ({"__name__": "slo:period_error_budget_remaining:ratio", **ids}, [0], [left]),
        ({"__name__": "slo:sli_error:ratio_rate1h", "sloth_window": "1h", **ids}, [0], [hour]),
        ({"__name__": "slo:error_budget:ratio", **ids}, [0], [budget]),
    )


def exhaustion() -> Expr:
    page = next(each for each in model(everything(), "screening").dashboards if each.topic == "slo")
    row = next(each for each in page.rows if each.title.startswith("availability"))
    return next(each for each in row.panels if each.title == "Gone in").queries[0].expr


def test_a_half_budget_that_burns_ten_times_too_fast_is_gone_in_a_day_and_a_half() -> None:
    ((_, seconds),) = answered(exhaustion(), slo_storage(0.5, 0.01, 0.001), 0)
    assert seconds == pytest.approx(1.5 * 86_400)


def test_a_budget_that_lasts_and_one_that_does_not_burn_say_so_by_silence() -> None:
    assert answered(exhaustion(), slo_storage(1.0, 0.0005, 0.001), 0) == []
    assert answered(exhaustion(), slo_storage(1.0, 0.0, 0.001), 0) == []


def test_burn_down_panels_read_windows_that_are_recorded() -> None:
    for environment in everything().environments:
        for each in environment.models:
            known = {
                f"slo:sli_error:ratio_rate{format_duration(ms)}" for slo in each.deployment.slos for ms in windows(slo)
            }
            read = {
                found.name
                for page in each.dashboards
                for drawn in page.panels
                for query in drawn.queries
                for found in selectors(query.expr)
                if (found.name or "").startswith("slo:sli_error")
            }
            assert read <= known
