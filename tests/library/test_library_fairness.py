"""Differences between groups by the planned rules: equal to numpy and scipy, silent between equal groups."""

from collections.abc import Mapping

import numpy as np
import pytest
from library_documents import ROOT
from library_fleet import measured
from numpy.typing import NDArray
from scipy import stats

from generators.diagnostics import errors
from generators.language.catalog import Level
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs
from generators.planning.stage import plan
from generators.promql.engine import STALE
from generators.promql.syntax.ast import Binary
from generators.promql.syntax.walk import walk

TILE_MS = 300_000
START_MS = 1_700_000_000_000
WEEK = 2016
"""Tiles of the window."""
CELLS = ("true_positive", "false_positive", "true_negative", "false_negative")
DECISIONS = ("positive", "negative")

Array = NDArray[np.float64]
Groups = Mapping[tuple[str, str], tuple[Array, Array]]
"""By protected attribute and group: predictions (positive, negative) and labels by cell, of one week."""
Found = dict[str, list[tuple[dict[str, str], float]]]
Key = tuple[str, str, str]


def recorded(groups: Groups, minimum: int = 100, tiles: int = 5, *, down: bool = False) -> Found:
    """Values of all records at the end of a week whose first and last ``tiles`` hold what was counted.

    With ``down`` the service says nothing at the end.
    """
    places = [0, *range(WEEK - tiles + 1, WEEK)]
    times = [START_MS + place * TILE_MS for place in places]

    def spread(total: float) -> list[float]:
        part = total // len(places)
        return [part] * (len(places) - 1) + [total - part * (len(places) - 1)]

    def series(key: str, names: tuple[str, ...], which: int) -> list[tuple[dict[str, str], list[float]]]:
        return [
            ({"ml_protected": protected, "ml_group": group, key: name}, spread(count))
            for (protected, group), counts in groups.items()
            for name, count in zip(names, counts[which], strict=True)
        ]

    return measured(
        {
            "model:ml_group_prediction:increase5m": series("ml_decision", DECISIONS, 0),
            "model:ml_group_label:increase5m": series("ml_cell", CELLS, 1),
            "ml_group_minimum": [
                ({"instance": each}, [float(minimum)] * (len(times) - 2) + [STALE if down else float(minimum)] * 2)
                for each in ("a", "b")
            ],
        },
        times,
    )


def by_key(found: Found, record: str) -> dict[Key, float]:
    return {
        (labels["ml_criterion"], labels["ml_protected"], labels.get("ml_group", "")): value
        for labels, value in found.get(record, [])
    }


def cases_and_hits(criterion: str, predictions: Array, labels: Array) -> tuple[float, float]:
    tp, fp, tn, fn = labels
    return {
        "demographic parity": (predictions.sum(), predictions[0]),
        "equal opportunity": (tp + fn, tp),
        "false positive rate": (fp + tn, fp),
        "predictive parity": (tp + fp, tp),
        "accuracy": (labels.sum(), tp + tn),
    }[criterion]


CRITERIA = ("demographic parity", "equal opportunity", "false positive rate", "predictive parity", "accuracy")


def random_groups(seed: int) -> dict[tuple[str, str], tuple[Array, Array]]:
    generator = np.random.default_rng(seed)
    names = [("gender", each) for each in ("female", "male", "other")] + [("age", each) for each in ("old", "young")]
    return {
        name: (
            generator.integers(0, 3000, 2).astype(float),
            generator.integers(0, 900, 4).astype(float) + 1,
        )
        for name in names
    }


@pytest.mark.parametrize("seed", range(8))
def test_rates_gaps_and_noise_are_those_of_numpy_and_scipy(seed: int) -> None:
    minimum = 700
    groups = random_groups(seed)
    found = recorded(groups, minimum)
    expected: dict[Key, tuple[float, float]] = {}
    for criterion in CRITERIA:
        for (protected, group), counts in groups.items():
            cases, hits = cases_and_hits(criterion, *counts)
            if cases >= minimum:
                expected[criterion, protected, group] = (cases, hits)
    rates = by_key(found, "model_group:fairness:ratio7d")
    assert rates == pytest.approx({key: hits / cases for key, (cases, hits) in expected.items()}, abs=1e-12)
    families = {
        (criterion, protected): {key: value for key, value in expected.items() if key[:2] == (criterion, protected)}
        for criterion, protected, _ in expected
    }
    compared = {family: each for family, each in families.items() if len(each) > 1}
    pairs = sum(len(each) * (len(each) - 1) for each in compared.values())
    quantile = stats.norm.isf(1e-4 / pairs)
    [(_, recorded_quantile)] = found["model:fairness:quantile"]
    assert recorded_quantile == pytest.approx(quantile, abs=0.002)
    gaps, noise = by_key(found, "model_group:fairness_gap:ratio7d"), by_key(found, "model_group:fairness_noise:ratio7d")
    assert set(gaps) == {key for each in compared.values() for key in each}
    differences = by_key(found, "model_group:fairness_difference:ratio7d")
    for each in compared.values():
        best = max(each, key=lambda key: each[key][1] / each[key][0])
        pooled = sum(hits for _, hits in each.values()) / sum(cases for cases, _ in each.values())
        for key, (cases, hits) in each.items():
            gap = each[best][1] / each[best][0] - hits / cases
            assert gaps[key] == pytest.approx(gap, abs=1e-12)
            inverse = 1 / cases + 1 / each[best][0]
            chance = recorded_quantile * np.sqrt(pooled * (1 - pooled) * inverse) + inverse / 2
            assert noise[key] == pytest.approx(chance, abs=1e-9)
            assert (key in differences) is bool(gap > chance)


def test_a_group_below_the_minimum_is_left_out_and_never_a_zero() -> None:
    labels = np.array([90.0, 90, 810, 10])
    groups = {("gender", name): (np.array([180.0, 820]), labels) for name in ("female", "male")}
    groups["gender", "other"] = (np.array([0.0, 99]), np.array([0.0, 9, 40, 50]))
    found = recorded(groups)
    assert {key[2] for key in by_key(found, "model_group:fairness:ratio7d")} == {"female", "male"}
    assert {key[2] for key in by_key(found, "model_group:fairness_gap:ratio7d")} == {"female", "male"}
    states = by_key(found, "model_group:fairness:state")
    assert {key: state for key, state in states.items() if key[0] == "demographic parity"} == {
        ("demographic parity", "gender", "female"): 0,
        ("demographic parity", "gender", "male"): 0,
        ("demographic parity", "gender", "other"): 2,
    }


def test_a_service_that_is_down_for_minutes_takes_no_verdict_back() -> None:
    counts = {name: (np.array([hits, 2000 - hits]), np.ones(4)) for name, hits in (("female", 800.0), ("male", 1200.0))}
    groups = {("gender", name): each for name, each in counts.items()}
    before, without = (
        by_key(recorded(groups, down=down), "model_group:fairness_difference:ratio7d") for down in (False, True)
    )
    assert before == without == {("demographic parity", "gender", "female"): pytest.approx(0.2)}


def test_a_group_alone_is_compared_with_nothing() -> None:
    alone = {("gender", "female"): (np.array([500.0, 500]), np.array([100.0, 100, 100, 100]))}
    alone["gender", "male"] = (np.array([5.0, 5]), np.array([1.0, 1, 1, 1]))
    found = recorded(alone)
    assert by_key(found, "model_group:fairness_gap:ratio7d") == {}
    assert set(by_key(found, "model_group:fairness:state").values()) == {2}


def test_what_the_spec_does_not_list_is_compared_with_nothing() -> None:
    counts = (np.array([500.0, 500]), np.array([100.0, 100, 100, 100]))
    groups = {("gender", name): counts for name in ("female", "male")}
    groups["gender", "unseen"] = (np.array([0.0, 5000]), np.array([0.0, 0, 0, 5000]))
    found = recorded(groups)
    assert {key[2] for key in by_key(found, "model_group:fairness:ratio7d")} == {"female", "male"}


@pytest.mark.parametrize(("hits", "state"), [(800, 1), (880, 0)])
def test_each_criterion_has_its_own_difference_once_it_is_more_than_noise(hits: float, state: int) -> None:
    groups = {("gender", "male"): (np.array([900.0, 9100]), np.array([900.0, 0, 9000, 100]))}
    groups["gender", "female"] = (np.array([900.0, 9100]), np.array([hits, 0, 9000, 1000 - hits]))
    found = recorded(groups)
    difference = by_key(found, "model_group:equal_opportunity_difference:ratio7d")
    key = ("equal opportunity", "gender", "female")
    assert difference == ({key: pytest.approx(0.1)} if state else {})
    assert by_key(found, "model_group:fairness:state")[key] == state
    ratio = by_key(found, "model_group:demographic_parity:relative7d")
    assert ratio == {("demographic parity", "gender", name): 1.0 for name in ("female", "male")}


def beyond(cases: Array, hits: Array, pairs: int) -> Array:
    """Gaps of groups (last axis) where they are more than noise, else 0: the formula of the rules, for many draws."""
    rates = hits / cases
    best = rates.argmax(-1, keepdims=True)
    inverse = 1 / cases + 1 / np.take_along_axis(cases, best, -1)
    pooled = hits.sum(-1, keepdims=True) / cases.sum(-1, keepdims=True)
    noise = stats.norm.isf(1e-4 / pairs) * np.sqrt(pooled * (1 - pooled) * inverse) + inverse / 2
    gaps = np.take_along_axis(rates, best, -1) - rates
    return np.asarray(np.where(gaps > noise, gaps, 0.0))


SIZES = {
    "two of 100": (100, 100),
    "three of 100": (100, 100, 100),
    "ten of 100": (100,) * 10,
    "100 and 10,000": (100, 10_000),
}
DOCS = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SIZES)
def test_equal_groups_differ_beyond_noise_as_rarely_as_the_docs_say(name: str) -> None:
    sizes = np.array(SIZES[name], dtype=float)
    pairs, worst = len(sizes) * (len(sizes) - 1), []
    plain = []
    for rate in (0.02, 0.1, 0.3, 0.5, 0.9):
        hits = np.random.default_rng(1).binomial(sizes.astype(int), rate, size=(100_000, len(sizes)))
        cases = np.broadcast_to(sizes, hits.shape)
        worst.append((beyond(cases, hits, pairs) > 0).any(-1).mean())
        plain.append((np.ptp(hits / cases, axis=-1) > 0.05).mean())
    assert max(worst) <= 0.001
    assert f"| {name} | {max(worst):.3%} | {max(plain):.0%} |\n" in DOCS


HOURS = 24 * 7


def hours(a_week: int, seed: int) -> float:
    """Hours from a fall of one group's recall, from 90 to 80 %, to the alert at 5 %, infinite if it takes two weeks."""
    generator = np.random.default_rng(seed)
    cases = generator.poisson(a_week / HOURS, size=(3 * HOURS, 2))
    after = np.arange(3 * HOURS)[:, None] >= HOURS
    hits = generator.binomial(cases, np.where(after & (np.arange(2) == 0), 0.8, 0.9))
    windows = [np.lib.stride_tricks.sliding_window_view(each, HOURS, 0).sum(-1) for each in (cases, hits)]
    found = beyond(windows[0].astype(float), windows[1].astype(float), pairs=4)[1:, 0] > 0.05
    held = found[:-1] & found[1:]
    return int(np.argmax(held)) + 2 if held.any() else np.inf


@pytest.mark.parametrize("a_week", [1000, 2000, 5000, 20_000])
def test_a_fall_of_recall_by_ten_points_is_told_within_as_many_hours_as_the_docs_say(a_week: int) -> None:
    found = [hours(a_week, seed) for seed in range(100)]
    caught = np.isfinite(found).mean()
    late = "–" if caught < 0.95 else f"{np.quantile(found, 0.95):.0f}"
    assert f"| {a_week:,} | {caught:.0%} | {np.median(found):.0f} | {late} |\n" in DOCS


FAIR = """\
apiVersion: watchspec/v1
kind: Model
metadata: {name: loans, tenant: health, team: diagnostics}
spec:
  task: binary-classification
  service: loans-api
  alerting: lean
  prediction: {classes: [refuse, grant], positive: grant}
  labels: {delay: 30d}
  fairness:
    protected: {gender: [female, male]}
    demographic_parity_difference: {warning: 5%, critical: 10%}
    equal_opportunity_difference: {warning: 8%}
  quality: {accuracy_difference: {warning: 5%}}
  environments: {production: {quality: {demographic_parity_difference: {critical: 20%}, accuracy_difference: off}}}
"""


def test_one_alert_compares_each_criterion_with_its_own_levels() -> None:
    shared = (each for each in read_specs(ROOT / "specs") if not each.file.startswith(("specs/models", "specs/base")))
    catalog, problems = resolve((*shared, Source("specs/models/loans.yaml", FAIR.encode())))
    assert catalog is not None
    assert not errors(problems)
    (model,) = (each for environment in plan(catalog)[0].environments for each in environment.models)
    rules = [rule for rule in model.alerts if rule.alert == "FairnessDifference"]
    compared = {
        rule.level: {
            (one.left.name, one.right.value) for one in walk(rule.expr) if isinstance(one, Binary) and one.op == ">"
        }
        for rule in rules
    }
    record = "model_group:{}_difference:ratio7d".format
    assert len(rules) == 2
    assert compared == {
        Level.WARNING: {(record("demographic_parity"), 0.05), (record("equal_opportunity"), 0.08)},
        Level.CRITICAL: {(record("demographic_parity"), 0.2)},
    }
    assert {rule.level: rule.threshold for rule in rules} == {
        Level.WARNING: "5 % (demographic parity difference), 8 % (equal opportunity difference)",
        Level.CRITICAL: "20 %",
    }
    assert {rule.instance for rule in rules} == {("ml_criterion", "ml_group", "ml_protected")}
