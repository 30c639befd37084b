"""Plain values as YAML text that is read the same way by YAML 1.1 (Alertmanager's) and YAML 1.2 parsers.

Keys stay in the order given. Text is quoted wherever a parser could take it for something else, and
multi-line text is a block, so that templates stay readable in a review.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*|(?:[0-9]+(?:ms|[smhdwy]))+", re.ASCII)
_NOT_TEXT = re.compile(r"(?i:y|yes|n|no|on|off|true|false|null)", re.ASCII)
_SPECIAL = r"\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_UNPRINTABLE = re.compile(f"[{_SPECIAL}]")
_BLOCK = re.compile(rf"(?=\S)(?:(?! \n)[^\x00-\x09\x0b-\x1f{_SPECIAL}])*(?<! )")
"""Printable, beginning with a visible character, and without white space at the end of a line."""

_FLOW_WIDTH = 80


class Quoted(str):
    """Text to be put in single quotes whatever it holds, as matchers are."""

    __slots__ = ()


def format_yaml(document: Mapping[str, object]) -> str:
    """Print a mapping of plain values (and Quoted text) as one block-style document."""
    return "".join(f"{line}\n" for line in _mapping(document))


def _mapping(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        head, below = _node(value)
        yield f"{_scalar(key)}: {head}" if head else f"{_scalar(key)}:"
        yield from map(_indent, below)


def _sequence(values: Sequence[object]) -> Iterator[str]:
    for value in values:
        head, below = _node(value)
        first = head or next(below)
        yield f"- {first}"
        yield from map(_indent, below)


def _node(value: object) -> tuple[str, Iterator[str]]:
    """Split a value into what stands on the line of its key, and the lines below."""
    if isinstance(value, Mapping) and value:
        return "", _mapping(value)
    if isinstance(value, str):
        if _is_block(value):
            return ("|" if value.endswith("\n") else "|-"), iter(value.removesuffix("\n").split("\n"))
    elif isinstance(value, Sequence) and value:
        flow = _flow(value)
        return (flow, iter(())) if flow else ("", _sequence(value))
    return _scalar(value), iter(())


def _indent(line: str) -> str:
    return f"  {line}" if line else ""


def _flow(values: Sequence[object]) -> str:
    """Print a short list of scalars on one line; empty if it deserves a line for each."""
    if any(isinstance(value, Quoted | Mapping | list | tuple) or _is_block(value) for value in values):
        return ""
    text = f"[{', '.join(_scalar(value) for value in values)}]"
    return text if len(text) <= _FLOW_WIDTH else ""


def _is_block(value: object) -> bool:
    """Whether a value is text of several lines that a YAML block can hold as it is."""
    return (
        isinstance(value, str)
        and "\n" in value.removesuffix("\n")
        and _BLOCK.fullmatch(value) is not None
        and not value.endswith("\n\n")
    )


def _scalar(value: object) -> str:
    if isinstance(value, Quoted):
        return _single(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, str):
        return value if _is_plain(value) else _double(value)
    return "[]"


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and _NOT_TEXT.fullmatch(text) is None


def _float(value: float) -> str:
    text = repr(value)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text if "." in text else text.replace("e", ".0e"))


def _single(text: str) -> str:
    if not text.isprintable():
        return _double(text)
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _double(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
