"""Scopes that only one side has: environments, and models in one. Their rules and metrics are counted, not listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from generators.comparison.facts.fact import Fact, Facts

COUNTED = {"metric": "metrics", "objective": "objectives", "alert": "alerts", "recording": "recordings"}


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """A model or an environment on one side only; ``contents`` counts what it consists of."""

    subject: str
    kind: str
    name: str
    place: str
    what: Literal["added", "removed"]
    contents: str


@dataclass(frozen=True, slots=True)
class ScopeChanges:
    """All scopes that came or went."""

    changes: tuple[ScopeChange, ...]
    subjects: frozenset[str]
    deployments: frozenset[tuple[str, str]]
    environments: frozenset[str]

    def covers(self, fact: Fact) -> bool:
        """Whether a fact came or went with a model or an environment."""
        return (
            fact.subject in self.subjects
            or fact.place in self.environments
            or (fact.subject, fact.place) in self.deployments
        )

    def covers_path(self, path: str) -> bool:
        """Whether a file came or went with a model or an environment."""
        environment, _, rest = path.partition("/")
        if environment in self.environments:
            return True
        return any(
            _is_of(path, subject) and (not place or place == environment)
            for subject, place in (*((each, "") for each in self.subjects), *self.deployments)
        ) and bool(rest)


def _is_of(path: str, subject: str) -> bool:
    dotted = subject.replace("/", ".")
    return f"/{subject}/" in path or f"/{subject}." in path or f"/{dotted}." in path


def scope_changes(before: Facts, after: Facts) -> ScopeChanges:
    """Return the models and environments that only one of two sides has."""
    environments = _environments(before) ^ _environments(after)
    deployments = {each for each in _deployments(before) ^ _deployments(after) if each[1] not in environments}
    deployed = {subject for subject, _ in _deployments(before) | _deployments(after)}
    subjects = (_models(before) ^ _models(after)) & deployed
    found = [*_of_environments(environments, before, after), *_of_models(deployments, before, after)]
    return ScopeChanges(tuple(found), frozenset(subjects), frozenset(deployments), frozenset(environments))


def _environments(facts: Facts) -> set[str]:
    return {fact.place for fact in facts.facts if _is_own(fact)}


def _models(facts: Facts) -> set[str]:
    return {fact.subject for fact in facts.facts if "/" in fact.subject}


def _deployments(facts: Facts) -> set[tuple[str, str]]:
    return {(fact.subject, fact.place) for fact in facts.facts if "/" in fact.subject and _is_own(fact)}


def _is_own(fact: Fact) -> bool:
    """Whether a fact stands in a file of its environment; a manifest speaks of several."""
    return bool(fact.place) and fact.path.startswith(f"{fact.place}/")


def _of_environments(names: Iterable[str], before: Facts, after: Facts) -> Iterator[ScopeChange]:
    for name in sorted(names):
        added = name in _environments(after)
        side = after if added else before
        contents = _contents(fact for fact in side.facts if fact.place == name)
        yield ScopeChange(f"environment {name}", "environment", name, "", "added" if added else "removed", contents)


def _of_models(deployments: Iterable[tuple[str, str]], before: Facts, after: Facts) -> Iterator[ScopeChange]:
    for subject, place in sorted(deployments):
        added = (subject, place) in _deployments(after)
        side = after if added else before
        contents = _contents(fact for fact in side.facts if fact.subject == subject and fact.place in {place, ""})
        yield ScopeChange(subject, "model", subject, place, "added" if added else "removed", contents)


def _contents(facts: Iterable[Fact]) -> str:
    counts = Counter(fact.kind for fact in facts)
    return ", ".join(f"{counts[kind]} {noun}" for kind, noun in COUNTED.items() if counts[kind])
