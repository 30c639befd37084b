"""The facts of a tree of artefacts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from generators.comparison.facts.conventions import convention_facts
from generators.comparison.facts.costs import cost_facts
from generators.comparison.facts.fact import FLEET, Fact, Facts
from generators.comparison.facts.manifests import manifest_facts
from generators.comparison.facts.routes import route_facts, with_receivers
from generators.comparison.facts.rules import rule_facts
from generators.output.paths import INDEX

# Most files are the same on both sides of a comparison, and reading one takes longer than comparing it.
_convention_facts = lru_cache(maxsize=4096)(convention_facts)
_manifest_facts = lru_cache(maxsize=4096)(manifest_facts)
_route_facts = lru_cache(maxsize=4096)(route_facts)
_rule_facts = lru_cache(maxsize=4096)(rule_facts)


def read_facts(artifacts: Mapping[str, str]) -> Facts:
    """Return the facts of a tree of artefacts, given as texts by path; the index says nothing of its own."""
    found: list[Fact] = []
    configs: dict[str, str] = {}
    for path, text in sorted(artifacts.items()):
        match path.split("/"):
            case ["instruments", tenant, name]:
                found += _manifest_facts(text, path, f"{tenant}/{name.removesuffix('.json')}")
            case ["semconv", _]:
                found += _convention_facts(text, path)
            case [environment, "prometheus", "fleet.rules.yaml"]:
                found += _rule_facts(text, path, FLEET, environment)
            case [environment, "prometheus", tenant, name]:
                found += _rule_facts(text, path, f"{tenant}/{name.removesuffix('.rules.yaml')}", environment)
            case [environment, "alertmanager", "alertmanager.yaml"]:
                found += _route_facts(text, path, environment)
                configs[environment] = text
    facts = with_receivers(found, configs)
    return Facts((*facts, *cost_facts(facts)), _digests(artifacts))


def _digests(artifacts: Mapping[str, str]) -> dict[str, str]:
    return {
        path: hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        for path, text in artifacts.items()
        if path != INDEX
    }
