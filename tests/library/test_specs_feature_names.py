"""Features have the names that the data have: any of them is read, counted, logged and profiled as it is."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import yaml
from library_documents import ROOT

import otel
import otel.testing
from generators.artifact import Artifact
from generators.cli import main
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts

NAMES = (
    "V1", "Amount", "petal width (cm)", "Annual Income (k$)", "od280/od315", 'the "quoted"', "a|b", "`code`", "{{ x }}",
    "$labels", "back\\slash", "Größe", "収入", "[0]", "x: y # z", "'single'", "%s", "<b>", "0", "true", "${env:HOME}",
)  # fmt: skip


def specs() -> dict[str, bytes]:
    """The committed specs, in which the inputs of one model are called otherwise, and have no baseline."""
    found = {each.file: each.data for each in read_specs(ROOT / "specs") if "baselines" not in each.file}
    document = yaml.safe_load(found["specs/models/cultivar.yaml"])
    document["spec"]["features"] = {name: {"type": "number", "range": [0, 30]} for name in NAMES}
    document["spec"]["prediction_log"] = {"features": list(NAMES)}
    return {**found, "specs/models/cultivar.yaml": yaml.safe_dump(document, allow_unicode=True).encode()}


@pytest.fixture(scope="module")
def artifacts() -> dict[str, str]:
    compiled = compile_artifacts(Source(*each) for each in specs().items())
    assert {each.code for each in compiled.problems} == {"R340"}
    return {each.path: each.text for each in compiled.artifacts if isinstance(each, Artifact)}


def test_a_collector_keeps_the_logged_inputs_by_their_names(artifacts: dict[str, str]) -> None:
    agent = yaml.safe_load(artifacts["production/collector/agent.yaml"])
    statements = json.dumps(agent["processors"], ensure_ascii=False)
    for name in NAMES:
        ottl = json.dumps(name, ensure_ascii=False).replace("$", "$$")
        assert json.dumps(ottl, ensure_ascii=False)[1:-1] in statements


def test_a_service_counts_and_logs_them(artifacts: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cultivar.json").write_text(artifacts["instruments/wine/cultivar.json"])
    with otel.testing.telemetry() as recorded:
        monitor = otel.monitor("cultivar", manifest=tmp_path / "cultivar.json", environment="production")
        with monitor.prediction() as prediction:
            prediction.features(dict.fromkeys(NAMES, 0.5))
            prediction.output("class_0", confidence=0.9)
        for name in NAMES:
            assert recorded.total("ml.feature.bin", feature=name) == 1, name
        (logged,) = recorded.logs("ml.prediction.logged")
        assert logged.log_record.attributes is not None
        assert logged.log_record.attributes["prediction.features"] == dict.fromkeys(NAMES, 0.5)


def test_columns_of_these_names_are_profiled_and_the_baseline_is_read(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    for name, data in specs().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    with (tmp_path / "data.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [NAMES, *([number / 100 + place for place in range(len(NAMES))] for number in range(100))]
        )
    folder = tmp_path / "specs"
    out = folder / "baselines" / "cultivar.yaml"
    made = ["--data", str(tmp_path / "data.csv"), "--specs", str(folder), "--out", str(out), "--version", "2026-10-01"]
    assert main(["baseline", "wine/cultivar", *made, "--quiet"]) == 0
    assert set(yaml.safe_load(out.read_text())["spec"]["features"]) == set(NAMES)
    others = compile_artifacts(read_specs(folder)).problems
    assert {each.code for each in others} == {"R340"}
    assert "specs/models/cultivar.yaml" not in {each.position.file for each in others}
