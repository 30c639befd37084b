"""The impact of a change: whether it breaks readers, weakens alerting, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, get_args

from generators.comparison.expressions import differences
from generators.comparison.facts.fact import Fact, Milliseconds, Value
from generators.language.catalog import Level
from generators.promql.syntax.ast import Expr

EXPRESSIONS: Final = get_args(Expr)
"""The types of PromQL's nodes."""

_RANKS: Final = {level.value: rank for rank, level in enumerate(Level)}


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


def impact_of_coming_or_going(kind: str, what: str) -> Impact:
    """Return how grave it is that a thing came or went."""
    if what == "added":
        return Impact.OTHER
    if kind in {"metric", "recording"}:
        return Impact.BREAKING
    if kind.startswith("convention"):
        return Impact.BREAKING
    return Impact.WEAKER if kind in {"alert", "objective"} else Impact.OTHER


def impact_of_change(before: Fact, after: Fact, name: str) -> Impact:
    """Return how grave it is that a fact says something else in one respect."""
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
        if isinstance(was, EXPRESSIONS) and isinstance(now, EXPRESSIONS):
            return any(each.weaker for each in differences(was, now))
        return False
    if name == "severity":
        return old in _RANKS and new in _RANKS and _RANKS[str(new)] < _RANKS[str(old)]
    return _number(new) < _number(old)


def _number(value: Value) -> Decimal:
    try:
        return Decimal(str(value).removesuffix(" %"))
    except InvalidOperation:
        return Decimal(0)
