"""Which fact of one side is which fact of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from generators.comparison.facts.fact import Fact

Groups: TypeAlias = "dict[tuple[str, str, str, tuple[str, ...], str], list[Fact]]"
"""Facts by what they are about."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing before and after; one of them is None where it was added or removed. ``title`` names it."""

    before: Fact | None
    after: Fact | None
    title: str

    @property
    def any(self) -> Fact:
        """The fact of either side, the earlier one if there are two."""
        fact = self.before or self.after
        if fact is None:
            raise TypeError("a pair has at least one side")
        return fact

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that the facts stand in."""
        return tuple(fact.path for fact in (self.before, self.after) if fact)


def pairs(before: Iterable[Fact], after: Iterable[Fact]) -> tuple[Pair, ...]:
    """Pair facts by key: those of equal grade first, then what is left in order; then those without a partner."""
    old, new = _grouped(before), _grouped(after)
    names = _names((*_flat(old), *_flat(new)))
    found: list[Pair] = []
    for key in dict.fromkeys((*old, *new)):
        for left, right in _matched(old.get(key, []), new.get(key, [])):
            if left is None or right is None or left.values != right.values or left.reads != right.reads:
                pair = Pair(left, right, "")
                siblings = names[pair.any.subject, pair.any.kind, pair.any.name]
                found.append(replace(pair, title=siblings.title(pair.any)))
    return tuple(found)


def _grouped(facts: Iterable[Fact]) -> Groups:
    found: Groups = {}
    for fact in facts:
        found.setdefault(fact.key, []).append(fact)
    return found


def _flat(groups: Groups) -> Iterator[Fact]:
    return (fact for group in groups.values() for fact in group)


def _matched(old: list[Fact], new: list[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    left = list(new)
    rest: list[Fact] = []
    for fact in old:
        partner = next((each for each in left if each.grade == fact.grade), None)
        if partner is None:
            rest.append(fact)
        else:
            left.remove(partner)
            yield fact, partner
    for index in range(max(len(rest), len(left))):
        yield (rest[index] if index < len(rest) else None), (left[index] if index < len(left) else None)


def _names(facts: Iterable[Fact]) -> dict[tuple[str, str, str], _Siblings]:
    """Gather how facts of one name differ."""
    found: dict[tuple[str, str, str], _Siblings] = {}
    for fact in facts:
        siblings = found.setdefault((fact.subject, fact.kind, fact.name), _Siblings(set(), {}))
        siblings.variants.add(fact.variant)
        siblings.grades.setdefault((fact.variant, fact.place), set()).add(fact.grade)
    return found


@dataclass(frozen=True, slots=True)
class _Siblings:
    """The variants of a name, and the grades of each variant in each environment."""

    variants: set[tuple[str, ...]]
    grades: dict[tuple[tuple[str, ...], str], set[tuple[str, ...]]]

    def title(self, fact: Fact) -> str:
        """Return a name that tells the fact from its siblings."""
        grades = [found for (variant, _), found in self.grades.items() if variant == fact.variant and len(found) > 1]
        words = _telling(fact.variant, self.variants)
        words += _telling(fact.grade, set().union(*grades))[:1]
        if fact.kind == "metric":
            return str(fact.values.get("name", fact.name))
        text = ", ".join(dict.fromkeys(filter(None, words)))
        if not text:
            return fact.name
        return f"{fact.name}{{{text}}}" if fact.kind == "recording" else f"{fact.name} ({text})"


def _telling(words: tuple[str, ...], all_: set[tuple[str, ...]]) -> list[str]:
    """Return the words that are not the same in all tuples; all of them where the tuples differ in length."""
    if len({len(each) for each in all_}) > 1:
        return list(words)
    return [word for index, word in enumerate(words) if len({each[index] for each in all_}) > 1]
