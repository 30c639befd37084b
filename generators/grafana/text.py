"""Text that Grafana shows as it is: no variable, legend or old-style variable is read out of it."""

from __future__ import annotations

import re

_READ = re.compile(r"\$(?=[\w{])|\[(?=\[)|\{(?=\{)")
_BREAK = "\u200b"
"""A space without width: it ends the syntax, and a reader does not see it."""


def inert(text: str) -> str:
    """Return text in which ``$name``, ``${name}``, ``[[name]]`` and ``{{label}}`` mean nothing."""
    return _READ.sub(lambda found: f"{found[0]}{_BREAK}", text)
