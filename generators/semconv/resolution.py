"""Plain data → a resolved registry: references and groups are followed, what leads nowhere is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generators.semconv.finding import Finding
from generators.semconv.registry import REFINEMENTS, SIGNALS, Attribute, Registry, Signal, Use

_USES = ("attributes", "identity", "description")


def resolve(
    registry: Mapping[str, Any], dependencies: Iterable[Mapping[str, Any]] = ()
) -> tuple[Registry, tuple[Finding, ...]]:
    """Return a registry with its references followed, and what could not be followed or stands twice."""
    foreign_attributes: dict[str, Attribute] = {}
    foreign: list[Signal] = []
    for each in dependencies:
        foreign_attributes |= dict(_attributes(each))
        foreign += _signals(each, foreign_attributes, [])
    own = dict(_attributes(registry))
    findings = [*_duplicates(registry), *_redefinitions(own, foreign_attributes)]
    signals = tuple(_signals(registry, foreign_attributes | own, findings))
    result = Registry(own, signals, foreign_attributes, tuple(foreign))
    return result, (*findings, *_unknown_bases(result), *_unknown_entities(result))


def entries(registry: Mapping[str, Any], root: str) -> Iterator[Mapping[str, Any]]:
    """Yield the definitions below a root key, as far as they are mappings."""
    found = registry.get(root)
    return (each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else iter(())


def _attributes(registry: Mapping[str, Any]) -> Iterator[tuple[str, Attribute]]:
    for each in entries(registry, "attributes"):
        if isinstance(key := each.get("key"), str):
            yield key, _attribute(key, each)


def _attribute(key: str, fields: Mapping[str, Any]) -> Attribute:
    type_ = fields.get("type")
    members = type_.get("members") if isinstance(type_, Mapping) else None
    return Attribute(
        key=key,
        type="enum" if isinstance(type_, Mapping) else str(type_),
        members=tuple(
            (str(each.get("id")), each) for each in members if isinstance(each, Mapping)
        ) if isinstance(members, list) else (),
        stability=_text(fields, "stability"),
        brief=_text(fields, "brief"),
        deprecated=_mapping(fields, "deprecated"),
        annotations=_mapping(fields, "annotations"),
    )  # fmt: skip


def _signals(registry: Mapping[str, Any], known: Mapping[str, Attribute], findings: list[Finding]) -> Iterator[Signal]:
    groups = {each["id"]: each for each in entries(registry, "attribute_groups") if isinstance(each.get("id"), str)}
    for root, (kind, field) in SIGNALS.items():
        for each in entries(registry, root):
            if isinstance(name := each.get(field), str):
                yield _signal(kind, name, "", each, _followed(each, kind, name, groups, known, findings))
    for root, kind in REFINEMENTS.items():
        for each in entries(registry, root):
            name, base = each.get("id"), each.get("ref")
            if isinstance(name, str) and isinstance(base, str):
                yield _signal(kind, name, base, each, _followed(each, kind, name, groups, known, findings))


def _signal(kind: str, name: str, base: str, fields: Mapping[str, Any], uses: tuple[Use, ...]) -> Signal:
    return Signal(
        kind=kind,
        name=name,
        base=base,
        stability=_text(fields, "stability"),
        brief=_text(fields, "brief"),
        uses=uses,
        deprecated=_mapping(fields, "deprecated"),
        annotations=_mapping(fields, "annotations"),
        fields=fields,
    )


def _followed(
    fields: Mapping[str, Any],
    kind: str,
    name: str,
    groups: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Attribute],
    findings: list[Finding],
) -> tuple[Use, ...]:
    """Return the attributes that a signal uses; what it says itself goes before what a group says."""
    uses: dict[str, Use] = {}
    pending: list[tuple[Mapping[str, Any], tuple[str, ...]]] = [(each, ()) for each in _references(fields)]
    while pending:
        each, path = pending.pop(0)
        group, key = each.get("ref_group"), each.get("ref")
        if isinstance(group, str):
            if group not in groups:
                findings.append(Finding("unresolved_group", f"no attribute group `{group}`", kind, name, group))
            elif group in path:
                findings.append(Finding("circular_group", f"group `{group}` contains itself", kind, name, group))
            else:
                pending += [(inner, (*path, group)) for inner in _references(groups[group])]
        elif isinstance(key, str) and key not in uses:
            uses[key] = _use(key, each, known.get(key))
            if key not in known:
                message = f"attribute `{key}` is defined neither here nor in a dependency"
                findings.append(Finding("unresolved_attribute", message, kind, name, key))
    return tuple(uses.values())


def _references(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lists = (fields.get(each) for each in _USES)
    found = [each for part in lists if isinstance(part, list) for each in part if isinstance(each, Mapping)]
    return sorted(found, key=lambda each: "ref_group" in each)


def _use(key: str, fields: Mapping[str, Any], attribute: Attribute | None) -> Use:
    level = fields.get("requirement_level")
    word = next(iter(level), "") if isinstance(level, Mapping) else level
    stability = _text(fields, "stability") or (attribute.stability if attribute else "")
    return Use(key, str(word or "recommended"), stability, attribute)


def _duplicates(registry: Mapping[str, Any]) -> Iterator[Finding]:
    roots = {
        "attributes": ("attribute", "key"),
        **SIGNALS,
        **{root: (kind, "id") for root, kind in REFINEMENTS.items()},
    }
    for root, (kind, field) in roots.items():
        names = [each.get(field) for each in entries(registry, root)]
        for name in dict.fromkeys(name for name in names if isinstance(name, str) and names.count(name) > 1):
            yield Finding(f"duplicate_{kind}", f"{kind} `{name}` is defined more than once", kind, name)


def _redefinitions(own: Mapping[str, Attribute], foreign: Mapping[str, Attribute]) -> Iterator[Finding]:
    for key in sorted(own.keys() & foreign.keys()):
        message = f"attribute `{key}` is defined by a dependency already; refer to it"
        yield Finding("redefined_attribute", message, "attribute", key)


def _unknown_bases(registry: Registry) -> Iterator[Finding]:
    known = {(each.kind, each.name) for each in (*registry.foreign_signals, *registry.signals)}
    for signal in registry.signals:
        if signal.base and (signal.kind, signal.base) not in known:
            message = f"{signal.kind} `{signal.base}`, which `{signal.name}` refines, is not defined"
            yield Finding("unresolved_refinement", message, signal.kind, signal.name, signal.base)


def _unknown_entities(registry: Registry) -> Iterator[Finding]:
    known = {each.name for each in (*registry.foreign_signals, *registry.signals) if each.kind == "entity"}
    for signal in registry.signals:
        for name in _entities(signal.fields.get("entity_associations")):
            if name not in known:
                message = f"{signal.kind} `{signal.name}` is associated with `{name}`, which is no entity"
                yield Finding("unknown_entity_association", message, signal.kind, signal.name, name)
        identity = {each.get("ref") for each in _list(signal.fields, "identity")}
        for each in _list(signal.fields, "description"):
            if each.get("ref") in identity:
                message = f"attribute `{each.get('ref')}` is both identity and description of `{signal.name}`"
                yield Finding("entity_attribute_twice", message, signal.kind, signal.name, str(each.get("ref")))


def _entities(association: object) -> Iterator[str]:
    if isinstance(association, str):
        yield association
    elif isinstance(association, Mapping):
        for each in association.values():
            yield from _entities(each)
    elif isinstance(association, Sequence):
        for each in association:
            yield from _entities(each)


def _list(fields: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = fields.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _text(fields: Mapping[str, Any], key: str) -> str:
    found = fields.get(key)
    return found if isinstance(found, str) else ""


def _mapping(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = fields.get(key)
    return found if isinstance(found, Mapping) else {}


__all__ = ["entries", "resolve"]
