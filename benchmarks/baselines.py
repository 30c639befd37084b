"""How fast data become a baseline: ten million rows of twenty features, evidently beside it where installed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.rows import Row, measured

ROWS = 10_000_000
PEER_ROWS = 100_000
NUMBERS = 18
SPEC = """\
apiVersion: watchspec/v1
kind: Model
metadata: {{name: big, tenant: retail, team: growth}}
spec:
  task: binary-classification
  service: big-api
  features:
{features}
    plan: {{type: category, values: [basic, plus, pro]}}
    member: {{type: boolean}}
  prediction: {{classes: [stay, churn], positive: churn}}
"""


def measure() -> Iterator[Row]:
    """Profile a Parquet file on two cores; each run is a process of its own."""
    if find_spec("duckdb") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        specs, data = Path(folder, "specs"), Path(folder, "rows.parquet")
        start = ("init", str(specs), "--yes", "--quiet", "--tenant", "retail", "--team", "growth", "--model", "big")
        measured((sys.executable, "-m", "generators.cli", *start), repeats=1)
        features = "\n".join(f"    f{number}: {{type: number}}" for number in range(NUMBERS))
        (specs / "models" / "big.yaml").write_text(SPEC.format(features=features), encoding="utf-8")
        measured((sys.executable, "-c", f"from benchmarks.baselines import write; write({str(data)!r})"), repeats=1)
        words = ("baseline", "big", "--specs", str(specs), "--data", str(data), "--threads", "2", "--quiet")
        run = measured((sys.executable, "-m", "generators.cli", *words), repeats=1)
        yield Row(f"baseline of {ROWS / 1e6:g} M rows × 20 features, two cores", run.seconds, "s", 60)
        yield Row("… processor time", run.processor, "s")
        yield Row("… peak memory of the process", run.memory, "MiB", 4096)
        yield from _peer(ROWS / run.seconds)


def write(path: str) -> None:
    """Write rows of normal, skewed and zero-inflated numbers, a category and a truth value, always the same ones."""
    import duckdb  # noqa: PLC0415 - optional

    connection = duckdb.connect(config={"threads": 1})
    chance = "(hash(i * 31 + {seed}) / 18446744073709551616.0)"
    kinds = ("{u} * 100", "-ln(1 - {u}) * 50", "CASE WHEN {u} < 0.3 THEN 0 ELSE {u} * {u} * 1000 END")
    columns = [
        f"CAST({kinds[number % len(kinds)].format(u=chance.format(seed=number))} AS DOUBLE) AS f{number}"
        for number in range(NUMBERS)
    ]
    columns += [
        f"['basic', 'plus', 'pro'][1 + CAST(floor({chance.format(seed=91)} * 3) AS INTEGER)] AS plan",
        f"{chance.format(seed=92)} < 0.4 AS member",
    ]
    query = " ".join(("SELECT", ", ".join(columns), "FROM range(", str(ROWS), ") AS rows(i)"))
    connection.execute(f"COPY ({query}) TO '{path}'")


def _peer(rate: float) -> Iterator[Row]:
    """Compare rows per second with evidently's drift preset, which compares two frames of as many features.

    ``PEER_PYTHON`` may name a Python that has evidently.
    """
    python = os.environ.get("PEER_PYTHON") or (sys.executable if find_spec("evidently") else "")
    if not python:
        return
    run = measured((python, "-c", _EVIDENTLY.format(rows=PEER_ROWS)), repeats=1)
    seconds = float(run.output.strip().splitlines()[-1])
    yield Row(
        "… rows per second, in evidently's",
        rate / (PEER_ROWS / seconds),
        "×",
        100,
        True,
        f"{seconds:.1f} s for {PEER_ROWS:,} rows",
    )


_EVIDENTLY = """
import time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset
random = np.random.default_rng(1)
frame = lambda: pd.DataFrame({{f"f{{n}}": random.normal(size={rows}) for n in range(20)}})
now, then = frame(), frame()
start = time.perf_counter()
Report([DataDriftPreset()]).run(now, then)
print(time.perf_counter() - start)
"""
