"""Drift by the planned rules: equal to numpy and scipy, silent without drift, and quick where there is one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from library_fleet import measured, planned
from numpy.typing import NDArray
from scipy import special, stats

from generators.baseline.statistics.nulls import family_level, psi_bound
from generators.language.catalog import Bins
from generators.language.resolve.noise import floor, found_shift

TILE_MS = 300_000
START_MS = 1_700_000_000_000
VERSION = {"baseline_version": "2026-10-01"}
BINS = {"age": 16, "income": 10, "plan": 5}
DAY, QUARTER = 288, 72
"""Tiles of the two windows."""

Array = NDArray[np.float64]
Counts = Mapping[str, Array]
Found = dict[str, list[tuple[dict[str, str], float]]]


def recorded(
    counts: Counts, shares: Counts, rows: int = 20_000, missing: float = 0.0, effect: float = 1.0, **changes: str
) -> Found:
    """Values of all records at the end of a day whose tiles have ``counts`` (tile, bin) of each feature."""
    times = [START_MS + index * TILE_MS for index in range(DAY)]
    labels = {**VERSION, **changes}
    tiles = [
        ({"ml_feature": feature, "ml_bin": f"{index:02}", **labels}, list(column))
        for feature, table in counts.items()
        for index, column in enumerate(table.T)
        if column.any()
    ]
    gauges = [
        ({"ml_feature": feature, "ml_bin": name, "instance": replica, **VERSION}, [share] * DAY)
        for feature, row in shares.items()
        for name, share in (*((f"{index:02}", each) for index, each in enumerate(row)), ("missing", missing))
        for replica in ("a", "b")
    ]
    outputs = {".score": "model:ml_score_bin:increase5m", ".prediction": "model:ml_prediction_bin:increase5m"}
    samples = {
        "model:ml_feature_bin:increase5m": [each for each in tiles if each[0]["ml_feature"] not in outputs],
        **{
            record: [
                ({key: text for key, text in labels.items() if key != "ml_feature"}, column)
                for labels, column in tiles
                if labels["ml_feature"] == name
            ]
            for name, record in outputs.items()
        },
        "ml_baseline_share_ratio": gauges,
        "ml_baseline_design_effect_ratio": [
            ({"ml_feature": feature, "instance": "a", **VERSION}, [effect] * DAY) for feature in shares
        ],
        "ml_baseline_size": [({"instance": replica, **VERSION}, [float(rows)] * DAY) for replica in ("a", "b")],
    }
    return measured(samples, times)


def by_feature(found: Found, record: str) -> dict[str, float]:
    return {labels["ml_feature"]: value for labels, value in found.get(record, [])}


def drawn(generator: np.random.Generator, shares: Counts, an_hour: int) -> dict[str, Array]:
    return {
        feature: generator.multinomial(an_hour // 12, row, size=DAY).astype(float) for feature, row in shares.items()
    }


def uniform(bins: Mapping[str, int] = BINS) -> dict[str, Array]:
    return {feature: np.full(count, 1 / count) for feature, count in bins.items()}


def jeffreys(counts: Array) -> Array:
    return (counts + 0.5) / (counts.sum(-1, keepdims=True) + 0.5 * counts.shape[-1])


def psi(p: Array, q: Array) -> Array:
    """Sum of both relative entropies, by scipy."""
    return np.asarray((special.rel_entr(p, q) + special.rel_entr(q, p)).sum(-1))


@pytest.mark.parametrize("rows", [400, 20_000])
def test_psi_and_its_noise_are_those_of_scipy(rows: int) -> None:
    generator = np.random.default_rng(7)
    shares = {feature: generator.dirichlet(np.full(count, 4.0)) for feature, count in BINS.items()}
    counts = drawn(generator, {feature: generator.dirichlet(np.full(n, 4.0)) for feature, n in BINS.items()}, 600)
    counts["age"][:, 3] = 0  # a bin without a single value has no series
    found = recorded(counts, shares, rows, missing=0.02)
    values = rows * 0.98
    level = family_level(1e-4, len(BINS))
    for window, tiles in (("1d", DAY), ("6h", QUARTER)):
        for feature, table in counts.items():
            now = table[-tiles:].sum(0)
            expected = psi(jeffreys(now), jeffreys(shares[feature] * values))
            assert by_feature(found, f"model_feature:psi:{window}")[feature] == pytest.approx(expected, abs=1e-9)
            noise = stats.chi2.ppf(level, BINS[feature] - 1) * (1 / now.sum() + 1 / values)
            assert 0.997 <= by_feature(found, f"model_feature:psi_noise:{window}")[feature] / noise <= 1.05
            assert noise == pytest.approx(float(psi_bound(level, BINS[feature], now.sum(), values)), rel=0.02)


@pytest.mark.parametrize("features", [1, 5, 100])
def test_the_bound_is_the_chi_square_quantile_or_a_little_above_it(features: int) -> None:
    bins = {f"f{index}": 2 + index % 29 for index in range(features)}
    found = recorded({}, uniform(bins))
    assert by_feature(found, "model_feature:baseline_bins:count") == bins
    for feature, bound in by_feature(found, "model_feature:drift:bound").items():
        exact = stats.chi2.ppf(1 - 1e-4 / features, bins[feature] - 1)
        above = 0.3 / bins[feature]
        assert -0.003 <= bound / exact - 1 <= above, (features, bins[feature], bound / exact - 1)


@pytest.mark.parametrize("effect", [1.0, 3.0])
def test_the_compiler_foretells_the_noise_that_rules_compute(effect: float) -> None:
    shares = uniform()
    counts = {feature: np.full((DAY, bins), 5.0) for feature, bins in BINS.items()}
    found = by_feature(recorded(counts, shares, 400, missing=0.02, effect=effect), "model_feature:psi_noise:1d")
    deployment = next(each for each in planned()[0].catalog.deployments if each.model.name == "screening")
    noise = deployment.measures["feature_drift"].noise
    baseline = deployment.model.baseline
    assert noise is not None
    assert baseline is not None
    some = replace(next(iter(baseline.features.values())), missing=Decimal("0.02"), design_effect=Decimal(effect))
    features = {name: replace(some, bins=Bins(values=tuple(map(str, range(bins))))) for name, bins in BINS.items()}
    for feature, bins in BINS.items():
        model = replace(
            deployment.model,
            traffic=Decimal(5 * bins * DAY) / Decimal(86_400) / Decimal("0.98"),
            baseline=replace(baseline, rows=400, features=features, score=None),
        )
        assert floor(noise, features[feature], model) == pytest.approx(found[feature], rel=1e-3)


def test_repeated_rows_make_more_noise() -> None:
    shares = uniform()
    counts = drawn(np.random.default_rng(1), shares, 600)
    once, thrice = recorded(counts, shares), recorded(counts, shares, effect=3.0)
    single, triple = (by_feature(found, "model_feature:psi_noise:1d") for found in (once, thrice))
    assert triple == {feature: pytest.approx(3 * noise) for feature, noise in single.items()}


def test_only_what_is_more_than_noise_in_both_windows_has_drifted() -> None:
    generator = np.random.default_rng(11)
    shares = uniform()
    moved = {**shares, "age": np.linspace(0.2, 1.8, 16) / 16}
    counts = drawn(generator, moved, 1200)
    over = recorded(counts, shares)
    assert set(by_feature(over, "model_feature:drift:psi")) == {"age"}
    assert by_feature(over, "model_feature:drift:state") == {"age": 1.0, "income": 0.0, "plan": 0.0}
    ((_, share),) = over["model_baseline:features_drifted:ratio"]
    assert share == pytest.approx(1 / 3)
    counts["age"][-QUARTER:] = drawn(generator, shares, 1200)["age"][-QUARTER:]  # the shift has ended
    ended = recorded(counts, shares)
    assert "model_feature:drift:psi" not in ended
    assert by_feature(ended, "model_feature:psi:1d")["age"] > by_feature(ended, "model_feature:psi_noise:1d")["age"]


@pytest.mark.parametrize("output", ["score", "prediction"])
def test_outputs_are_judged_like_features_and_told_apart_from_them(output: str) -> None:
    generator = np.random.default_rng(13)
    shares = uniform({**BINS, f".{output}": 20})
    moved = {**shares, f".{output}": np.linspace(0.2, 1.8, 20) / 20}
    counts = drawn(generator, moved, 1200)
    found = recorded(counts, shares)
    expected = psi(jeffreys(counts[f".{output}"].sum(0)), jeffreys(shares[f".{output}"] * 20_000))
    assert by_feature(found, "model_feature:psi:1d")[f".{output}"] == pytest.approx(expected, abs=1e-9)
    ((_, drift),) = found[f"model_baseline:{output}_drift:psi"]
    assert drift == pytest.approx(expected)
    assert "model_feature:drift:psi" not in found
    ((_, share),) = found["model_baseline:features_drifted:ratio"]
    assert share == 0


def test_states_say_why_nothing_is_judged() -> None:
    shares = uniform()
    few = {feature: np.zeros((DAY, count)) for feature, count in BINS.items()}
    few["age"][-3:, 0] = 10
    few["income"][:] = 1
    found = recorded({name: few[name] for name in ("age", "income")}, shares)
    assert by_feature(found, "model_feature:drift:state") == {"age": 2.0, "income": 0.0, "plan": 3.0}
    assert "model_feature:drift:psi" not in found
    other = recorded({"income": few["income"]}, shares, baseline_version="2025-01-01")
    states = {
        (labels["ml_feature"], labels["baseline_version"]): value
        for labels, value in other["model_feature:drift:state"]
    }
    assert states == {
        ("income", "2025-01-01"): 4.0,
        **{(feature, VERSION["baseline_version"]): 3.0 for feature in BINS},
    }
    assert "model_feature:psi:1d" not in other


# The rules' formulas over many days at once, for what is too much for an engine.


def windows(tiles: Array, length: int) -> Array:
    """Sums over the last ``length`` tiles at each tile from the first whole day on; (feature, tile, bin)."""
    summed = np.cumsum(tiles, axis=1)
    return (summed[:, DAY:] - summed[:, DAY - length : -length])[:, :]


def alarms(tiles: Array, shares: Array, rows: int, threshold: float = 0.1, effect: float = 1.0) -> NDArray[np.bool_]:
    """Whether the alert fires for any feature, at each tile: effect, significance, both windows, held for an hour."""
    level = family_level(1e-4, len(tiles))
    q = jeffreys(shares * rows)[:, None, :]
    above = np.ones(1, bool)
    for length, least in ((DAY, threshold), (QUARTER, 0.0)):
        counts = windows(tiles, length)
        n = counts.sum(-1)
        distance = psi(jeffreys(counts), q)
        above = above & (distance > least) & (distance > psi_bound(level, shares.shape[1], n, rows, effect)) & (n >= 50)
    held = np.lib.stride_tricks.sliding_window_view(above, 13, axis=1).all(-1)
    return np.asarray(held.any(0))


def simulated(seed: int, days: int, an_hour: float, features: int, rows: int) -> NDArray[np.bool_]:
    """Alarms of a model whose inputs never move, against a baseline that is itself a sample."""
    generator = np.random.default_rng(seed)
    truth = np.array([1, 4, 45, 50, 100, 100, 100, 100, 100, 100, 100, 100, 50, 45, 4, 1]) / 1000
    shares = np.stack([generator.multinomial(rows, truth) / rows for _ in range(features)])
    sizes = generator.poisson(an_hour / 12, size=(features, days * DAY))
    return alarms(generator.multinomial(sizes, truth).astype(float), shares, rows)


@pytest.mark.parametrize("seed", range(2))
def test_without_drift_nobody_is_told(seed: int) -> None:
    assert simulated(seed, days=10, an_hour=100, features=20, rows=20_000).mean() == 0


SHIFTS: Mapping[str, tuple[Callable[[Array], Array], float]] = {
    "half a deviation": (lambda x: x + 0.5, 17),
    "one deviation": (lambda x: x + 1, 9),
    "twice as wide": (lambda x: x * 2, 9),
    "a unit bug": (lambda x: x * 1000, 4),
    "frozen": (np.zeros_like, 4),
}
"""What happens to a normal feature, and within how many hours somebody is told."""


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("an_hour", [100, 2_000])
def test_a_shift_is_told_within_its_first_window(shift: str, an_hour: int) -> None:
    generator = np.random.default_rng(3)
    reference = generator.normal(size=20_000)
    edges = np.quantile(reference, [0.001, 0.01, 0.05, *np.arange(0.1, 0.95, 0.1), 0.95, 0.99, 0.999])
    shares = np.bincount(np.searchsorted(edges, reference), minlength=16) / len(reference)
    values = generator.normal(size=(3 * DAY, max(an_hour // 12, 1)))
    change, hours = SHIFTS[shift]
    values[DAY:] = change(values[DAY:])
    tiles = np.stack([np.bincount(np.searchsorted(edges, row), minlength=16) for row in values]).astype(float)
    fires = alarms(tiles[None], shares[None], 20_000)
    assert fires.any()
    assert (int(np.argmax(fires)) + 13) / 12 <= hours


@pytest.mark.parametrize(("an_hour", "rows", "threshold"), [(24, 20_000, 0.1), (100, 400, 0.1), (2_000, 20_000, 0.25)])
def test_the_move_that_is_promised_is_told_when_it_fills_the_day(an_hour: int, rows: int, threshold: float) -> None:
    """In 100 days against as many reference samples, with tiles of random size and the hour that it must hold."""
    shares = np.array([0.0025, 0.0075, 0.04, 0.05, *[0.1] * 8, 0.05, 0.04, 0.0075, 0.0025])
    deployment = next(each for each in planned()[0].catalog.deployments if each.model.name == "screening")
    noise = deployment.measures["feature_drift"].noise
    baseline = deployment.model.baseline
    assert noise is not None
    assert baseline is not None
    some = next(iter(baseline.features.values()))
    bins = Bins(edges=tuple(map(Decimal, range(len(shares) - 1))))
    feature = replace(some, bins=bins, shares=tuple(Decimal(repr(float(each))) for each in shares))
    baseline = replace(baseline, rows=rows, features={"age": feature}, score=None)
    model = replace(deployment.model, traffic=Decimal(an_hour) / 3_600, baseline=baseline)
    move = found_shift(noise, feature, model, threshold)
    moved = np.diff(stats.norm.cdf(stats.norm.ppf(np.cumsum(shares)[:-1]) - move), prepend=0, append=1)
    told = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        tiles = generator.multinomial(generator.poisson(an_hour / 12, (1, DAY + 25)), moved).astype(float)
        reference = generator.multinomial(rows, shares) / rows
        told += bool(alarms(tiles, reference[None], rows, threshold).any())
    assert told >= 90
