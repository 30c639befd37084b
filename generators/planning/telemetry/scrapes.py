"""Series of other systems: what each is called in Prometheus, and what is scraped of which system."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from generators.language.catalog import ExternalMetric, Platform
from generators.planning.plan import Scrape

KUBELET: Final[Mapping[str, str]] = MappingProxyType({"cadvisor": "/metrics/cadvisor", "kubelet": "/metrics"})
"""Sources that are part of the kubelet, in lower case, and the path there."""

_HISTOGRAM = ("_bucket", "_count", "_sum")


def series(external: ExternalMetric) -> tuple[str, ...]:
    """Return the series of an external metric; a histogram is three."""
    return tuple(f"{external.name}{part}" for part in (_HISTOGRAM if external.type == "histogram" else ("",)))


def scrapes(platform: Platform) -> tuple[Scrape, ...]:
    """Return what is read of each other system, sorted by the system's name."""
    found: dict[str, tuple[str, ...]] = {}
    for _, external in sorted(platform.external.items()):
        found[external.source] = (*found.get(external.source, ()), *series(external))
    return tuple(Scrape(source, names, KUBELET.get(source.lower(), "")) for source, names in sorted(found.items()))
