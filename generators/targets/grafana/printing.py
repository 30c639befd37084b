"""Dashboards as JSON text: sorted keys, two spaces, small values on one line.

grafanalib prints through Python's own encoder, which is slow as soon as it indents.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

from generators.targets.characters import INVISIBLE

_WIDTH: Final = 100
_PAD: Final = tuple("  " * depth for depth in range(64))
_BREAKS: Final = tuple(f",\n{pad}" for pad in _PAD)


def format_dashboard(value: dict[str, Any]) -> str:
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
                items.append(f"{_key(key)}{_quoted(item)}")
            elif kind is dict or kind is list:
                items.append(f"{_key(key)}{_container(item, below)}")
            else:
                items.append(f"{_key(key)}{_plain(item)}")
    else:
        begin, end = "[", "]"
        items = [
            _quoted(item)
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
    return f"{_quoted(key)}: "


@lru_cache(maxsize=65536)
def _quoted(text: str) -> str:
    return INVISIBLE.sub(_escape, json.dumps(text, ensure_ascii=False))


@lru_cache(maxsize=4096, typed=True)
def _plain(value: float | bool | None) -> str:
    return json.dumps(value, allow_nan=False)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
