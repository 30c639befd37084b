"""Grafana dashboards of each environment, in a folder for each tenant, with the file that provisions them."""

from __future__ import annotations

from collections.abc import Iterator

from generators.artifact import Artifact
from generators.grafana.finalise import finalise
from generators.language.catalog import Platform
from generators.planning.panels import Dashboard
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.grafana_json import format_dashboard
from generators.targets.grafana_page import dashboard_object
from generators.targets.head import head
from generators.targets.yaml_text import format_yaml

FLEET = "fleet"
"""Folder of dashboards about all tenants; no tenant has an underscore in front, so it may not clash with one."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/grafana/dashboards/<tenant>/<uid>.json`` and ``…/provisioning/dashboards.yaml``."""
    platform = plan.catalog.platform
    for environment in plan.environments:
        name = environment.environment.name
        folders: set[str] = set()
        for dashboard, files in _dashboards(environment):
            path = f"{name}/grafana/dashboards/{folder(dashboard)}/{dashboard.uid}.json"
            yield Artifact(path, dashboard_text(dashboard, platform), files)
            folders.add(folder(dashboard))
        if folders:
            yield _provisioning(environment, platform, sorted(folders))


def dashboard_text(dashboard: Dashboard, platform: Platform) -> str:
    """Return a dashboard as classic JSON for the platform's version of Grafana."""
    return format_dashboard(finalise(dashboard_object(dashboard), platform.grafana_version))


def folder(dashboard: Dashboard) -> str:
    """Return the directory of a dashboard, which is that of its tenant."""
    return dashboard.folder or f"_{FLEET}"


def _dashboards(environment: EnvironmentPlan) -> Iterator[tuple[Dashboard, tuple[str, ...]]]:
    for dashboard in environment.dashboards:
        yield dashboard, environment.fleet_files
    for model in environment.models:
        for dashboard in model.dashboards:
            yield dashboard, model.files


def _provisioning(environment: EnvironmentPlan, platform: Platform, folders: list[str]) -> Artifact:
    """Return the providers of an environment: one a folder, none of which lets a browser change what was reviewed."""
    name = environment.environment.name
    providers = [
        {
            "name": f"watchspec-{name}-{each.strip('_')}"
            if each.startswith("_")
            else f"watchspec-{name}-tenant-{each}",
            "folder": "Fleet" if each.startswith("_") else each,
            "type": "file",
            "disableDeletion": False,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 30,
            "options": {"path": f"{platform.grafana_path.rstrip('/')}/{each}"},
        }
        for each in folders
    ]
    comment = head(f"Which dashboards Grafana loads in {name}, and into which folders.", environment.fleet_files)
    text = format_yaml({"apiVersion": 1, "providers": providers}, comment)
    return Artifact(f"{name}/grafana/provisioning/dashboards.yaml", text, environment.fleet_files)
