"""Every kind of panel that a plan can hold, those of later dashboards among them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from grafana_dashboards import ROOT, panels, planned
from test_grafana_oracle import lost, read_back

from generators.grafana.lint import lint
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs
from generators.planning.dashboards.page import DATASOURCE
from generators.planning.dashboards.panels import (
    Column,
    Dashboard,
    Kind,
    Legend,
    Link,
    Mapping,
    Panel,
    Query,
    Row,
    Size,
    Status,
    Style,
    Thresholds,
)
from generators.promql.syntax.ast import VectorSelector
from generators.targets.grafana.dashboards import dashboard_text

LEVELS = Thresholds(Status.OK, ((0.5, Status.WARNING), (1, Status.CRITICAL)))


def panel(kind: Kind) -> Panel:
    legend = Legend("", ("row", "column")) if kind is Kind.MATRIX else Legend("x")
    return Panel(
        kind=kind,
        title=f"A {kind}",
        description="What it is.",
        unit="s",
        queries=() if kind is Kind.TEXT else (Query(VectorSelector("a:b"), legend, column="value"),),
        thresholds=LEVELS,
        mappings=(Mapping(0, "OK", Status.OK),) if kind is Kind.STATUS_HISTORY else (),
        columns=(Column("value", "Value", unit="s", thresholds=LEVELS),) if kind is Kind.TABLE else (),
        links=(Link("Onward", url="https://example.com"),),
        minimum=0,
        maximum=1.5,
        decimals=1,
        text="Words.",
        facts=(("Owner", "us"),),
    )


def dashboard(*rows: Row) -> Dashboard:
    return Dashboard(
        uid="all_kinds",
        topic="kinds",
        folder="health",
        domain="Test",
        subject="kinds",
        environment="production",
        description="All kinds.",
        rows=rows,
        variables=(DATASOURCE,),
        related="watchspec",
    )


def written(page: Dashboard) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(dashboard_text(page, planned().catalog.platform))
    return made


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_read_by_grafanas_models_and_passes_the_linter(kind: Kind) -> None:
    data = written(dashboard(Row(title="Row", panels=(panel(kind),))))
    assert list(lost(data, read_back(data))) == []
    assert lint(data) == ()
    assert panels(data)[0]["gridPos"] == {"h": 8, "w": 24, "x": 0, "y": 1}


def test_limits_are_dashed_and_other_units_stand_on_the_right() -> None:
    drawn = replace(
        panel(Kind.TIMESERIES),
        queries=(
            Query(VectorSelector("a:b"), Legend("used")),
            Query(VectorSelector("a:c"), Legend("limit"), style=Style.LIMIT),
            Query(VectorSelector("a:d"), Legend("slow"), unit="s"),
        ),
    )
    overrides = panels(written(dashboard(Row(panels=(drawn,)))))[0]["fieldConfig"]["overrides"]
    by_letter = {
        each["matcher"]["options"]: {one["id"]: one["value"] for one in each["properties"]} for each in overrides
    }
    assert by_letter["B"]["custom.lineStyle"]["fill"] == "dash"
    assert by_letter["C"] == {**by_letter["C"], "unit": "s", "custom.axisPlacement": "right"}
    assert by_letter["A"]["color"] != by_letter["C"]["color"]


def test_folded_rows_hold_their_panels_and_take_one_line() -> None:
    two = (panel(Kind.STAT), replace(panel(Kind.STAT), title="Another"))
    data = written(
        dashboard(
            Row(panels=(panel(Kind.TIMESERIES),)),
            Row(title="Folded", panels=two, folded=True),
            Row(title="Open", panels=two),
        )
    )
    top = [(each["type"], each["gridPos"]["y"], each["gridPos"]["h"]) for each in data["panels"]]
    assert top == [("timeseries", 0, 8), ("row", 8, 1), ("row", 9, 1), ("stat", 10, 8), ("stat", 10, 8)]
    assert [each["gridPos"]["y"] for each in data["panels"][1]["panels"]] == [9, 9]
    assert lint(data) == ()


def test_a_large_tile_fills_its_share_of_the_line() -> None:
    tiles = tuple(replace(panel(Kind.STAT), title=f"{n}", size=Size(6, 6)) for n in range(4))
    found = panels(written(dashboard(Row(panels=tiles))))
    assert [each["gridPos"] for each in found] == [{"h": 6, "w": 6, "x": 6 * n, "y": 0} for n in range(4)]
    assert {each["options"]["colorMode"] for each in found} == {"background"}


def test_an_unknown_version_of_grafana_is_a_problem_that_names_the_known_ones() -> None:
    sources = list(read_specs(ROOT / "specs"))
    index = next(i for i, each in enumerate(sources) if each.file == "specs/platform.yaml")
    text = sources[index].data.decode().replace("spec:\n", 'spec:\n  grafana: {version: "10"}\n', 1)
    sources[index] = Source(sources[index].file, text.encode())
    _, problems = resolve(sources)
    found = [each for each in problems if "10" in each.message]
    assert len(found) == 1
    assert "12" in found[0].message + found[0].help
    assert found[0].position.file.endswith("platform.yaml")
