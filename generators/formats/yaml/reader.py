"""A file's text or bytes → its YAML documents as positioned nodes, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.events import DocumentStartEvent
from yaml.reader import ReaderError

from generators.diagnostics import Code, Position, Problem, Severity, sort_problems
from generators.formats.yaml.composer import Composer, DocumentRefused, offsets
from generators.formats.yaml.marks import YamlText
from generators.formats.yaml.nodes import Node, plain
from generators.formats.yaml.schema import CORE, GO, Schema
from generators.formats.yaml.syntax import explain

NOT_UTF_8 = Code(
    "Y014",
    "Not UTF-8",
    "The file is in another encoding, or is not text.",
    "caf\\xe9",
    "café",
)
INVISIBLE_CHARACTER = Code(
    "Y015",
    "Character that does not show",
    "A control character, or a space that is none, stands where a reviewer cannot see it.",
    "task:\\u200b ranking",
    "task: ranking",
)
NO_DOCUMENT = Code(
    "Y016",
    "No document",
    "The file is empty or has only comments.",
    "# nothing",
    "kind: Team",
    Severity.WARNING,
)
FILE_TOO_LARGE = Code(
    "Y017",
    "File too large",
    "Specs are written by hand; a file of many megabytes is none.",
    "(5 MB)",
    "(5 kB)",
)

MAX_SIZE: Final = 20_000_000
"""Bytes, or characters, in one file."""

MAX_RESTARTS: Final = 20
"""Syntax errors in one file after which reading goes on with the next document; each costs a new parser."""

FAST_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader where PyYAML was built with it."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
    r"|^[ \t?-]*[\u00a0\u2000-\u200a\u202f\u205f\u3000]",
    re.MULTILINE,
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML itself refuses."""

_BOMS: Final = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_DOCUMENT_MARKER = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read of a file: its documents, None for one without content or left out, and what is wrong with it."""

    documents: tuple[Node | None, ...]
    problems: tuple[Problem, ...]
    is_whole: bool
    """Whether every document could be read to its end."""


def load_bytes(data: bytes, file: str) -> tuple[tuple[Node, ...], tuple[Problem, ...]]:
    """As ``load_documents``, from the bytes of a file, which must be UTF-8."""
    if len(data) > MAX_SIZE:
        return (), (_too_large(len(data), file),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return (), (_not_utf8(data, error, file),)
    return load_documents(text, file)


def load_documents(text: str, file: str) -> tuple[tuple[Node, ...], tuple[Problem, ...]]:
    """Return the documents of specs that have content, and all problems in their text, sorted.

    A document with a syntax error is left out.  Other problems leave the document in place: of two equal keys the
    first counts, and an alias that leads nowhere is null.  A file without documents is a problem.
    """
    loaded = load(text, file)
    documents = tuple(document for document in loaded.documents if document is not None)
    if documents or loaded.problems:
        return documents, loaded.problems
    place, help_ = Position(file, 1, 1, 1, 1), "write a document, or delete the file"
    return (), (Problem(NO_DOCUMENT, "the file has no document", place, help_),)


def load(text: str, file: str, schema: Schema = CORE) -> Loaded:
    """Return the documents of a text by a schema; reading goes on with the next ``---`` after a syntax error."""
    if len(text) > MAX_SIZE:
        return Loaded((), (_too_large(len(text), file),), is_whole=False)
    text = text.removeprefix("\ufeff")
    if schema.is_strict and (unseen := _unseen(_UNSEEN, text, file)):
        return Loaded((), unseen, is_whole=False)
    documents: list[Node | None] = []
    problems: list[Problem] = []
    source: YamlText | None = YamlText(text, file, schema=schema)
    is_whole = True
    for _ in range(1 + MAX_RESTARTS):
        if source is not None:
            source, is_broken = _load_part(source, documents, problems)
            is_whole = is_whole and not is_broken
    return Loaded(tuple(documents), sort_problems(problems), is_whole)


def load_plain(text: str, schema: Schema = GO) -> Any:
    """Return the plain values of a text of one document, None for an empty one.

    Raises ValueError, with the place and the first problem, for a text that is no YAML or has several documents.
    """
    loaded = load(text, "", schema)
    if loaded.problems:
        first = loaded.problems[0]
        raise ValueError(f"line {first.position.line}: {first.message}")
    if len(loaded.documents) > 1:
        raise ValueError("several documents in one file")
    root = loaded.documents[0] if loaded.documents else None
    return None if root is None else plain(root)


def _load_part(source: YamlText, documents: list[Node | None], problems: list[Problem]) -> tuple[YamlText | None, bool]:
    """Read documents until the end, or to a mistake that ends one; return what is still to read, and if one did."""
    resume = 0
    try:
        loader = FAST_LOADER(source.text)
        try:
            while (event := loader.get_event()) is not None:
                if event.__class__ is DocumentStartEvent:
                    _, resume = offsets(event)
                    composer = Composer(source)
                    try:
                        documents.append(composer.compose(loader.get_event))
                    finally:
                        problems += composer.problems
        finally:
            loader.dispose()
    except DocumentRefused as refusal:
        problems.append(refusal.problem)
    except (ReaderError, UnicodeError) as error:
        problems += _unseen(_FORBIDDEN, source.text, source.file) or (explain(error, source)[0],)
        return None, True
    except (yaml.YAMLError, ValueError) as error:  # PyYAML lets a ValueError of chr() through
        problem, offset = explain(error, source)
        problems.append(problem)
        resume = max(resume, offset)
    else:
        return None, False
    return _rest(source, resume), True


def _rest(source: YamlText, offset: int) -> YamlText | None:
    """Return what follows the next document marker after an offset."""
    marker = _DOCUMENT_MARKER.search(source.text, offset)
    if marker is None:
        return None
    skipped = source.span(marker.start(), marker.start()).line - 1
    return YamlText(source.text[marker.start() :], source.file, skipped, source.schema)


def _unseen(pattern: re.Pattern[str], text: str, file: str) -> tuple[Problem, ...]:
    """Report the first character that an editor would not show, or would show as a plain space."""
    matches = pattern.finditer(text)
    first = next(matches, None)
    if first is None:
        return ()
    character = first.group()[-1]
    place = YamlText(text, file).span(first.end() - 1, first.end())
    others = sum(1 for _ in matches)
    name = unicodedata.name(character, "a control character").lower()
    more = f", and {others} more of the kind" if others else ""
    looks = "looks like a space but is none" if character.isspace() else "does not show in an editor"
    message = f"the character U+{ord(character):04X} ({name}) {looks}{more}"
    help_ = f'delete it; inside a value, write it as an escape in double quotes: "\\u{ord(character):04x}"'
    return (Problem(INVISIBLE_CHARACTER, message, place, help_),)


def _too_large(size: int, file: str) -> Problem:
    message = f"the file has {size} bytes; at most {MAX_SIZE} are read"
    return Problem(FILE_TOO_LARGE, message, Position(file, 1, 1, 1, 1), "split it into several files")


def _not_utf8(data: bytes, error: UnicodeDecodeError, file: str) -> Problem:
    before = data[: error.start].decode("utf-8")
    place = YamlText(before + " ", file).span(len(before), len(before) + 1)
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    detail = f"it looks like {encoding}" if encoding else f"byte 0x{data[error.start]:02x}"
    return Problem(NOT_UTF_8, f"the file is not UTF-8: {detail}", place, "save it as UTF-8")
