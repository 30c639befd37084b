"""Months of models that do not drift, and shifts over many seeds: how often the rules' alerts fire, and how soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pytest
from library_documents import ROOT
from numpy.typing import NDArray
from test_library_drift import DAY, Array, alarms

pytestmark = pytest.mark.simulation

SEEDS, DAYS, FEATURES = 20, 30, 20
TRUTH: Final = np.array([1, 4, 45, 50, 100, 100, 100, 100, 100, 100, 100, 100, 50, 45, 4, 1]) / 1000
"""Shares of the bins that a baseline of a number without spikes has."""
YEARS: Final = SEEDS * DAYS / 365


def sizes(generator: np.random.Generator, an_hour: float) -> NDArray[np.int64]:
    return generator.poisson(an_hour / 12, size=(FEATURES, DAYS * DAY))


def steady(generator: np.random.Generator, an_hour: float) -> Array:
    return generator.multinomial(sizes(generator, an_hour), TRUTH).astype(float)


def by_hour_of_the_day(generator: np.random.Generator, an_hour: float) -> Array:
    """Values that are lower by night and higher by day, as they were in the reference data, which hold whole days."""
    tilt = 0.2 * np.sin(np.arange(DAYS * DAY) * 2 * np.pi / DAY)
    shares = TRUTH * (1 + tilt[:, None] * np.sign(np.arange(16) - 7.5))
    return generator.multinomial(sizes(generator, an_hour), shares / shares.sum(-1, keepdims=True)).astype(float)


def five_rows_each(generator: np.random.Generator, an_hour: float) -> Array:
    """Five equal rows of each entity."""
    return 5 * steady(generator, an_hour / 5)


QUIET: Final[Mapping[str, tuple[Callable[[np.random.Generator, float], Array], float, int, float]]] = {
    "10 rows an hour": (steady, 10, 20_000, 1),
    "100 rows an hour": (steady, 100, 20_000, 1),
    "2,000 rows an hour": (steady, 2_000, 20_000, 1),
    "100 rows an hour, a baseline of 400": (steady, 100, 400, 1),
    "2,000 rows an hour, other values by night": (by_hour_of_the_day, 2_000, 20_000, 1),
    "100 rows an hour, five of each entity": (five_rows_each, 100, 20_000, 5),
}
"""Tiles of a model that does not drift, rows an hour, rows of the baseline, and the declared design effect."""


def month(name: str, seed: int, threshold: float = 0.0, declared: float | None = None) -> NDArray[np.bool_]:
    """Alarms of a month, by what is more than noise alone unless a ``threshold`` is given."""
    tiles, an_hour, rows, effect = QUIET[name]
    generator = np.random.default_rng(seed)
    entities = round(rows / effect)
    shares = generator.multinomial(entities, TRUTH, size=FEATURES) / entities
    return alarms(tiles(generator, an_hour), shares, rows, threshold, effect if declared is None else declared)


@pytest.mark.parametrize("name", QUIET)
def test_a_month_without_drift_is_quiet_whatever_the_threshold(name: str) -> None:
    found = np.stack([month(name, seed) for seed in range(SEEDS)])
    assert found.mean() <= 0.001
    assert int(found[:, 0].sum()) + int((np.diff(found.astype(int)) == 1).sum()) < YEARS


@pytest.mark.parametrize(
    ("name", "threshold", "declared"),
    [("10 rows an hour", 0.1, 0.0), ("100 rows an hour, five of each entity", 0.0, 1.0)],
    ids=["no noise floor", "no design effect"],
)
def test_without_its_gates_it_would_not_be(name: str, threshold: float, declared: float) -> None:
    assert month(name, 0, threshold, declared).mean() > 0.1


EDGES: Final = (0.001, 0.01, 0.05, *np.arange(0.1, 0.95, 0.1), 0.95, 0.99, 0.999)
SHIFTS: Final[Mapping[str, Callable[[Array], Array]]] = {
    "+ 0.5 deviations": lambda x: x + 0.5,
    "+ 1 deviation": lambda x: x + 1,
    "× 2": lambda x: x * 2,
    "one in ten far out": lambda x: np.where(np.arange(x.size).reshape(x.shape) % 10 == 0, 9.0, x),
    "× 1,000, a unit bug": lambda x: x * 1000,
    "frozen": np.zeros_like,
}
"""What happens to a normal feature."""


def hours(shift: str, an_hour: int, seed: int) -> float:
    """Hours from a shift to the alert, infinite if nobody is told in two days."""
    generator = np.random.default_rng(seed)
    reference = generator.normal(size=20_000)
    edges = np.quantile(reference, EDGES)
    shares = np.bincount(np.searchsorted(edges, reference), minlength=16) / reference.size
    values = generator.normal(size=(3 * DAY, an_hour // 12))
    values[DAY:] = SHIFTS[shift](values[DAY:])
    tiles = np.stack([np.bincount(np.searchsorted(edges, row), minlength=16) for row in values]).astype(float)
    fires = alarms(tiles[None], shares[None], reference.size)
    return (int(np.argmax(fires)) + 13) / 12 if fires.any() else np.inf


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_shift_is_told_within_a_day_as_soon_as_the_docs_say(shift: str) -> None:
    found = [[hours(shift, an_hour, seed) for seed in range(SEEDS)] for an_hour in (100, 2_000)]
    assert np.max(found) < 24
    cells = (f"{np.median(each):.1f}, {max(each):.1f}" for each in found)
    assert f"| {shift} | {' | '.join(cells)} |\n" in (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
