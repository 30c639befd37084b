"""What chance makes of a distance is what mathematics says, and remedies of levels below it hold."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from language_models import SPECS
from scipy import stats

from generators.baseline.statistics.distances import additive_shares, psi
from generators.baseline.statistics.nulls import family_level, psi_bound
from generators.diagnostics import NOWHERE, Position
from generators.language.catalog import Alert, Bins, Deployment, Level, Model, Profile, Threshold
from generators.language.resolve.noise import below_noise, chance, floor, found_shift, judged, never_enough, promised
from generators.language.resolve.stage import resolve
from generators.language.values.quantities import Quantity

ALERT, MEASURE = "FeatureDrift", "feature_drift"
OWN = Position("specs/models/own.yaml", 1, 1, 1, 2)
DAY = 86_400
TAILS = (0.0025, 0.0075, 0.04, 0.05, *(0.1,) * 8, 0.05, 0.04, 0.0075, 0.0025)
"""Shares of a number with 16 bins, as a baseline has them."""


@cache
def deployment() -> Deployment:
    catalog, _ = resolve(SPECS)
    assert catalog is not None
    return next(each for each in catalog.deployments if each.model.name == "screening")


@st.composite
def models(draw: st.DrawFn) -> Model:
    """The model of the example with other features, reference data and traffic."""
    model = deployment().model
    assert model.baseline is not None
    counts = draw(st.lists(st.integers(2, 30), min_size=1, max_size=6))
    features = {f"f{index}": profile(count, draw(st.sampled_from(["0", "0.3"]))) for index, count in enumerate(counts)}
    rows = draw(st.integers(50, 100_000))
    traffic = draw(st.one_of(st.none(), st.integers(200, 1_000_000).map(lambda day: Decimal(day) / DAY)))
    return replace(model, traffic=traffic, baseline=replace(model.baseline, rows=rows, features=features, score=None))


def profile(bins: int, missing: str) -> Profile:
    shares = (Decimal(1) / bins,) * bins
    values = tuple(f"v{index}" for index in range(bins))
    return Profile(Bins(values=values), shares, Decimal(missing), None, None, NOWHERE, design_effect=Decimal("1.5"))


def with_level(level: float) -> Alert:
    alert = next(each for each in deployment().alerts if each.name == ALERT)
    threshold = alert.thresholds[0]
    value = Quantity(Decimal(repr(level)), threshold.value.unit, repr(level))
    return replace(alert, thresholds=(Threshold(threshold.level, ">", value, threshold.for_ms, OWN, MEASURE),))


def problems(model: Model, level: float) -> list[str]:
    return [each.help for each in below_noise([with_level(level)], deployment().measures, model)]


@given(models())
def test_the_floor_is_the_bound_of_the_null_distribution(model: Model) -> None:
    noise = deployment().measures[MEASURE].noise
    assert noise is not None
    assert model.baseline is not None
    for each in judged(noise, model).values():
        there = 1 - float(each.missing)
        n = math.inf if model.traffic is None else float(model.traffic) * DAY * there
        level = family_level(1e-4, len(model.baseline.features))
        exact = float(psi_bound(level, len(each.shares), n, model.baseline.rows * there, 1.5))
        assert -0.003 <= floor(noise, each, model) / exact - 1 <= 0.3 / len(each.shares)


@given(models(), st.integers(1, 60).map(lambda hundredth: hundredth / 100))
def test_a_level_is_told_if_chance_goes_beyond_it_and_both_remedies_hold(model: Model, level: float) -> None:
    noise = deployment().measures[MEASURE].noise
    assert noise is not None
    assert model.baseline is not None
    highest = max(floor(noise, each, model) for each in judged(noise, model).values())
    told = problems(model, level)
    assert bool(told) is (highest >= level)
    for help_ in told:
        written, _, profiled = help_.removeprefix("write ").partition(" or more")
        assert not problems(model, float(written))
        if profiled:
            rows = int(profiled.removeprefix(", or profile ").removesuffix(" rows or more").replace(",", ""))
            assert not problems(replace(model, baseline=replace(model.baseline, rows=rows)), level)
            assert problems(replace(model, baseline=replace(model.baseline, rows=int(rows * 0.85))), level)


@pytest.mark.parametrize("level", [0.1, 0.25])
@pytest.mark.parametrize("rows", [398, 20_000])
@pytest.mark.parametrize("a_day", [240, 2_400, 100_000])
@pytest.mark.parametrize("shares", [TAILS, (0.1,) * 10, (0.9, 0.1)], ids=lambda each: f"{len(each)} bins")
def test_a_promised_shift_is_found_with_nine_tenths_and_not_much_less_of_a_shift(
    shares: tuple[float, ...], a_day: int, rows: int, level: float
) -> None:
    noise = deployment().measures[MEASURE].noise
    assert noise is not None
    model = number(shares, a_day, rows)
    assert model.baseline is not None
    shift = found_shift(noise, model.baseline.features["f"], model, level)
    assert found_share(shares, shift, a_day, rows, level) >= 0.9
    assert found_share(shares, 0.75 * shift, a_day, rows, level) < 0.75


def number(shares: tuple[float, ...], a_day: int, rows: int) -> Model:
    model = deployment().model
    assert model.baseline is not None
    bins = Bins(edges=tuple(map(Decimal, range(len(shares) - 1))))
    feature = Profile(bins, tuple(Decimal(repr(each)) for each in shares), Decimal(0), None, None, NOWHERE)
    baseline = replace(model.baseline, rows=rows, features={"f": feature}, score=None)
    return replace(model, traffic=Decimal(a_day) / DAY, baseline=baseline)


def found_share(shares: tuple[float, ...], shift: float, a_day: int, rows: int, level: float) -> float:
    """Share of simulated days after a shift of a normal number that the rules find, against sampled reference data."""
    generator = np.random.default_rng(5)
    edges = stats.norm.ppf(np.cumsum(shares)[:-1])
    moved = np.diff(stats.norm.cdf(edges - shift), prepend=0, append=1)
    late = generator.multinomial(a_day // 4, moved, 2_000)
    day = late + generator.multinomial(3 * a_day // 4, moved, 2_000)
    then = additive_shares(generator.multinomial(rows, shares, 2_000))
    distances = [psi(additive_shares(counts), then) for counts in (day, late)]
    chance = [psi_bound(1 - 1e-4, len(shares), n, rows) for n in (a_day, a_day // 4)]
    found = (distances[0] > max(level, float(chance[0]))) & (distances[1] > chance[1])
    return float(found.mean())


def test_nothing_is_promised_without_traffic_numbers_or_samples() -> None:
    example = deployment()
    alert = next(each for each in example.alerts if each.name == ALERT)
    level = alert.thresholds[0].level
    assert promised(alert, level, example.measures, number(TAILS, 2_400, 400)).endswith("standard deviations in 1d")
    assert promised(alert, Level.INFO, example.measures, example.model) == ""
    for other in (
        replace(example.model, traffic=None),
        replace(example.model, baseline=None),
        number(TAILS, 199, 400),
        number((1.0,), 2_400, 400),
    ):
        assert promised(alert, level, example.measures, other) == ""
    assert chance(alert, level, example.measures, replace(example.model, traffic=None)) == ""
    assert chance(alert, level, example.measures, number(TAILS, 2_400, 400)) == "0.130 PSI"


def test_an_alert_on_several_distances_is_told_of_each() -> None:
    example = deployment()
    features, scores = (
        next(each for each in example.alerts if each.name == name).thresholds[0] for name in (ALERT, "ScoresDrift")
    )
    assert scores.measure != features.measure
    low = [replace(each, value=Quantity(Decimal("0.01"), each.value.unit), position=OWN) for each in (features, scores)]
    both = replace(with_level(0.01), thresholds=tuple(low))
    told = [each.message for each in below_noise([both], example.measures, example.model)]
    assert [message.partition(" of `")[2] and "`score`" in message for message in told] == [False, True]
    assert promised(both, features.level, example.measures, example.model).count("standard deviations") == 2
    assert chance(both, features.level, example.measures, example.model).count("PSI") == 2


def test_levels_of_the_library_are_nobodys_mistake() -> None:
    model, measures = deployment().model, deployment().measures
    noise = measures[MEASURE].noise
    assert noise is not None
    assert max(floor(noise, each, model) for each in judged(noise, model).values()) > 0.13
    assert not list(below_noise(deployment().alerts, measures, model))


@pytest.mark.parametrize(("a_day", "told"), [(199, True), (200, False)])
def test_traffic_is_told_of_if_it_never_brings_fifty_values_in_six_hours(a_day: int, told: bool) -> None:
    example = deployment()
    model = replace(example.model, traffic=Decimal(a_day) / DAY)
    found = {each.message.split("`")[1] for each in never_enough(example.alerts, example.measures, model, OWN)}
    assert found == ({"FeatureDrift", "ScoresDrift"} if told else set())
