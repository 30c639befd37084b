"""What a change of a registry breaks: OpenTelemetry's shared policy ``backwards-compatibility``, and more of it.

The policy freezes what is marked stable, and forbids removal of anything. Dashboards and alerts do not read stability
markers, so type, unit, instrument, kind, value and identity are frozen here for everything; what is deprecated instead
of removed breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generators.semconv.finding import Finding
from generators.semconv.registry import SIGNALS, Attribute, Registry, Signal, is_excepted
from generators.semconv.stability import STABLE, value_type

_FROZEN = {"metric": ("instrument", "unit"), "span": ("kind",)}


def breaking_changes(older: Registry, newer: Registry) -> Iterator[Finding]:
    """Yield what readers of the older registry's telemetry lose."""
    yield from _removed("attribute", older.attributes, newer.attributes)
    for key in older.attributes.keys() & newer.attributes.keys():
        yield from _attribute_changes(older.attributes[key], newer.attributes[key])
    for kind in (kind for kind, _ in SIGNALS.values()):
        before, after = _named(older, kind), _named(newer, kind)
        kept = {**after, **_replacements(newer, kind)}
        yield from _removed(kind, before, kept)
        for name in before.keys() & after.keys():
            yield from _signal_changes(before[name], after[name])


def _named(registry: Registry, kind: str) -> dict[str, Signal]:
    """Return what outsiders see of a kind, refinements included."""
    return {each.name: each for each in registry.signals if each.kind == kind and not each.internal}


def _replacements(registry: Registry, kind: str) -> dict[str, Signal]:
    """Return refinements and groups that say that they take the place of a removed signal."""
    policy = f"{kind}_missing"
    found = [each for each in registry.signals if is_excepted(each.annotations, "compatibility", policy)]
    return {
        name: each
        for each in found
        if each.kind == kind or (kind == "entity" and each.kind == "attribute_group")
        for name in (each.name, each.name.removeprefix(f"{kind}."))
    }


def _removed(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Finding]:
    for name in before.keys() - after.keys():
        message = f"{kind} `{name}` is gone; deprecate it, or announce the break"
        yield Finding(f"compatibility_{kind}_missing", message, kind, name)


def _attribute_changes(before: Attribute, after: Attribute) -> Iterator[Finding]:
    key = before.key
    old, new = _type_words(before), _type_words(after)
    if value_type(before) != value_type(after) or (before.type == "enum") != (after.type == "enum"):
        message = f"attribute `{key}` was {old} and is {new} now"
        yield Finding("compatibility_attribute_changed_type", message, "attribute", key, "type")
    yield from _less_stable("attribute", key, before.stability, after.stability)
    members = dict(after.members)
    for id_, member in before.members if after.type == "enum" else ():
        if id_ not in members:
            message = f"value `{member.get('value', id_)}` of attribute `{key}` is gone"
            yield Finding("compatibility_enum_member_missing", message, "attribute", key, id_)
        elif member.get("value", id_) != members[id_].get("value", id_):
            message = f"member `{id_}` of attribute `{key}` has another value"
            yield Finding("compatibility_enum_member_changed_value", message, "attribute", key, id_)
        else:
            stabilities = (str(member.get("stability", "")), str(members[id_].get("stability", "")))
            yield from _less_stable("attribute", key, *stabilities, part=id_)


def _type_words(attribute: Attribute) -> str:
    return f"an enum of type {value_type(attribute)}" if attribute.type == "enum" else f"of type {attribute.type}"


def _signal_changes(before: Signal, after: Signal) -> Iterator[Finding]:
    kind, name = before.kind, before.name
    for field in _FROZEN.get(kind, ()):
        old, new = before.fields.get(field), after.fields.get(field)
        if old != new and not before.base:
            message = f"the {field} of {kind} `{name}` was `{old}` and is `{new}` now"
            yield Finding(f"compatibility_{kind}_changed_{field}", message, kind, name, field)
    if before.base != after.base:
        message = f"{kind} `{name}` refined `{before.base}` and refines `{after.base}` now"
        yield Finding(f"compatibility_{kind}_changed_base", message, kind, name, "ref")
    yield from _less_stable(kind, name, before.stability, after.stability)
    if kind == "entity" and not before.base and _identity(before) != _identity(after):
        message = f"entity `{name}` is identified by other attributes"
        yield Finding("compatibility_entity_changed_identity", message, kind, name, "identity")
    new_keys = {use.key for use in after.uses}
    for use in before.uses:
        if use.key not in new_keys:
            message = f"{kind} `{name}` no longer has the attribute `{use.key}`"
            yield Finding(f"compatibility_{kind}_dropped_attribute", message, kind, name, use.key)
    if before.stability == STABLE and kind in {"metric", "attribute_group"}:
        old_keys = {use.key for use in before.uses if use.level != "opt_in"}
        for use in after.uses:
            if use.key not in old_keys and use.level != "opt_in":
                message = f"stable {kind} `{name}` has a new attribute `{use.key}`, which splits its series"
                yield Finding(f"compatibility_{kind}_added_attribute", message, kind, name, use.key)


def _less_stable(kind: str, name: str, before: str, after: str, part: str = "stability") -> Iterator[Finding]:
    if before == STABLE and after != STABLE:
        message = f"{kind} `{name}` was stable and is in {after or 'no state'} now"
        yield Finding(f"compatibility_{kind}_changed_stability", message, kind, name, part)


def _identity(signal: Signal) -> frozenset[str]:
    found = signal.fields.get("identity")
    return frozenset(str(each.get("ref")) for each in found) if isinstance(found, list) else frozenset()
