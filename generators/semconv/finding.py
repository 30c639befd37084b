"""What a rule finds in a registry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is, by Weaver's names; a violation fails a check."""

    VIOLATION = "violation"
    IMPROVEMENT = "improvement"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about the ``kind`` (``metric``, ``attribute``, …) called ``name``.

    ``rule`` names the rule, by the name of the shared policy where there is one; ``part`` is an attribute, an enum
    member or a field of what the finding is about.
    """

    rule: str
    message: str
    kind: str
    name: str
    part: str = ""
    level: Level = Level.VIOLATION


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by kind, name and rule, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=_order))


def _order(finding: Finding) -> tuple[str, str, str, str, str]:
    return finding.kind, finding.name, finding.rule, finding.part, finding.message
