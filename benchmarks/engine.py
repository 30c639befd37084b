"""How fast series become results: one function, a month of rules, a week of drift."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np

from benchmarks import model_rules
from benchmarks.rows import Row, fastest, measured
from generators import promql
from generators.promql.engine import MatrixValue, Storage, evaluate
from generators.promql.engine.series.labels import from_mapping
from generators.promql.rules import read_rules
from generators.promql.rules.evaluation.groups import evaluate_rules
from generators.promql.rules.evaluation.schedule import Server

MINUTE_MS = 60_000
DAY_MS = 1_440 * MINUTE_MS
FEATURES, BINS = 75, 16
DRIFT = """\
groups:
  - name: drift
    interval: 5m
    rules:
      - record: feature_bin:increase1d
        expr: sum by (feature, bin) (increase(feature_bin_total[1d]))
      - record: feature:increase1d
        expr: sum by (feature) (feature_bin:increase1d)
      - record: feature_bin:share1d
        expr: feature_bin:increase1d / on (feature) group_left () (feature:increase1d > 0)
      - record: feature:psi1d
        expr: |-
          sum by (feature) (
            (feature_bin:share1d - on (feature, bin) baseline_share)
            * on (feature, bin) ln(clamp_min(feature_bin:share1d, 1e-4) / on (feature, bin) baseline_share)
          )
      - record: feature:chi_square1d
        expr: |-
          sum by (feature) (
            (feature_bin:share1d - on (feature, bin) baseline_share) ^ 2 / on (feature, bin) baseline_share
          ) * on (feature) feature:increase1d
      - alert: FeatureDrift
        expr: feature:psi1d > 0.25 and on (feature) feature:increase1d > 1000
        for: 30m
        annotations: {summary: "PSI of {{ $labels.feature }} is {{ printf \\"%.2f\\" $value }}"}
"""


def measure() -> Iterator[Row]:
    """Measure the engine alone, then whole rule sets in processes of their own."""
    steps, series = 1_440, 1_000
    seconds = _rate(series, steps)
    points = series * steps / seconds / 1e6
    yield Row(f"rate over {series:,} series × {steps:,} steps", points, "M points/s", 50, at_least=True)
    seconds, memory = _process("month()")
    yield Row("30 days at 1 minute, 100 rules, 530 series (23 M samples), processor time", seconds, "s", 3)
    yield Row("… peak memory of the process", memory, "MiB", 600)
    seconds, memory = _process("drift_week()")
    name = f"7 days at 5 minutes of a drift rule set, {FEATURES * BINS * 2:,} series (24 M samples), processor time"
    yield Row(name, seconds, "s", 1)
    yield Row("… peak memory of the process", memory, "MiB")


def _rate(series: int, steps: int) -> float:
    storage = Storage()
    times = np.arange(steps + 10, dtype=np.int64) * MINUTE_MS
    random = np.random.default_rng(2)
    for index in range(series):
        labels = from_mapping({"__name__": "requests_total", "instance": f"i{index}"})
        storage.add(labels, times, np.cumsum(random.poisson(60, times.size)).astype(np.float64))
    expr, _ = promql.parse("rate(requests_total[5m])")
    assert expr is not None  # noqa: S101 - a constant
    start, end = 10 * MINUTE_MS, (steps + 9) * MINUTE_MS
    result = evaluate(expr, storage, start, end, MINUTE_MS)
    if not isinstance(result.value, MatrixValue) or len(result.value.series) != series:
        raise RuntimeError(result.error)
    return fastest(lambda: evaluate(expr, storage, start, end, MINUTE_MS))


def month() -> float:
    """Evaluate 100 rules over 30 days, and return the seconds of processor time that took."""
    minutes = 30 * 1_440
    return _evaluated(model_rules.rules(10), model_rules.storage(10, minutes), minutes, "ErrorBurn")


def drift_week() -> float:
    """Evaluate drift rules over 7 days, and return the seconds of processor time that took."""
    minutes = 7 * 1_440
    storage = Storage()
    random = np.random.default_rng(3)
    times = np.arange(minutes, dtype=np.int64) * MINUTE_MS
    for feature in range(FEATURES):
        for place in range(BINS):
            shifted = feature % 10 == 0 and place < BINS // 2
            growth = np.where(np.arange(minutes) < minutes // 2, 5.0, 15.0 if shifted else 5.0)
            labels = {"feature": f"f{feature}", "bin": str(place)}
            counts = np.cumsum(random.poisson(growth)).astype(np.float64)
            storage.add(from_mapping({"__name__": "feature_bin_total", **labels}), times, counts)
            share = np.full(minutes, 1 / BINS)
            storage.add(from_mapping({"__name__": "baseline_share", **labels}), times, share)
    return _evaluated(DRIFT, storage, minutes, "FeatureDrift")


def _evaluated(text: str, storage: Storage, minutes: int, alert: str) -> float:
    file, problems = read_rules(text)
    if file is None or problems:
        raise RuntimeError(problems)
    start = time.process_time()
    timeline = evaluate_rules([file], storage, 0, (minutes - 1) * MINUTE_MS, Server())
    seconds = time.process_time() - start
    if timeline.failures or not any(found.name == alert and found.fired_at for found in timeline.alerts):
        raise RuntimeError(f"{alert} did not fire; {timeline.failures[:1]}")
    return seconds


def _process(call: str) -> tuple[float, float]:
    """Return the seconds that a function of this module says, and the peak memory of its process in MiB."""
    run = measured((sys.executable, "-c", f"from benchmarks.engine import *; print({call})"), 2)
    return float(run.output), run.memory
