"""Compiled specs that the tests of planning look at: the committed ones, and small variations of an organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from committed import compiled

import generators
from generators import promql
from generators.artifact import Artifact
from generators.language.sources import Source, read_specs
from generators.pipeline import Compiled, compile_plan
from generators.planning.plan import Alerting, EnvironmentPlan, ModelPlan, Plan
from generators.promql.syntax.ast import Expr

ROOT = Path(generators.__file__).parents[1]
ORGANISATION = ROOT / "tests" / "language" / "wrong_specs" / "organisation"
"""A small organisation with a pack of its own: one environment, one team, one model."""


@cache
def committed() -> Compiled:
    """The committed specs, compiled to artefacts."""
    return compiled()


def committed_plan() -> Plan:
    """The plan of the committed specs."""
    result = committed().plan
    assert result is not None
    return result


def texts(compiled: Compiled) -> dict[str, str]:
    """Artefacts by path."""
    return {each.path: each.text for each in compiled.artifacts}


def organisation(changes: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Source, ...]:
    """The small organisation; ``changes`` lays keys over the ``spec`` of files, or adds whole documents."""
    files = {each.file.removeprefix("organisation/"): yaml.safe_load(each.data) for each in read_specs(ORGANISATION)}
    for name, change in (changes or {}).items():
        if "kind" in change:
            files[name] = dict(change)
        else:
            files[name]["spec"] = laid_over(files[name]["spec"], change)
    return tuple(Source(f"specs/{name}", _yaml(document)) for name, document in sorted(files.items()))


def laid_over(base: Any, over: Any) -> Any:
    """Mappings merged key by key, anything else replaced; None takes a key away."""
    if not isinstance(base, dict) or not isinstance(over, Mapping):
        return over
    merged = {**base, **{key: laid_over(base.get(key), value) for key, value in over.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def planned(changes: Mapping[str, Mapping[str, Any]] | None = None) -> Plan:
    """The plan of a variation that has no problems."""
    compiled = compile_plan(organisation(changes))
    assert compiled.problems == ()
    assert compiled.plan is not None
    return compiled.plan


def environment(result: Plan, name: str = "production") -> EnvironmentPlan:
    """One environment of a plan."""
    return next(each for each in result.environments if each.environment.name == name)


def model(result: Plan, name: str = "churn", where: str = "production") -> ModelPlan:
    """One model of a plan."""
    return next(each for each in environment(result, where).models if each.model == name)


def alerts(of: ModelPlan) -> Iterator[Alerting]:
    """The alerting rules of a model."""
    yield from (rule for group in of.groups for rule in group.rules if isinstance(rule, Alerting))


def rule_files(artifacts: tuple[Artifact, ...], where: str) -> dict[str, list[dict[str, Any]]]:
    """Rule groups as Prometheus reads them, by path."""
    pattern = re.compile(rf"{where}/prometheus/.*\.rules\.yaml")
    return {each.path: yaml.safe_load(each.text)["groups"] for each in artifacts if pattern.fullmatch(each.path)}


def rules(artifacts: tuple[Artifact, ...], where: str) -> Iterator[dict[str, Any]]:
    """Every rendered rule of an environment."""
    for groups in rule_files(artifacts, where).values():
        for group in groups:
            yield from group["rules"]


def parsed(text: str) -> Expr:
    """An expression that must be PromQL."""
    expr, problems = promql.parse(text)
    assert expr is not None, (text, problems)
    return expr


def _yaml(document: Any) -> bytes:
    return yaml.safe_dump(document, sort_keys=False).encode()
