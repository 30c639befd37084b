"""Every code that a problem in a spec can have, with what its page in the docs says.

Families: Y YAML, V values and units, S shapes, R references, P planning, A alerts and routes, B budget, C Collectors,
T output.
"""

from __future__ import annotations

from typing import Final

from generators.language.codes.code import Code
from generators.language.codes.collector import COLLECTOR
from generators.language.codes.conventions import CONVENTIONS
from generators.language.codes.meaning import ALERTS, BUDGET, OUTPUT, PLANNING
from generators.language.codes.structure import REFERENCES, SHAPES
from generators.language.codes.text import VALUES, YAML

CODES: Final[dict[str, Code]] = {
    code.code: code
    for code in sorted(
        (*YAML, *VALUES, *SHAPES, *REFERENCES, *PLANNING, *CONVENTIONS, *ALERTS, *BUDGET, *COLLECTOR, *OUTPUT),
        key=lambda code: code.code,
    )
}

__all__ = ["CODES", "Code"]
