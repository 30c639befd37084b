"""Two values of a fact → words, and how grave the difference is."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, get_args

from generators.comparison.expressions import LIMIT, WHOLE, Difference, differences
from generators.comparison.facts import Fact, Milliseconds, Prose, Value
from generators.formats.durations import format_duration
from generators.language.catalog import Level
from generators.promql.syntax.ast import Expr

_EXPRESSIONS: Final = get_args(Expr)
_LEVELS: Final = tuple(Level)


class Impact(StrEnum):
    """What a change does to those who rely on the artefacts."""

    BREAKING = "breaking"
    WEAKER = "weaker"
    OTHER = "other"

    @property
    def rank(self) -> int:
        """Gravest first."""
        return tuple(Impact).index(self)


IMPACTS: Final[Mapping[Impact, str]] = {
    Impact.BREAKING: "what others read, or send to, is gone or has another meaning",
    Impact.WEAKER: "less is noticed, later, or by fewer people",
    Impact.OTHER: "everything else",
}
"""What each impact means, for legends."""


@dataclass(frozen=True, slots=True)
class Said:
    """A difference in words. ``detail`` is the whole of it unless there are ``lines`` of a diff."""

    field: str
    detail: str
    impact: Impact = Impact.OTHER
    before: str = ""
    after: str = ""
    lines: tuple[str, ...] = ()


def whole_impact(kind: str, what: str) -> Impact:
    """Return how grave it is that a thing came or went."""
    if what == "added":
        return Impact.OTHER
    if kind in {"metric", "recording"}:
        return Impact.BREAKING
    if kind.startswith("convention"):
        return Impact.BREAKING
    return Impact.WEAKER if kind in {"alert", "objective"} else Impact.OTHER


def say(before: Fact, after: Fact) -> tuple[Said, ...]:
    """Return the differences between two facts about the same thing.

    Texts usually change because something else did; they are told only where nothing else is.
    """
    found = tuple(_differences(before, after))
    telling = tuple(said for said in found if not isinstance(before.values.get(said.field), Prose))
    return telling or found


def _differences(before: Fact, after: Fact) -> Iterator[Said]:
    stated = before.values.get("threshold") != after.values.get("threshold")
    for name in dict.fromkeys((*before.values, *after.values)):
        old, new = before.values.get(name), after.values.get(name)
        if old == new:
            continue
        if isinstance(old, _EXPRESSIONS) and isinstance(new, _EXPRESSIONS):
            yield from _expression(differences(old, new), stated=stated)
        else:
            said = _said(name, old, new)
            yield replace(said, impact=_impact(before, after, name))


def _said(name: str, old: Value, new: Value) -> Said:
    if isinstance(old, Prose) or isinstance(new, Prose):
        return Said(name, "changed", before=shown(old), after=shown(new))
    if isinstance(old, tuple) and isinstance(new, tuple):
        return Said(name, _items(old, new), before=shown(old), after=shown(new))
    if name in {"series", "rules"} and isinstance(old, int) and isinstance(new, int):
        return Said(name, _count(old, new), before=str(old), after=str(new))
    return Said(name.replace("_", " "), f"{shown(old)} → {shown(new)}", before=shown(old), after=shown(new))


def _items(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    came = [f"+{each}" for each in new if each not in old]
    went = [f"−{each}" for each in old if each not in new]
    if not came and not went:
        return f"reordered to {', '.join(new)}"
    if len(old) == len(new) == 1:
        return f"{old[0]} → {new[0]}"
    return " ".join((*came, *went))


def _count(old: int, new: int) -> str:
    share = f" ({(new - old) / old:+.1%})".replace("%", " %") if old else ""
    return f"{old:,} → {new:,}: {new - old:+,}{share}".replace("-", "−")


def _expression(found: tuple[Difference, ...], *, stated: bool) -> Iterator[Said]:
    """Put the differences of an expression into words; ``stated`` if its limit is told as a threshold anyhow."""
    for each in found:
        impact = Impact.WEAKER if each.weaker else Impact.OTHER
        if each.what == WHOLE:
            lines = difflib.unified_diff(each.before.splitlines(), each.after.splitlines(), lineterm="", n=2)
            body = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
            yield Said(WHOLE, "changed", before=each.before, after=each.after, lines=body)
        elif each.what != LIMIT or not stated:
            yield Said(each.what, f"{each.before} → {each.after}", impact, each.before, each.after)


def shown(value: Value) -> str:
    """Return a value as people write it."""
    match value:
        case None | "":
            return "none"
        case Prose(text):
            return text
        case Milliseconds(amount):
            return format_duration(amount)
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:g}"
        case str():
            return value
        case tuple():
            return ", ".join(value) or "none"
    raise TypeError(f"{type(value).__name__} is put into words as a difference")


def _impact(before: Fact, after: Fact, name: str) -> Impact:
    old, new = before.values.get(name), after.values.get(name)
    lost = isinstance(old, tuple) and isinstance(new, tuple) and not set(old) <= set(new)
    match before.kind, name:
        case ("metric", "name" | "unit" | "kind" | "per"):
            return Impact.BREAKING
        case ("metric", "buckets" | "attributes" | "environments") | ("recording", "labels") if lost:
            return Impact.BREAKING
        case "metric", _ if lost and name.startswith("values of "):
            return Impact.BREAKING
        case "metric", _ if name.startswith("label of ") and new is not None:
            return Impact.BREAKING
        case "model", _ if name.startswith("resource."):
            return Impact.BREAKING
        case kind, _ if kind.startswith("convention") and _breaks_convention(name, lost=lost):
            return Impact.BREAKING
        case ("alert", "notifies") if lost:
            return Impact.WEAKER
        case ("alert", "for" | "threshold" | "severity") | ("objective", "objective"):
            return Impact.WEAKER if _is_weaker(before, after, name) else Impact.OTHER
    return Impact.OTHER


def _breaks_convention(name: str, *, lost: bool) -> bool:
    """Whether a field of the registry is one that readers of telemetry rely on."""
    return name in {"type", "unit", "instrument", "kind", "ref"} or (
        lost and name in {"members", "attributes", "identity"}
    )


def _is_weaker(before: Fact, after: Fact, name: str) -> bool:
    old, new = before.values.get(name), after.values.get(name)
    if isinstance(old, Milliseconds) and isinstance(new, Milliseconds):
        return new.value > old.value
    if name == "threshold":
        was, now = before.values.get("expression"), after.values.get("expression")
        if isinstance(was, _EXPRESSIONS) and isinstance(now, _EXPRESSIONS):
            return any(each.weaker for each in differences(was, now))
        return False
    if name == "severity":
        ranks = {level.value: rank for rank, level in enumerate(_LEVELS)}
        return old in ranks and new in ranks and ranks[str(new)] < ranks[str(old)]
    return _number(new) < _number(old)


def _number(value: Value) -> Decimal:
    try:
        return Decimal(str(value).removesuffix(" %"))
    except InvalidOperation:
        return Decimal(0)
