"""Changes as plain text for a terminal: by subject, gravest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from generators.comparison.changes import Change, ChangeSet, counted, listed
from generators.comparison.facts.fact import FILES, FLEET, ROUTING
from generators.comparison.impact import Impact
from generators.diagnostics.text_report import visible

MOST_LINES = 16
"""How much of an expression's diff is shown."""

_MARKS = {Impact.BREAKING: "BREAKING", Impact.WEAKER: "weaker", Impact.OTHER: ""}
_COLOURS = {Impact.BREAKING: "31", Impact.WEAKER: "33"}
_LAST = (FLEET, ROUTING, FILES)


def text_report(comparison: ChangeSet, paint: Callable[[str, str], str]) -> str:
    """Return changes as text; ``paint`` puts a text into a colour by its ANSI code."""
    blocks = [
        "\n".join((paint(visible(subject), "1"), *(line for change in found for line in _lines(change, paint))))
        for subject, found in by_subject(comparison.changes)
    ]
    return "\n\n".join([*blocks, summary(comparison)]) + "\n"


def by_subject(changes: Iterable[Change]) -> tuple[tuple[str, list[Change]], ...]:
    """Group changes by subject: models and tenants by name, those with the gravest change first."""
    ordered = sorted(changes, key=lambda change: change.subject)
    groups = [(subject, list(found)) for subject, found in groupby(ordered, key=lambda change: change.subject)]

    def order(group: tuple[str, list[Change]]) -> tuple[int, int, str]:
        subject, found = group
        late = _LAST.index(subject) + 1 if subject in _LAST else 0
        return min(change.impact.rank for change in found), late, subject

    return tuple(
        (subject, sorted(found, key=lambda each: each.impact.rank)) for subject, found in sorted(groups, key=order)
    )


def sentence(change: Change, most: int = 6) -> str:
    """Return a change as one line without its subject."""
    plural = len(change.names) > 1 and change.kind not in {"cost", "settings"}
    kind = "" if change.kind in {"cost", "environment"} else f"{change.kind}s" if plural else change.kind
    names = "" if change.kind == "cost" else listed(change.names, most)
    where = f" ({', '.join(change.places)})" if change.places else ""
    head = " ".join(filter(None, (kind, names)))
    if change.what != "changed":
        text = f"{head} {change.what}{where}"
    elif change.kind == "cost":
        text = f"{change.field}{where} {change.detail}"
    else:
        text = f"{head}{where}: {change.field} {change.detail}"
    return f"{text}; {change.note}" if change.note else text


def summary(comparison: ChangeSet) -> str:
    """Return how many changes of which impact there are."""
    if not comparison:
        return "no differences"
    counts = [f"{comparison.count(impact)} {impact}" for impact in Impact if comparison.count(impact)]
    return f"{', '.join(counts) or 'no change of meaning'} in {counted(comparison.files, 'file')}"


def _lines(change: Change, paint: Callable[[str, str], str]) -> Iterator[str]:
    mark = _MARKS[change.impact]
    yield f"  {paint(f'{mark:<8}', _COLOURS[change.impact]) if mark else ' ' * 8}  {visible(sentence(change))}"
    for line in change.lines[:MOST_LINES]:
        yield f"{' ' * 14}{visible(line)}"
    if len(change.lines) > MOST_LINES:
        yield f"{' ' * 14}… {len(change.lines) - MOST_LINES} more lines"
