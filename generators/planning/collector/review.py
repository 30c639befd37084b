"""A merged configuration under the lint that anybody's gets; findings are shown where their key was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from generators import collector as lint
from generators.collector.checks.order import MEMORY_LIMITER_MISSING_OR_LATE
from generators.collector.checks.ottl import FAILURES_PASSED_OVER
from generators.collector.checks.redaction import SEVERAL_PATTERNS
from generators.collector.checks.transport import OLD_TLS, PLAIN_TEXT
from generators.collector.checks.wiring import UNKNOWN_COMPONENT
from generators.collector.components import known, ours
from generators.collector.view import view
from generators.diagnostics import NOWHERE, Code, Finding, Position, Problem, Severity
from generators.planning.collector.plan import Configuration

UNFILTERED_DATA = Code(
    "C812",
    "Data that leaves as it came",
    "Each pipeline of the agent that receives from services strips what it sends on, those of the base too.",
    "traces/raw: {receivers: [otlp], exporters: [otlp_grpc/gateway]}",
    "traces/raw: {receivers: [otlp], processors: [memory_limiter, transform/declared, redaction/personal], …}",
)


OURS_MUST: Final = (
    UNKNOWN_COMPONENT,
    MEMORY_LIMITER_MISSING_OR_LATE,
    SEVERAL_PATTERNS,
    FAILURES_PASSED_OVER,
    PLAIN_TEXT,
    OLD_TLS,
)
"""What is a matter of taste in others' files: here a component that is unknown cannot be built in, and data is safe."""


def review(configuration: Configuration) -> Iterator[Problem]:
    """Yield what `otelcol validate` would miss, and what our distribution cannot be built with."""
    for found in (*lint.check(configuration.document), *_elsewhere(configuration)):
        where = f", at {'.'.join(str(step) for step in found.path)}" if found.path else ""
        message = f"{configuration.tier}: {found.message}{where}"
        kind = found.kind.as_(Severity.ERROR) if found.kind in OURS_MUST else found.kind
        yield Problem(kind, message, _place(configuration, found.path), found.help)


def _elsewhere(configuration: Configuration) -> Iterator[Finding]:
    """Yield components that others' distributions have, and ours has not."""
    for component in view(configuration.document).components:
        if (component.kind, component.type) in known() and (component.kind, component.type) not in ours():
            message = f"our distribution has no {component.kind[:-1]} of type `{component.type}`"
            yield Finding(
                UNKNOWN_COMPONENT, message, component.path, "take another, or build a distribution of your own"
            )


def unstripped(configuration: Configuration, wanted: Sequence[str]) -> Iterator[Problem]:
    """Yield pipelines of an agent that let data leave the node without the processors that strip it."""
    service, connectors = (_mapping(configuration.document.get(key)) for key in ("service", "connectors"))
    for name, pipeline in _mapping(service.get("pipelines")).items():
        receivers, processors = (_mapping(pipeline).get(key, ()) for key in ("receivers", "processors"))
        outside = [each for each in _names(receivers) if each not in connectors]
        if outside and not set(wanted) <= set(_names(processors)):
            message = f"agent: pipeline `{name}` lets data of `{outside[0]}` leave the node as it came"
            place = _place(configuration, ("service", "pipelines", str(name)))
            help_ = f"name {' and '.join(f'`{each}`' for each in wanted)} as its last processors"
            yield Problem(UNFILTERED_DATA, message, place, help_)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _names(value: object) -> Sequence[str]:
    """Return the names in a list; what else stands there is told where components are looked up."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _place(configuration: Configuration, path: tuple[str | int, ...]) -> Position:
    """Return the place of the leaf that shares most of a path."""
    best, shared = NOWHERE, -1
    for origin in configuration.leaves:
        common = _common(origin.path, path)
        if common > shared and origin.places:
            best, shared = origin.places[0], common
    return best


def _common(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
