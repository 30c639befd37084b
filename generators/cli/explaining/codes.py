"""``explain code``: what a problem means, with an example before and after."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from generators import alertmanager, collector, promql
from generators.cli.explaining.explanation import Explanation, unknown
from generators.language import codes as language
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


def all_codes() -> dict[str, Entry]:
    """Return the codes of specs, PromQL, rule files, Alertmanager and Collector configurations, sorted."""
    listed = [
        *(Entry(each.code, each.title, each.explanation, each.wrong, each.right) for each in language.CODES.values()),
        *(
            Entry(each.code, each.title, each.explanation, each.wrong, each.right)
            for each in (*promql.CODES.values(), *rule_codes(), *collector.CODES.values())
        ),
        *(
            Entry(code, each.title, each.explanation, each.wrong, each.right)
            for code, each in alertmanager.CODES.items()
        ),
    ]
    return {entry.code: entry for entry in sorted(listed, key=lambda entry: entry.code)}


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
