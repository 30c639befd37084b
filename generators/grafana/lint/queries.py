"""PromQL as it stands in dashboards, with Grafana's variables in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from generators import promql
from generators.promql.syntax.ast import Expr

_NAME: Final = r"(?:\$\{(\w+)[^{}]*\}|\[\[(\w+)[^\[\]]*\]\]|\$(\w+)\b)"
_FORMATTED: Final = re.compile(r"\$\{([A-Za-z_]\w*)[.:]?[^{}]*\}|\[\[([A-Za-z_]\w*)(?::[^\[\]]*)?\]\]")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)[^}]*\})|\[\[([A-Za-z_]\w*)(?::[^\[\]]*)?\]\]")
_CONTEXTS: Final = (
    (re.compile(rf"{_NAME}(?=\s*(?:\(|\b(?:by|without)\b))"), "sum"),
    (re.compile(rf"(?<=[0-9.]){_NAME}"), "1"),
    (re.compile(rf"(?<=[A-Za-z_:]){_NAME}|{_NAME}(?=[A-Za-z_:])"), "name"),
    (re.compile(rf"@\s*{_NAME}"), "@ 1"),
    (re.compile(rf"(?<=[{{,]){_NAME}(?=\s*[=!])"), "name"),
    (re.compile(rf"(?<=[{{,]){_NAME}(?=\s*[}},])"), 'name=""'),
)
"""What stands for a variable where PromQL has no hole for it: a function, digits, a time, names, a matcher."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Why Prometheus refuses a query: a message, a remedy, and the character of the text where it stops."""

    message: str
    help: str
    start: int


@dataclass(frozen=True, slots=True)
class Read:
    """A query that was read: its tree, and why Prometheus refuses it.

    Without a tree it cannot be parsed; with one and a problem its types do not fit, as in a rate without a range.
    """

    expr: Expr | None = None
    problem: Unread | None = None
    moves: tuple[tuple[int, int], ...] = ()

    def original(self, start: int) -> int | None:
        """Return which character of the text one of the tree is; None where variables were replaced."""
        return start + self.moves[bisect_right(self.moves, (start, 1 << 60)) - 1][1] if self.moves else None


def read(text: str) -> Read:
    """Read PromQL with variables in it; a variable stands for a duration or a series, inside strings for itself."""
    plain, moves = _plain(text)
    expr, errors = _parsed(plain)
    if expr is None and _VARIABLE.search(text):
        filled = _parsed(_plain(_filled(text))[0])
        if filled[0] is not None and not filled[1]:
            return Read(filled[0])
    found = Read(expr, None, moves)
    if not errors:
        return found
    return replace(found, problem=Unread(errors[0].message, errors[0].help, found.original(errors[0].span.start) or 0))


def _parsed(text: str) -> tuple[Expr | None, list[promql.TextFinding]]:
    """Return a tree and why it is refused; no tree where it cannot be parsed."""
    expr, problems = promql.parse(text, template=True)
    errors = [each for each in problems if each.severity == "error"]
    if errors or expr is None:
        return None, errors
    return expr, [each for each in promql.check(expr) if each.severity == "error"]


def _filled(text: str) -> str:
    """Return a text in which something stands for variables that are no holes."""
    for pattern, value in _CONTEXTS:
        text = pattern.sub(value, text)
    return text


def _plain(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a text with its variables as `$name`, and from where on how many characters it is shorter."""
    parts: list[str] = []
    moves = [(0, 0)]
    end = length = 0
    for found in _FORMATTED.finditer(text):
        parts += [text[end : found.start()], f"${found[1] or found[2]}"]
        length += len(parts[-2]) + len(parts[-1])
        end = found.end()
        moves.append((length, end - length))
    return "".join((*parts, text[end:])), tuple(moves)


def variables_read(text: str) -> set[str]:
    """Return the names of variables in a text, without those that Grafana has built in."""
    return {name for name in _names(text) if not name.startswith("__") and not name.isdigit()}


def _names(text: str) -> Iterator[str]:
    for found in _VARIABLE.finditer(text):
        yield found[1] or found[2] or found[3]
