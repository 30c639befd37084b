"""What a code of the linter of dashboards says."""

from __future__ import annotations

from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake.

    ``rule`` is the name that Grafana's dashboard linter has for it, or ours; ``severity`` is ``error`` where
    Grafana refuses something or shows something else than what was meant, else ``warning``.
    """

    code: str
    rule: str
    severity: str
    title: str
    explanation: str
    wrong: str
    right: str
