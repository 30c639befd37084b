"""Rule files and unit tests of the size that watching many models takes: ten rules and 53 series a model.

Each model has four recordings (error ratio, request rate, 99th percentile, drift as PSI) and six alerts with
annotations. Every tenth model fails in the second half of the time; the tests expect exactly those alerts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import numpy as np

from generators.promql.engine import Storage
from generators.promql.engine.series.labels import from_mapping

SERIES_PER_MODEL: Final = 53
MINUTES: Final = 180
FAILING: Final = 10
"""Of so many models, one fails."""

_BOUNDS: Final = ("0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "+Inf")
_CUMULATIVE: Final = (100, 300, 480, 560, 590, 600, 602, 603, 604, 605, 606, 606)
"""Requests a minute up to each bound."""

_BINS: Final = 16
_GROUP: Final = """\
  - name: {m}
    rules:
      - record: model:error_ratio:rate5m
        expr: |-
          sum by (model) (rate(prediction_requests_total{{model="{m}",outcome="error"}}[5m]))
            / sum by (model) (rate(prediction_requests_total{{model="{m}"}}[5m]))
        labels: {{model: "{m}", team: "team-{t}"}}
      - record: model:requests:rate5m
        expr: sum by (model) (rate(prediction_requests_total{{model="{m}"}}[5m]))
        labels: {{model: "{m}"}}
      - record: model:latency:p99_5m
        expr: histogram_quantile(0.99, sum by (model, le) (rate(prediction_duration_seconds_bucket{{model="{m}"}}[5m])))
        labels: {{model: "{m}"}}
      - record: model:feature_psi:1h
        expr: |-
          sum by (model) (
            (
                (increase(feature_bin_total{{model="{m}"}}[1h]) + 0.5)
                / on (model) group_left () (sum by (model) (increase(feature_bin_total{{model="{m}"}}[1h])) + 8)
              - on (model, bin) feature_baseline_share{{model="{m}"}}
            )
            * on (model, bin) ln(
              (increase(feature_bin_total{{model="{m}"}}[1h]) + 0.5)
              / on (model) group_left () (sum by (model) (increase(feature_bin_total{{model="{m}"}}[1h])) + 8)
              / on (model, bin) feature_baseline_share{{model="{m}"}}
            )
          )
        labels: {{model: "{m}"}}
      - alert: ErrorBurn
        expr: model:error_ratio:rate5m{{model="{m}"}} > 0.02
        for: 5m
        keep_firing_for: 10m
        labels: {{model: "{m}", severity: critical}}
        annotations:
          summary: "{{{{ $labels.model }}}} fails {{{{ $value | humanizePercentage }}}} of its requests"
          runbook_url: https://runbooks.example.com/ErrorBurn
      - alert: SlowPredictions
        expr: model:latency:p99_5m{{model="{m}"}} > 2
        for: 10m
        labels: {{model: "{m}", severity: warning}}
        annotations: {{summary: "{{{{ $labels.model }}}} needs {{{{ $value | humanizeDuration }}}}"}}
      - alert: FeatureDrift
        expr: model:feature_psi:1h{{model="{m}"}} > 0.25 and on (model) model:requests:rate5m{{model="{m}"}} > 0.1
        for: 15m
        keep_firing_for: 5m
        labels: {{model: "{m}", severity: warning}}
        annotations: {{summary: "PSI of {{{{ $labels.model }}}} is {{{{ printf \\"%.2f\\" $value }}}}"}}
      - alert: NoTraffic
        expr: model:requests:rate5m{{model="{m}"}} == 0
        for: 10m
        labels: {{model: "{m}", severity: warning}}
        annotations: {{summary: "nobody asks {{{{ $labels.model }}}}"}}
      - alert: LowRecall
        expr: |-
          sum by (model) (increase(confusion_total{{model="{m}",cell="true_positive"}}[1h]))
            / sum by (model) (increase(confusion_total{{model="{m}",cell=~"true_positive|false_negative"}}[1h])) < 0.7
        for: 30m
        labels: {{model: "{m}", severity: warning}}
        annotations: {{summary: "recall of {{{{ $labels.model }}}} is {{{{ $value | humanizePercentage }}}}"}}
      - alert: OldModel
        expr: model_age_seconds{{model="{m}"}} > 2592000
        for: 1h
        labels: {{model: "{m}", severity: info}}
        annotations: {{summary: "{{{{ $labels.model }}}} is {{{{ $value | humanizeDuration }}}} old"}}
"""


def name(index: int) -> str:
    """Return a model's name."""
    return f"model-{index:04}"


def rules(models: int) -> str:
    """Return the text of a rule file."""
    return "groups:\n" + "".join(_GROUP.format(m=name(index), t=index % 7) for index in range(models))


def slopes(index: int) -> Iterator[tuple[dict[str, str], float, float, float]]:
    """Yield a model's series: labels, value at the start, and growth a minute in the first and the second half."""
    model = name(index)
    failing = index % FAILING == 0
    for outcome, healthy, broken in (("ok", 600.0, 540.0), ("error", 6.0, 60.0)):
        metric = {"__name__": "prediction_requests_total", "model": model, "outcome": outcome}
        yield metric, 0, healthy, broken if failing else healthy
    for bound, growth in zip(_BOUNDS, _CUMULATIVE, strict=True):
        metric = {"__name__": "prediction_duration_seconds_bucket", "model": model, "le": bound}
        yield metric, 0, growth, growth
    for place in range(_BINS):
        metric = {"__name__": "feature_bin_total", "model": model, "bin": str(place)}
        yield metric, 0, 40.0, 80.0 if failing and place < _BINS // 2 else 40.0
        yield {"__name__": "feature_baseline_share", "model": model, "bin": str(place)}, 1 / _BINS, 0, 0
    for cell in ("true_positive", "false_positive", "true_negative", "false_negative"):
        yield {"__name__": "confusion_total", "model": model, "cell": cell}, 0, 9 if "true" in cell else 1, 9.0
    for gauge, value in (("model_age_seconds", 86400.0), ("model_confidence", 0.9), ("up", 1.0)):
        yield {"__name__": gauge, "model": model}, value, 0, 0


def unit_tests(models: int, rule_file: str, minutes: int = MINUTES) -> str:
    """Return the text of a unit test over so many minutes, as JSON, which is YAML too."""
    half = minutes // 2
    series = [
        {"series": _written(labels), "values": f"{start}+{first}x{half} {start + (half + 1) * first}+{second}x{half}"}
        for index in range(models)
        for labels, start, first, second in slopes(index)
    ]
    fired = [_alert(index) for index in range(0, models, FAILING)]
    quiet = ("SlowPredictions", "FeatureDrift", "NoTraffic", "OldModel")
    asked: list[dict[str, object]] = [
        {"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": []} for alert in quiet
    ]
    recall = [_recall(index) for index in range(models)]
    asked += [
        {"eval_time": f"{minutes}m", "alertname": "ErrorBurn", "exp_alerts": fired},
        {"eval_time": f"{minutes}m", "alertname": "LowRecall", "exp_alerts": recall},
    ]
    case = {"name": "every tenth model fails", "interval": "1m", "input_series": series, "alert_rule_test": asked}
    return json.dumps({"rule_files": [rule_file], "evaluation_interval": "1m", "tests": [case]}, indent=1)


def _alert(index: int) -> dict[str, dict[str, str]]:
    return {
        "exp_labels": {"model": name(index), "severity": "critical", "team": f"team-{index % 7}"},
        "exp_annotations": {
            "summary": f"{name(index)} fails 10% of its requests",
            "runbook_url": "https://runbooks.example.com/ErrorBurn",
        },
    }


def _recall(index: int) -> dict[str, dict[str, str]]:
    return {
        "exp_labels": {"model": name(index), "severity": "warning"},
        "exp_annotations": {"summary": f"recall of {name(index)} is 50%"},
    }


def _written(labels: dict[str, str]) -> str:
    pairs = ",".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
    return f"{labels['__name__']}{{{pairs}}}"


def storage(models: int, minutes: int) -> Storage:
    """Return the same series in memory, a sample a minute, with traffic that varies from minute to minute."""
    found = Storage()
    random = np.random.default_rng(1)
    times = np.arange(minutes, dtype=np.int64) * 60_000
    early = np.arange(minutes) < minutes // 2
    for index in range(models):
        below, reached = np.zeros(minutes), 0.0
        for labels, start, first, second in slopes(index):
            if labels["__name__"].endswith("_bucket"):
                below += random.poisson(first - reached, minutes)
                reached, values = first, np.cumsum(below)
            else:
                values = np.full(minutes, float(start))
                if first:
                    values += np.cumsum(random.poisson(np.where(early, first, second)))
            found.add(from_mapping(labels), times, values)
    return found
