"""The table of components, from the library: those that our distribution may have, and those of core and contrib."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeAlias

from generators.collector.view import KINDS
from generators.formats.yaml.reader import load_plain

Names: TypeAlias = Mapping[tuple[str, str], str]
"""The type of each kind and name: current names stand for themselves, older ones for the current."""


@lru_cache(maxsize=1)
def ours() -> Names:
    """Return the types that our distribution may have."""
    found: dict[tuple[str, str], str] = {}
    for kind in KINDS:
        for name, facts in _table()[kind].items():
            found[kind, name] = name
            found.update({(kind, old): name for old in facts.get("aliases", ())})
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def known() -> Names:
    """Return the types of the distributions core and contrib, and ours."""
    elsewhere = {
        (kind, spelling): name
        for kind, names in _table()["elsewhere"].items()
        for name in names
        for spelling in (name.replace("_", ""), name)
    }
    return MappingProxyType({**elsewhere, **ours()})


@lru_cache(maxsize=1)
def _table() -> Any:
    text = resources.files("generators").joinpath("library/collector-components.yaml").read_text("utf-8")
    return load_plain(text)
