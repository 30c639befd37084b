"""The shape of a registry file in the format ``definition/2``, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from generators.semconv.finding import Finding
from generators.semconv.registry import REFINEMENTS, SIGNALS

Check: TypeAlias = Callable[[object], Iterator[tuple[str, str]]]
"""Yields (path, what is wrong) of a value."""

STABILITIES: Final = ("development", "alpha", "beta", "release_candidate", "stable", "deprecated", "experimental")
_PRIMITIVES = ("string", "int", "double", "boolean")
_LISTS = tuple(f"{each}[]" for each in _PRIMITIVES)
_TYPES = frozenset((*_PRIMITIVES, "any", *_LISTS, *(f"template[{each}]" for each in (*_PRIMITIVES, "any", *_LISTS))))


def shape_findings(registry: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what does not have the shape that Weaver reads."""
    for dotted, message in _FILE(registry):
        path = dotted.removeprefix(".")
        kind, name = _owner(registry, path)
        yield Finding("shape", f"`{path}` {message}" if path else f"the registry {message}", kind, name, path)


def _owner(registry: Mapping[str, Any], path: str) -> tuple[str, str]:
    """Return kind and name of the definition that a path leads into."""
    root, _, rest = path.partition("[")
    index = rest.partition("]")[0]
    kind, field = {"attributes": ("attribute", "key"), **SIGNALS}.get(root, (REFINEMENTS.get(root, "registry"), "id"))
    found = registry.get(root)
    if index.isdigit() and isinstance(found, list) and isinstance(found[int(index)], Mapping):
        return kind, str(found[int(index)].get(field, ""))
    return kind, ""


# --- pieces -------------------------------------------------------------------------------------------------


def _text(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield "", "is not text"


def _flag(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, bool):
        yield "", "is not true or false"


def _scalar(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, (str, int)):
        yield "", "is not text, an integer, or true or false"


def _anything(_: object) -> Iterator[tuple[str, str]]:
    return iter(())


def _optional(check: Check) -> Check:
    return lambda value: iter(()) if value is None else check(value)


def _one_of(*words: str) -> Check:
    def check(value: object) -> Iterator[tuple[str, str]]:
        if value not in words:
            yield "", f"is none of {', '.join(words)}"

    return check


def _list(item: Check) -> Check:
    def check(value: object) -> Iterator[tuple[str, str]]:
        if not isinstance(value, list):
            yield "", "is not a list"
            return
        for index, each in enumerate(value):
            yield from ((f"[{index}]{path}", message) for path, message in item(each))

    return check


def _mapping(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield "", "is not a mapping"


def _record(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    fields = {**required, **optional}

    def check(value: object) -> Iterator[tuple[str, str]]:
        if not isinstance(value, Mapping):
            yield "", "is not a mapping"
            return
        for name in required.keys() - value.keys():
            yield "", f"lacks `{name}`"
        for name, each in value.items():
            if name not in fields:
                yield "", f"has an unknown key `{name}`"
            else:
                for path, message in fields[name](each):
                    yield f".{name}{path}", message

    return check


def _type(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield from _record({"members": _list(_MEMBER)}, {})(value)
    elif not isinstance(value, str) or value not in _TYPES:
        yield "", "is no type"


def _deprecated(value: object) -> Iterator[tuple[str, str]]:
    reason = value.get("reason") if isinstance(value, Mapping) else None
    if reason == "renamed":
        yield from _record({"reason": _text, "renamed_to": _text}, {"note": _optional(_text)})(value)
    else:
        yield from _record({"reason": _one_of("obsoleted", "uncategorized", "unspecified"), "note": _text}, {})(value)


def _requirement(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if len(value) != 1 or not value.keys() <= {"conditionally_required", "recommended", "opt_in"}:
            yield "", "is no requirement level"
        yield from ((f".{name}", "is not text") for name, each in value.items() if not isinstance(each, str))
    else:
        yield from _one_of("required", "recommended", "opt_in")(value)


def _association(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if len(value) != 1 or not value.keys() <= {"one_of", "all_of"}:
            yield "", "is neither an entity nor `one_of` or `all_of`"
        for name, each in value.items():
            yield from ((f".{name}{path}", message) for path, message in _list(_association)(each))
    else:
        yield from _text(value)


# --- tables -------------------------------------------------------------------------------------------------

_STABILITY = _one_of(*STABILITIES)
_EXTRA: Final[Mapping[str, Check]] = {"deprecated": _optional(_deprecated), "annotations": _mapping}
_MEMBER = _record(
    {"id": _text},
    {
        "value": _optional(_scalar),
        "brief": _optional(_text),
        "note": _optional(_text),
        "stability": _optional(_STABILITY),
        "deprecated": _optional(_deprecated),
        "annotations": _optional(_mapping),
    },
)
_REF_FIELDS: Final[Mapping[str, Check]] = {
    "brief": _optional(_text),
    "note": _optional(_text),
    "examples": _anything,
    "requirement_level": _optional(_requirement),
    "stability": _optional(_STABILITY),
    **_EXTRA,
}
_REF = _record({"ref": _text}, _REF_FIELDS)
_SPAN_REF = _record({"ref": _text}, {**_REF_FIELDS, "sampling_relevant": _optional(_flag)})
_GROUP_REF = _record({"ref_group": _text}, {})


def _reference(plain: Check) -> Check:
    return lambda value: (_GROUP_REF if isinstance(value, Mapping) and "ref_group" in value else plain)(value)


_DEFINED: Final[Mapping[str, Check]] = {"brief": _text, "stability": _STABILITY}
_SIGNAL: Final[Mapping[str, Check]] = {
    "note": _text,
    "attributes": _list(_reference(_REF)),
    "entity_associations": _list(_association),
    "requirement_level": _optional(_one_of("recommended", "opt_in")),
    **_EXTRA,
}
_SPAN: Final[Mapping[str, Check]] = {**_SIGNAL, "attributes": _list(_reference(_SPAN_REF))}
_SPAN_NAME = _record({"note": _text}, {})
_KIND = _one_of("internal", "client", "server", "producer", "consumer")
_ENTITY: Final[Mapping[str, Check]] = {
    "description": _list(_REF),
    "note": _text,
    "requirement_level": _SIGNAL["requirement_level"],
    **_EXTRA,
}
_REFINED: Final[Mapping[str, Check]] = {
    "brief": _optional(_text),
    "note": _optional(_text),
    "stability": _optional(_STABILITY),
    **_EXTRA,
}
_REFINED_SIGNAL = {**_REFINED, "attributes": _SIGNAL["attributes"], "entity_associations": _list(_association)}
_IDS: Final[Mapping[str, Check]] = {"id": _text, "ref": _text}


def _group(value: object) -> Iterator[tuple[str, str]]:
    internal = isinstance(value, Mapping) and value.get("visibility") == "internal"
    required = {"id": _text, "visibility": _one_of("internal", "public")}
    lists = {"attributes": _list(_reference(_REF))}
    if internal:
        yield from _record(required, lists)(value)
    else:
        yield from _record({**required, **_DEFINED}, {**lists, "note": _text, **_EXTRA})(value)


_FILE = _record(
    {},
    {
        "file_format": _one_of("definition/2"),
        "attributes": _list(
            _record({"key": _text, "type": _type, **_DEFINED}, {"note": _text, "examples": _anything, **_EXTRA})
        ),
        "attribute_groups": _list(_group),
        "metrics": _list(
            _record(
                {
                    "name": _text,
                    "instrument": _one_of("counter", "updowncounter", "gauge", "histogram"),
                    "unit": _text,
                    **_DEFINED,
                },
                _SIGNAL,
            )
        ),
        "spans": _list(_record({"type": _text, "kind": _KIND, "name": _SPAN_NAME, **_DEFINED}, _SPAN)),
        "events": _list(_record({"name": _text, **_DEFINED}, _SIGNAL)),
        "entities": _list(_record({"type": _text, "identity": _list(_REF), **_DEFINED}, _ENTITY)),
        "metric_refinements": _list(_record(_IDS, _REFINED_SIGNAL)),
        "span_refinements": _list(
            _record(_IDS, {**_REFINED_SIGNAL, "name": _optional(_SPAN_NAME), "attributes": _SPAN["attributes"]})
        ),
        "event_refinements": _list(_record(_IDS, _REFINED_SIGNAL)),
        "entity_refinements": _list(_record(_IDS, {**_REFINED, "description": _list(_REF)})),
        "imports": _optional(
            _record({}, dict.fromkeys(SIGNALS, _optional(_list(_text))))
        ),
    },
)  # fmt: skip
