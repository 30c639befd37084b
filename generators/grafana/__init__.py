"""Grafana dashboards as classic JSON, built on grafanalib 0.7.1.

``objects`` holds our subclasses where grafanalib's output is stale, ``layout`` places panels, ``finalise`` turns any
grafanalib dashboard into plain values that current Grafana need not migrate, and ``lint`` judges dashboards, anybody's.
The package knows nothing of models.
"""

from __future__ import annotations

from generators.grafana.finalise import finalise
from generators.grafana.layout import Box, place

__all__ = ["Box", "finalise", "place"]
