"""A fact: one thing that artefacts declare.

A fact is about a subject (``tenant/model``, a tenant, the fleet, the routing of alerts) in one environment, or in all;
its values are compared one by one. Two facts are about the same thing when everything but their grade and their
values is equal; the grade tells apart things of one name, such as the severities of an alert, and may itself change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from generators.promql.syntax.ast import Expr

FLEET: Final = "fleet"
ROUTING: Final = "routing of alerts"
FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class Prose:
    """A text for people: that it changed is worth telling, how it changed is not."""

    text: str


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """A duration."""

    value: int


Value: TypeAlias = "Prose | Milliseconds | Expr | str | int | float | bool | tuple[str, ...] | None"
"""What a fact says in one respect; tuples are compared as lists whose items come and go."""

NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that artefacts declare; ``reads`` are the series that it needs, ``place`` its environment if any."""

    subject: str
    kind: str
    name: str
    place: str = ""
    variant: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=lambda: NOTHING)
    path: str = ""
    reads: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str, str, tuple[str, ...], str]:
        """What the same thing has in common on both sides."""
        return self.subject, self.kind, self.name, self.variant, self.place


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one side says: facts, and the digest of every file by its path."""

    facts: tuple[Fact, ...]
    digests: Mapping[str, str]

    def of(self, *kinds: str) -> Iterator[Fact]:
        """Yield the facts of some kinds."""
        return (fact for fact in self.facts if fact.kind in kinds)
