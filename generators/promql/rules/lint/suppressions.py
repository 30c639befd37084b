"""Comments that switch a check off for a rule, with a reason and an end.

They read ``# watchspec disable <id> until 2027-01-01: reason`` above the rule or within it;
before the first group, for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from generators.diagnostics import Code, Severity
from generators.formats.yaml.marks import Place
from generators.promql.rules.problems import RuleProblem

UNCLEAR_SUPPRESSION = Code(
    "Q790",
    "a suppression that is not understood, or lacks its end or reason",
    "Whoever reads the rule next must learn why the check is off, and somebody must look again.",
    "# watchspec disable regex",
    "# watchspec disable regex until 2027-01-01: the old name goes with release 9",
)
SUPPRESSION_OF_NOTHING = Code(
    "Q791",
    "a suppression of a check that does not exist",
    "Usually the id is misspelt.",
    "# watchspec disable regexp until 2027-01-01: old name",
    "# watchspec disable regex until 2027-01-01: old name",
)
ENDED_SUPPRESSION = Code(
    "Q792",
    "a suppression whose end has passed",
    "It switches nothing off any more.",
    "# watchspec disable regex until 2020-01-01: old name",
    "# watchspec disable regex until 2027-01-01: old name",
)
UNUSED_SUPPRESSION = Code(
    "Q793",
    "a suppression that nothing needs",
    "The rule was mended; the comment only hides what comes next.",
    "# watchspec disable regex until 2027-01-01: old name",
    "no comment",
    Severity.INFO,
)


_COMMENT = re.compile(r"#\s*watchspec\s+(.*)")
_DISABLE = re.compile(r"disable\s+(?P<id>\S+)(?:\s+until\s+(?P<until>[^\s:]+))?\s*(?::\s*(?P<reason>.*\S))?\s*")
FORM = "write `# watchspec disable <id> until <YYYY-MM-DD>: <reason>`"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the check that it switches off, and for which lines."""

    check: str
    until: date
    reason: str
    place: Place
    first: int
    last: int

    def covers(self, check: str, line: int) -> bool:
        """Tell whether a finding of a check about a rule that starts in a line is meant."""
        return self.check == check and self.first <= line <= self.last


def read_suppressions(
    text: str, rule_lines: Sequence[int], known: frozenset[str], today: date | None
) -> tuple[tuple[Suppression, ...], tuple[RuleProblem, ...]]:
    """Read all suppressions of a file whose rules start in these lines (ascending).

    Those without reason or end, of unknown checks, or past their end are problems and switch nothing off.  Without
    ``today`` no suppression is past its end.
    """
    found: list[Suppression] = []
    problems: list[RuleProblem] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        match = _COMMENT.search(line)
        if match is None:
            continue
        place = Place(number, match.start() + 1)
        result = _read(match[1], place, known, today)
        if isinstance(result, RuleProblem):
            problems.append(result)
        else:
            first, last = _scope(number, lines, rule_lines)
            found.append(Suppression(result[0], result[1], result[2], place, first, last))
    return tuple(found), tuple(problems)


def _read(comment: str, place: Place, known: frozenset[str], today: date | None) -> tuple[str, date, str] | RuleProblem:
    match = _DISABLE.fullmatch(comment)
    if match is None:
        return RuleProblem(UNCLEAR_SUPPRESSION, f"`watchspec {comment.strip()}` is not understood", place, FORM)
    if match["until"] is None or match["reason"] is None:
        missing = "an end" if match["until"] is None else "a reason"
        return RuleProblem(UNCLEAR_SUPPRESSION, f"the suppression of `{match['id']}` lacks {missing}", place, FORM)
    if match["id"] not in known:
        return RuleProblem(
            SUPPRESSION_OF_NOTHING, f"there is no check `{match['id']}`", place, f"checks: {', '.join(sorted(known))}"
        )
    try:
        until = date.fromisoformat(match["until"])
    except ValueError:
        return RuleProblem(UNCLEAR_SUPPRESSION, f"`{match['until']}` is not a date", place, FORM)
    if today is not None and until < today:
        message = f"the suppression of `{match['id']}` ended on {until}: {match['reason']}"
        return RuleProblem(ENDED_SUPPRESSION, message, place, "mend the rule, or set a new end")
    return match["id"], until, match["reason"]


def _scope(number: int, lines: Sequence[str], rule_lines: Sequence[int]) -> tuple[int, int]:
    """Return the lines in which a rule must start to be meant."""
    if not rule_lines or not any(line.strip() and not line.lstrip().startswith("#") for line in lines[: number - 1]):
        return 1, len(lines) + 1
    following = number + 1
    while following <= len(lines) and (not lines[following - 1].strip() or lines[following - 1].lstrip()[0] == "#"):
        following += 1
    if following in rule_lines and lines[number - 1].lstrip().startswith("#"):
        return following, following
    containing = max((line for line in rule_lines if line <= number), default=0)
    return containing, containing


def unused(suppression: Suppression) -> RuleProblem:
    """Return the note about a suppression that nothing needs."""
    message = f"nothing here needs the suppression of `{suppression.check}`"
    return RuleProblem(UNUSED_SUPPRESSION, message, suppression.place, "remove the comment")
