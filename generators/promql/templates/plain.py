"""Templates that are sound at first sight, which most are: they need not be parsed to be checked."""

from __future__ import annotations

import re
from functools import lru_cache

from generators.promql.templates.dialects import BUILTINS, RULES

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_TEXT = r"(?:[^{]|\{(?!\{))*+"
_OPERAND = rf"(?:\$(?:labels|externalLabels)\.{_NAME}|\$value)"
_FUNCTION = "|".join(sorted(RULES.functions | BUILTINS))
_ARGUMENT = r'"[^"\\\n]*"'
_ACTION = rf"\{{\{{ ?(?:printf {_ARGUMENT} )?{_OPERAND}(?: \| (?:{_FUNCTION})(?: {_ARGUMENT})?)* ?\}}\}}"
_PLAIN = re.compile(rf"{_TEXT}(?:{_ACTION}{_TEXT})*+")


@lru_cache(maxsize=1024)
def is_plain(text: str) -> bool:
    """Tell whether a rule's template holds only text and actions that parse.

    Such actions print a label or the value, through known functions: ``{{ $labels.job }}``,
    ``{{ $value | humanize }}``, ``{{ printf "%.2f" $value }}``.
    """
    return _PLAIN.fullmatch(text) is not None
