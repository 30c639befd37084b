"""Markdown as GitHub reads it, with free text that stays text: no HTML, link, heading, table or list comes out of it.

What is called *inline* is Markdown already; everything else is free text, and escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote

from generators.formats.characters import INVISIBLE, one_line

_SPECIAL = re.compile(
    r"[\\`*\[\]<>{}|~$#&]"  # spans, links, HTML, template engines, tables, mathematics, entities
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # emphasis; inside of a word an underscore means nothing
    r"|(?<=[A-Za-z]):(?=\S)"  # `http:` and the like become links by themselves
    r"|(?<=\S)\.(?=[^\W\d_])"  # `example.com` becomes one for readers who look for domains
    r"|^[-+=]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^([0-9]+)([.)])(?= |\Z)")
_KEPT = re.compile(r"`([^`]+)`|((?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]+@[A-Za-z0-9._-]+)")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_BACKTICKS = re.compile(r"`+")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]*")
_SAFE_IN_URL = "/:?#@!$&'*+,;=%-._~"


@lru_cache(maxsize=65536)
def escape(text: str) -> str:
    """Return free text on one line, as inline Markdown that shows exactly its words.

    Words between backticks become code, as their author meant it; so do mail addresses, which no backslash keeps
    from becoming links. Code changes nothing but the face of the words.
    """
    line = one_line(text)
    parts: list[str] = []
    end = 0
    for found in _KEPT.finditer(line):
        words = found[1] or found[2]
        if "|" in words or not words.strip():
            continue
        parts += [_SPECIAL.sub(r"\\\g<0>", line[end : found.start()]), code(words)]
        end = found.end()
    parts.append(_SPECIAL.sub(r"\\\g<0>", line[end:]))
    return _NUMBER.sub(r"\1\\\2", "".join(parts))


def code(text: str) -> str:
    """Return text as an inline code span."""
    line = one_line(text)
    ticks = "`" * (_longest_run(line) + 1)
    space = " " if line[:1] in {"", "`"} or line[-1:] == "`" else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def fence(text: str, language: str) -> str:
    """Return text as a code block."""
    lines = [INVISIBLE.sub("\ufffd", line) for line in text.split("\n")]
    ticks = "`" * max(3, _longest_run(text) + 1)
    return "\n".join([f"{ticks}{language}", *lines, ticks])


def heading(level: int, text: str) -> str:
    """Return a heading of a level from 1 to 6."""
    return f"{'#' * level} {escape(text)}"


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of free text; they are divided by empty lines."""
    return [escape(part) for part in _PARAGRAPHS.split(text) if part.strip()]


def bullets(items: Iterable[str]) -> str:
    """Return a list of inline items."""
    return "\n".join(f"- {item}" for item in items)


def numbered(items: Iterable[str]) -> str:
    """Return a numbered list of inline items."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of inline cells without bare ``|``; columns that are empty in every row are left out."""
    body = [tuple(row) for row in rows]
    shown = [column for column in range(len(header)) if any(row[column] for row in body)]
    lines = [header, ["---"] * len(header), *body]
    return "\n".join(f"| {' | '.join(line[column] for column in shown)} |" for line in lines)


def link(text: str, target: str) -> str:
    """Return a link to a page of the web or to a relative path; any other target is shown as text."""
    web = _WEB.fullmatch(target) is not None
    if not web and (":" in target or target.startswith(("/", "\\", "#"))):
        return f"{escape(text)} ({escape(target)})"
    address = target if _PLAIN_PATH.fullmatch(target) else quote(target, safe=_SAFE_IN_URL)
    return f"[{escape(text)}]({address})"


def relative(target: str, page: str) -> str:
    """Return the path of a file as seen from a page; both are relative to one folder."""
    to, here = target.split("/"), page.split("/")
    shared = next((n for n, (one, other) in enumerate(zip(to[:-1], here[:-1], strict=False)) if one != other), None)
    if shared is None:
        shared = min(len(to), len(here)) - 1
    return "/".join([*[".."] * (len(here) - 1 - shared), *to[shared:]])


def document(blocks: Iterable[str]) -> str:
    """Return a page of blocks, with an empty line between each two."""
    return "\n\n".join(block for block in blocks if block) + "\n"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
