"""Common slips in PromQL text, recognised so that a syntax error can say how to mend it."""

from __future__ import annotations

import re

from generators.diagnostics import Code, Span, TextFinding

UNEXPECTED_TEXT = Code(
    "Q001",
    "unexpected text",
    "The text is no PromQL from this place on. The message says what was found and what could have stood there.",
    "sum by (job) rate(errors_total[5m])",
    "sum by (job) (rate(errors_total[5m]))",
)
UNKNOWN_CHARACTER = Code(
    "Q002",
    "a character that PromQL does not know",
    "Often a sign of another language, or a typographic character copied from a document.",
    "up == 0 && absent(up)",
    "up == 0 and absent(up)",
)
BROKEN_STRING = Code(
    "Q003",
    "a broken string",
    "The string is never closed, or has an escape that Go does not know. In double quotes a backslash is "
    "written twice; in backticks it stands for itself.",
    r'requests_total{path=~"/api\.v1"}',
    r'requests_total{path=~"/api\\.v1"}',
)
BROKEN_NUMBER = Code(
    "Q005",
    "a broken number",
    "Numbers are decimal, hexadecimal (0x1f), or octal with a leading zero; underscores may stand between "
    "digits; the value must fit a 64-bit float.",
    "up > 1__000",
    "up > 1_000",
)
BROKEN_DURATION = Code(
    "Q006",
    "a broken duration",
    "Durations are whole numbers with the units y, w, d, h, m, s and ms, from large to small, each at most once.",
    "rate(errors_total[1.5h])",
    "rate(errors_total[1h30m])",
)
MISPLACED_OPERATOR = Code(
    "Q008",
    "an operator in the wrong place, or of another language",
    "A sign or word that PromQL knows elsewhere or not at all: `=` compares labels only, `on` follows an "
    "operator, powers are written `^`.",
    "error_ratio = 1",
    "error_ratio == 1",
)
VARIABLE = Code(
    "Q011",
    "a variable",
    "PromQL has none. Variables of Grafana, of templates and of shells must be filled in before.",
    "rate(errors_total[$__rate_interval])",
    "rate(errors_total[5m])",
)


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


def unknown_text(text: str, position: int) -> TextFinding:
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
        return TextFinding(
            UNKNOWN_CHARACTER, f"unexpected character `{character}`", Span(position, position + 1), help_
        )
    sign = _SIGNED.match(text, position)
    found = sign.group() if sign else character
    shown = found if found.isprintable() else f"U+{ord(found):04X}"
    help_ = _FOREIGN.get(found, "")
    return TextFinding(
        UNKNOWN_CHARACTER, f"unexpected character `{shown}`", Span(position, position + len(found)), help_
    )


def _open_string(text: str, position: int) -> TextFinding:
    quote = text[position]
    line = text.find("\n", position)
    if quote != "`" and line >= 0:
        help_ = f"close it with {quote} on the same line, or write a line break as `\\n`"
        return TextFinding(BROKEN_STRING, "this string is never closed", Span(position, line), help_)
    return TextFinding(
        BROKEN_STRING, "this string is never closed", Span(position, len(text)), f"add the closing {quote}"
    )


def _bad_number(text: str, position: int) -> TextFinding:
    match = _WORDY_NUMBER.match(text, position)
    found = match.group() if match else text[position]
    span = Span(position, position + len(found))
    if "." in found and found[-1] in "smhdwy":
        return TextFinding(
            BROKEN_DURATION, f"`{found}` is not a duration", span, "use whole numbers: `1h30m` for `1.5h`"
        )
    if _LONG_UNITS.fullmatch(found):
        help_ = "the units of durations are y, w, d, h, m, s and ms"
        return TextFinding(BROKEN_DURATION, f"`{found}` is neither a number nor a duration", span, help_)
    help_ = "a metric name cannot start with a digit" if "_" in found else ""
    return TextFinding(BROKEN_NUMBER, f"`{found}` is not a number", span, help_)


def _hole(text: str, position: int) -> TextFinding:
    match = re.compile(r"\$\{?\w*\}?").match(text, position)
    end = match.end() if match else position + 1
    help_ = "PromQL has no variables; those of Grafana and of templates must be filled in first"
    return TextFinding(VARIABLE, f"unexpected variable `{text[position:end]}`", Span(position, end), help_)


def after_operand(found: str, following: str) -> tuple[Code, str]:
    """Code and help for a sign or word ``found`` where an operator was expected; ``following`` comes after it."""
    if found == "=":
        return MISPLACED_OPERATOR, "compare with `==`; a single `=` belongs inside braces"
    if found in ("=~", "!~"):
        return MISPLACED_OPERATOR, 'regular expressions match labels inside braces: metric{label=~"…"}'
    if found == "not":
        return MISPLACED_OPERATOR, "write `unless`"
    if found in ("group_left", "group_right"):
        return MISPLACED_OPERATOR, f"`{found}` follows `on (…)` or `ignoring (…)` after an operator"
    if found in ("on", "ignoring", "bool"):
        return MISPLACED_OPERATOR, f"`{found}` follows an operator, as in `a / on (job) b` or `a > bool 1`"
    if found in ("by", "without"):
        return MISPLACED_OPERATOR, f"`{found}` belongs to an aggregation, as in `sum by (job) (metric)`"
    if found == "{" and following == "{":
        return MISPLACED_OPERATOR, "this looks like a template; render it first"
    return UNEXPECTED_TEXT, ""


def before_operand(found: str, previous: str) -> tuple[Code, str]:
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
    return (MISPLACED_OPERATOR if help_ else UNEXPECTED_TEXT), help_
