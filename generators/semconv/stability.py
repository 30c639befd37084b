"""Rules about stability and deprecation: OpenTelemetry's shared policy ``stability``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generators.semconv.finding import Finding
from generators.semconv.registry import SIGNALS, Attribute, Registry, Signal

STABLE = "stable"


def stability_findings(registry: Registry) -> Iterator[Finding]:
    """Yield signals more stable than what they are made of, and renames that lead nowhere."""
    for signal in registry.signals:
        yield from _unstable_parts(signal)
    yield from _attribute_renames(registry)
    for _, (kind, _) in SIGNALS.items():
        yield from _signal_renames(registry, kind)


def _unstable_parts(signal: Signal) -> Iterator[Finding]:
    if signal.stability != STABLE:
        return
    if signal.kind == "entity" and not signal.base and not signal.fields.get("identity"):
        message = f"stable entity `{signal.name}` has no identifying attributes"
        yield Finding("stability_entity_no_identity", message, "entity", signal.name)
    for use in signal.uses:
        if use.stability not in {STABLE, ""} and use.level != "opt_in":
            message = (
                f"stable {signal.kind} `{signal.name}` uses attribute `{use.key}`, which is in {use.stability}; "
                "only `opt_in` is allowed"
            )
            yield Finding(f"stability_{signal.kind}_experimental_attribute", message, signal.kind, signal.name, use.key)


def _attribute_renames(registry: Registry) -> Iterator[Finding]:
    known = {**registry.foreign_attributes, **registry.attributes}
    for attribute in registry.attributes.values():
        key, target = attribute.key, _renamed_to(attribute.deprecated)
        new = known.get(target)
        if target and (new is None or new.deprecated):
            message = f"attribute `{key}` was renamed to `{target}`, which does not exist or is deprecated"
            yield Finding("deprecation_attribute_renamed_to_invalid", message, "attribute", key, target)
        elif new is not None and target and value_type(attribute) != value_type(new):
            message = f"attribute `{key}` was renamed to `{target}`, which has another type"
            yield Finding("deprecation_attribute_renamed_to_type_mismatch", message, "attribute", key, target)
        alive = {id_ for id_, each in attribute.members if not each.get("deprecated")}
        for id_, each in attribute.members:
            deprecated = each.get("deprecated")
            member = _renamed_to(deprecated) if isinstance(deprecated, Mapping) else ""
            if member and member not in alive:
                message = f"member `{id_}` of `{key}` was renamed to `{member}`, which does not exist or is deprecated"
                yield Finding("deprecation_enum_member_renamed_to_invalid", message, "attribute", key, id_)


def _signal_renames(registry: Registry, kind: str) -> Iterator[Finding]:
    own = tuple(registry.of(kind))
    alive = {each.name for each in (*registry.foreign_signals, *own) if each.kind == kind and not each.deprecated}
    for signal in own:
        target = _renamed_to(signal.deprecated)
        if target and target not in alive:
            message = f"{kind} `{signal.name}` was renamed to `{target}`, which does not exist or is deprecated"
            yield Finding(f"deprecation_{kind}_renamed_to_invalid", message, kind, signal.name, target)


def value_type(attribute: Attribute) -> str:
    """Return the type of an attribute's values; an enum has that of its first member."""
    if attribute.type != "enum":
        return attribute.type
    id_, member = next(iter(attribute.members), ("", {}))
    match member.get("value", id_):
        case bool():
            return "boolean"
        case int():
            return "int"
        case _:
            return "string"


def _renamed_to(deprecated: Mapping[str, Any]) -> str:
    return str(deprecated.get("renamed_to", "")) if deprecated.get("reason") == "renamed" else ""
