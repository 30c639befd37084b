"""What manifests say of baselines, bins, the log of predictions, content of LLMs, and services without our library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import committed
import jsonschema
import targets_plans as plans
from test_targets_instruments import CHURN, rendered, with_model

from generators.language.catalog import Baseline, Bins, Model, Profile
from generators.language.resolve.bins import binned
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts

ROOT = Path(__file__).parents[2]
SIZE = Profile(
    Bins(edges=(Decimal("1.5"), Decimal(20))),
    (Decimal("0.25"), Decimal("0.5"), Decimal("0.25")),
    Decimal("0.0625"),
    Decimal("12.5"),
    Decimal(4),
    plans.HERE,
)
PLAN = Profile(Bins(values=("pro", "basic")), (Decimal("0.75"), Decimal("0.25")), Decimal(0), None, None, plans.HERE)
BASELINE = Baseline("march", "7", 200, "March", {"tenure_months": SIZE, "plan": PLAN}, SIZE, None, plans.HERE)


def known(**changes: object) -> Any:
    """The manifest of a model with its bins."""
    model: Model = replace(plans.model(), **changes)  # type: ignore[arg-type]
    made = binned(model)
    facts = {name: getattr(made, name) for name in ("features", "prediction_bins")}
    files = rendered(with_model(plans.plan(), **{**changes, **facts}))
    jsonschema.validate(files[CHURN], files["schema/instruments.schema.json"])
    return files[CHURN]


def test_without_a_baseline_bins_follow_from_the_spec_and_nothing_is_compared() -> None:
    manifest = known(classes=(), prediction_range=(Decimal(0), Decimal(28)))
    features = manifest["features"]
    assert len(features["tenure_months"]["bins"]["edges"]) == 15
    assert features["plan"]["bins"] == {"values": ["basic", "plus", "pro"]}
    assert manifest["prediction"]["bins"]["edges"] == list(range(0, 30, 2))
    assert "baseline" not in manifest
    assert not features["plan"].keys() & {"shares", "missing", "mean", "deviation"}


def test_a_baseline_gives_edges_shares_and_moments_as_numbers() -> None:
    manifest = known(classes=(), baseline=BASELINE)
    predicted = {"shares": [0.25, 0.5, 0.25], "missing": 0.0625, "design_effect": 1}
    assert manifest["baseline"] == {"version": "7", "rows": 200, "outputs": {".prediction": predicted}}
    number, category = (manifest["features"][name] for name in ("tenure_months", "plan"))
    found = {name: number[name] for name in ("bins", "shares", "missing", "mean", "deviation")}
    assert found == {
        "bins": {"edges": [1.5, 20]},
        "shares": [0.25, 0.5, 0.25],
        "missing": 0.0625,
        "mean": 12.5,
        "deviation": 4,
    }
    assert {name: category[name] for name in ("bins", "shares", "missing")} == {
        "bins": {"values": ["pro", "basic"]},
        "shares": [0.75, 0.25],
        "missing": 0,
    }
    assert "shares" not in manifest["prediction"]


def test_a_log_and_content_are_allowed_only_where_the_spec_says_so() -> None:
    usual = known(llm=plans.llm())
    assert "log" not in usual
    assert "content" not in usual["llm"]
    assert usual["gen_ai"] == plans.platform().gen_ai
    assert "gen_ai" not in known()
    open_ = known(logged=("plan",), llm=replace(plans.llm(), content=True))
    assert open_["log"] == {"features": ["plan"]}
    assert open_["llm"]["content"] is True


@cache
def ours() -> Mapping[str, Any]:
    found = {path: text for path, text in committed.texts().items() if path.startswith("instruments/")}
    return {Path(path).stem: json.loads(text) for path, text in found.items()}


def test_a_service_without_our_library_reads_which_spans_and_events_are_counted() -> None:
    for name, environment in ours()["demand"]["environments"].items():
        assert environment["derive"]["span"] == "forecast", name
        events = environment["derive"]["events"]
        assert events["ml.override.count"] == ["ml.direction", "ml.reason"]
        assert "ml.prediction.count" not in events
    assert not any("derive" in each for each in ours()["screening"]["environments"].values())


def test_cells_are_distinct_and_as_many_as_the_series() -> None:
    checked = 0
    for manifest in ours().values():
        for metric in manifest["metrics"].values():
            for block in metric.get("cells", ()):
                assert block.keys() <= metric["attributes"].keys()
                assert all(set(listed) <= set(metric["attributes"][key]["values"]) for key, listed in block.items())
            if "cells" in metric:
                whole = next(key for key in ("ml.feature", "ml.protected") if key in metric["attributes"])
                features = [name for block in metric["cells"] for name in block[whole]]
                assert len(features) == len(set(features))
                counts = [prod(len(listed) for listed in block.values()) for block in metric["cells"]]
                others = [
                    len(each["values"])
                    for key, each in metric["attributes"].items()
                    if key not in metric["cells"][0] and not each.get("derived")
                ]
                assert sum(counts) * prod(others) == metric["series"]
                checked += 1
    assert checked >= 6


def test_numbered_cells_are_those_that_the_bins_of_features_make() -> None:
    for manifest in ours().values():
        metrics = manifest["metrics"]
        for block in metrics.get("feature_bins", {}).get("cells", ()):
            for name in block["ml.feature"]:
                numbered = [each for each in block["ml.bin"] if each.isdigit()]
                assert len(numbered) == len(manifest["features"][name]["bins"]["edges"]) + 1
        for block in metrics.get("baseline_shares", {}).get("cells", ()):
            for name in block["ml.feature"]:
                reference = manifest["features"].get(name) or manifest["baseline"]["outputs"][name]
                assert len(block["ml.bin"]) == len(reference["shares"]) + 1


def test_a_model_with_a_baseline_is_rendered_from_it() -> None:
    without = (each for each in read_specs(ROOT / "specs") if each.file != "specs/baselines/cultivar.yaml")
    found = compile_artifacts(tuple(Source(each.file, each.data) for each in without)).artifacts
    text = next(each.text for each in found if each.path == "instruments/wine/cultivar.json")
    manifest = json.loads(text)
    assert "baseline" not in manifest
    assert "baseline_shares" not in manifest["metrics"]
    assert ours()["cultivar"]["baseline"]["rows"] == 125
