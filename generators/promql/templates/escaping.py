"""Makes text inert inside Go templates."""

from __future__ import annotations


def escape(text: str) -> str:
    """Return a template that expands to exactly the text, whatever it holds.

    An opening delimiter becomes an action that prints it; nothing else means anything outside of actions.
    """
    return text.replace("{{", '{{ "{{" }}')
