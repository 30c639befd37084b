"""PyYAML's complaint about a text → a problem in plain words that points at the cause."""

from __future__ import annotations

import re
from typing import Final

import yaml
from yaml.error import MarkedYAMLError

from generators.diagnostics import Code, Position, Problem
from generators.formats.yaml.composer import too_deep
from generators.formats.yaml.marks import YamlText

MALFORMED_YAML = Code(
    "Y001",
    "Not well-formed YAML",
    "The text cannot be read as YAML at the place shown.",
    "a: [1, , 2]",
    "a: [1, 2]",
)
TAB_INDENTATION = Code(
    "Y002",
    "Tab as indentation",
    "YAML indents with spaces only.",
    "spec:\n	task: ranking",
    "spec:\n  task: ranking",
)
UNCLOSED_QUOTE = Code(
    "Y003",
    "Quote not closed",
    "A quoted value runs to the end of the document.",
    'owner: "growth',
    'owner: "growth"',
)
UNMATCHED_BRACKET = Code(
    "Y004",
    "Brackets do not match",
    "A `[` or `{` is not closed, is closed by the wrong bracket, or closes nothing.",
    "classes: [stay, churn",
    "classes: [stay, churn]",
)
UNQUOTED_COLON = Code(
    "Y005",
    "Colon in an unquoted value",
    "A colon and a space start a value, so text that contains them needs quotes.",
    "description: note: nightly",
    'description: "note: nightly"',
)
RAGGED_INDENTATION = Code(
    "Y006",
    "Indentation does not line up",
    "A line starts in a column that belongs to none of the blocks above it.",
    "spec:\n    task: ranking\n  version: 1.0.0",
    "spec:\n  task: ranking\n  version: 1.0.0",
)
RESERVED_CHARACTER = Code(
    "Y020",
    "Reserved character",
    "Unquoted values cannot start with @ ` % or with & * ! that do not introduce a name.",
    "owner: @growth",
    'owner: "@growth"',
)
UNKNOWN_ESCAPE = Code(
    "Y021",
    "Unknown escape",
    "Double quotes know only YAML's escapes; single quotes know none.",
    'pattern: "\\d+"',
    "pattern: '\\d+'",
)
TEXT_AFTER_QUOTE = Code(
    "Y022",
    "Text after the closing quote",
    "A quote inside the value ended it early.",
    "note: 'it's'",
    "note: 'it''s'",
)

CURLY_QUOTES = Code(
    "Y024",
    "Curly quotes",
    "Quotes of typography are letters to YAML: they become part of the value and close nothing.",
    "summary: \u201cIt fails\u201d",
    'summary: "It fails"',
)

CURLY: Final = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb"
_CURLY_START = re.compile(rf"(?:[:\[{{,-]\s+|[\[{{])[{CURLY}]")
_OPENING_QUOTE = re.compile(r"(?:[:,-]\s+|[\[{]\s*)[\"']\Z")
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)
_CLOSING: Final = {"[": "]", "{": "}"}


def explain(error: yaml.YAMLError | ValueError, source: YamlText) -> tuple[Problem, int]:
    """Return the problem behind a parser's error, and the offset where the parser gave up."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return _unknown(source, 0, 0, str(error)), 0
    offset = min(error.problem_mark.index, len(source.text))
    if is_too_deep(error):
        return too_deep(source.span(offset, offset + 1)), offset
    start = min(error.context_mark.index, len(source.text)) if error.context_mark else offset
    text = error.problem or ""
    if (misread := _curly(source, start, offset) or _earlier_quote(source, offset)) is not None:
        return misread, offset
    for words, kind in _KINDS.items():
        if words in text:
            return kind(source, start, offset), offset
    return _unknown(source, start, offset, text), offset


def is_too_deep(error: Exception) -> bool:
    """Tell whether libyaml gave up for depth: it scans ahead, from 0.2.6 up to 1,000 levels."""
    problem = error.problem if isinstance(error, MarkedYAMLError) else None
    return isinstance(error, RecursionError) or "nesting depth" in (problem or "")


def _character(source: YamlText, offset: int) -> str:
    return source.text[offset : offset + 1]


def _line_before(source: YamlText, offset: int) -> str:
    return re.split(r"[\r\n]", source.text[:offset])[-1]


def _curly(source: YamlText, start: int, offset: int) -> Problem | None:
    """Return the problem of curly quotes that begin a value in the lines that could not be read."""
    begin = start - len(_line_before(source, start))
    end = offset + len(re.split(r"[\r\n]", source.text[offset:], maxsplit=1)[0])
    found = _CURLY_START.search(source.text, begin, end)
    return None if found is None else curly_quotes(source.span(found.end() - 1, found.end()))


def curly_quotes(place: Position) -> Problem:
    """Return the problem of a value in quotes of typography."""
    return Problem(CURLY_QUOTES, "curly quotes are part of the value", place, "write straight quotes: \" or '")


def _earlier_quote(source: YamlText, offset: int) -> Problem | None:
    """Return the problem of a quote left open, where what gave it an end was meant to open another value."""
    before = source.text[:offset].rstrip(" ")
    if not _OPENING_QUOTE.search(before):
        return None
    quote, lines = before[-1], before[:-1].split("\n")
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].count(quote) % 2:
            start = sum(len(line) + 1 for line in lines[:number]) + lines[number].rfind(quote)
            related = (("it ended here", source.span(len(before) - 1, len(before))),)
            message = f"the quote {quote} is not closed on its line"
            help_ = f"close it with another {quote}"
            return Problem(UNCLOSED_QUOTE, message, source.span(start, start + 1), help_, related=related)
    return None


def _bad_token(source: YamlText, _start: int, offset: int) -> Problem:
    character = _character(source, offset)
    if character == "\t":
        return _tab(source, _start, offset)
    place = source.span(offset, offset + 1)
    message = f"an unquoted value cannot start with `{character}`"
    return Problem(RESERVED_CHARACTER, message, place, "put the value in double quotes")


def _tab(source: YamlText, _start: int, offset: int) -> Problem:
    length = len(source.text[offset:]) - len(source.text[offset:].lstrip("\t"))
    place = source.span(offset, offset + max(1, length))
    return Problem(TAB_INDENTATION, "a tab is used as indentation", place, "indent with spaces")


def _colon(source: YamlText, _start: int, offset: int) -> Problem:
    before = _line_before(source, offset)
    if re.search(r":\s", before):
        place = source.span(offset, offset + 1)
        return Problem(UNQUOTED_COLON, "`: ` inside an unquoted value", place, "put the whole value in double quotes")
    place = source.span(offset - len(before.lstrip(" -")), offset)
    message = "this key has no place here: the line before it is already a value"
    help_ = "indent it like its sibling keys, or end the line before it with `:`"
    return Problem(RAGGED_INDENTATION, message, place, help_)


def _unclosed_quote(source: YamlText, start: int, _offset: int) -> Problem:
    quote = _character(source, start)
    place = source.span(start, start + 1)
    return Problem(UNCLOSED_QUOTE, f"the quote {quote} is not closed", place, f"close it with another {quote}")


def _unclosed_bracket(source: YamlText, start: int, offset: int) -> Problem:
    opening, found = _character(source, start), _character(source, offset)
    closing = _CLOSING.get(opening, "]")
    place = source.span(start, start + 1)
    related = (("reading stopped here", source.span(offset, min(offset + 1, len(source.text)))),)
    if found in ("]", "}"):
        place, related = source.span(offset, offset + 1), (("opened here", place),)
        message = f"`{opening}` is closed with `{found}`"
        return Problem(
            UNMATCHED_BRACKET, message, place, f"write `{closing}`, or close the inner bracket first", related=related
        )
    help_ = f"close it with `{closing}`; quote values that contain commas, brackets or colons"
    return Problem(UNMATCHED_BRACKET, f"the bracket `{opening}` is not closed", place, help_, related=related)


def _content(source: YamlText, _start: int, offset: int) -> Problem:
    found = _character(source, offset)
    if found == "" or _MARKER.match(source.text, offset):
        return _unclosed_flow(source, offset)
    place = source.span(offset, offset + 1)
    if found in ("]", "}"):
        return Problem(UNMATCHED_BRACKET, f"`{found}` closes nothing", place, "remove it, or quote the value")
    message = f"a value is missing before `{found}`" if found == "," else "a value is missing here"
    return Problem(MALFORMED_YAML, message, place, "write a value, or quote the whole text")


def _unclosed_flow(source: YamlText, offset: int) -> Problem:
    opened = max(source.text.rfind("[", 0, offset), source.text.rfind("{", 0, offset))
    if opened < 0:
        return Problem(
            MALFORMED_YAML, "the text ends where a value is expected", source.span(offset, offset), "write the value"
        )
    return _unclosed_bracket(source, opened, offset)


def _indentation(source: YamlText, start: int, offset: int) -> Problem:
    """Explain why a block ended early: wrong indentation, or something after a finished value."""
    found = _character(source, offset)
    before = _line_before(source, offset)
    related = (("the block starts here", source.span(start, start + 1)),)
    place = source.span(offset, offset + 1)
    if found in ("]", "}"):
        return Problem(UNMATCHED_BRACKET, f"`{found}` closes nothing", place, "remove it, or quote the value")
    if before.strip(" -"):
        if before.rstrip().endswith(("'", '"')):
            help_ = "inside single quotes write '' for one quote, inside double quotes \\\""
            return Problem(TEXT_AFTER_QUOTE, "text follows the closing quote", place, help_)
        return Problem(
            MALFORMED_YAML,
            "text follows a value that is already complete",
            place,
            "put the whole value in double quotes",
        )
    if found == "-":
        message = "a list item stands among the keys of a mapping"
        return Problem(
            RAGGED_INDENTATION, message, place, "indent it below its key, or give the list a key", related=related
        )
    help_ = "use the same number of spaces as the lines that it belongs with"
    return Problem(RAGGED_INDENTATION, "the indentation does not fit any block above", place, help_, related=related)


def _among_items(source: YamlText, start: int, offset: int) -> Problem:
    place = source.span(offset, offset + 1)
    related = (("the list starts here", source.span(start, start + 1)),)
    if _character(source, offset) == "-":
        help_ = "use the same number of spaces as the other items"
        return Problem(
            RAGGED_INDENTATION, "the indentation of this item does not fit the list", place, help_, related=related
        )
    return Problem(
        RAGGED_INDENTATION,
        "this stands among list items but is none",
        place,
        "start it with `- `, or end the list",
        related=related,
    )


def _no_colon(source: YamlText, start: int, _offset: int) -> Problem:
    end = start + len(re.split(r"[\r\n]", source.text[start:], maxsplit=1)[0].rstrip())
    help_ = "write `key: value`, with a space after the colon"
    return Problem(MALFORMED_YAML, "this line has no value: `: ` is missing", source.span(start, end), help_)


def _item_on_key_line(source: YamlText, _start: int, offset: int) -> Problem:
    place = source.span(offset, offset + 1)
    return Problem(
        RAGGED_INDENTATION,
        "a list cannot start on the line of its key",
        place,
        "start it on the next line, or write [a, b]",
    )


def _escape(source: YamlText, _start: int, offset: int) -> Problem:
    back = source.text.rfind("\\", 0, offset + 1)
    place = source.span(max(back, 0), max(back, 0) + 2)
    if re.match(r"\\[uU]", source.text[back:]):
        message = "this escape names no character"
        return Problem(UNKNOWN_ESCAPE, message, place, "write the character itself, or its code as \\U0001f600")
    help_ = "write \\\\ for a backslash, or use single quotes, where backslashes mean themselves"
    return Problem(UNKNOWN_ESCAPE, f"unknown escape `{source.text[back : back + 2]}` in double quotes", place, help_)


def _document(source: YamlText, _start: int, offset: int) -> Problem:
    place = source.span(offset, offset + 1)
    return Problem(
        MALFORMED_YAML, "a new document must start with `---`", place, "put `---` on a line of its own before it"
    )


def _directive(source: YamlText, _start: int, offset: int) -> Problem:
    place = source.span(offset, offset + 1)
    return Problem(MALFORMED_YAML, "this `%` directive is not known", place, "remove the line")


def _name(source: YamlText, start: int, _offset: int) -> Problem:
    sign = _character(source, start)
    message = f"`{sign}` is not followed by a name"
    return Problem(RESERVED_CHARACTER, message, source.span(start, start + 1), "put the value in double quotes")


def _block_header(source: YamlText, start: int, offset: int) -> Problem:
    place = source.span(offset, offset + 1)
    message = f"text follows `{_character(source, start)}` on the same line"
    return Problem(
        MALFORMED_YAML,
        message,
        place,
        "start the text on the next line, indented; quote a value that starts with | or >",
    )


def _tag(source: YamlText, start: int, _offset: int) -> Problem:
    message = "an unquoted value cannot start with `!`"
    return Problem(RESERVED_CHARACTER, message, source.span(start, start + 1), "put the value in double quotes")


def _unknown(source: YamlText, _start: int, offset: int, text: str) -> Problem:
    place = source.span(offset, min(offset + 1, len(source.text)))
    return Problem(MALFORMED_YAML, f"this is not YAML: {text}", place, "quote values that contain special characters")


_KINDS: Final = {
    "cannot start any token": _bad_token,
    "tab character": _tab,
    "mapping values are not allowed": _colon,
    "entries are not allowed": _item_on_key_line,
    "unexpected end of stream": _unclosed_quote,
    "unexpected document": _unclosed_quote,
    "',' or": _unclosed_bracket,
    "node content": _content,
    "expected key": _indentation,
    "expected '-' indicator": _among_items,
    "<block end>": _indentation,
    "find expected ':'": _no_colon,
    "escape": _escape,
    "hexdecimal": _escape,
    "<document start>": _document,
    "directive": _directive,
    "incompatible YAML": _directive,
    "version number": _directive,
    "alphabetic or numeric": _name,
    "tag handle": _tag,
    "expected '>'": _tag,
    "comment or line break": _block_header,
    "chomping or indentation": _block_header,
}
