"""Changes as Markdown for a comment on a pull request: a table of what is grave, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.comparison.changes import Change, ChangeSet, counted
from generators.comparison.impact import IMPACTS, Impact
from generators.comparison.reports.text import by_subject, sentence, summary
from generators.formats.markdown import bullets, document, escape, fence, heading, table

_MARKS = {Impact.BREAKING: "🔴 breaking", Impact.WEAKER: "🟠 weaker", Impact.OTHER: "other"}
_LARGEST = 60_000
"""Characters that a comment may have; GitHub takes 65,536."""
_MOST_ROWS = 60


def markdown_report(comparison: ChangeSet) -> str:
    """Return changes as Markdown; details that would not fit a comment are left out, and it says so."""
    head = [heading(2, "What this changes"), escape(summary(comparison))]
    grave = [change for change in comparison.changes if change.impact is not Impact.OTHER]
    if grave:
        head.append(table(("", "Where", "What"), _rows(grave[:_MOST_ROWS])))
        if len(grave) > _MOST_ROWS:
            head.append(f"The table leaves out {len(grave) - _MOST_ROWS} more like these.")
        head.append(f"<sub>{'; '.join(f'{_MARKS[each]}: {escape(IMPACTS[each])}' for each in _used(grave))}</sub>")
    blocks, size, left = head, sum(map(len, head)), 0
    for subject, found in by_subject(comparison.changes):
        block = _details(subject, found)
        size += len(block)
        if size > _LARGEST:
            left += 1
        else:
            blocks.append(block)
    if left:
        blocks.append(f"{left} more did not fit here; run `watchspec diff` to see all.")
    return document(blocks)


def _used(changes: Iterable[Change]) -> tuple[Impact, ...]:
    found = {change.impact for change in changes}
    return tuple(impact for impact in Impact if impact in found)


def _rows(changes: Iterable[Change]) -> Iterator[tuple[str, str, str]]:
    for change in changes:
        yield _MARKS[change.impact], escape(change.subject), escape(sentence(change, most=4))


def _details(subject: str, changes: list[Change]) -> str:
    """Return all changes of a subject, folded away."""
    lines = bullets(escape(sentence(change, most=40)) for change in changes)
    diffs = [
        f"{escape(sentence(change))}\n\n{fence(chr(10).join(change.lines), 'diff')}"
        for change in changes
        if change.lines
    ]
    body = "\n\n".join([lines, *diffs])
    return f"<details><summary>{_html(subject)}: {counted(len(changes), 'change')}</summary>\n\n{body}\n\n</details>"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
