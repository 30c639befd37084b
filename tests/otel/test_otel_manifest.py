"""Manifests are read at start, and what is wrong with one is said there, in one clear error."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from otel_world import DOCUMENT

import otel
from otel.manifest import VARIABLE, ManifestError, load_manifest, parse_manifest

ROOT = Path(__file__).parents[2]
RENDERED = ROOT / "rendered/instruments"


def folder(tmp_path: Path, **documents: Any) -> Path:
    for name, document in documents.items():
        tenant = tmp_path / name
        tenant.mkdir()
        (tenant / "churn.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return tmp_path


@pytest.mark.parametrize("file", sorted(RENDERED.rglob("*.json")), ids=lambda file: file.stem)
def test_every_rendered_manifest_is_read_in_every_environment(file: Path) -> None:
    document = json.loads(file.read_text())
    for environment in (None, *document["environments"]):
        found = load_manifest(file.stem, RENDERED, environment)
        assert (found.tenant, found.name) == (file.parent.name, file.stem)
        assert set(found.metrics) <= set(document["metrics"])
        for name, metric in found.metrics.items():
            written = document["metrics"][name]
            if not written.get("overrides"):
                places = len(metric.buckets) + 3 if metric.kind == "histogram" else 1
                assert len(list(metric.combinations())) * places == written["series"], name


def test_a_file_a_folder_a_resource_and_the_environment_variable_all_lead_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "retail_service"
    (package / "instruments").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    place = folder(package / "instruments", retail=DOCUMENT)
    expected = load_manifest("churn", place)
    assert load_manifest("retail/churn", place).metrics == expected.metrics
    assert load_manifest("churn", place / "retail/churn.json").metrics == expected.metrics
    resource = files("retail_service").joinpath("instruments")
    assert load_manifest("churn", resource).metrics == expected.metrics
    monkeypatch.setenv(VARIABLE, str(place))
    assert load_manifest("churn").metrics == expected.metrics


def test_an_environment_is_known_by_name_and_by_label() -> None:
    by_name, by_label = (parse_manifest(DOCUMENT, "churn", each) for each in ("production", "prod"))
    assert by_name == by_label
    assert by_name.resource["deployment.environment.name"] == "prod"
    assert by_name.export_interval_seconds == 5
    assert "deployment.environment.name" not in parse_manifest(DOCUMENT, "churn").resource


def test_what_differs_between_environments_is_taken_from_the_one_at_hand() -> None:
    metrics = {
        "only": {**DOCUMENT["metrics"]["vectors"], "environments": ["staging"]},
        "duration": {**DOCUMENT["metrics"]["duration"], "overrides": {"staging": {"buckets": [2], "attributes": None}}},
    }
    production, staging = (
        parse_manifest({**DOCUMENT, "metrics": metrics}, "churn", each).metrics for each in ("production", "staging")
    )
    assert set(production) == {"duration"}
    assert set(staging) == {"duration", "only"}
    assert list(production["duration"].buckets) == [0.1, 1]
    assert list(staging["duration"].buckets) == [2]
    assert not staging["duration"].attributes


@pytest.mark.parametrize(
    ("model", "documents", "environment", "message"),
    [
        ("churn", {}, None, "no model `churn`; there are: none"),
        ("chrun", {"retail": DOCUMENT}, None, "no model `chrun`; there are: retail/churn"),
        ("churn", {"retail": DOCUMENT, "bank": DOCUMENT}, None, "exists in several tenants; write `tenant/churn`"),
        ("churn", {"retail": "{"}, None, "churn.json: not JSON"),
        ("churn", {"retail": {**DOCUMENT, "manifest": 2}}, None, "manifest version 2, but this runtime reads 1"),
        ("churn", {"retail": []}, None, "manifest version None"),
        ("churn", {"retail": {"manifest": 1, "environments": {}}}, None, "not an instruments manifest"),
        (
            "churn",
            {"retail": DOCUMENT},
            "prduction",
            "does not run in environment `prduction`; its spec says: production, staging",
        ),
        (
            "churn",
            {"retail": {**DOCUMENT, "model": {**DOCUMENT["model"], "name": "other"}}},
            None,
            "describes model `retail/other`, not `churn`",
        ),
        (
            "churn",
            {"retail": {**DOCUMENT, "metrics": {"x": {**DOCUMENT["metrics"]["info"], "kind": "y"}}}},
            None,
            "kind 'y'",
        ),
    ],
)
def test_what_is_wrong_is_said_at_start(
    tmp_path: Path, model: str, documents: dict[str, Any], environment: str | None, message: str
) -> None:
    with pytest.raises(otel.ManifestError, match=re.escape(message)):
        load_manifest(model, folder(tmp_path, **documents), environment)


def test_a_manifest_that_is_nowhere_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(otel.ManifestError, match=VARIABLE):
        otel.monitor("churn")
    with pytest.raises(otel.ManifestError, match="no such file or folder"):
        otel.monitor("churn", manifest=tmp_path / "absent")


def test_the_folder_of_everything_that_was_rendered_will_do() -> None:
    rendered = Path(__file__).parents[2] / "rendered"
    assert load_manifest("screening", str(rendered)).name == "screening"
    with pytest.raises(ManifestError) as error:
        load_manifest("nobody", str(rendered))
    known = str(error.value).partition("there are: ")[2].split(", ")
    assert known == ["health/progression", "health/screening", "wine/cultivar", "wine/demand", "wine/support-assistant"]
