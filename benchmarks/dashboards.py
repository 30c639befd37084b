"""How fast plans become dashboards, and how fast these are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from grafanalib._gen import DashboardEncoder

from benchmarks.fleet import SPECS
from benchmarks.rows import Row, fastest
from generators.formats.json_printer import format_sorted_json
from generators.grafana.finalise import finalise
from generators.language.sources import read_specs
from generators.pipeline import compile_plan
from generators.targets.grafana.dashboards import dashboard_text
from generators.targets.grafana.page import dashboard_object


def measure() -> Iterator[Row]:
    """Measure planning, drawing and printing of the dashboards of the committed specs."""
    plan = compile_plan(read_specs(Path(SPECS))).plan
    if plan is None:
        raise RuntimeError("the committed specs do not compile")
    models = [model for environment in plan.environments for model in environment.models]
    pages = [page for model in models for page in model.dashboards]
    planned = fastest(lambda: [list(model.dashboards) for model in models])
    yield Row("plan the dashboards of a model", planned / len(models) * 1000, "ms", 8)
    whole = fastest(lambda: [dashboard_text(page, plan.catalog.platform) for page in pages])
    yield Row("draw and print a planned dashboard", whole / len(pages) * 1000, "ms", 4)
    drawn = [dashboard_object(page) for page in pages]
    final = [finalise(each, "12") for each in drawn]
    ours = fastest(lambda: [format_sorted_json(each) for each in final])
    theirs = fastest(lambda: [json.dumps(each, sort_keys=True, indent=2, cls=DashboardEncoder) for each in drawn])
    yield Row("print a dashboard, against grafanalib's encoder", theirs / ours, "times", 3, at_least=True)
