"""What is wrong with a rule file: a problem with a place in the file and the rule that it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generators.diagnostics import Code, Severity
from generators.formats.yaml.marks import Place


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """A problem in a rule file.

    ``place`` points as closely as possible; ``group``, ``rule`` (from 1, 0 for none) and ``name`` say which rule.
    """

    kind: Code
    message: str
    place: Place
    help: str = ""
    group: str = ""
    rule: int = 0
    name: str = ""
    path: str = ""
    """The file, where it is another than the one that was asked about."""

    @property
    def code(self) -> str:
        """The id of its kind, such as ``Q612``."""
        return self.kind.id

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    def about(self, group: str, rule: int, name: str) -> RuleProblem:
        """Return the problem as one of a rule."""
        return replace(self, group=group, rule=rule, name=name)

    def __str__(self) -> str:
        """Write the problem as promtool would: ``line:column: group "g", rule 1, "name": message``."""
        subject = f'group "{self.group}", rule {self.rule}, "{self.name}": ' if self.rule else ""
        return f"{self.place.line}:{self.place.column}: {subject}{self.message}"


def by_place(problems: tuple[RuleProblem, ...] | list[RuleProblem]) -> tuple[RuleProblem, ...]:
    """Return problems in the order of the file, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda found: (found.place, found.code, found.message)))
