"""``explain model``: the spec as it is resolved, each value with the place that it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from generators.cli.commands.explain.annotated_yaml import Note, Path, annotated_yaml, leaves
from generators.cli.commands.explain.explanation import Explanation
from generators.cli.unknown_names import UnknownNameError, unknown
from generators.formats.yaml.nodes import plain
from generators.language.catalog import Catalog, Deployment
from generators.language.resolve.expansion import Expanded, expanded
from generators.language.sources import Source


def explain_model(
    name: str, tenant: str | None, environment: str | None, sources: Iterable[Source], catalog: Catalog
) -> Explanation:
    """Return the resolved spec of one model in one environment: the one asked for, or the first."""
    found = _chosen(name, tenant, environment, expanded(sources))
    first, *others = found
    deployment = next(
        (
            each
            for each in catalog.deployments
            if (each.model.tenant, each.model.name, each.environment.name)
            == (first.tenant, first.model, first.environment)
        ),
        None,
    )
    elsewhere = ", ".join(each.environment for each in others)
    head = [
        f"# model {first.model} of tenant {first.tenant} in {first.environment}"
        + (f" (also in {elsewhere}: --environment)" if elsewhere else ""),
        f"# packs, most general first: {', '.join(first.packs)}",
    ]
    return Explanation("\n".join([*head, annotated_yaml(first.spec, _note(deployment))]), _data(first))


def _chosen(name: str, tenant: str | None, environment: str | None, all_: tuple[Expanded, ...]) -> list[Expanded]:
    wanted, _, short = name.rpartition("/")
    tenant = tenant or wanted or None
    found = [each for each in all_ if each.model == short and tenant in {None, each.tenant}]
    if not found:
        raise unknown("model", name, (f"{each.tenant}/{each.model}" if wanted else each.model for each in all_))
    tenants = sorted({each.tenant for each in found})
    if len(tenants) > 1:
        raise UnknownNameError(f"several tenants have a model `{name}`: {', '.join(tenants)}; choose with --tenant")
    here = [each for each in found if environment in {None, each.environment}]
    if not here:
        raise unknown(f"environment of model `{name}` called", environment or "", (each.environment for each in found))
    return here


def _note(deployment: Deployment | None) -> Note:
    """Return what tells items that the model cannot use, or does not want, from those that are watched."""
    if deployment is None:
        return lambda _: ""
    applied = {
        "metrics": set(deployment.metrics),
        "tiles": set(deployment.tiles),
        "measures": set(deployment.measures),
        "slos": {each.name for each in deployment.slos},
        "kpis": {each.name for each in deployment.kpis},
        "alerts": {each.name for each in deployment.alerts},
    }

    offered = {each.name for each in deployment.left_out}

    def note(path: Path) -> str:
        match path:
            case ("alerts", str(item)) if item in offered:
                return f"left out by `alerting: {deployment.alerting}`; `enabled: true` adds it"
            case (str(section), str(item)) if section in applied and item not in applied[section]:
                return "does not apply here"
        return ""

    return note


def _data(found: Expanded) -> dict[str, object]:
    return {
        "tenant": found.tenant,
        "model": found.model,
        "environment": found.environment,
        "packs": list(found.packs),
        "spec": plain(found.spec),
        "origins": [
            {"path": list(path), "file": node.position.file, "line": node.position.line, "column": node.position.column}
            for path, node in leaves(found.spec)
        ],
    }
