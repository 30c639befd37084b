"""Laws that hold for all data: columns of a range query are instant queries, groups of groups are groups."""

from __future__ import annotations

import math

import numpy as np
from engine_data import MINUTE, at, over, short
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.promql.engine import STALE, Storage

VALUES = st.one_of(
    st.integers(-5, 50).map(float), st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, STALE])
)
SAMPLES = st.lists(st.tuples(st.integers(1, 90_000), VALUES), max_size=12)


@st.composite
def storages(draw: st.DrawFn) -> Storage:
    """A few series with irregular times, some of which they share."""
    storage = Storage()
    shared = draw(SAMPLES)
    for index in range(draw(st.integers(1, 4))):
        samples = shared if draw(st.booleans()) else draw(SAMPLES)
        times = np.cumsum([gap for gap, _ in samples], dtype=np.int64)
        labels = (("__name__", "a_total"), ("g", str(index % 2)), ("x", str(index)))
        storage.add(labels, times, [value for _, value in samples])
    return storage


EXPRESSIONS = [
    "a_total",
    "rate(a_total[5m])",
    "increase(a_total[90s] offset 30s)",
    "sum_over_time(a_total[2m])",
    "avg_over_time(a_total[3m])",
    "max_over_time(a_total[4m])",
    "min_over_time(a_total[45s])",
    "stddev_over_time(a_total[5m])",
    "quantile_over_time(0.3, a_total[5m])",
    "changes(a_total[5m]) + resets(a_total[5m])",
    "deriv(a_total[5m])",
    "sum by (g) (a_total)",
    "avg without (x) (a_total)",
    "a_total > on (x) group_left () (a_total offset 1m)",
    "a_total unless a_total > 3",
    "absent(a_total)",
    "max_over_time(rate(a_total[2m])[3m:30s])",
    "mad_over_time(a_total[5m])",
    "rate(a_total[2m] smoothed)",
    "increase(a_total[2m] anchored)",
    "timestamp(a_total)",
]


@settings(derandomize=True, deadline=None)
@given(storages(), st.sampled_from(EXPRESSIONS), st.integers(0, 10 * MINUTE), st.sampled_from([7_000, 30_000, MINUTE]))
def test_a_range_query_is_an_instant_query_at_every_step(storage: Storage, text: str, start: int, step: int) -> None:
    whole = over(storage, text, start, start + 5 * step, step)
    for moment in range(start, start + 5 * step + 1, step):
        column = {name: values[moment] for name, values in whole.items() if moment in values}
        instant = at(storage, text, moment / MINUTE)
        assert instant.keys() == column.keys()
        for name, value in instant.items():
            assert value == column[name] or (math.isnan(value) and math.isnan(column[name]))


@settings(derandomize=True, deadline=None)
@given(storages(), st.integers(0, 10))
def test_a_sum_of_sums_is_the_sum(storage: Storage, minute: int) -> None:
    direct = at(storage, "sum(a_total)", minute)
    nested = at(storage, "sum(sum by (g) (a_total))", minute)
    assert direct.keys() == nested.keys()
    for name, value in direct.items():
        close = math.isclose(value, nested[name], rel_tol=1e-9, abs_tol=1e-6)
        assert close or (math.isnan(value) and math.isnan(nested[name]))


@settings(derandomize=True, deadline=None)
@given(storages(), st.integers(0, 10))
def test_and_with_unless_splits_a_vector(storage: Storage, minute: int) -> None:
    kept, rest = (at(storage, f"a_total {op} (a_total > 3)", minute) for op in ("and", "unless"))
    assert not kept.keys() & rest.keys()
    assert kept.keys() | rest.keys() == at(storage, "a_total", minute).keys()


@settings(derandomize=True, deadline=None)
@given(storages(), st.integers(1, 10))
def test_window_functions_agree_with_plain_loops(storage: Storage, minute: int) -> None:
    end = minute * MINUTE
    sums, tops = (at(storage, f"{name}(a_total[3m])", minute) for name in ("sum_over_time", "max_over_time"))
    for series in storage:
        times, values = series.samples()
        window = values[(times > end - 3 * MINUTE) & (times <= end)].tolist()
        name = short(series.labels[1:])
        assert (name in sums) == bool(window)
        if not window:
            continue
        numbers = [value for value in window if not math.isnan(value)]
        expected = max(numbers) if numbers else math.nan
        assert tops[name] == expected or (math.isnan(tops[name]) and math.isnan(expected))
        total = math.fsum(window) if all(map(math.isfinite, window)) else sum(window)
        assert math.isclose(sums[name], total, rel_tol=1e-12) or (math.isnan(sums[name]) and math.isnan(total))
