"""The table of components that the distribution may have, from the library."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from generators.collector.view import KINDS
from generators.formats.yaml.reader import load_plain


@lru_cache(maxsize=1)
def aliases() -> Mapping[tuple[str, str], str]:
    """Return the type of each kind and name: current names stand for themselves, older ones for the current."""
    text = resources.files("generators").joinpath("library/collector-components.yaml").read_text("utf-8")
    table = load_plain(text)
    found: dict[tuple[str, str], str] = {}
    for kind in KINDS:
        for name, facts in table[kind].items():
            found[kind, name] = name
            found.update({(kind, old): name for old in facts.get("aliases", ())})
    return MappingProxyType(found)
