"""Plain values as JSON that is read in reviews: two spaces of indentation, short lists of scalars on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from generators.targets.characters import INVISIBLE

_WIDTH = 100


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
    return "[]" if isinstance(value, Sequence) else json.dumps(value, allow_nan=False)


@lru_cache(maxsize=65536)
def _text(text: str) -> str:
    return INVISIBLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
