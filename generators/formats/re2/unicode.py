r"""The classes of Unicode that ``\p{…}`` names in Go, and the letters that ``(?i)`` takes for one.

Both come from Go itself (``go run tools/re2/main.go unicode``), so that they are the same under every Python.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive ranges of code points, ascending, apart from each other."""

_IGNORED = re.compile("[ _-]")


@cache
def unicode_class(name: str) -> Ranges | None:
    """Return a class by the name of a category (``Lu``, ``Letter``) or a script (``Greek``); None if there is none.

    Spaces, underscores, hyphens and the case of letters do not matter.
    """
    plain = _IGNORED.sub("", name).lower() if name.isascii() else name
    runs = _tables()["classes"].get(_tables()["aliases"].get(plain, plain))
    if runs is None:
        return None
    edges = (0, *accumulate(runs))
    return tuple((start, end - 1) for start, end in list(pairwise(edges))[1::2])


@cache
def orbits() -> dict[str, str]:
    """Return, for each letter that has another case, all that are equal to it where case is ignored."""
    return {letter: orbit for orbit in _tables()["orbits"] for letter in orbit}


@cache
def _tables() -> Any:
    from importlib.resources import files  # noqa: PLC0415 - for the few patterns that name a class, and slow to import

    return json.loads((files(__package__) / "unicode.json").read_text(encoding="utf-8"))
