"""Names and label values that Kubernetes accepts, made of any text."""

from __future__ import annotations

import hashlib
import re

_NOT_IN_NAME = re.compile(r"[^a-z0-9.-]+")
_NOT_IN_VALUE = re.compile(r"[^A-Za-z0-9._-]+")
_DIGITS_OF_DIGEST = 8


def object_name(text: str) -> str:
    """Return a DNS subdomain of at most 253 characters; cut names keep apart by a digest."""
    labels = (part.strip("-") for part in _NOT_IN_NAME.sub("-", text.lower()).split("."))
    return _cut(".".join(filter(None, labels)) or "unnamed", text, 253)


def label_value(text: str) -> str:
    """Return a label value of at most 63 characters, beginning and ending with a letter or digit, or empty."""
    return _cut(_NOT_IN_VALUE.sub("-", text).strip("._-"), text, 63)


def _cut(name: str, text: str, length: int) -> str:
    if len(name) <= length:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS_OF_DIGEST]
    return f"{name[: length - _DIGITS_OF_DIGEST - 1].rstrip('._-')}-{digest}"
