"""Plain values as JSON that is read in reviews, indented by two spaces; characters that do not show are escaped.

``format_json`` keeps the order of keys and puts short lists of scalars on one line; ``format_sorted_json``, for what
people open in a program rather than read, sorts keys and puts on one line whatever fits there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from generators.formats.characters import INVISIBLE

_WIDTH: Final = 100
_PAD: Final = tuple("  " * depth for depth in range(64))
_BREAKS: Final = tuple(f",\n{pad}" for pad in _PAD)


def format_json(value: object) -> str:
    """Print str, bool, int, finite float, None, mappings with text as keys, and sequences; keys keep their order."""
    lines: list[str] = []
    _put(value, "", "", "", lines)
    lines.append("")
    return "\n".join(lines)


def _put(value: object, head: str, tail: str, indent: str, lines: list[str]) -> None:
    """Print a value between ``head``, which holds indentation and key, and ``tail``, a comma or nothing."""
    if isinstance(value, Mapping) and value:
        lines.append(f"{head}{{")
        _put_all([(f"{indent}  {_text(key)}: ", item) for key, item in value.items()], f"{indent}  ", lines)
        lines.append(f"{indent}}}{tail}")
    elif isinstance(value, Sequence) and value and not isinstance(value, str):
        line = _on_one_line(value, head, tail)
        if line:
            lines.append(line)
        else:
            lines.append(f"{head}[")
            _put_all([(f"{indent}  ", item) for item in value], f"{indent}  ", lines)
            lines.append(f"{indent}]{tail}")
    else:
        lines.append(f"{head}{_scalar(value)}{tail}")


def _put_all(items: Sequence[tuple[str, object]], indent: str, lines: list[str]) -> None:
    last = len(items) - 1
    for index, (head, item) in enumerate(items):
        _put(item, head, "" if index == last else ",", indent, lines)


def _on_one_line(values: Sequence[object], head: str, tail: str) -> str:
    if any(
        isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)) for value in values
    ):
        return ""
    line = f"{head}[{', '.join(_scalar(value) for value in values)}]{tail}"
    return line if len(line) <= _WIDTH else ""


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, Sequence) else _plain(value)


def format_sorted_json(value: dict[str, Any]) -> str:
    """Print dictionaries with text as keys, lists, text, finite numbers, booleans and None."""
    return f"{_container(value, 0)}\n"


def _container(value: Any, depth: int) -> str:
    """Put items on one line where they fit, else below one another."""
    below = depth + 1
    if type(value) is dict:
        begin, end = "{", "}"
        items = []
        for key in sorted(value):
            item = value[key]
            kind = type(item)
            if kind is str:
                items.append(f"{_key(key)}{_text(item)}")
            elif kind is dict or kind is list:
                items.append(f"{_key(key)}{_container(item, below)}")
            else:
                items.append(f"{_key(key)}{_plain(item)}")
    else:
        begin, end = "[", "]"
        items = [
            _text(item)
            if type(item) is str
            else _container(item, below)
            if type(item) in (dict, list)
            else _plain(item)
            for item in value
        ]
    line = ", ".join(items)
    if len(line) <= _WIDTH - 2 * depth and "\n" not in line:
        return f"{begin}{line}{end}"
    return f"{begin}\n{_PAD[below]}{_BREAKS[below].join(items)}\n{_PAD[depth]}{end}"


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    return f"{_text(key)}: "


@lru_cache(maxsize=4096, typed=True)
def _plain(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


@lru_cache(maxsize=65536)
def _text(text: str) -> str:
    return INVISIBLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
