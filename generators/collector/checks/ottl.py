"""Statements of the transform processor: contexts kept apart, failures not passed over, points added up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generators.collector.checks.redaction import HASH_WITHOUT_A_KEY
from generators.collector.view import Component, View, items, mapping, texts
from generators.diagnostics import Code, Finding, Severity

CONTEXTS_IN_ONE_LIST = Code(
    "C914",
    "Contexts in one list",
    "A list of statements runs in the lowest of their contexts; what has none of it is passed over.",
    "trace_statements: [keep_keys(span.attributes, []), keep_keys(spanevent.attributes, [])]",
    "trace_statements: [{statements: [keep_keys(span.attributes, [])]}, {statements: […]}]",
)
FAILURES_PASSED_OVER = Code(
    "C915",
    "Failures passed over",
    "A statement that should drop something must not be skipped when it fails.",
    "transform: {error_mode: ignore}",
    "transform: {error_mode: propagate}",
    Severity.WARNING,
)
POINTS_THAT_ARE_LOST = Code(
    "C929",
    "Points that are lost",
    "Points that a dropped attribute told apart overwrite each other.",
    "keep_keys(datapoint.attributes, [])",
    'keep_keys(datapoint.attributes, []), aggregate_on_attributes("sum") where …',
)

LISTS = ("trace_statements", "metric_statements", "log_statements")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_DROPS = re.compile(r"\b(?:keep_keys|keep_matching_keys|delete_key|delete_matching_keys)\s*\(")
_HASH = re.compile(r"\b(?:SHA1|SHA256|SHA512|MD5|FNV|Murmur3Hash(?:128)?)\s*\(")
_CONTEXTS = ("resource", "scope", "span", "spanevent", "metric", "datapoint", "log")
"""From the highest to the lowest of each signal."""

_PATH = re.compile(rf"\b({'|'.join(_CONTEXTS)})\.")


def ottl(view: View) -> Iterator[Finding]:
    """Yield what is wrong with statements."""
    for component in view.of("processors", "transform"):
        for key in LISTS:
            yield from _flat(component, key)
        yield from _failures(component)
        yield from _points(component)
        yield from _hashes(component)


def _flat(component: Component, key: str) -> Iterator[Finding]:
    """A list without groups runs in the lowest context of its statements, and skips what has none of it."""
    statements = items(component.settings.get(key))
    groups: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = []
    if any(isinstance(each, str) for each in statements):
        groups.append(((*component.path, key), texts(statements)))
    for index, each in enumerate(statements):
        inner = mapping(each)
        if "context" not in inner:
            groups.append(((*component.path, key, index), texts(inner.get("statements"))))
    for path, found in groups:
        needed = {context for statement in found if (context := _context(statement))}
        if len(needed) > 1:
            message = (
                f"statements about {', '.join(sorted(needed))} in one list run in the lowest of these contexts: "
                "a span without events, or a resource without points, is left as it is"
            )
            yield Finding(CONTEXTS_IN_ONE_LIST, message, path, "give each context a group: `- statements: […]`")


def _context(statement: str) -> str:
    """Return the context that a statement needs, the lowest that it names; empty if it names none."""
    return max(_PATH.findall(_STRINGS.sub('""', statement)), key=_CONTEXTS.index, default="")


def _failures(component: Component) -> Iterator[Finding]:
    """A group's own mode holds for it; else the processor's, which is to ignore."""
    message = "a statement that fails is passed over, and what it should have dropped goes on"
    help_ = "write `error_mode: propagate`"
    outer = component.settings.get("error_mode")
    inherits = False
    for key in LISTS:
        for index, each in enumerate(items(component.settings.get(key))):
            statements = (each,) if isinstance(each, str) else texts(mapping(each).get("statements"))
            if not any(_DROPS.search(text) for text in statements):
                continue
            own = mapping(each).get("error_mode")
            inherits = inherits or own is None
            if own is not None and own != "propagate":
                yield Finding(FAILURES_PASSED_OVER, message, (*component.path, key, index, "error_mode"), help_)
    if inherits and outer != "propagate":
        path = (*component.path, "error_mode") if outer else component.path
        yield Finding(FAILURES_PASSED_OVER, message, path, help_)


def _points(component: Component) -> Iterator[Finding]:
    found = list(_statements(component, "metric_statements"))
    drop = next((text for text in found if _DROPS.search(text) and "datapoint.attributes" in text), None)
    if drop and not any("aggregate_on_attributes" in text for text in found):
        message = "points that only the dropped attributes told apart overwrite each other; their values are lost"
        help_ = 'add a group with `aggregate_on_attributes("sum") where metric.type == METRIC_DATA_TYPE_SUM or …`'
        yield Finding(POINTS_THAT_ARE_LOST, message, (*component.path, "metric_statements"), help_)


def _hashes(component: Component) -> Iterator[Finding]:
    for key in LISTS:
        if any(_HASH.search(_STRINGS.sub('""', text)) for text in _statements(component, key)):
            message = "OTTL has no keyed hash; with an unset variable the key is empty, in silence"
            help_ = "use redaction with `hash_function: hmac-sha256`"
            yield Finding(HASH_WITHOUT_A_KEY.as_(Severity.WARNING), message, (*component.path, key), help_)


def _statements(component: Component, key: str) -> Iterator[str]:
    for each in items(component.settings.get(key)):
        if isinstance(each, str):
            yield each
        yield from texts(mapping(each).get("statements"))
