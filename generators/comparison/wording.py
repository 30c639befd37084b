"""Wordings of the differences between two facts, each with its impact."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generators.comparison.expressions import LIMIT, WHOLE, Difference, differences
from generators.comparison.facts.fact import Fact, Milliseconds, Prose, Value
from generators.comparison.impact import EXPRESSIONS, Impact, impact_of_change
from generators.formats.durations import format_duration


@dataclass(frozen=True, slots=True)
class Wording:
    """A difference in words. ``detail`` is the whole of it unless there are ``lines`` of a diff."""

    field: str
    detail: str
    impact: Impact = Impact.OTHER
    before: str = ""
    after: str = ""
    lines: tuple[str, ...] = ()


def wordings(before: Fact, after: Fact) -> tuple[Wording, ...]:
    """Return the differences between two facts about the same thing.

    Texts usually change because something else did; they are mentioned only where nothing else is.
    """
    found = tuple(_differences(before, after))
    beyond_prose = tuple(wording for wording in found if not isinstance(before.values.get(wording.field), Prose))
    return beyond_prose or found


def _differences(before: Fact, after: Fact) -> Iterator[Wording]:
    stated = before.values.get("threshold") != after.values.get("threshold")
    for name in dict.fromkeys((*before.values, *after.values)):
        old, new = before.values.get(name), after.values.get(name)
        if old == new:
            continue
        if isinstance(old, EXPRESSIONS) and isinstance(new, EXPRESSIONS):
            yield from _expression(differences(old, new), stated=stated)
        else:
            yield replace(_wording(name, old, new), impact=impact_of_change(before, after, name))


def _wording(name: str, old: Value, new: Value) -> Wording:
    if isinstance(old, Prose) or isinstance(new, Prose):
        return Wording(name, "changed", before=shown(old), after=shown(new))
    if isinstance(old, tuple) and isinstance(new, tuple):
        return Wording(name, _items(old, new), before=shown(old), after=shown(new))
    if name in {"series", "rules"} and isinstance(old, int) and isinstance(new, int):
        return Wording(name, _count(old, new), before=str(old), after=str(new))
    return Wording(name.replace("_", " "), f"{shown(old)} → {shown(new)}", before=shown(old), after=shown(new))


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


def _expression(found: tuple[Difference, ...], *, stated: bool) -> Iterator[Wording]:
    """Put the differences of an expression into words; ``stated`` if its limit is told as a threshold anyhow."""
    for each in found:
        impact = Impact.WEAKER if each.weaker else Impact.OTHER
        if each.what == WHOLE:
            lines = difflib.unified_diff(each.before.splitlines(), each.after.splitlines(), lineterm="", n=2)
            body = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
            yield Wording(WHOLE, "changed", before=each.before, after=each.after, lines=body)
        elif each.what != LIMIT or not stated:
            yield Wording(each.what, f"{each.before} → {each.after}", impact, each.before, each.after)


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
