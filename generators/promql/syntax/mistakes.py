"""Common slips in PromQL text, recognised so that a syntax error can say how to mend it."""

from __future__ import annotations

import re

from generators.promql.problems import Problem
from generators.promql.syntax.ast import Span

_FOREIGN = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `!=` for unequal; for `not`, use `unless` or turn the comparison round",
    "<>": "write `!=`",
    "~": 'regular expressions match labels inside braces: {label=~"…"}',
    ";": "one expression has no separator; delete the `;`",
    "×": "write `*`",
    "÷": "write `/`",
    "−": "this is a typographic minus; write `-`",
    "–": "this is a dash; write `-`",
    "≥": "write `>=`",
    "≤": "write `<=`",
    "≠": "write `!=`",
    "\u00a0": "this is a no-break space, copied from a document; replace it by a space",
}
_SMART_QUOTES = "“”„‟‘’‚‛«»″′"
_WORDY_NUMBER = re.compile(r"[0-9A-Za-z_.]+")
_LONG_UNITS = re.compile(r"(?:[0-9.]+[A-Za-z]+)+")
_SIGNED = re.compile(r"\|\||&&|.", re.DOTALL)


def unknown_text(text: str, position: int) -> Problem:
    """The problem of text at ``position`` that starts no token."""
    character = text[position]
    if character in "\"'`":
        return _open_string(text, position)
    if character.isdigit() or (character == "." and position + 1 < len(text)):
        return _bad_number(text, position)
    if character == "$":
        return _hole(text, position)
    if character in _SMART_QUOTES:
        help_ = 'these are typographic quotes, copied from a document; replace them by `"`'
        return Problem("Q002", f"unexpected character `{character}`", Span(position, position + 1), help_)
    sign = _SIGNED.match(text, position)
    found = sign.group() if sign else character
    shown = found if found.isprintable() else f"U+{ord(found):04X}"
    help_ = _FOREIGN.get(found, "")
    return Problem("Q002", f"unexpected character `{shown}`", Span(position, position + len(found)), help_)


def _open_string(text: str, position: int) -> Problem:
    quote = text[position]
    line = text.find("\n", position)
    if quote != "`" and line >= 0:
        help_ = f"close it with {quote} on the same line, or write a line break as `\\n`"
        return Problem("Q003", "this string is never closed", Span(position, line), help_)
    return Problem("Q003", "this string is never closed", Span(position, len(text)), f"add the closing {quote}")


def _bad_number(text: str, position: int) -> Problem:
    match = _WORDY_NUMBER.match(text, position)
    found = match.group() if match else text[position]
    span = Span(position, position + len(found))
    if "." in found and found[-1] in "smhdwy":
        return Problem("Q006", f"`{found}` is not a duration", span, "use whole numbers: `1h30m` for `1.5h`")
    if _LONG_UNITS.fullmatch(found):
        help_ = "the units of durations are y, w, d, h, m, s and ms"
        return Problem("Q006", f"`{found}` is neither a number nor a duration", span, help_)
    help_ = "a metric name cannot start with a digit" if "_" in found else ""
    return Problem("Q005", f"`{found}` is not a number", span, help_)


def _hole(text: str, position: int) -> Problem:
    match = re.compile(r"\$\{?\w*\}?").match(text, position)
    end = match.end() if match else position + 1
    help_ = "PromQL has no variables; those of Grafana and of templates must be filled in first"
    return Problem("Q011", f"unexpected variable `{text[position:end]}`", Span(position, end), help_)


def after_operand(found: str, following: str) -> tuple[str, str]:
    """Code and help for a sign or word ``found`` where an operator was expected; ``following`` comes after it."""
    if found == "=":
        return "Q008", "compare with `==`; a single `=` belongs inside braces"
    if found in ("=~", "!~"):
        return "Q008", 'regular expressions match labels inside braces: metric{label=~"…"}'
    if found == "not":
        return "Q008", "write `unless`"
    if found in ("group_left", "group_right"):
        return "Q008", f"`{found}` follows `on (…)` or `ignoring (…)` after an operator"
    if found in ("on", "ignoring", "bool"):
        return "Q008", f"`{found}` follows an operator, as in `a / on (job) b` or `a > bool 1`"
    if found in ("by", "without"):
        return "Q008", f"`{found}` belongs to an aggregation, as in `sum by (job) (metric)`"
    if found == "{" and following == "{":
        return "Q008", "this looks like a template; render it first"
    return "Q001", ""


def before_operand(found: str, previous: str) -> tuple[str, str]:
    """Code and help for a sign ``found`` where an operand was expected; ``previous`` stands before it."""
    pair = previous + found
    help_ = {
        "**": "write `^` for powers",
        "//": "there is no whole division; use `floor(a / b)`, and `#` for comments",
        "<>": "write `!=`",
        "=>": "write `>=`",
        "=<": "write `<=`",
        "!==": "write `!=`",
        "===": "write `==`",
    }.get(pair, "")
    if not help_ and found == ")" and previous == ",":
        help_ = "delete the comma before `)`"
    return ("Q008" if help_ else "Q001"), help_
