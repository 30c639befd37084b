"""``explain code``: what a problem means, with an example before and after."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Protocol

from generators import promql
from generators.cli.commands.explain.explanation import Explanation
from generators.cli.unknown_names import unknown
from generators.diagnostics.catalogue import codes
from generators.promql.rules.codes import rule_codes

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A code of any package."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str


class Described(Protocol):
    """What the packages' own codes have in common."""

    @property
    def title(self) -> str:
        """A few words."""

    @property
    def explanation(self) -> str:
        """A sentence or two."""

    @property
    def wrong(self) -> str:
        """An example that has the problem."""

    @property
    def right(self) -> str:
        """The example without it."""


def all_codes() -> dict[str, Entry]:
    """Return the codes of specs and of all that ``lint`` looks at, sorted."""
    listed: dict[str, Described] = {
        **codes(("generators",)),
        **promql.CODES,
        **{each.code: each for each in rule_codes()},
    }
    return {code: _entry(code, listed[code]) for code in sorted(listed)}


def _entry(code: str, described: Described) -> Entry:
    return Entry(code, described.title, described.explanation, described.wrong, described.right)


def explain_code(name: str) -> Explanation:
    """Return what a code means; case does not count."""
    known = all_codes()
    entry = known.get(name.upper())
    if entry is None:
        raise unknown("code", name, known)
    head = f"{entry.code}  {entry.title}\n\n{textwrap.fill(entry.explanation, _WIDTH)}"
    text = f"{head}\n\nwrong:\n{_indented(entry.wrong)}\n\nright:\n{_indented(entry.right)}"
    data = {name: getattr(entry, name) for name in ("code", "title", "explanation", "wrong", "right")}
    return Explanation(text, data)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
