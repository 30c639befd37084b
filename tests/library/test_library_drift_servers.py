"""Drift from the counters of three replicas, one restarted and one late: by our engine and in promtool as by numpy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import yaml
from library_documents import ROOT
from library_fleet import IDENTITY
from numpy.typing import NDArray
from scipy import special

from generators.promql.rules.testing.unit_tests import files_beside, run_unit_tests

SCRAPE, TILE = 5, 300
"""Seconds between exports, and of a tile."""
END: Final = 7 * 3600
LAG: Final = 10
"""Seconds by which the samples of a tile are older than the tile."""
SHARES: Final[Mapping[str, list[float]]] = {
    "age": [0.01, 0.09, 0.4, 0.4, 0.09, 0.01],
    "income": [0.2, 0.2, 0.2, 0.2, 0.2],
    "plan": [0.6, 0.3, 0.1],
}
NOW: Final[Mapping[str, list[float]]] = {**SHARES, "age": [0.05, 0.2, 0.35, 0.3, 0.08, 0.02]}
ROWS, EFFECT = 20_000, 1.5
VERSION: Final = {**IDENTITY, "model_name": "screening", "baseline_version": "2026-10-01"}
RESTART, LATE = 2 * 3600 + 725, 3 * 3600 + 140
"""When the second replica starts again from zero, and when the third starts."""

Array = NDArray[np.float64]


@cache
def arrived() -> Mapping[str, Array]:
    """Values in each bin of each feature at each export of each replica; (replica, export, bin)."""
    generator = np.random.default_rng(17)
    exports = END // SCRAPE + 1
    found = {name: generator.multinomial(2, row, size=(3, exports)).astype(float) for name, row in NOW.items()}
    for counts in found.values():
        counts[:, 0] = 0
        counts[1, RESTART // SCRAPE] = 0
        counts[2, : LATE // SCRAPE + 1] = 0
    return found


def exported() -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield the series of all replicas as promtool reads them: a name, labels and values."""
    length = END // SCRAPE
    for feature, counts in arrived().items():
        for replica in range(3):
            for place, column in enumerate(counts[replica].T):
                total = np.cumsum(column)
                if replica == 1:
                    total[RESTART // SCRAPE :] -= total[RESTART // SCRAPE]
                values = [f"{value:g}" for value in total]
                if replica == 2:
                    values[: LATE // SCRAPE] = ["_"] * (LATE // SCRAPE)
                labels = {**VERSION, "ml_feature": feature, "ml_bin": f"{place:02}", "instance": f"{replica}"}
                yield "ml_feature_bin_total", labels, " ".join(values)
        for replica in range(2):
            origin = {**VERSION, "ml_feature": feature, "instance": f"{replica}"}
            for name, share in (*((f"{place:02}", each) for place, each in enumerate(SHARES[feature])), ("missing", 0)):
                yield "ml_baseline_share_ratio", {**origin, "ml_bin": name}, f"{share}x{length}"
            yield "ml_baseline_design_effect_ratio", origin, f"{EFFECT}x{length}"
    for replica in range(2):
        yield "ml_baseline_size", {**VERSION, "instance": f"{replica}"}, f"{ROWS}x{length}"


def jeffreys(counts: Array) -> Array:
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def expected() -> Iterator[tuple[str, float, float]]:
    """Yield expressions with the values that numpy and scipy find in the rows themselves, and a tolerance."""
    for window, start in (("6h", END - 6 * 3600), ("1d", 0)):
        first = max((start - LAG) // SCRAPE + 1, 0)
        for feature, counts in arrived().items():
            now = counts[:, first : (END - LAG) // SCRAPE + 1].sum(axis=(0, 1))
            p, q = jeffreys(now), jeffreys(np.array(SHARES[feature]) * ROWS)
            psi = float((special.rel_entr(p, q) + special.rel_entr(q, p)).sum())
            yield f'model_feature:psi:{window}{{ml_feature="{feature}"}}', psi, 5e-6
            noise = f'model_feature:psi_noise:{window}{{ml_feature="{feature}"}} / model_feature:drift:bound'
            sample = (1 / now.sum() + 1 / ROWS) * EFFECT
            yield f"{noise} / {sample}", 1.0, 1e-4


def rules() -> list[dict[str, Any]]:
    """The rendered rules that the alert on features reads, tiles first."""
    folder = ROOT / "rendered" / "production" / "prometheus"
    groups = yaml.safe_load((folder / "fleet.rules.yaml").read_text(encoding="utf-8"))["groups"]
    alerts = yaml.safe_load((folder / "health" / "screening.rules.yaml").read_text(encoding="utf-8"))["groups"]
    known: dict[str, list[str]] = {}
    for group in groups:
        for rule in group["rules"]:
            known.setdefault(rule.get("record", ""), []).append(rule["expr"])
    chosen = [rule for group in alerts for rule in group["rules"] if rule.get("alert") == "FeatureDrift"]
    waiting, needed = [rule["expr"] for rule in chosen], set()
    waiting.append("model_feature:drift:state model_baseline:features_drifted:ratio")
    while waiting:
        for name in re.findall(r"[a-z][a-z0-9_]*(?::\w+)+", waiting.pop()):
            if name in known and name not in needed:
                needed.add(name)
                waiting += known[name]
    recorded = [
        {"name": group["name"], "rules": [rule for rule in group["rules"] if rule.get("record") in needed]}
        for group in groups
    ]
    return [*(group for group in recorded if group["rules"]), {"name": "alerts", "rules": chosen}]


def case(tests: list[tuple[str, float, float]]) -> dict[str, Any]:
    """A unit test: each expression is within its tolerance of a value at the end."""
    return {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{TILE}s",
        "group_eval_order": [group["name"] for group in rules()],
        "tests": [
            {
                "interval": f"{SCRAPE}s",
                "input_series": [
                    {
                        "series": f"{name}{{{','.join(f'{key}={text!r}' for key, text in labels.items())}}}",
                        "values": values,
                    }
                    for name, labels, values in exported()
                ],
                "promql_expr_test": [
                    {
                        "expr": f"sum(abs({expr} - {value!r}) < bool {tolerance})",
                        "eval_time": f"{END}s",
                        "exp_samples": [{"labels": "{}", "value": 1}],
                    }
                    for expr, value, tolerance in tests
                ],
            }
        ],
    }


TESTS: Final = [
    *expected(),
    ('model_feature:drift:state{ml_feature="age"}', 1.0, 1e-9),
    ('model_feature:drift:state{ml_feature="income"}', 0.0, 1e-9),
    ('model_feature:drift:state{ml_feature="plan"}', 0.0, 1e-9),
    ("model_baseline:features_drifted:ratio", 1 / 3, 1e-9),
    ('count(ALERTS{alertname="FeatureDrift", alertstate="firing", ml_feature="age", severity="warning"})', 1.0, 0.1),
    ('count(ALERTS{alertname="FeatureDrift"})', 1.0, 0.1),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift")
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": rules()}), encoding="utf-8")
    (folder / "tests.yaml").write_text(yaml.safe_dump(case(TESTS), width=10**9), encoding="utf-8")
    return folder / "tests.yaml"


def test_our_engine_finds_what_numpy_finds_in_the_rows(written: Path) -> None:
    report = run_unit_tests(written.read_text(encoding="utf-8"), str(written), files_beside(written), compat=True)
    assert report.passed, report.cases


@pytest.mark.oracle
def test_prometheus_finds_what_numpy_finds_in_the_rows(written: Path) -> None:
    folder = os.environ.get("WATCHSPEC_TOOLS", "")
    promtool = shutil.which("promtool", path=folder) if folder else shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; set WATCHSPEC_TOOLS to its folder")
    done = subprocess.run([promtool, "test", "rules", str(written)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
