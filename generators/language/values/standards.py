"""Laws and standards that evidence is collected for, by the names that specs use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from generators.language.sources import LIBRARY


@lru_cache(maxsize=1)
def standards() -> Mapping[str, str]:
    """Return their titles; clauses, and what counts as evidence for them, stand beside in the library."""
    library = json.loads((LIBRARY / "compliance.json").read_text("utf-8"))
    return MappingProxyType(library["standards"])
