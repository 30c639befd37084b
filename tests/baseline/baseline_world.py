"""A model with features of every type, data for it, and its profile through DuckDB."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generators.baseline.engines import Table
from generators.baseline.profile import Profile
from generators.baseline.profiling import profile
from generators.baseline.roles import Names, Roles, assign
from generators.language.catalog import Bins, Model
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs

pytest.importorskip("duckdb")

ROOT = Path(__file__).parents[2]
Frame = dict[str, Any]
KEPT = ("platform", "environments", "teams", "packs", "prices", "collector-config")
SPEC = """
apiVersion: watchspec/v1
kind: Model
metadata: {name: loans, tenant: health, team: diagnostics}
spec:
  task: binary-classification
  service: loans-api
  features:
    income: {type: number, range: [-100, 100000]}
    debts: {type: number}
    plan: {type: category, values: [basic, plus, pro, "3"]}
    employed: {type: boolean}
    remarks: {type: text}
  prediction: {classes: [paid, lost], positive: lost, threshold: 0.5}
  segments: {region: [north, south]}
"""
NAMES = Names(
    time="at",
    label="outcome",
    score="score",
    prediction="",
    key="person",
    row="row",
    classes={"0": "paid", "1": "lost"},
)


@cache
def sources() -> tuple[Source, ...]:
    """The organisation without its models."""
    return tuple(each for each in read_specs(ROOT / "specs") if any(word in each.file for word in KEPT))


@cache
def model(spec: str = SPEC) -> Model:
    """The model of a spec."""
    catalog, problems = resolve((*sources(), Source("specs/models/loans.yaml", spec.encode())))
    assert catalog is not None, problems
    assert not [each for each in problems if each.severity == "error"], problems
    return next(each.model for each in catalog.deployments if each.model.name == "loans")


def frame(rows: int = 3000, seed: int = 1) -> Frame:
    """Rows with a spike, missing values, a rare category, labels and times."""
    random = np.random.default_rng(seed)
    income = np.round(random.lognormal(7, 0.8, rows), 2)
    income[random.random(rows) < 0.02] = np.nan
    debts = np.where(random.random(rows) < 0.4, 0.0, np.round(random.exponential(500, rows), 3))
    risk = 1 / (1 + np.exp(-(debts / 800 - 1.2 + random.normal(0, 0.7, rows))))
    return {
        "Income": income,
        "debts": debts,
        "plan": np.array(["basic", "plus", "pro", "3"], object)[random.choice(4, rows, p=[0.6, 0.25, 0.1, 0.05])],
        "employed": random.random(rows) < 0.7,
        "region": np.array(["north", "south"], object)[random.integers(0, 2, rows)],
        "score": np.round(risk, 6),
        "outcome": (random.random(rows) < risk).astype(np.int64),
        "at": 1_760_000_000 + np.sort(random.integers(0, 20 * 86400, rows)).astype(np.float64),
        "person": np.arange(rows) // 2,
        "row": np.arange(rows),
    }


def opened(data: Frame, threads: int = 1) -> Table:
    """Data in DuckDB."""
    from generators.baseline.engines.duckdb import open_frame

    return open_frame(data, threads)


def counted(
    data: Frame,
    names: Names = NAMES,
    of: Model | None = None,
    given: dict[str, Bins] | None = None,
    threads: int = 1,
) -> tuple[Profile, Roles]:
    """The profile of data, with the columns that it was made of; all columns have to be there."""
    table = opened(data, threads)
    roles, missing = assign(of or model(), table.columns, names)
    assert missing == ()
    return profile(table, of or model(), roles, given), roles


@cache
def usual() -> Profile:
    """The profile of the usual data."""
    return counted(frame())[0]
