"""Autoscaling of a model's Deployment: what it may grow to, and on what sign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Resources:
    """Processor and memory of a container in Kubernetes' notation; empty where nobody said."""

    cpu: str = ""
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Vertical:
    """Requests of one container, from ``least`` to ``most``; ``update`` is the mode as Kubernetes calls it."""

    update: str
    container: str
    least: Resources
    most: Resources


@dataclass(frozen=True, slots=True)
class Horizontal:
    """Replicas from ``least`` to ``most``, when a sign has been there for ``for_ms``.

    ``cpu`` is a share of what replicas request, ``latency`` the 95th percentile in seconds; one of them may be None.
    """

    least: int
    most: int
    cpu: Decimal | None
    latency: Decimal | None
    for_ms: int


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """The autoscalers of one model in one environment."""

    vertical: Vertical | None
    horizontal: Horizontal | None
