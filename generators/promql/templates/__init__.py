"""Go templates as Prometheus uses them in rules: parsed, checked, expanded, with Go's own error texts.

``parse_template`` also reads Alertmanager's notification templates, whose functions differ; those are not expanded.
Expanding has a module of its own, ``expansion``, and so have the labels that a template reads, ``label_references``.
"""

from __future__ import annotations

from functools import lru_cache

from generators.diagnostics import TextFinding
from generators.promql.templates.dialects import ALERTMANAGER, RULES, Dialect
from generators.promql.templates.parser import Template, parse_tokens

__all__ = [
    "ALERTMANAGER",
    "RULES",
    "Dialect",
    "Template",
    "escape",
    "parse_template",
]


@lru_cache(maxsize=1024)
def parse_template(text: str, dialect: Dialect = RULES) -> tuple[Template | None, tuple[TextFinding, ...]]:
    """Parse a template; problems carry spans in the text, and with any there is no template.

    Rules of one kind share their texts, so the last ones are remembered.
    """
    return parse_tokens(text, dialect)


def escape(text: str) -> str:
    """Return a template that expands to exactly the text, whatever it holds.

    An opening delimiter becomes an action that prints it; nothing else means anything outside of actions.
    """
    return text.replace("{{", '{{ "{{" }}')
