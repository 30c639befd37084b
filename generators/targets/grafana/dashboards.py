"""Grafana dashboards of each environment, in a folder for each tenant, with the file that provisions them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.json_printer import format_sorted_json
from generators.grafana.finalise import finalise
from generators.language.catalog import Platform
from generators.planning.dashboards.panels import Dashboard
from generators.planning.dashboards.uids import folder_title
from generators.planning.plan import EnvironmentPlan, ModelEverywhere, ModelPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.grafana.page import dashboard_object
from generators.targets.target import Target

FLEET = "fleet"
"""Folder of dashboards about all tenants; no tenant has an underscore in front, so it may not clash with one."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/grafana/dashboards/_fleet/<uid>.json`` and ``…/provisioning/dashboards.yaml``."""
    platform = plan.catalog.platform
    for environment in plan.environments:
        name = environment.environment.name
        yield from _files(name, environment.dashboards, platform, environment.fleet_files)
        if folders := _folders(environment):
            yield _provisioning(environment, platform, folders)


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/grafana/dashboards/<tenant>/<uid>.json``."""
    for model in everywhere.plans:
        yield from _files(model.environment, model.dashboards, everywhere.whole.catalog.platform, model.files)


def dashboard_text(dashboard: Dashboard, platform: Platform) -> str:
    """Return a dashboard as classic JSON for the platform's version of Grafana."""
    return format_sorted_json(finalise(dashboard_object(dashboard), platform.grafana_version))


def folder(dashboard: Dashboard) -> str:
    """Return the directory of a dashboard, which is that of its tenant."""
    return dashboard.folder or f"_{FLEET}"


def _files(
    environment: str, dashboards: Iterable[Dashboard], platform: Platform, sources: tuple[str, ...]
) -> Iterator[Artifact]:
    for dashboard in dashboards:
        path = f"{environment}/grafana/dashboards/{folder(dashboard)}/{dashboard.uid}.json"
        yield Artifact(path, dashboard_text(dashboard, platform), sources)


def _folders(environment: EnvironmentPlan) -> list[str]:
    """Return the directories that hold a dashboard."""
    tenants: dict[str, list[ModelPlan]] = {}
    for model in environment.models:
        tenants.setdefault(model.tenant, []).append(model)
    found = [name for name, models in tenants.items() if any(model.dashboards for model in models)]
    return sorted([*found, *{folder(dashboard) for dashboard in environment.dashboards}])


def _provisioning(environment: EnvironmentPlan, platform: Platform, folders: list[str]) -> Artifact:
    """Return the providers of an environment: one a folder, none of which lets a browser change what was reviewed."""
    name = environment.environment.name
    providers = [
        {
            "name": f"watchspec-{name}-{each.strip('_')}"
            if each.startswith("_")
            else f"watchspec-{name}-tenant-{each}",
            "folder": folder_title(each, environment.environment),
            "type": "file",
            "disableDeletion": False,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 30,
            "options": {"path": f"{platform.grafana_path.rstrip('/')}/{name}/{each}"},
        }
        for each in folders
    ]
    what = f"Which dashboards Grafana loads in {name}, and into which folders."
    document = {"apiVersion": 1, "providers": providers}
    return yaml_file(f"{name}/grafana/provisioning/dashboards.yaml", what, environment.fleet_files, document)


TARGET: Final = Target("grafana/dashboards", of_plan=emit, of_model=emit_model)
