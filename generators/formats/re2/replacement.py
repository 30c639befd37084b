"""The templates of replacements: ``$1``, ``${name}`` and ``$$``, as Go's ``Regexp.Expand`` reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from generators.formats.re2.translation import translate

_NUMBER = re.compile("0|[1-9][0-9]{0,8}")


def expand(template: str, match: re.Match[str], names: Sequence[str]) -> str:
    """Fill the groups of a match into a template; a group that does not exist or took no part is empty.

    ``names`` are those of the pattern's groups, from ``group_names``.
    """

    def filled(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if _NUMBER.fullmatch(name):
            return (match[int(name)] or "") if int(name) <= match.re.groups else ""
        groups = (match[index] for index, known in enumerate(names, 1) if known == name)
        return next((group for group in groups if group is not None), "")

    return _references().sub(filled, template)


def has_references(template: str) -> bool:
    """Whether a template refers to a group."""
    return any(reference[0] != "$$" for reference in _references().finditer(template))


def literal_text(template: str) -> str:
    """Return what a template says besides its groups."""
    return _references().sub(lambda reference: "$" if reference[0] == "$$" else "", template)


@cache
def _references() -> re.Pattern[str]:
    name = translate(r"[\p{L}\p{Nd}_]") + "+"
    return re.compile(rf"\$(?:\$|({name})|\{{({name})\}})")
