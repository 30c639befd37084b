"""What is wrong with the registry of conventions, as problems of the specs that caused it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generators.diagnostics import Code, Position, Problem, Severity
from generators.language.sources import of_library
from generators.semconv import Finding, allows_breaking, check, compare, parse_version
from generators.semconv.versions import next_breaking

UNLIKE_OPENTELEMETRY = Code(
    "P422",
    "Not what OpenTelemetry defines",
    "The name belongs to OpenTelemetry, which gives it another instrument or unit, or does not have it.",
    "{name: http.server.request.duration, unit: ms}",
    "{name: http.server.request.duration, unit: s}",
)
MALFORMED_NAME = Code(
    "P423",
    "Malformed name",
    "Names are lowercase words and digits, joined by `.` or `_`, and begin with a letter.",
    "name: ML.Hits",
    "name: ml.hits",
)
NAME_WITHOUT_A_NAMESPACE = Code(
    "P424",
    "Name without a namespace",
    "An attribute without a namespace may mean something else in the telemetry of another system.",
    "attributes: {region: {values: [emea]}}",
    "attributes: {shop.region: {values: [emea]}}",
)
CLASHING_NAMES = Code(
    "P425",
    "Names in each other's way",
    "A name may not be the namespace of another one, and two names may not differ in dots and underscores only.",
    "ml.hits and ml.hits.made",
    "ml.hits.all and ml.hits.made",
)
AGAINST_CONVENTIONS = Code(
    "P426",
    "Against the conventions",
    "OpenTelemetry's Weaver would refuse the registry of conventions that the specs make up.",
    'description: ""',
    "description: Requests that were refused.",
)
BREAKING_CHANGE = Code(
    "P427",
    "Breaking change of telemetry",
    "What is committed was removed, or got another type, unit or meaning; dashboards elsewhere may read it.",
    "version: 1.0.0  # and a metric is gone",
    "version: 2.0.0",
)
FALLING_VERSION = Code(
    "P428",
    "Version falls",
    "The conventions that are committed have a later version.",
    "version: 1.0.0  # 2.0.0 is committed",
    "version: 2.0.1",
)

_CODES = {
    "format": MALFORMED_NAME,
    "namespace": NAME_WITHOUT_A_NAMESPACE,
    "collision": CLASHING_NAMES,
}
_HELP = {
    MALFORMED_NAME: "rename it, such as `ml.feature.quality`",
    NAME_WITHOUT_A_NAMESPACE: "put a namespace in front, such as `ml.`",
    CLASHING_NAMES: "rename one of them",
    AGAINST_CONVENTIONS: "say what it is",
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
        places = sorted((place for place in named if place), key=of_library)
        place = next(iter(places), fallback)
        yield Problem(code.as_(Severity.WARNING), finding.message, place, _HELP.get(code, ""))


def squatting_problems(
    registry: Mapping[str, Any], gen_ai: str, positions: Mapping[tuple[str, str], Position], fallback: Position
) -> Iterator[Problem]:
    """Yield names that belong to the GenAI conventions, but not to the version that the platform names."""
    for root, kind, field in (("attributes", "attribute", "key"), ("metrics", "metric", "name")):
        for name in (each[field] for each in registry.get(root, ()) if each[field].startswith("gen_ai.")):
            message = f"version `{gen_ai}` of the GenAI conventions has no {kind} `{name}`"
            help_ = "set `telemetry.gen_ai` of the platform to a version that has it, or use a name of your own"
            yield Problem(
                UNLIKE_OPENTELEMETRY.as_(Severity.WARNING), message, positions.get((kind, name), fallback), help_
            )


def _code(finding: Finding) -> Code:
    return next((code for word, code in _CODES.items() if finding.rule.endswith(word)), AGAINST_CONVENTIONS)


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
        yield Problem(FALLING_VERSION, message, version_position, f"write {versions[0]} or later")
    for finding in compare(committed, registry):
        place = positions.get((finding.kind, finding.name), version_position)
        help_ = f"keep it, or set `telemetry.semconv.version: {next_breaking(older)}` in the platform"
        related = (("the version", version_position),) if place != version_position else ()
        yield Problem(BREAKING_CHANGE, finding.message, place, help_, related=related)
