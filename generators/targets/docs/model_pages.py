"""Pages of models, and the page that leads to everything in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.formats.markdown import bullets, escape, heading, link, relative, table
from generators.planning.plan import ModelEverywhere, Plan
from generators.targets import files
from generators.targets.docs.alert_pages import INDEX as RUNBOOKS
from generators.targets.docs.alert_pages import fleet_pages
from generators.targets.docs.alert_pages import model_pages as alerts_of
from generators.targets.docs.model_page import CATALOG, INDEX, ModelPage, page_text
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``docs/README.md``."""
    pages = [_page(model) for model in plan.models()]
    files = {file for page in pages for file in _sources(page)}
    yield Artifact(INDEX, index_text(plan, pages), tuple(sorted({plan.catalog.platform.position.file, *files})))


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``docs/models/<tenant>/<model>.md``."""
    page = _page(everywhere)
    yield Artifact(page.path, page_text(page), _sources(page))


def _page(everywhere: ModelEverywhere) -> ModelPage:
    return ModelPage(everywhere.plans, alerts_of(everywhere), everywhere.whole)


def index_text(plan: Plan, pages: Sequence[ModelPage]) -> str:
    """Return the page that leads to all models."""
    catalog = plan.catalog
    links = [link("Metrics catalogue", relative(CATALOG, INDEX))]
    if any(page.alerts for page in pages) or fleet_pages(plan):
        links.append(link("Runbooks", relative(RUNBOOKS, INDEX)))
    links.append(link("Semantic conventions", relative("semconv/manifest.yaml", INDEX)))
    return files.page_text(
        (
            heading(1, f"AI models of {catalog.platform.organisation}"),
            "What is watched, by whom, and what to do when it goes wrong.",
            bullets(links),
            *(block for tenant in catalog.platform.tenants for block in _tenant(plan, tenant, pages)),
        )
    )


def _tenant(plan: Plan, tenant: str, pages: Sequence[ModelPage]) -> Iterator[str]:
    own = [page for page in pages if page.model.tenant == tenant]
    if own:
        yield heading(2, f"Tenant {tenant}")
        yield escape(plan.catalog.platform.tenants[tenant])
        yield table(("Model", "Domain", "Task", "Tier", "Owner", "Environments"), map(_row, own))


def _row(page: ModelPage) -> tuple[str, ...]:
    model = page.model
    environments = ", ".join(plan.environment for plan in page.plans)
    cells = (model.domain, model.task, model.tier, model.team.name, environments)
    return (link(model.name, relative(page.path, INDEX)), *map(escape, cells))


def _sources(page: ModelPage) -> tuple[str, ...]:
    files = {file for plan in page.plans for file in plan.files}
    return tuple(sorted(files | {file for alert in page.alerts for file in alert.sources}))


TARGET: Final = Target("docs/model_pages", of_plan=emit, of_model=emit_model)
