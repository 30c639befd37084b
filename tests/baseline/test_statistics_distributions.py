"""Tails and quantiles against scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from generators.baseline.statistics.quantiles import (
    binomial_quantile,
    binomial_tail,
    chi_square_quantile,
    chi_square_tail,
    kolmogorov_quantile,
    normal_quantile,
    normal_tail,
    student_tail,
)

levels = st.floats(0.001, 0.9999999)
freedoms = st.one_of(st.integers(1, 200).map(float), st.floats(0.5, 500))


@given(levels)
def test_normal_quantiles_are_those_of_scipy(level: float) -> None:
    assert normal_quantile(level) == pytest.approx(stats.norm.ppf(level), abs=1e-9)
    assert normal_tail(normal_quantile(level)) == pytest.approx(1 - level, rel=1e-7)


@given(st.floats(0, 800), freedoms)
def test_chi_square_tails_are_those_of_scipy(value: float, freedom: float) -> None:
    assert chi_square_tail(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), rel=1e-9, abs=1e-13)


@given(levels, freedoms)
def test_chi_square_quantiles_are_those_of_scipy(level: float, freedom: float) -> None:
    assert chi_square_quantile(level, freedom) == pytest.approx(stats.chi2.isf(1 - level, freedom), rel=1e-9, abs=1e-12)


@given(st.floats(-50, 50), freedoms)
def test_student_tails_are_those_of_scipy(value: float, freedom: float) -> None:
    assert student_tail(value, freedom) == pytest.approx(stats.t.sf(value, freedom), rel=1e-9, abs=1e-12)


@given(st.integers(1, 5000), st.floats(0.0001, 0.9999), st.data())
def test_binomial_tails_are_those_of_scipy(trials: int, share: float, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, trials + 1))
    assert binomial_tail(count, trials, share) == pytest.approx(
        stats.binom.sf(count - 1, trials, share), rel=1e-8, abs=1e-12
    )


@given(st.floats(0.5, 0.99999), st.integers(1, 5000), st.floats(0.0001, 0.9999))
def test_a_binomial_quantile_is_exceeded_as_rarely_as_it_says(level: float, trials: int, share: float) -> None:
    found = binomial_quantile(level, trials, share)
    assert stats.binom.sf(found, trials, share) <= (1 - level) * (1 + 1e-9)
    assert found == 0 or stats.binom.sf(found - 1, trials, share) >= (1 - level) * (1 - 1e-9)


@pytest.mark.parametrize(("level", "constant"), [(0.95, 1.358), (0.99, 1.628), (0.999, 1.949)])
def test_the_constant_of_kolmogorov_is_the_known_one_and_that_of_scipy(level: float, constant: float) -> None:
    assert kolmogorov_quantile(level) == pytest.approx(constant, abs=5e-4)
    assert kolmogorov_quantile(level) == pytest.approx(stats.kstwobign.ppf(level), abs=1e-4)


def test_nothing_is_below_the_least_value() -> None:
    assert chi_square_tail(0, 3) == 1
    assert binomial_tail(0, 10, 0.3) == 1
    assert binomial_tail(11, 10, 0.3) == 0
    assert student_tail(0, 7) == pytest.approx(0.5)
    assert math.isinf(stats.norm.ppf(1))
