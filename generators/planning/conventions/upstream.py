"""The conventions that ours build on: excerpts of OpenTelemetry's registries, with where each is to be had.

An excerpt holds what we refer to and what people are likely to declare, not everything. GenAI names come from the
versioned profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from otel.genai import PROFILES, GenAiProfile

_CORE: Final = "core-1.44.0"
_CORE_WITH_GENAI: Final = "core-1.36"
_LISTS = frozenset(("finish_reasons",))
_INTEGERS = frozenset(
    ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "reasoning_tokens")
)
_ANYTHING = frozenset(("input_messages", "output_messages", "system_instructions"))


@dataclass(frozen=True, slots=True)
class Upstream:
    """A dependency: its schema URL, where Weaver finds it, and an excerpt of it as plain data."""

    schema_url: str
    registry_path: str
    registry: Mapping[str, Any]

    def names(self, root: str) -> frozenset[str]:
        """Return the names defined under a root key."""
        field = {"attributes": "key", "metrics": "name", "events": "name"}.get(root, "type")
        return frozenset(each[field] for each in self.registry[root])


@cache
def upstreams(gen_ai: str) -> tuple[Upstream, ...]:
    """Return what a registry with that version of the GenAI conventions depends on.

    Up to version 1.36 they are part of the core conventions, and a registry cannot depend on two versions of these.
    """
    profile = PROFILES.get(gen_ai)
    if profile is None:
        return (_excerpt(_CORE),)
    if gen_ai == _CORE_WITH_GENAI:
        return (_with_profile(_excerpt(gen_ai, _excerpt(_CORE).registry), profile),)
    return (_excerpt(_CORE), _with_profile(_excerpt(gen_ai), profile))


def _excerpt(name: str, more: Mapping[str, Any] | None = None) -> Upstream:
    text = resources.files("generators").joinpath(f"library/semconv/{name}.json").read_text("utf-8")
    data = json.loads(text)
    registry: dict[str, Any] = {
        "attributes": [_attribute(key, *facts) for key, facts in data["attributes"].items()],
        "metrics": [_metric(key, *facts) for key, facts in data["metrics"].items()],
        "spans": [{"type": key, "kind": kind, "stability": "development"} for key, kind in data["spans"].items()],
        "events": [{"name": key, "stability": "development"} for key in data["events"]],
    }
    for root, found in (more or {}).items():
        registry[root] += found
    return Upstream(data["schema_url"], data["registry_path"], registry)


def _with_profile(upstream: Upstream, profile: GenAiProfile) -> Upstream:
    attributes = [_attribute(key, _type(name), "development") for name, key in profile.attributes.items()]
    metrics = [_metric(each.name, each.kind.value, each.unit) for each in profile.metrics.values()]
    registry = {
        **upstream.registry,
        "attributes": [*upstream.registry["attributes"], *attributes],
        "metrics": [*upstream.registry["metrics"], *metrics],
    }
    return Upstream(upstream.schema_url, upstream.registry_path, registry)


def _type(name: str) -> str:
    if name in _INTEGERS:
        return "int"
    if name in _LISTS:
        return "string[]"
    if name in _ANYTHING:
        return "any"
    return "double" if name == "evaluation_score" else "string"


def _attribute(key: str, type_: str, stability: str) -> dict[str, Any]:
    return {"key": key, "type": type_, "stability": stability}


def _metric(name: str, instrument: str, unit: str) -> dict[str, Any]:
    return {"name": name, "instrument": instrument, "unit": unit, "stability": "development"}
