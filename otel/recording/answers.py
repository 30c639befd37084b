"""Answers of a model and labels, as the classes and numbers of the spec: they match by value, not by type."""

from __future__ import annotations

from enum import Enum
from typing import Any

from otel.manifest import Output
from otel.recording.bins import as_number


class ClassNames:
    """The classes of a spec by everything that stands for one.

    ``"1"``, 1, 1.0, numpy's 1, a list or array of one of these and an enumeration's member are the class ``"1"``.  Of
    two classes with a positive one, True and 1 are the positive one and False and 0 the other, unless they have names
    of their own.
    """

    def __init__(self, output: Output) -> None:
        classes = output.classes
        self._known: dict[Any, str] = {name: name for name in classes}
        for name in classes:
            if name.isdecimal() and str(int(name)) == name:
                self._known[int(name)] = name
        lower = {name.lower(): name for name in reversed(classes)}
        for flag in (True, False):
            if str(flag).lower() in lower:
                self._known.setdefault(flag, lower[str(flag).lower()])
        if output.positive and len(classes) == 2:
            (negative,) = set(classes) - {output.positive} or {output.positive}
            self._known.setdefault(1, output.positive)
            self._known.setdefault(0, negative)

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, value: Any) -> str | None:
        """Return the class that a value stands for; None if it stands for none."""
        try:
            return self._known[value]  # numpy's numbers and flags are equal to Python's, and hash alike
        except Exception:  # not hashable, or a hash of its own that raises
            return self._search(value)

    def _search(self, value: Any) -> str | None:
        try:
            plain = single(value)
            if isinstance(plain, Enum):
                return self.find(plain.value) or self._known.get(plain.name)
            if isinstance(plain, bytes):
                plain = plain.decode()
            return self._known.get(plain) or self._known.get(str(plain))
        except Exception:  # whatever a value raises when it is looked at
            return None


def single(value: Any) -> Any:
    """Return what an array, list or tuple of one holds, as Python's own type; anything else as it is."""
    if isinstance(value, (str, bytes, int, float)) or value is None:
        item = getattr(value, "item", None)  # numpy's floats and texts are Python's too
        return item() if callable(item) and not isinstance(value, (str, bytes)) else value
    if isinstance(value, (list, tuple)):
        return single(value[0]) if len(value) == 1 else value
    if getattr(value, "size", None) == 1 and callable(getattr(value, "item", None)):
        return value.item()
    if callable(getattr(value, "to_list", None)) and len(value) == 1:
        return single(value.to_list())
    return value


def read_answers(value: Any, classes: ClassNames, rows: int) -> list[Any] | None:
    """Return what a function answered for so many rows: classes, or numbers where there are none; None if it does not.

    Never raises.
    """
    try:
        one = read_answer(value, classes)
        if one is not None:
            return [one]
        listed = value.tolist() if hasattr(value, "tolist") else value.to_list() if hasattr(value, "to_list") else value
        if rows < 2 or not isinstance(listed, (list, tuple)) or len(listed) != rows:
            return None
        found = [read_answer(each, classes) for each in listed]
    except Exception:  # whatever a value raises when it is looked at
        return None
    return None if None in found else found


def read_answer(value: Any, classes: ClassNames) -> str | float | None:
    """Return the class of a value, or its number where the spec has no classes; None if it is neither."""
    if classes:
        return classes.find(value)
    plain = single(value)
    return None if isinstance(plain, bool) else as_number(plain)
