"""Go templates as Prometheus uses them in rules: parsed, checked, expanded, with Go's own error texts.

``parse_template`` also reads Alertmanager's notification templates, whose functions differ; those are not expanded.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from generators.promql.problems import Problem
from generators.promql.templates.dialects import ALERTMANAGER, RULES, Dialect
from generators.promql.templates.escaping import escape
from generators.promql.templates.plain import is_plain

if TYPE_CHECKING:
    from generators.promql.templates.expansion import expand
    from generators.promql.templates.label_references import LabelReference, References, references
    from generators.promql.templates.parser import Template
    from generators.promql.templates.rule_functions import Query
else:
    _LATER = {
        "expand": "expansion",
        "Query": "rule_functions",
        "Template": "parser",
        **dict.fromkeys(("LabelReference", "References", "references"), "label_references"),
    }

    def __getattr__(name: str) -> object:
        """Import on first use: checks of rules seldom parse, and never expand."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "ALERTMANAGER",
    "RULES",
    "Dialect",
    "LabelReference",
    "Query",
    "References",
    "Template",
    "escape",
    "expand",
    "is_plain",
    "parse_template",
    "references",
]


@lru_cache(maxsize=1024)
def parse_template(text: str, dialect: Dialect = RULES) -> tuple[Template | None, tuple[Problem, ...]]:
    """Parse a template; problems carry spans in the text, and with any there is no template.

    Rules of one kind share their texts, so the last ones are remembered.
    """
    from generators.promql.templates.parser import parse_tokens  # noqa: PLC0415 - plain templates do without

    return parse_tokens(text, dialect)
