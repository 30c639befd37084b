"""Rules about names: OpenTelemetry's shared policy ``naming_conventions``, and non-empty texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from generators.semconv.finding import Finding
from generators.semconv.registry import Attribute, Registry, Signal, is_excepted, is_excluded

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._][a-z0-9]+)*")
_NAMESPACED = re.compile(r"[a-z0-9_]+\.[a-z0-9._]+")
_PACKAGE = "naming_conventions"
_WELL_FORMED = "names are lowercase words and digits, joined by `.` or `_`, and begin with a letter"
_CONSTANTS = ("metric", "event", "entity")


def naming_findings(registry: Registry) -> Iterator[Finding]:
    """Yield the names, enum members and texts that break a rule."""
    for attribute in registry.attributes.values():
        yield from _attribute_findings(attribute)
        yield from _member_findings(attribute)
    for signal in registry.signals:
        yield from _signal_findings(signal)
    yield from _attribute_collisions(registry)
    yield from _signal_collisions(registry)


def is_well_formed(name: str) -> bool:
    """Whether a name follows the conventions."""
    return _NAME.fullmatch(name) is not None


def _attribute_findings(attribute: Attribute) -> Iterator[Finding]:
    key = attribute.key
    if not is_well_formed(key):
        yield Finding("attribute_name_format", f"attribute `{key}`: {_WELL_FORMED}", "attribute", key)
    excepted = bool(attribute.deprecated) or is_excepted(attribute.annotations, _PACKAGE, "attribute_namespace")
    if not excepted and _NAMESPACED.fullmatch(key) is None:
        message = f"attribute `{key}` has no namespace, so it may mean something else elsewhere"
        yield Finding("attribute_name_namespace", message, "attribute", key)
    if not attribute.brief.strip():
        yield Finding("empty_brief", f"attribute `{key}` has no brief", "attribute", key)


def _member_findings(attribute: Attribute) -> Iterator[Finding]:
    """Yield malformed member ids, and those whose id, value or constant another member of the enum has."""
    ids = [id_ for id_, _ in attribute.members]
    constants = [_constant(id_) for id_, each in attribute.members if not is_excluded(each.get("annotations") or {})]
    values = [str(each.get("value", id_)) for id_, each in attribute.members if not each.get("deprecated")]
    for id_, each in attribute.members:
        name = f"member `{id_}` of attribute `{attribute.key}`"
        if not is_well_formed(id_):
            yield Finding("enum_member_id_format", f"{name}: {_WELL_FORMED}", "attribute", attribute.key, id_)
        twice = (
            ids.count(id_) > 1
            or (not each.get("deprecated") and values.count(str(each.get("value", id_))) > 1)
            or constants.count(_constant(id_)) > 1
        )
        if twice:
            message = f"{name} shares its id, value or constant with another one"
            yield Finding("enum_member_collision", message, "attribute", attribute.key, id_)
    if attribute.type == "enum" and not attribute.members:
        yield Finding(
            "empty_enum", f"attribute `{attribute.key}` is an enum without members", "attribute", attribute.key
        )


def _signal_findings(signal: Signal) -> Iterator[Finding]:
    name = f"{signal.kind} `{signal.name}`"
    if signal.kind != "attribute_group" and not is_well_formed(signal.name):
        yield Finding(f"{signal.kind}_name_format", f"{name}: {_WELL_FORMED}", signal.kind, signal.name)
    if not signal.brief.strip() and not signal.internal and not signal.base:
        yield Finding("empty_brief", f"{name} has no brief", signal.kind, signal.name)
    if signal.kind == "metric" and signal.brief.strip() and not signal.brief.rstrip().endswith("."):
        yield Finding("metric_brief_period", f"the brief of {name} does not end with a period", "metric", signal.name)
    for use in signal.uses:
        if signal.kind == "event" and use.key == "event.name":
            message = f"{name} has `event.name` among its attributes; the name stands in `name`"
            yield Finding("event_name_attribute_forbidden", message, signal.kind, signal.name, use.key)
        complex_ = use.attribute is not None and use.attribute.type in {"any", "template[any]"}
        if complex_ and signal.kind in {"metric", "entity"} | ({"attribute_group"} if not signal.internal else set()):
            message = f"attribute `{use.key}` of {name} may hold anything; that is for spans and events only"
            yield Finding("attribute_complex_type", message, signal.kind, signal.name, use.key)


def _attribute_collisions(registry: Registry) -> Iterator[Finding]:
    attributes = registry.attributes.values()
    plain = [each.key for each in attributes if not is_excluded(each.annotations)]
    yield from _constant_collisions("attribute", plain)
    alive = [
        each.key
        for each in attributes
        if not each.deprecated and not is_excepted(each.annotations, _PACKAGE, "attribute_namespace_collision")
    ]
    for outer, inner in _nested([*alive, *registry.foreign_attributes], alive):
        message = f"attribute `{outer}` is also the namespace of `{inner}`"
        yield Finding("attribute_namespace_collision", message, "attribute", outer if outer in alive else inner, inner)


def _signal_collisions(registry: Registry) -> Iterator[Finding]:
    for kind in _CONSTANTS:
        names = [each.name for each in registry.of(kind) if not is_excluded(each.annotations)]
        yield from _constant_collisions(kind, names)
    metrics = {each.name: each for each in registry.of("metric") if not each.deprecated}
    for outer, inner in _nested(list(metrics), list(metrics)):
        both = (metrics[outer], metrics[inner])
        if not any(is_excepted(each.annotations, _PACKAGE, "metric_namespace_collision") for each in both):
            message = f"metric `{outer}` is also the namespace of `{inner}`"
            yield Finding("metric_namespace_collision", message, "metric", outer, inner)


def _constant_collisions(kind: str, names: Iterable[str]) -> Iterator[Finding]:
    by_constant: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        by_constant.setdefault(_constant(name), []).append(name)
    for constant, alike in by_constant.items():
        for name in alike if len(alike) > 1 else ():
            other = next(each for each in alike if each != name)
            message = f"{kind}s `{name}` and `{other}` have one constant, `{constant}`"
            yield Finding(f"{kind}_constant_collision", message, kind, name, other)


def _nested(outer: Sequence[str], inner: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each pair of names of which one is a namespace of the other; at least one is of the second list."""
    known, own = dict.fromkeys(outer), frozenset(inner)
    for name in dict.fromkeys((*outer, *inner)):
        parts = name.split(".")
        for length in range(1, len(parts)):
            prefix = ".".join(parts[:length])
            if prefix in known and (name in own or prefix in own):
                yield prefix, name


def _constant(name: str) -> str:
    return name.replace(".", "_")
