"""A registry after resolution: attributes by key, and signals whose references lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

SIGNALS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "metrics": ("metric", "name"),
        "spans": ("span", "type"),
        "events": ("event", "name"),
        "entities": ("entity", "type"),
        "attribute_groups": ("attribute_group", "id"),
    }
)
"""Root key of a file → kind of signal, and the field that names it."""

REFINEMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "metric_refinements": "metric",
        "span_refinements": "span",
        "event_refinements": "event",
        "entity_refinements": "entity",
    }
)
"""Root key of a file → kind of the signal that is refined."""

ROOTS: Final = frozenset(("attributes", *SIGNALS, *REFINEMENTS))
"""Root keys that hold lists of definitions."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute; ``type`` is a name, or ``enum`` with ``members`` as (id, definition) pairs."""

    key: str
    type: str
    members: tuple[tuple[str, Mapping[str, Any]], ...]
    stability: str
    brief: str
    deprecated: Mapping[str, Any]
    annotations: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Use:
    """An attribute as a signal uses it; ``attribute`` is None where nothing defines it."""

    key: str
    level: str
    stability: str
    attribute: Attribute | None


@dataclass(frozen=True, slots=True)
class Signal:
    """A metric, span, event, entity, attribute group, or a refinement of one.

    ``base`` names what is refined, and is empty elsewhere. ``fields`` are those that the file gives.
    """

    kind: str
    name: str
    base: str
    stability: str
    brief: str
    uses: tuple[Use, ...]
    deprecated: Mapping[str, Any]
    annotations: Mapping[str, Any]
    fields: Mapping[str, Any]

    @property
    def internal(self) -> bool:
        """Whether this is a group that nobody outside the registry sees."""
        return self.fields.get("visibility") == "internal"


@dataclass(frozen=True, slots=True)
class Registry:
    """What a registry defines itself, and the attributes and signals that it knows from others."""

    attributes: Mapping[str, Attribute]
    signals: tuple[Signal, ...]
    foreign_attributes: Mapping[str, Attribute]
    foreign_signals: tuple[Signal, ...]

    def of(self, kind: str) -> Iterator[Signal]:
        """Yield the own signals of a kind that are not refinements."""
        return (signal for signal in self.signals if signal.kind == kind and not signal.base)


def is_excepted(annotations: Mapping[str, Any], package: str, policy: str) -> bool:
    """Whether annotations take something out of a policy, as the shared policies read them."""
    named = annotations.get(package)
    exceptions = named.get("policy_exceptions") if isinstance(named, Mapping) else None
    return isinstance(exceptions, list) and policy in exceptions


def is_excluded(annotations: Mapping[str, Any]) -> bool:
    """Whether no code is generated, so that constants cannot collide."""
    named = annotations.get("code_generation")
    return isinstance(named, Mapping) and named.get("exclude") is True
