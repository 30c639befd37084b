"""Semantic convention registries in Weaver's format ``definition/2``: what is wrong with one, and what a change breaks.

A registry is plain data: the mappings of its files, joined by `merged`. Nothing here knows of models or specs, so that
it runs on anybody's registry. The rules are those of `weaver registry check` and of the policies that OpenTelemetry's
own registries share (names, stability, entities, compatibility), as far as a registry alone can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generators.semconv.compatibility import breaking_changes
from generators.semconv.finding import Finding, Level, sort_findings
from generators.semconv.naming import naming_findings
from generators.semconv.registry import ROOTS, Registry
from generators.semconv.resolution import resolve
from generators.semconv.shape import shape_findings
from generators.semconv.stability import stability_findings
from generators.semconv.versions import Version, allows_breaking, parse_version


def check(registry: Mapping[str, Any], dependencies: Iterable[Mapping[str, Any]] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with a registry; ``dependencies`` define what it may refer to besides.

    Rules about meaning are skipped for what has no valid shape.
    """
    resolved, unresolved = resolve(registry, dependencies)
    found = [*shape_findings(registry), *unresolved, *naming_findings(resolved), *stability_findings(resolved)]
    return sort_findings(found)


def compare(older: Mapping[str, Any], newer: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what a change from one registry to another breaks for those who read the telemetry."""
    return sort_findings(breaking_changes(resolve(older)[0], resolve(newer)[0]))


def merged(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the files of one registry as one mapping; its lists are joined in the order of files."""
    result: dict[str, Any] = {}
    for file in files:
        for key, value in file.items():
            if key in ROOTS and isinstance(value, list) and isinstance(result.get(key, []), list):
                result[key] = [*result.get(key, []), *value]
            else:
                result[key] = value
    return result


__all__ = [
    "Finding",
    "Level",
    "Registry",
    "Version",
    "allows_breaking",
    "check",
    "compare",
    "merged",
    "parse_version",
    "resolve",
]
