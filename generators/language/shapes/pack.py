"""Packs: what watching a task means, as data. Built-in packs and an organisation's own obey the same rules."""

from __future__ import annotations

from generators.language.shapes.base import Name, Text
from generators.language.shapes.monitoring import Monitoring
from generators.language.shapes.organisation import ExternalMetricShape


class NeededMetricShape(ExternalMetricShape):
    """A series of another system that a pack reads."""

    optional: bool = False
    """True if only some platforms have the system: without it, what reads the series is left out."""


class PackSpec(Monitoring):
    """A reusable set of metrics, measures, objectives and alerts."""

    description: Text
    """What the pack is for."""
    extends: list[Name] | None = None
    """Packs that this one builds on, later ones win; a pack with a built-in's name is laid over the built-in."""
    external: dict[str, NeededMetricShape] | None = None
    """Series of other systems that the pack reads, for the platform to declare if it has them."""
    task: bool = False
    """True if models may name this pack as their `task`."""
