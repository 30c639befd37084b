"""The one pass over grafanalib's objects: relics go, ids stay, text is stable."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from grafana_dashboards import artifacts, documents, panels, planned
from grafanalib import core
from grafanalib._gen import DashboardEncoder

from generators.formats.json_printer import format_sorted_json
from generators.grafana.finalise import finalise, panel_id
from generators.grafana.lint import lint
from generators.grafana.versions import SCHEMA_VERSIONS
from generators.targets.grafana.page import dashboard_object


def somebodys(*titles: str) -> core.Dashboard:
    """A dashboard of plain grafanalib, as a user would write it."""
    made = [
        core.TimeSeries(
            title=title,
            dataSource="${datasource}",
            targets=[core.Target(expr="up", legendFormat="x"), core.Target(expr="up", refId="A")],
            thresholds=[core.Threshold("green", 0, 0.0), core.Threshold("red", 1, 0.5)],
            gridPos=core.GridPos(h=8, w=12, x=0, y=8 * index),
        )
        for index, title in enumerate(titles)
    ]
    return core.Dashboard(title="Somebody's", panels=made, uid="somebody")


def test_relics_of_grafanalib_are_gone() -> None:
    data = finalise(somebodys("one"), "12")
    panel = data["panels"][0]
    assert data["schemaVersion"] == 41
    assert not {"rows", "style", "hideControls", "sharedCrosshair", "version", "gnetId"} & data.keys()
    assert not {"maxDataPoints", "span", "error", "editable", "height"} & panel.keys()
    assert not {"intervalFactor", "step", "metric"} & panel["targets"][0].keys()
    assert [target["refId"] for target in panel["targets"]] == ["B", "A"]


def test_the_first_threshold_begins_at_null_and_not_at_a_word() -> None:
    steps = finalise(somebodys("one"), "12")["panels"][0]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps == [{"color": "green", "value": None}, {"color": "red", "value": 0.5}]


def test_ids_come_from_names_and_not_from_order() -> None:
    before = {each["title"]: each["id"] for each in finalise(somebodys("one", "two", "three"), "12")["panels"]}
    after = {each["title"]: each["id"] for each in finalise(somebodys("zero", "three", "one", "two"), "12")["panels"]}
    assert {title: after[title] for title in before} == before
    assert before["one"] == panel_id("/one")
    assert len(set(after.values())) == 4


def test_panels_of_one_title_get_ids_of_their_own() -> None:
    ids = [each["id"] for each in finalise(somebodys("same", "same"), "12")["panels"]]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("version", SCHEMA_VERSIONS)
def test_every_version_has_its_schema(version: str) -> None:
    assert finalise(somebodys("one"), version)["schemaVersion"] == SCHEMA_VERSIONS[version]


def test_text_reads_back_as_what_was_finalised() -> None:
    for environment in planned().environments[:1]:
        for model in environment.models:
            for page in model.dashboards:
                data = finalise(dashboard_object(page), "12")
                text = format_sorted_json(data)
                assert json.loads(text) == data
                assert text == format_sorted_json(shuffled(data))


def shuffled(value: Any) -> Any:
    """The same value with its keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.Random(7).shuffle(keys)  # noqa: S311 - an order, no secret
        return {key: shuffled(value[key]) for key in keys}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def test_text_is_indented_by_two_ends_in_a_newline_and_hides_nothing() -> None:
    for each in artifacts():
        if each.path.endswith(".json"):
            assert each.text.startswith('{\n  "')
            assert each.text.endswith("}\n")
            assert all(len(line) - len(line.lstrip()) < 40 for line in each.text.splitlines())
            assert "\u200b" not in each.text
            assert "\t" not in each.text


def test_grafanalibs_own_encoder_reads_our_objects() -> None:
    page = planned().environments[0].models[0].dashboards[0]
    made = json.loads(json.dumps(dashboard_object(page), cls=DashboardEncoder, sort_keys=True))
    assert made["title"] == page.title


def test_a_dashboard_of_plain_grafanalib_is_judged() -> None:
    found = {each.code for each in lint(json.loads(json.dumps(finalise(somebodys("one"), "12"))))}
    assert {"D801", "D807", "D834"} <= found
    assert "D821" not in found


def test_paths_are_by_tenant_and_named_by_uid() -> None:
    for path, data in documents().items():
        environment, folder, kind, tenant, name = path.split("/")
        assert (folder, kind) == ("grafana", "dashboards")
        assert name == f"{data['uid']}.json"
        assert environment in data["title"]
        assert tenant == "_fleet" or f"model:{tenant}/" in " ".join(data["tags"])


def test_every_panel_of_a_rendered_dashboard_has_ids_that_survive_a_new_neighbour() -> None:
    for data in documents().values():
        ids = [each["id"] for each in panels(data)]
        assert len(set(ids)) == len(ids)
        assert all(0 < each < 2**31 for each in ids)
