"""Dashboards that are made when somebody reads them, so that the plan of a thousand models stays small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from generators.language.catalog import Environment, Platform
from generators.planning.dashboards import fleet_dashboards, model_dashboards
from generators.planning.dashboards.subject import Subject
from generators.planning.panels import Dashboard


class Drawn(Sequence[Dashboard]):
    """Dashboards as a sequence; each reading makes them anew, and they are equal each time."""

    def made(self) -> tuple[Dashboard, ...]:
        """Return the dashboards."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Dashboard]:
        return iter(self.made())

    def __len__(self) -> int:
        return len(self.made())

    @overload
    def __getitem__(self, index: int) -> Dashboard: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Dashboard]: ...

    def __getitem__(self, index: int | slice) -> Dashboard | Sequence[Dashboard]:
        return self.made()[index]


@dataclass(frozen=True)
class ModelDashboards(Drawn):
    """The dashboards of a model, the one that alerts lead to first."""

    subject: Subject

    def made(self) -> tuple[Dashboard, ...]:
        """Return the dashboards."""
        return model_dashboards(self.subject)


@dataclass(frozen=True)
class FleetDashboards(Drawn):
    """The dashboards about all models of an environment."""

    environment: Environment
    subjects: tuple[Subject, ...]
    platform: Platform

    def made(self) -> tuple[Dashboard, ...]:
        """Return the dashboards."""
        return fleet_dashboards(self.environment, self.subjects, self.platform)
