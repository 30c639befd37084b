"""Plain values as block-style YAML that every reader takes for the same values, by YAML 1.1 as by YAML 1.2.

Text is left plain where no reader can mistake it, quoted elsewhere, and put into a literal block where it has several
lines. Characters that do not show, or that change the direction of text, are always escaped, so that a reviewer sees
what is there. Nothing here depends on the order of a set or on the Unicode tables of the running Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from textwrap import TextWrapper

from generators.formats.characters import INVISIBLE, INVISIBLE_CLASS

_PLAIN = re.compile(r"[A-Za-z_/(](?:[^\x00-\x1f:#\x7f]++|:(?! |\Z)|(?<! )#)*+(?<! )")
_DURATION = re.compile(r"(?:[0-9]+(?:y|w|d|h|ms|m|s))+", re.ASCII)
_PLAIN_IN_KEY = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_NOT_TEXT = frozenset(("y", "yes", "n", "no", "on", "off", "true", "false", "null", "nan", "inf"))
_LONGEST_KEY = 500
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = re.compile(f'[\\\\"{INVISIBLE_CLASS}]')
_WIDTH = 100
_WRAPPER = TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)
_SHOWN_LINES = re.compile(f"(?! )(?:[^{INVISIBLE_CLASS}]|\\n)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Commented:
    """A value with comment lines above it; the comment has no meaning and is made fit for one."""

    comment: str
    value: object


def format_yaml(document: Mapping[str, object], comment: str = "") -> str:
    """Print a mapping of str, bool, int, float, None, mappings, sequences and Commented as one document.

    Keys stay in the order given. Numbers are finite.
    """
    lines: list[str] = []
    if comment:
        lines += [*_comment(comment, ""), ""]
    if document:
        _mapping(document, "", lines)
    else:
        lines.append("{}")
    lines.append("")
    return "\n".join(lines)


def format_comment(text: str) -> str:
    """Print text as comment lines."""
    return "".join(f"{line}\n" for line in _comment(text, ""))


def _mapping(values: Mapping[str, object], indent: str, lines: list[str]) -> None:
    for key, value in values.items():
        if isinstance(value, Commented):
            lines += _comment(value.comment, indent)
            value = value.value  # noqa: PLW2901 - unwrapped
        name = format_key(key)
        if len(name) > _LONGEST_KEY:
            lines.append(f"{indent}? {name}")
            name = ""
        _value(value, f"{indent}{name}:", indent, lines)


def _value(value: object, head: str, indent: str, lines: list[str]) -> None:
    """Print a value after the key (or dash) that ``head`` holds, going on below it where it needs more room."""
    if isinstance(value, str):
        if "\n" in value and _is_block(value):
            _block(value, head, indent, lines)
        else:
            lines.append(f"{head} {format_text(value)}")
    elif isinstance(value, Mapping) and value:
        lines.append(head)
        _mapping(value, f"{indent}  ", lines)
    elif isinstance(value, Sequence) and value:
        lines.append(head)
        _sequence(value, f"{indent}  ", lines)
    else:
        lines.append(f"{head} {_scalar(value)}")


def _sequence(values: Sequence[object], indent: str, lines: list[str]) -> None:
    for value in values:
        if isinstance(value, Commented):
            lines += _comment(value.comment, indent)
            value = value.value  # noqa: PLW2901 - unwrapped
        if isinstance(value, Mapping) and value:
            start = len(lines)
            _mapping(value, f"{indent}  ", lines)
            _put_dash(lines, start, indent)
        else:
            _value(value, f"{indent}-", indent, lines)


def _put_dash(lines: list[str], start: int, indent: str) -> None:
    """Put the dash of a sequence in front of the first line of its mapping, below any comment there."""
    while lines[start].startswith(f"{indent}  #"):
        lines[start] = lines[start][2:]
        start += 1
    lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"


def _block(text: str, head: str, indent: str, lines: list[str]) -> None:
    lines.append(f"{head} |" if text.endswith("\n") else f"{head} |-")
    lines.extend(f"{indent}  {line}" if line else "" for line in text.removesuffix("\n").split("\n"))


def _is_block(text: str) -> bool:
    """Whether a literal block holds the text as it is, with nothing in it that a reviewer cannot see."""
    return (
        not text.startswith("\n")
        and not text.endswith("\n\n")
        and " \n" not in text
        and not text.endswith(" ")
        and _SHOWN_LINES.fullmatch(text) is not None
    )


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}# {line}".rstrip() for line in _comment_lines(text)] if text else []


@lru_cache(maxsize=4096)
def _comment_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a comment, long ones wrapped."""
    shown = (INVISIBLE.sub(" ", line) for line in text.split("\n"))
    return tuple(part for line in shown for part in (_WRAPPER.wrap(line) if len(line) > _WIDTH else [line]))


@lru_cache(maxsize=65536)
def format_key(key: str) -> str:
    """Print the key of a mapping."""
    return key if _PLAIN_IN_KEY.fullmatch(key) and key.lower() not in _NOT_TEXT else _quoted(key)


@lru_cache(maxsize=65536)
def format_text(text: str) -> str:
    """Print text as a scalar on one line, with quotes where a reader could take it for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT and INVISIBLE.search(text) is None:
        return text
    if _DURATION.fullmatch(text):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    if ('"' in text or "\\" in text) and "'" not in text and INVISIBLE.search(text) is None:
        return f"'{text}'"
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    return "{}" if isinstance(value, Mapping) else "[]"


def _float(value: float) -> str:
    """Print a finite float with a point, which YAML 1.1 wants in front of an exponent."""
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")
