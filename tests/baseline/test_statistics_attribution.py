"""The cause of a loss is found by counts alone, in worlds where it was planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from generators.baseline.statistics import distances, nulls
from generators.baseline.statistics.attribution import Evidence, loss, ranking

counts = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), min_size=5, max_size=5)


@given(counts, counts)
def test_mix_and_within_add_up_to_the_loss(before: list[tuple[int, int]], now: list[tuple[int, int]]) -> None:
    old, new = (np.array(each) for each in (before, now))
    good, kept = np.minimum(old[:, 1], old[:, 0]), np.minimum(new[:, 1], new[:, 0])
    found = loss(old[:, 0], good, new[:, 0], kept)
    whole = good.sum() / old[:, 0].sum() - kept.sum() / new[:, 0].sum()
    assert found.mix + found.within == pytest.approx(whole, abs=1e-12)


@given(counts)
def test_nothing_is_lost_where_nothing_changed(cells: list[tuple[int, int]]) -> None:
    rows = np.array(cells)
    right = np.minimum(rows[:, 1], rows[:, 0])
    found = loss(rows[:, 0], right, rows[:, 0], right)
    assert (found.mix, found.within, found.unevenness) == pytest.approx((0, 0, 0))


def world(rows: int, features: int, random: np.random.Generator) -> NDArray[np.float64]:
    return random.normal(size=(rows, features))


def answers(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    return values @ weights > 0


def evidence(
    old: NDArray[np.float64], right_old: NDArray[np.bool_], new: NDArray[np.float64], right_new: NDArray[np.bool_]
) -> dict[str, Evidence]:
    found = {}
    for column in range(old.shape[1]):
        edges = np.quantile(old[:, column], [0.001, 0.01, 0.05, *np.arange(1, 10) / 10, 0.95, 0.99, 0.999])
        sides = []
        for values, right in ((old, right_old), (new, right_new)):
            bins = np.searchsorted(edges, values[:, column], side="right")
            sides += [np.bincount(bins, minlength=16), np.bincount(bins[right], minlength=16)]
        p, q = distances.additive_shares(sides[2]), distances.additive_shares(sides[0])
        floor = float(nulls.psi_mean(16, len(new), len(old)))
        found[f"f{column}"] = Evidence(float(distances.psi(p, q)), floor, 1.0, loss(*sides))
    return found


@pytest.mark.parametrize("cause", ["shift", "unit", "frozen", "concept"])
def test_the_planted_cause_comes_first(cause: str) -> None:
    hits = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        weights = random.uniform(0.4, 1, 6)
        old, new = world(20_000, 6, random), world(4000, 6, random)
        noise = [random.normal(0, 0.8, len(each)) for each in (old, new)]
        truth_old = old @ weights + noise[0] > 0
        seen = new.copy()
        if cause == "concept":
            flipped = new[:, 2] > 0.8
            truth_new = np.where(flipped, new @ weights + noise[1] < 0, new @ weights + noise[1] > 0)
        else:
            truth_new = new @ weights + noise[1] > 0
            seen[:, 2] = {"shift": new[:, 2] + 1.5, "unit": new[:, 2] * 100, "frozen": np.zeros(len(new))}[cause]
        found = evidence(old, answers(old, weights) == truth_old, seen, answers(seen, weights) == truth_new)
        hits += next(iter(ranking(found))) == "f2"
    assert hits >= 9


def test_nothing_to_rank_is_no_ranking() -> None:
    assert ranking({}) == {}
