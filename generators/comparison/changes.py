"""Two sets of facts → changes: paired, put into words, gathered over environments and names, gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from generators.comparison.facts import Fact, Facts
from generators.comparison.files import explained_by, file_differences
from generators.comparison.pairing import Pair, pairs
from generators.comparison.readers import alerts_that_read
from generators.comparison.reading import read_facts
from generators.comparison.values import Impact, Said, say, whole_impact
from generators.comparison.wholes import Whole, wholes

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
class Comparison:
    """All changes between two trees of artefacts, and how many files differ."""

    changes: tuple[Change, ...]
    files: int

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.files)

    def count(self, impact: Impact) -> int:
        """Return the number of changes of an impact."""
        return sum(change.impact is impact for change in self.changes)


def compare_artifacts(before: Mapping[str, str], after: Mapping[str, str]) -> Comparison:
    """Return what changes from one tree of artefacts to another, both as texts by path."""
    old, new = read_facts(before), read_facts(after)
    whole = wholes(old, new)
    said = [
        (pair, () if whole.covers(pair.any) else tuple(_of_pair(pair, old))) for pair in pairs(old.facts, new.facts)
    ]
    changes = [change for _, found in said for change in found]
    explained = explained_by(path for pair, found in said if found or whole.covers(pair.any) for path in pair.paths)
    differing = file_differences(old.digests, new.digests)
    texts = [
        Change(Impact.OTHER, each.subject, each.kind, (each.name,), (each.place,), each.what, "text", "changed")
        for each in differing
        if each.path not in explained and not whole.covers_path(each.path)
    ]
    gathered = _folded(_over_places([*map(_of_whole, whole.found), *changes, *texts]))
    return Comparison(tuple(sorted(gathered, key=_order)), len(differing))


def _of_whole(whole: Whole) -> Change:
    impact = Impact.BREAKING if whole.what == "removed" else Impact.OTHER
    return Change(impact, whole.subject, whole.kind, (whole.name,), (whole.place,), whole.what, note=whole.contents)


def _of_pair(pair: Pair, old: Facts) -> Iterator[Change]:
    fact = pair.any
    base = Change(Impact.OTHER, fact.subject, fact.kind, (pair.title,), (fact.place,), "changed")
    if pair.before is None or pair.after is None:
        what: What = "added" if pair.before is None else "removed"
        impact = whole_impact(fact.kind, what)
        if fact.kind != "cost":
            yield replace(base, what=what, impact=impact, note=_note(fact, impact, old))
        return
    for said in say(pair.before, pair.after):
        note = _note(pair.before, said.impact, old)
        yield replace(_with(base, said), note=note)


def _with(base: Change, said: Said) -> Change:
    return replace(
        base,
        impact=said.impact,
        field=said.field,
        detail=said.detail,
        before=said.before,
        after=said.after,
        lines=said.lines,
    )


def _note(fact: Fact, impact: Impact, old: Facts) -> str:
    """Say which alerts read a metric or recording that breaks."""
    if impact is not Impact.BREAKING or fact.kind not in {"metric", "recording"}:
        return ""
    readers = alerts_that_read(fact, old)
    return f"read by {counted(len(readers), 'alert')}: {listed(readers)}" if readers else ""


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
