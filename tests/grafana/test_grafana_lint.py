"""Each rule finds its fault, and none is found in what we render."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from grafana_dashboards import documents

from generators.diagnostics.catalogue import codes
from generators.grafana.lint import lint, lint_all

CODES = codes(("generators.grafana.lint",))

SCRAPED = 'rate(hits_total{job=~"$job",instance=~"$instance"}[$__rate_interval])'


def variable(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "query": f"label_values(hits_total, {name})",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
    }


def sound() -> dict[str, Any]:
    """A dashboard with which nothing is wrong."""
    source = {"type": "prometheus", "uid": "${datasource}"}
    panel = {
        "id": 1,
        "type": "timeseries",
        "title": "Hits",
        "description": "How often.",
        "datasource": source,
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "links": [{"title": "up", "url": "/d/sound"}],
        "fieldConfig": {
            "defaults": {
                "unit": "cps",
                "noValue": "none",
                "thresholds": {"steps": [{"color": "blue", "value": None}, {"color": "orange", "value": 1}]},
            }
        },
        "targets": [{"refId": "A", "expr": SCRAPED}],
    }
    return {
        "title": "Sound",
        "uid": "sound",
        "editable": False,
        "schemaVersion": 41,
        "panels": [panel, {**copy.deepcopy(panel), "id": 2, "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}],
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
                variable("job"),
                variable("instance"),
            ]
        },
        "annotations": {"list": [{"name": "x", "datasource": source, "expr": "up"}]},
    }


def variables(data: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data["templating"]["list"]
    return found


def first(data: dict[str, Any]) -> dict[str, Any]:
    panel: dict[str, Any] = data["panels"][0]
    return panel


def asks(expr: str, source: str = "prometheus") -> Callable[[dict[str, Any]], None]:
    def put(data: dict[str, Any]) -> None:
        first(data)["targets"][0] |= {"expr": expr, "datasource": {"type": source, "uid": "${datasource}"}}

    return put


def put(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    def apply(data: dict[str, Any]) -> None:
        change(data)

    return apply


FAULTS: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("D800", put(lambda data: first(data).update(targets={}))),
    ("D801", put(lambda data: variables(data)[0].update(name="source"))),
    ("D801", put(lambda data: variables(data).pop(0))),
    ("D802", put(lambda data: variables(data)[1].update(multi=False))),
    ("D802", put(lambda data: variables(data).pop(1))),
    ("D803", put(lambda data: variables(data)[2].update(allValue=".*"))),
    ("D804", put(lambda data: variables(data)[1].update(query="values(job)"))),
    ("D804", put(lambda data: variables(data)[1].update(query="label_values(hits{, job)"))),
    ("D805", put(lambda data: variables(data)[1].update(refresh=1))),
    ("D806", put(lambda data: first(data).update(datasource={"type": "prometheus", "uid": "abc"}))),
    ("D807", put(lambda data: first(data).update(description=" "))),
    ("D808", put(lambda data: first(data)["fieldConfig"]["defaults"].update(unit="", mappings=[]))),
    ("D809", put(lambda data: first(data).update(targets=[]))),
    ("D810", asks("sum(hits_total")),
    ("D811", asks(SCRAPED.replace("$__rate_interval", "5m"))),
    ("D811", asks(SCRAPED.replace("$__rate_interval", "5m").replace("rate(", "increase("))),
    ("D812", asks(SCRAPED.replace('job=~"$job",', ""))),
    ("D813", asks(SCRAPED.replace(',instance=~"$instance"', ""))),
    ("D814", asks('hits_total{job=~"$job",instance=~"$instance"}')),
    ("D814", asks('sum(hits_total{job=~"$job",instance=~"$instance"})')),
    ("D815", put(lambda data: data.update(editable=True))),
    ("D816", asks('{app="x" |= "y"', "loki")),
    ("D817", asks('rate({app="x"}[5m])', "loki")),
    ("D820", put(lambda data: data.update(uid="a" * 41))),
    ("D820", put(lambda data: data.pop("uid"))),
    ("D821", put(lambda data: first(data).update(id=2))),
    ("D821", put(lambda data: first(data).update(id=None))),
    ("D822", put(lambda data: first(data)["gridPos"].update(w=13))),
    ("D822", put(lambda data: data["panels"][1]["gridPos"].update(x=13))),
    ("D823", put(lambda data: first(data)["targets"].append({"refId": "A", "expr": SCRAPED}))),
    ("D824", asks(SCRAPED.replace('job=~"$job"', 'job=~"$job",team="$job"'))),
    ("D825", put(lambda data: first(data)["fieldConfig"]["defaults"]["thresholds"]["steps"].reverse())),
    ("D825", put(lambda data: first(data)["fieldConfig"]["defaults"]["thresholds"]["steps"][0].update(value="null"))),
    ("D826", put(lambda data: first(data)["links"][0].update(url="/d/elsewhere"))),
    ("D827", put(lambda data: data.update(schemaVersion=12))),
    ("D828", asks('histogram_quantile(0.9, sum by (job) (x_bucket{job=~"$job",instance=~"$instance"}))')),
    ("D829", put(lambda data: first(data)["fieldConfig"]["defaults"].pop("noValue"))),
    ("D830", put(lambda data: data["annotations"]["list"][0].update(datasource={"type": "prometheus", "uid": "abc"}))),
    ("D830", put(lambda data: variables(data)[1].update(datasource="Prometheus"))),
    ("D831", asks(SCRAPED.replace("$job", "$jobs"))),
    ("D832", put(lambda data: first(data).update(links=[]))),
    ("D833", put(lambda data: first(data).update(targets=[{"refId": f"A{n}", "expr": SCRAPED} for n in range(70)]))),
    (
        "D834",
        put(
            lambda data: first(data)["fieldConfig"]["defaults"]["thresholds"].update(
                steps=[{"color": "green", "value": None}, {"color": "red", "value": 1}]
            )
        ),
    ),
]


def test_nothing_is_wrong_with_a_sound_dashboard() -> None:
    assert lint_all([sound()]) == ()


@pytest.mark.parametrize(("code", "fault"), FAULTS)
def test_each_rule_finds_its_fault(code: str, fault: Callable[[dict[str, Any]], None]) -> None:
    data = sound()
    fault(data)
    found = lint_all([data])
    assert code in {finding.code for finding in found}
    assert all(finding.help for finding in found)


def test_every_code_has_a_fault_that_shows_it() -> None:
    assert {code for code, _ in FAULTS} == set(CODES)


def test_two_dashboards_may_not_share_a_uid() -> None:
    assert [finding.code for finding in lint_all([sound(), sound()])] == ["D820", "D820"]


def test_recorded_series_need_neither_job_nor_instance() -> None:
    data = sound()
    for panel in data["panels"]:
        panel["targets"][0]["expr"] = 'model:hits:rate5m{model_name="x"}'
    data["templating"]["list"] = data["templating"]["list"][:1]
    assert lint(data) == ()


def test_panels_in_rows_are_judged_too() -> None:
    data = sound()
    inner = {**first(data), "description": ""}
    data["panels"] = [
        {"id": 9, "type": "row", "title": "r", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}, "panels": [inner]}
    ]
    assert [finding.code for finding in lint(data)] == ["D807"]


def test_nothing_is_wrong_with_any_rendered_dashboard() -> None:
    by_environment: dict[str, list[dict[str, Any]]] = {}
    for path, data in documents().items():
        by_environment.setdefault(path.partition("/")[0], []).append(data)
    assert len(by_environment) >= 2
    for found in by_environment.values():
        assert lint_all(found) == ()
    assert lint_all([data for found in by_environment.values() for data in found]) == ()
