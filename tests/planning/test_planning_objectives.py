from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from planning_specs import (
    alerts,
    committed,
    committed_plan,
    environment,
    model,
    organisation,
    parsed,
    rule_files,
    texts,
)

from generators.diagnostics import NOWHERE
from generators.language.catalog import Latency, Outage
from generators.pipeline import compile_artifacts, compile_plan
from generators.planning.objectives.promise import promise
from generators.planning.objectives.tier_checks import TIER_LEFT_OUT
from generators.planning.objectives.tiers import tiers
from generators.planning.plan import Recording
from generators.planning.telemetry.instruments import latency_bound
from generators.promql.engine import STALE, MatrixValue, Storage, evaluate

DAY_MS = 86_400_000
SECOND = 1000
STEP = 30 * SECOND
EVENTS = {"bad": '$duration_count{error_type!=""}', "total": "$duration_count"}


@pytest.mark.parametrize(
    ("days", "factors"),
    [(30, [14.4, 6, 3, 1]), (28, [13.44, 5.6, 2.8, 0.9333333333333333])],
)
def test_burn_rate_factors_are_those_of_the_workbook(days: int, factors: list[float]) -> None:
    assert [float(tier.factor(days * DAY_MS)) for tier in tiers()] == pytest.approx(factors, rel=1e-12)


def test_a_factor_spends_its_share_of_the_budget_in_its_long_window() -> None:
    for tier in tiers():
        for days in (7, 28, 30):
            factor = tier.factor(days * DAY_MS)
            assert factor * tier.long_ms / (days * DAY_MS) == pytest.approx(tier.share)


def test_tiers_compare_a_twelfth_of_their_long_window() -> None:
    assert [(tier.long_ms, tier.short_ms) for tier in tiers()] == [
        (hours * 3_600_000, hours * 300_000) for hours in (1, 6, 24, 72)
    ]


def outage(ratio: str = "0", window: int = 60 * SECOND) -> Outage:
    return Outage(Decimal(ratio), window, 1, NOWHERE)


def bound(export: int, rules: int, wait: int, ratio: str = "0") -> int:
    """The promise in seconds, with intervals in seconds and a second of transport."""
    result = committed_plan()
    place = replace(
        environment(result).environment, export_interval_ms=export * SECOND, urgent_interval_ms=rules * SECOND
    )
    platform = result.catalog.platform
    timing = replace(platform.urgent, group_wait_ms=wait * SECOND)
    return promise(outage(ratio), place, replace(platform, urgent=timing)).total_ms // SECOND


def test_the_promise_is_the_bound_that_held_with_real_servers() -> None:
    assert bound(export=5, rules=10, wait=5) == 46
    assert bound(export=10, rules=15, wait=5) == 71


def test_a_share_of_the_window_passes_until_an_outage_is_seen() -> None:
    assert bound(export=5, rules=10, wait=5, ratio="0.5") == 46 + 30


def test_every_outage_of_production_keeps_its_promise() -> None:
    found = [
        rule
        for each in environment(committed_plan()).models
        for rule in alerts(each)
        if dict(rule.labels).get("tier") == "outage"
    ]
    assert found
    assert all(rule.promise_ms is not None and rule.promise_ms <= 60_000 for rule in found)


def test_a_promise_that_intervals_cannot_keep_is_a_problem_with_the_sum() -> None:
    slow = {
        "environments/production.yaml": {"export_interval": "15s"},
        "models/churn.yaml": {"slos": {"availability": {"outage": {"ratio": "50%", "window": "1m"}}}},
    }
    (found,) = compile_plan(organisation(slow)).problems
    assert found.code == "A504"
    assert "1m36s" in found.message
    assert "two exports 30s + transport 1s + detection 30s + evaluation 10s + for 20s + group wait 5s" in found.message


def of_objective(rule: Mapping[str, Any], id_: str) -> bool:
    return bool(rule.get("labels", {}).get("sloth_id") == id_)


SPAN = ("sloth_id", "sloth_service", "sloth_slo")


@cache
def rendered(where: str) -> tuple[dict[str, Any], ...]:
    files = rule_files(committed().artifacts, where)
    return tuple(rule for groups in files.values() for group in groups for rule in group["rules"])


@pytest.mark.parametrize("where", ["production", "staging"])
def test_everything_that_the_consumers_of_sloth_read_is_recorded(where: str) -> None:
    """Its user interface reads info, ratios, days and burn rates; the monthly panel the 1h ratio and the budget."""
    records = [rule for rule in rendered(where) if "record" in rule]
    for found in environment(committed_plan(), where).models:
        for each in found.objectives:
            own = {rule["record"]: rule["labels"] for rule in records if of_objective(rule, each.sloth_id)}
            wanted = {"slo:objective:ratio", "slo:error_budget:ratio", "slo:time_period:days", "sloth_slo_info"}
            wanted |= {
                f"slo:{name}:ratio"
                for name in ("current_burn_rate", "period_burn_rate", "period_error_budget_remaining")
            }
            wanted |= {
                f"slo:sli_error:ratio_rate{window}"
                for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d", each.window)
            }
            assert wanted <= own.keys(), each.sloth_id
            assert all(set(SPAN) <= labels.keys() for labels in own.values())
            info = own["sloth_slo_info"]
            assert {"sloth_mode", "sloth_spec", "sloth_version", "sloth_objective"} <= info.keys()
            assert float(info["sloth_objective"]) == pytest.approx(float(each.objective.rstrip(" %")))
            ratios = {name: labels for name, labels in own.items() if name.startswith("slo:sli_error")}
            assert all(name.endswith(f"ratio_rate{labels['sloth_window']}") for name, labels in ratios.items())


@pytest.mark.parametrize("where", ["production", "staging"])
def test_burn_alerts_carry_what_sloth_reads_from_alerts(where: str) -> None:
    burning = [rule for rule in rendered(where) if "alert" in rule and rule["labels"].get("slo")]
    assert burning
    for rule in burning:
        assert rule["labels"]["sloth_severity"] in ("page", "ticket")
        series = set(rule["labels"]) | set(SPAN)
        assert set(SPAN) <= series
        assert rule["labels"].get("sloth_id") or "sloth_id=" in rule["expr"]


def test_ids_of_objectives_are_unique() -> None:
    for each in committed_plan().environments:
        ids = [found.sloth_id for of in each.models for found in of.objectives]
        assert len(ids) == len(set(ids))


PHASES = ((1800, 10.0, 0.0, 0.02), (1800, 10.0, 0.01, 0.02), (1800, 0.0, 0.0, 0.0), (1800, 1.0, 0.5, 0.5))
"""Seconds, requests per second, share that fails, share that is slow: well, a few errors, idle, bad."""

HOUR = 3600


@cache
def simulated() -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Run the rendered rules of three objectives over two hours; return the samples of each record by objective."""
    slos = {
        "availability": {"objective": "99%", "events": EVENTS},
        "good": {"objective": "99%", "events": {"good": '$duration_count{error_type=""}', "total": "$duration_count"}},
        "latency": {"objective": "95%", "below": "500ms"},
        "slow": {"objective": "99%", "value": {"measure": "latency_p95", "max": "800ms"}},
    }
    artifacts = compile_artifacts(organisation({"models/churn.yaml": {"slos": slos}})).artifacts
    files = rule_files(artifacts, "production")
    fleet = files["production/prometheus/fleet.rules.yaml"]
    own = files["production/prometheus/retail/churn.rules.yaml"]
    storage = history()
    groups = [*fleet, *(group for group in own if "/slo-" in group["name"])]
    result: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for rule in (rule for group in groups for rule in group["rules"] if "record" in rule):
        samples = recorded(rule, storage)
        result.setdefault(rule.get("labels", {}).get("sloth_slo", ""), {})[rule["record"]] = samples
    return result


def recorded(rule: Mapping[str, Any], storage: Storage) -> list[tuple[int, float]]:
    """Evaluate one rule at all times, store what it records, and return it."""
    value = evaluate(parsed(rule["expr"]), storage, 0, end() * SECOND, STEP).value
    assert isinstance(value, MatrixValue)
    for series in value.series:
        labels = {**dict(series.labels), **rule.get("labels", {}), "__name__": rule["record"]}
        storage.add(tuple(sorted(labels.items())), *with_ends(series.timestamps.tolist(), series.values.tolist()))
    assert len(value.series) <= 1, rule["record"]
    return [
        (int(at) // SECOND, float(v))
        for series in value.series
        for at, v in zip(series.timestamps, series.values, strict=True)
    ]


def with_ends(times: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    """Samples with a stale marker where the next evaluation gave nothing, as servers write them."""
    present = set(times)
    ends = [at + STEP for at in times if at + STEP not in present]
    rows = sorted([*zip(times, values, strict=True), *((at, STALE) for at in ends)])
    return [at for at, _ in rows], [value for _, value in rows]


def end() -> int:
    return sum(int(phase[0]) for phase in PHASES)


def history() -> Storage:
    """Two replicas; the series of errors are born with the first error."""
    storage = Storage()
    identity = {
        "tenant_id": "retail",
        "model_name": "churn",
        "deployment_environment_name": "production",
        "job": "churn-api",
    }
    times = list(range(0, end() + 1, 15))
    for instance in ("a", "b"):
        rows: dict[tuple[str, str, str], list[float]] = {}
        for at in times:
            for key, count in counters(at).items():
                rows.setdefault(key, []).append(count / 2)
        for (name, error, le), values in rows.items():
            labels = {
                **identity,
                "__name__": name,
                "instance": instance,
                "model_version": "1",
                "error_type": error,
                "le": le,
            }
            first = next((index for index, value in enumerate(values) if value > 0), 0) if error else 0
            kept = tuple(sorted((k, v) for k, v in labels.items() if v))
            storage.add(kept, [at * SECOND for at in times[first:]], values[first:])
    return storage


def counters(at: int) -> dict[tuple[str, str, str], float]:
    """Counters of the service at a second: requests by error type, and by bucket."""
    name = "ml_request_duration_seconds"
    total, bad, slow = (sum(part) for part in zip(*increments(0, at), strict=True)) if at else (0.0, 0.0, 0.0)
    result = {(f"{name}_count", "", ""): total - bad, (f"{name}_count", "timeout", ""): bad}
    for le, count in (("0.1", 0.0), ("0.5", total - slow), ("1.0", total), ("+Inf", total)):
        result[f"{name}_bucket", "", le] = count
    return result


def increments(start: int, stop: int) -> Iterator[tuple[float, float, float]]:
    """All, bad and slow requests of each phase between two seconds."""
    begin = 0
    for length, rate, failing, slow in PHASES:
        seconds = max(0, min(stop, begin + length) - max(start, begin))
        yield rate * seconds, rate * failing * seconds, rate * slow * seconds
        begin += length


def smoothed(start: int, stop: int, column: int = 1) -> float:
    """The share of bad (1) or slow (2) requests when each evaluation sees the five minutes before it."""
    sums = [0.0, 0.0, 0.0]
    for at in range(start + 30, stop + 1, 30):
        for phase in increments(max(0, at - 300), at):
            sums = [each + more for each, more in zip(sums, phase, strict=True)]
    return sums[column] / sums[0]


def last(slo: str, record: str, at: int) -> float:
    return dict(simulated()[slo][record])[at]


@pytest.mark.parametrize("slo", ["availability", "good"])
def test_ratios_are_weighted_by_events(slo: str) -> None:
    ratio = "slo:sli_error:ratio_rate"
    assert last(slo, f"{ratio}5m", HOUR) == pytest.approx(0.01, rel=0.01)
    assert last(slo, f"{ratio}1h", HOUR) == pytest.approx(smoothed(0, HOUR), rel=0.02)
    assert last(slo, f"{ratio}2h", 2 * HOUR) == pytest.approx(smoothed(0, 2 * HOUR), rel=0.02)
    mean_of_ratios = sum(v for _, v in simulated()[slo][f"{ratio}5m"]) / len(simulated()[slo][f"{ratio}5m"])
    assert last(slo, f"{ratio}2h", 2 * HOUR) < mean_of_ratios / 4


def test_latency_counts_what_took_longer_than_the_bucket_edge() -> None:
    ratio = "slo:sli_error:ratio_rate"
    assert last("latency", f"{ratio}5m", 1800) == pytest.approx(0.02, rel=0.01)
    assert last("latency", f"{ratio}1h", 2 * HOUR) == pytest.approx(smoothed(HOUR, 2 * HOUR, 2), rel=0.03)


def test_a_value_beyond_its_limit_is_bad_time() -> None:
    ratio = "slo:sli_error:ratio_rate"
    assert last("slow", f"{ratio}5m", 1800) == 0
    assert last("slow", f"{ratio}5m", 2 * HOUR) == 1
    # The measure has a value for 65 minutes and for 30; the idle ones in between count for nothing.
    assert last("slow", f"{ratio}2h", 2 * HOUR) == pytest.approx(30 / 95, rel=0.06)


@pytest.mark.parametrize("slo", ["availability", "good", "latency", "slow"])
def test_an_idle_service_has_no_ratio_and_nothing_is_ever_nan(slo: str) -> None:
    # Measures and slices look five minutes back each.
    during_idle = range(HOUR + 660, HOUR + 1800, 30)
    assert not [at for at, _ in simulated()[slo]["slo:sli_error:ratio_rate5m"] if at in during_idle]
    assert not [record for record, rows in simulated()[slo].items() if any(math.isnan(v) for _, v in rows)]


@pytest.mark.parametrize("slo", ["availability", "good", "latency", "slow"])
def test_bad_events_are_zero_and_not_absent_while_there_are_events(slo: str) -> None:
    total, bad = (dict(simulated()[slo][f"slo:sli_{name}:rate5m"]) for name in ("total", "bad"))
    busy = [at for at, value in total.items() if value > 0]
    assert busy
    assert all(at in bad and 0 <= bad[at] <= total[at] * 1.001 for at in busy)
    if slo in ("availability", "good"):
        assert bad[900] == 0


def test_budgets_follow_from_the_objective() -> None:
    rows = simulated()["availability"]
    assert {v for _, v in rows["slo:objective:ratio"]} == {0.99}
    assert {v for _, v in rows["slo:error_budget:ratio"]} == {0.01}
    assert {v for _, v in rows["slo:time_period:days"]} == {30.0}
    at = HOUR
    burn = dict(rows["slo:current_burn_rate:ratio"])[at]
    assert burn == pytest.approx(dict(rows["slo:sli_error:ratio_rate5m"])[at] / 0.01)
    left = dict(rows["slo:period_error_budget_remaining:ratio"])
    assert all(v == pytest.approx(1 - dict(rows["slo:period_burn_rate:ratio"])[when]) for when, v in left.items())


def test_every_latency_bound_is_a_bucket_edge_that_services_export() -> None:
    for path, text in texts(committed()).items():
        if path.startswith("instruments/"):
            assert json.loads(text)
    for each in committed_plan().environments:
        for of in each.models:
            edges = {float(edge) for found in of.instruments for edge in found.buckets}
            recordings = [rule for group in of.groups for rule in group.rules if isinstance(rule, Recording)]
            assert recordings
            for slo in of.deployment.slos:
                if isinstance(slo.indicator, Latency):
                    bound = latency_bound(slo.indicator, of.deployment.metrics[slo.indicator.metric].unit)
                    assert bound is not None
                    assert float(bound) in edges


def test_tiers_that_a_short_window_makes_slower_than_its_budget_are_left_out_and_told() -> None:
    compiled = compile_plan(organisation({"models/churn.yaml": {"slos": {"availability": {"window": "7d"}}}}))
    assert [problem.kind for problem in compiled.problems] == [TIER_LEFT_OUT]
    assert compiled.plan is not None
    named = {dict(rule.labels).get("tier") for rule in alerts(model(compiled.plan))} - {None}
    assert named == {"fast", "medium"}
