"""Pages of models, and the page that leads to everything in the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from generators.artifact import Artifact
from generators.planning.plan import ModelPlan, Plan
from generators.targets.alert_pages import INDEX as RUNBOOKS
from generators.targets.alert_pages import alert_pages
from generators.targets.head import MARKDOWN_NOTICE
from generators.targets.markdown import bullets, document, escape, heading, link, relative, table
from generators.targets.model_page import CATALOG, INDEX, ModelPage, page_text


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``docs/models/<tenant>/<model>.md`` and ``docs/README.md``."""
    pages = model_pages(plan)
    for page in pages:
        yield Artifact(page.path, page_text(page), _sources([page]))
    platform = plan.catalog.platform.position.file
    yield Artifact(INDEX, index_text(plan, pages), tuple(sorted({platform, *_sources(pages)})))


def model_pages(plan: Plan) -> tuple[ModelPage, ...]:
    """Return the pages of all models, by tenant and model."""
    alerts = {subject: tuple(found) for subject, found in groupby(alert_pages(plan), key=lambda page: page.subject)}
    models = sorted((model for each in plan.environments for model in each.models), key=_key)
    return tuple(
        ModelPage(tuple(found), alerts.get("/".join(key), ()), plan) for key, found in groupby(models, key=_key)
    )


def index_text(plan: Plan, pages: Sequence[ModelPage]) -> str:
    """Return the page that leads to all models."""
    catalog = plan.catalog
    links = [link("Metrics catalogue", relative(CATALOG, INDEX))]
    if any(page.alerts for page in pages) or any(page.subject == "fleet" for page in alert_pages(plan)):
        links.append(link("Runbooks", relative(RUNBOOKS, INDEX)))
    links.append(link("Semantic conventions", relative("semconv/manifest.yaml", INDEX)))
    return document(
        (
            MARKDOWN_NOTICE,
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


def _key(plan: ModelPlan) -> tuple[str, str]:
    return plan.tenant, plan.model


def _sources(pages: Sequence[ModelPage]) -> tuple[str, ...]:
    files = {file for page in pages for plan in page.plans for file in plan.files}
    return tuple(sorted(files | {file for page in pages for alert in page.alerts for file in alert.sources}))
