"""What the plan says about Collectors: whole configurations, and for every key where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generators.diagnostics import Position
from generators.language.catalog.collector import Collector, Tier

Path = tuple[str, ...]
"""Keys from the top of a configuration to a value."""


GROWTH: Final = "300"
"""Percent by which memory in use grows before garbage is collected; Go's own is 100."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A part of a configuration that follows from specs: ``why`` is a sentence for its reader.

    A base may add to it unless it is ``sealed``, as what protects people is.
    """

    path: Path
    value: object
    why: str
    places: tuple[Position, ...]
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a key of a merged configuration comes from; ``why`` is empty for what stands in the base as it is."""

    path: Path
    why: str
    places: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """A merged configuration as plain values, with the origins of all its leaves and of its generated parts."""

    tier: Tier
    document: Mapping[str, object]
    leaves: tuple[Origin, ...]
    settings: tuple[Setting, ...]
    files: tuple[str, ...]

    def limiter(self, key: str) -> int | None:
        """Return a limit of the memory limiter in MiB; None where it is none or a share of what there is."""
        processors = self.document.get("processors")
        limiter = processors.get("memory_limiter") if isinstance(processors, Mapping) else None
        limit = limiter.get(key) if isinstance(limiter, Mapping) else None
        return limit if isinstance(limit, int) else None

    @property
    def runtime(self) -> Mapping[str, str]:
        """Variables of Go's runtime, which collects garbage rarely as long as the memory limiter refuses nothing."""
        limit, spike = self.limiter("limit_mib"), self.limiter("spike_limit_mib")
        return {} if limit is None or spike is None else {"GOGC": GROWTH, "GOMEMLIMIT": f"{limit - spike}MiB"}


@dataclass(frozen=True, slots=True)
class CollectorPlan:
    """The Collectors of an environment."""

    collector: Collector
    configurations: tuple[Configuration, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the distribution: ``kind`` as the builder's manifest groups it, ``module`` with its version."""

    kind: str
    type: str
    module: str
    version: str


@dataclass(frozen=True, slots=True)
class DistributionPlan:
    """The distribution that all Collectors run: the builder's version, the image with its tag, the parts in use."""

    version: str
    image: str
    components: tuple[Component, ...]


NO_DISTRIBUTION = DistributionPlan("", "", ())
