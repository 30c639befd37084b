"""What a step of a runbook points at, and the step in words: ``{measure:recall|the cases found}``, ``{feature}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from generators.planning.names import measure_title

_REFERENCE = re.compile(r"(?<![{$])\{([a-z]+):([^{}|]*)(?:\|([^{}]*))?\}(?!\})")
_LABEL = re.compile(r"(?<![{$])\{([a-z_][a-z0-9_]*)\}(?!\})")
"""Braces doubled or behind a dollar sign are another language's, and stay as they are."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a step points at: the name of something of a ``kind``, in the words that a reader sees."""

    kind: str
    name: str
    words: str


Part: TypeAlias = str | Reference


def parts(step: str) -> tuple[Part, ...]:
    """Return a step as text and references in turn; a label that the alert has is shown as ``‹feature›``."""
    found: list[Part] = []
    end = 0
    for match in _REFERENCE.finditer(step):
        found += [_text(step[end : match.start()]), _reference(match)]
        end = match.end()
    return tuple(part for part in (*found, _text(step[end:])) if part)


def words(step: str) -> str:
    """Return a step as a reader sees it where nothing can be linked."""
    return "".join(part if isinstance(part, str) else part.words for part in parts(step))


def unlinked(step: str) -> str:
    """Return a step with words in place of what it points at; labels stay as they are written."""
    return _REFERENCE.sub(lambda found: _reference(found).words, step)


def references(step: str) -> tuple[Reference, ...]:
    """Return what a step points at."""
    return tuple(part for part in parts(step) if isinstance(part, Reference))


def labels(step: str) -> tuple[str, ...]:
    """Return the labels of the alert that a step names."""
    return tuple(_LABEL.findall(step))


def _text(text: str) -> str:
    return _LABEL.sub(r"‹\1›", text)


def _reference(match: re.Match[str]) -> Reference:
    kind, name = match[1], match[2].strip()
    title = measure_title(name)
    shown = f"{title[:1].lower()}{title[1:]}" if title[1:2].islower() else title
    return Reference(kind, name, (match[3] or "").strip() or (shown if kind == "measure" else name))
