"""Label sets: sorted tuples of (name, value) pairs without empty values, the identity of a series.

Tuples compare, hash and sort as Prometheus' labels do: by name, then by value, pair for pair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from generators.promql.engine.go_text import is_plain_label, quote

Labels: TypeAlias = tuple[tuple[str, str], ...]

METRIC_NAME = "__name__"
EMPTY: Labels = ()


def from_mapping(pairs: Mapping[str, str]) -> Labels:
    """Label set of a mapping; empty values mean that the label is not there."""
    return tuple(sorted([pair for pair in pairs.items() if pair[1]]))


def get(labels: Labels, name: str) -> str:
    """Value of a label, empty when it is missing."""
    for key, value in labels:
        if key == name:
            return value
    return ""


def without(labels: Labels, names: Collection[str]) -> Labels:
    """The label set less some names."""
    return tuple([pair for pair in labels if pair[0] not in names])


def keep(labels: Labels, names: Collection[str]) -> Labels:
    """Only the named labels."""
    return tuple([pair for pair in labels if pair[0] in names])


def with_labels(labels: Labels, changes: Iterable[tuple[str, str]]) -> Labels:
    """The label set with some labels set; an empty value removes the label."""
    pairs = dict(labels)
    pairs.update(changes)
    return from_mapping(pairs)


def format_labels(labels: Labels) -> str:
    """``{a="b", c="d"}``, the form in which Prometheus' own messages show a series."""
    parts = (f"{name if is_plain_label(name) else quote(name)}={quote(value)}" for name, value in labels)
    return "{" + ", ".join(parts) + "}"


def encode_labels(labels: Labels) -> bytes:
    """Length-prefixed bytes of a label set, the input of Prometheus' label hash.

    A length below 255 is one byte; a longer one is 255 and three bytes, least significant first.
    """
    parts = []
    for pair in labels:
        for text in pair:
            data = text.encode()
            size = len(data)
            parts.append(bytes((size,)) if size < 255 else b"\xff" + size.to_bytes(3, "little"))
            parts.append(data)
    return b"".join(parts)
