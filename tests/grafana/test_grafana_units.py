from __future__ import annotations

import pytest
import yaml
from grafana_dashboards import ROOT, artifacts, documents, panels, planned
from grafana_foundation_sdk.models import units as known

from generators.grafana.units import CURRENCIES, UNITS, grafana_unit

IDS = {value for name, value in vars(known).items() if name[:1].isupper() and isinstance(value, str)}


def test_every_unit_is_one_that_grafana_has() -> None:
    assert len(IDS) > 200
    assert set(UNITS.values()) | {"cps", "cpm", "short"} <= IDS
    assert {f"currency{each}" for each in CURRENCIES} <= IDS


def test_every_unit_of_a_rendered_panel_is_one_that_grafana_has() -> None:
    found = {panel["fieldConfig"]["defaults"].get("unit") for data in documents().values() for panel in panels(data)}
    assert found - {None} <= IDS
    assert {"s", "percentunit", "reqps", "currencyUSD", "bytes"} <= found


@pytest.mark.parametrize(
    ("unit", "id_"),
    [
        ("s", "s"),
        ("1", "percentunit"),
        ("By", "bytes"),
        ("{request}/s", "reqps"),
        ("{prediction}/s", "cps"),
        ("{call}/min", "cpm"),
        ("{USD}", "currencyUSD"),
        ("{USD}/{request}", "currencyUSD"),
        ("{USD}/1000/{request}", "currencyUSD"),
        ("{label}", "short"),
        ("", "none"),
        ("no unit", "short"),
    ],
)
def test_units_become_ids(unit: str, id_: str) -> None:
    assert grafana_unit(unit) == id_


def test_providers_load_each_folder_and_let_nobody_edit() -> None:
    found = [each for each in artifacts() if each.path.endswith("dashboards.yaml")]
    assert [each.path for each in found] == [
        "local/grafana/provisioning/dashboards.yaml",
        "production/grafana/provisioning/dashboards.yaml",
        "staging/grafana/provisioning/dashboards.yaml",
    ]
    for each in found:
        providers = yaml.safe_load(each.text)["providers"]
        name = each.path.partition("/")[0]
        assert {provider["folder"] for provider in providers} == {
            f"{of} ({name})" for of in ("Fleet", "health", "wine")
        }
        assert {provider["options"]["path"].split("/")[-2] for provider in providers} == {name}
        assert len({provider["name"] for provider in providers}) == len(providers)
        assert not any(provider["allowUiUpdates"] for provider in providers)
        paths = {provider["options"]["path"].rpartition("/")[2] for provider in providers}
        folders = {path.split("/")[3] for path in documents() if path.startswith(each.path.partition("/")[0])}
        assert paths == folders


def test_one_grafana_can_hold_all_environments() -> None:
    found = [each for each in artifacts() if each.path.endswith("dashboards.yaml")]
    providers = [provider for each in found for provider in yaml.safe_load(each.text)["providers"]]
    for key in ("name", "folder"):
        assert len({provider[key] for provider in providers}) == len(providers)
    assert len({provider["options"]["path"] for provider in providers}) == len(providers)
    uids = [document["uid"] for document in documents().values()]
    assert len(set(uids)) == len(uids)


def test_artefacts_say_which_specs_they_are_made_of() -> None:
    assert all(each.sources for each in artifacts())
    assert (ROOT / "specs" / "platform.yaml").exists()
    assert planned().catalog.platform.grafana_version == "12"
