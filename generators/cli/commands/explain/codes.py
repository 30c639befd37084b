"""``explain code``: what a problem means, with an example before and after."""

from __future__ import annotations

import textwrap

from generators.cli.commands.explain.explanation import Explanation
from generators.cli.unknown_names import unknown
from generators.diagnostics import Code
from generators.diagnostics.catalogue import codes

_WIDTH = 100


def all_codes() -> dict[str, Code]:
    """Return the codes of specs and of all that ``lint`` looks at, sorted."""
    return codes(("generators",))


def explain_code(name: str) -> Explanation:
    """Return what a code means; case does not count."""
    known = all_codes()
    entry = known.get(name.upper())
    if entry is None:
        raise unknown("code", name, known)
    head = f"{entry.id}  {entry.title}\n\n{textwrap.fill(entry.explanation, _WIDTH)}"
    text = f"{head}\n\nwrong:\n{_indented(entry.wrong)}\n\nright:\n{_indented(entry.right)}"
    data = {"code": entry.id} | {name: getattr(entry, name) for name in ("title", "explanation", "wrong", "right")}
    return Explanation(text, data)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
