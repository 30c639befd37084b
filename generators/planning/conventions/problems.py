"""What is wrong with the registry of conventions, as problems of the specs that caused it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generators.language.problems import Position, Problem, Severity
from generators.planning.conventions.attributes import LIBRARY
from generators.semconv import Finding, allows_breaking, check, compare, parse_version
from generators.semconv.versions import next_breaking

_CODES = {
    "format": "P423",
    "namespace": "P424",
    "collision": "P425",
}
_HELP = {
    "P423": "rename it, such as `ml.feature.quality`",
    "P424": "put a namespace in front, such as `ml.`",
    "P425": "rename one of them",
    "P426": "say what it is",
}


def rule_problems(
    registry: Mapping[str, Any],
    dependencies: tuple[Mapping[str, Any], ...],
    positions: Mapping[tuple[str, str], Position],
    fallback: Position,
) -> Iterator[Problem]:
    """Yield what Weaver and the shared policies would say, at the spec that declares the name."""
    for finding in check(registry, dependencies):
        code = _code(finding)
        named = (positions.get((finding.kind, name)) for name in (finding.name, finding.part))
        places = sorted((place for place in named if place), key=lambda place: place.file.startswith(LIBRARY))
        place = next(iter(places), fallback)
        yield Problem(code, finding.message, place, _HELP.get(code, ""), Severity.WARNING)


def squatting_problems(
    registry: Mapping[str, Any], gen_ai: str, positions: Mapping[tuple[str, str], Position], fallback: Position
) -> Iterator[Problem]:
    """Yield names that belong to the GenAI conventions, but not to the version that the platform names."""
    for root, kind, field in (("attributes", "attribute", "key"), ("metrics", "metric", "name")):
        for name in (each[field] for each in registry.get(root, ()) if each[field].startswith("gen_ai.")):
            message = f"version `{gen_ai}` of the GenAI conventions has no {kind} `{name}`"
            help_ = "set `telemetry.gen_ai` of the platform to a version that has it, or use a name of your own"
            yield Problem("P422", message, positions.get((kind, name), fallback), help_, Severity.WARNING)


def _code(finding: Finding) -> str:
    return next((code for word, code in _CODES.items() if finding.rule.endswith(word)), "P426")


def breaking_problems(
    committed: Mapping[str, Any],
    registry: Mapping[str, Any],
    versions: tuple[str, str],
    positions: Mapping[tuple[str, str], Position],
    version_position: Position,
) -> Iterator[Problem]:
    """Yield what breaks compared with what is committed, unless the version announces it; versions are old and new."""
    older, newer = (parse_version(version) for version in versions)
    if older is None or newer is None or allows_breaking(older, newer):
        return
    if newer < older:
        message = f"the version of the conventions falls from {versions[0]} to {versions[1]}"
        yield Problem("P428", message, version_position, f"write {versions[0]} or later")
    for finding in compare(committed, registry):
        place = positions.get((finding.kind, finding.name), version_position)
        help_ = f"keep it, or set `telemetry.semconv.version: {next_breaking(older)}` in the platform"
        related = (("the version", version_position),) if place != version_position else ()
        yield Problem("P427", finding.message, place, help_, related=related)
