"""Changes between two sets of facts: paired, put into words, gathered over environments and names, gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from generators.comparison.facts.fact import FLEET, Fact, Facts
from generators.comparison.facts.reading import read_facts
from generators.comparison.files import explained_by, file_differences
from generators.comparison.impact import Impact, impact_of_coming_or_going
from generators.comparison.pairing import Pair, pairs
from generators.comparison.scopes import ScopeChange, scope_changes
from generators.comparison.wording import wordings

What = Literal["added", "removed", "changed"]

KINDS: Final = (
    "environment",
    "model",
    "metric",
    "objective",
    "alert",
    "recording",
    "route",
    "receiver",
    "inhibition",
    "time interval",
    "settings",
    "cost",
)
"""Kinds of facts in the order of reports; files of other kinds come after them."""

_SENTENCES: Final = frozenset(("route", "inhibition"))
"""Kinds whose names are sentences, too long for a list of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change in one respect of one or more things of a subject, the same in all ``places``.

    ``detail`` says it in words (``10m → 5m``), ``lines`` as a diff where that is clearer; ``note`` says who is
    concerned. ``field`` is empty for what was added or removed as a whole.
    """

    impact: Impact
    subject: str
    kind: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    what: What
    field: str = ""
    detail: str = ""
    before: str = ""
    after: str = ""
    lines: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All changes between two trees of artefacts, and how many files differ."""

    changes: tuple[Change, ...]
    files: int

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.files)

    def count(self, impact: Impact) -> int:
        """Return the number of changes of an impact."""
        return sum(change.impact is impact for change in self.changes)


def compare_artifacts(before: Mapping[str, str], after: Mapping[str, str]) -> ChangeSet:
    """Return what changes from one tree of artefacts to another, both as texts by path."""
    old, new = read_facts(before), read_facts(after)
    scopes = scope_changes(old, new)
    worded = [
        (pair, () if scopes.covers(pair.any) else tuple(_of_pair(pair, old))) for pair in pairs(old.facts, new.facts)
    ]
    changes = [change for _, found in worded for change in found]
    explained = explained_by(path for pair, found in worded if found or scopes.covers(pair.any) for path in pair.paths)
    differing = file_differences(old.digests, new.digests)
    texts = [
        Change(Impact.OTHER, each.subject, each.kind, (each.name,), (each.place,), each.what, "text", "changed")
        for each in differing
        if each.path not in explained and not scopes.covers_path(each.path)
    ]
    gathered = _folded(_over_places([*map(_of_scope, scopes.changes), *changes, *texts]))
    return ChangeSet(tuple(sorted(gathered, key=_order)), len(differing))


def _of_scope(scope: ScopeChange) -> Change:
    impact = Impact.BREAKING if scope.what == "removed" else Impact.OTHER
    return Change(impact, scope.subject, scope.kind, (scope.name,), (scope.place,), scope.what, note=scope.contents)


def _of_pair(pair: Pair, old: Facts) -> Iterator[Change]:
    fact = pair.any
    base = Change(Impact.OTHER, fact.subject, fact.kind, (pair.title,), (fact.place,), "changed")
    if pair.before is None or pair.after is None:
        what: What = "added" if pair.before is None else "removed"
        impact = impact_of_coming_or_going(fact.kind, what)
        if fact.kind != "cost":
            yield replace(base, what=what, impact=impact, note=_note(fact, impact, old))
        return
    for wording in wordings(pair.before, pair.after):
        yield replace(
            base,
            impact=wording.impact,
            field=wording.field,
            detail=wording.detail,
            before=wording.before,
            after=wording.after,
            lines=wording.lines,
            note=_note(pair.before, wording.impact, old),
        )


def _note(fact: Fact, impact: Impact, old: Facts) -> str:
    """Say which alerts read a metric or recording that breaks."""
    if impact is not Impact.BREAKING or fact.kind not in {"metric", "recording"}:
        return ""
    readers = _alerts_that_read(fact, old)
    return f"read by {counted(len(readers), 'alert')}: {listed(readers)}" if readers else ""


def _alerts_that_read(fact: Fact, facts: Facts) -> tuple[str, ...]:
    """Return the names of the alerts that read a metric or recording, directly or through recordings.

    Those of the same model, if it is a model's.
    """
    names = set(fact.reads) if fact.kind == "metric" else {fact.name}
    fleet = fact.subject == FLEET
    rules = [each for each in facts.of("recording", "alert") if fleet or each.subject in {FLEET, fact.subject}]
    grown = True
    while grown:
        found = {rule.name for rule in rules if rule.kind == "recording" and not names.isdisjoint(rule.reads)}
        grown = not found <= names
        names |= found
    return tuple(sorted({rule.name for rule in rules if rule.kind == "alert" and not names.isdisjoint(rule.reads)}))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: tuple[str, ...], most: int = 6) -> str:
    """Return names as a list, cut where it gets long."""
    more = len(names) - most
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:most])} and {more} more"


def _over_places(changes: Iterable[Change]) -> Iterator[Change]:
    """Gather changes that are the same in several environments."""
    found: dict[Change, dict[str, None]] = {}
    for change in changes:
        found.setdefault(replace(change, places=()), {}).update(dict.fromkeys(filter(None, change.places)))
    return (replace(change, places=tuple(places)) for change, places in found.items())


def _folded(changes: Iterable[Change]) -> Iterator[Change]:
    """Gather changes that are the same for several things of a kind."""
    found: dict[Change, dict[str, None]] = {}
    for change in changes:
        key = change if change.kind in _SENTENCES else replace(change, names=())
        found.setdefault(key, {}).update(dict.fromkeys(change.names))
    return (replace(change, names=tuple(names)) for change, names in found.items())


def _order(change: Change) -> tuple[int, int, str, str, tuple[str, ...], str]:
    kind = KINDS.index(change.kind) if change.kind in KINDS else len(KINDS)
    return change.impact.rank, kind, change.what, change.field, change.names, change.detail
