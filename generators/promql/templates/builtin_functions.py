"""The functions that every Go template has: comparison, indexing, printing, escaping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from generators.promql.templates.humanize import CallError, query_escape
from generators.promql.templates.printf import sprintf
from generators.promql.templates.times import Named
from generators.promql.templates.values import GoMap, Value, Vector, sprint, text, truth, type_name

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the types of its parameters (``string any value sample vector``), and of any further ones."""

    parameters: tuple[str, ...]
    call: Callable[..., Any]
    variadic: str | None = None


def _kind(value: Value) -> str | None:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Named):
        return "int"
    return "float" if isinstance(value, float) else "string" if isinstance(value, str) else None


def _comparable(value: Value) -> Any:
    return value.number if isinstance(value, Named) else value


def equal(first: Value, *others: Value) -> bool:
    """``eq a b c…``: tell whether the first equals any of the others."""
    if not others:
        raise CallError("missing argument for comparison")
    for other in others:
        if first is None or other is None:
            if first is None and other is None:
                return True
            continue
        if _kind(first) != _kind(other):
            names = f"{type_name(first)} and {type_name(other)}"
            raise CallError(f"incompatible types for comparison: {names}")
        if _kind(first) is None and isinstance(other, GoMap | list | Vector):
            raise CallError(f"non-comparable type {text(other)}: {type_name(other)}")
        if _comparable(first) == _comparable(other):
            return True
    return False


def less(first: Value, second: Value) -> bool:
    """``lt a b``."""
    kinds = _kind(first), _kind(second)
    if None in kinds or kinds == ("bool", "bool"):
        raise CallError("invalid type for comparison")
    if kinds[0] != kinds[1]:
        raise CallError(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}")
    return bool(_comparable(first) < _comparable(second))


def less_or_equal(first: Value, second: Value) -> bool:
    """``le a b``."""
    return less(first, second) or equal(first, second)


def index(item: Value, *keys: Value) -> Value:
    """``index item key…``: look up keys one after another."""
    for key in (None, *keys) if item is None else keys:
        if item is None:
            raise CallError("index of untyped nil")
        item = _index(item, key)
    return item


def _index(item: Value, key: Value) -> Value:
    if isinstance(item, GoMap):
        if not isinstance(key, str):
            expected = "value is nil; should be of type string" if key is None else ""
            raise CallError(expected or f"value has type {type_name(key)}; should be string")
        return item.entries.get(key, item.zero)
    sequence = _sequence(item)
    if sequence is None:
        raise CallError(f"can't index item of type {type_name(item)}")
    position = _position(key, len(sequence))
    if position >= len(sequence):
        raise CallError(f"index out of range: {position}")
    found: Value = sequence[position]
    return found


def _sequence(item: Value) -> Any:
    if isinstance(item, str):
        return item.encode("utf-8", "replace")
    return item.samples if isinstance(item, Vector) else item if isinstance(item, list) else None


def _position(key: Value, size: int) -> int:
    if key is None:
        raise CallError("cannot index slice/array with nil")
    if isinstance(key, bool) or not isinstance(key, int):
        raise CallError(f"cannot index slice/array with type {type_name(key)}")
    if not 0 <= key <= size:
        raise CallError(f"index out of range: {key}")
    return key


def part(item: Value, *positions: Value) -> Value:
    """``slice item from to``."""
    if item is None:
        raise CallError("slice of untyped nil")
    if len(positions) > 3:
        raise CallError(f"too many slice indexes: {len(positions)}")
    sequence = _sequence(item)
    if sequence is None:
        raise CallError(f"can't slice item of type {type_name(item)}")
    if len(positions) == 3 and isinstance(item, str):
        raise CallError("cannot 3-index slice a string")
    ends = [_position(position, len(sequence)) for position in positions]
    start, stop = (ends + [0, len(sequence)][len(ends) :])[:2]
    if start > stop:
        raise CallError(f"invalid slice index: {start} > {stop}")
    cut = sequence[start:stop]
    if isinstance(cut, bytes):
        return cut.decode("utf-8", "replace")
    return Vector(cut) if isinstance(item, Vector) else list(cut)


def length(item: Value) -> int:
    """``len item``: bytes of a string, entries of anything else."""
    if isinstance(item, GoMap):
        return len(item.entries)
    sequence = _sequence(item)
    if sequence is None:
        raise CallError(f"len of {'nil pointer' if item is None else f'type {type_name(item)}'}")
    return len(sequence)


def _not_callable(name: str, function: Value, *_: Value) -> Value:
    if function is None:
        raise CallError("call of nil")
    raise CallError(f"non-function {name} of type {type_name(function)}")


def html(*values: Value) -> str:
    """Escape for HTML."""
    return _joined(values).translate(_HTML)


def javascript(*values: Value) -> str:
    """Escape for a JavaScript string."""
    return "".join(_JS.get(character) or _script(character) for character in _joined(values))


def _script(character: str) -> str:
    if character >= " " and character.isprintable():
        return character
    return f"\\u{ord(character):04X}"


def _joined(values: tuple[Value, ...]) -> str:
    shown = tuple("<no value>" if value is None else value for value in values)
    return sprint(shown)


BUILTIN_FUNCTIONS: Mapping[str, Function] = {
    "and": Function(("value",), lambda *values: values[-1], "value"),
    "or": Function(("value",), lambda *values: values[-1], "value"),
    "not": Function(("value",), lambda value: not truth(value)),
    "call": Function(("value",), _not_callable, "value"),
    "eq": Function(("value",), equal, "value"),
    "ne": Function(("value", "value"), lambda first, second: not equal(first, second)),
    "lt": Function(("value", "value"), less),
    "le": Function(("value", "value"), less_or_equal),
    "gt": Function(("value", "value"), lambda first, second: not less_or_equal(first, second)),
    "ge": Function(("value", "value"), lambda first, second: not less(first, second)),
    "index": Function(("value",), index, "value"),
    "slice": Function(("value",), part, "value"),
    "len": Function(("value",), length),
    "print": Function((), lambda *values: sprint(values), "any"),
    "println": Function((), lambda *values: " ".join(text(value) for value in values) + "\n", "any"),
    "printf": Function(("string",), lambda layout, *values: sprintf(layout, values), "any"),
    "html": Function((), html, "any"),
    "js": Function((), javascript, "any"),
    "urlquery": Function((), lambda *values: query_escape(_joined(values)), "any"),
}
"""Functions by name; ``and`` and ``or`` stop early, which the interpreter sees to."""
