"""Pages of a plan: which ones there are. They are made when somebody reads them, so that a large plan stays small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, overload

from generators.language.catalog import Environment, Platform
from generators.planning.dashboards import business, health, objectives, placed
from generators.planning.dashboards.fleet import overview
from generators.planning.dashboards.fleet_panels import Fleet
from generators.planning.dashboards.panels import Dashboard
from generators.planning.dashboards.remainder import remainder
from generators.planning.dashboards.subject import Subject

Page: TypeAlias = Callable[[Subject], Dashboard | None]

PAGES: Final[tuple[Page, ...]] = (
    business.dashboard,
    health.dashboard,
    objectives.dashboard,
    *(partial(placed.dashboard, topic=topic) for topic in ("llm", "llm-cost", "quality", "resources")),
)
"""Each makes a page of a model, or None where the model has nothing to show on it."""


def model_dashboards(subject: Subject) -> tuple[Dashboard, ...]:
    """Return the dashboards of a model, the one that alerts lead to first; the last shows what no other page does."""
    made = [dashboard for page in PAGES if (dashboard := page(subject)) is not None]
    rest = remainder(subject, made)
    return tuple(sorted((*made, *([rest] if rest else [])), key=lambda each: (each.topic != "health", each.uid)))


def fleet_dashboards(
    environment: Environment, subjects: Iterable[Subject], platform: Platform
) -> tuple[Dashboard, ...]:
    """Return the dashboards about all models of an environment."""
    made = overview(Fleet(environment, tuple(subjects), platform))
    return (made,) if made is not None else ()


class Dashboards(Sequence[Dashboard]):
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
class ModelDashboards(Dashboards):
    """The dashboards of a model, the one that alerts lead to first."""

    subject: Subject

    def made(self) -> tuple[Dashboard, ...]:
        """Return the dashboards."""
        return model_dashboards(self.subject)


@dataclass(frozen=True)
class FleetDashboards(Dashboards):
    """The dashboards about all models of an environment."""

    environment: Environment
    subjects: tuple[Subject, ...]
    platform: Platform

    def made(self) -> tuple[Dashboard, ...]:
        """Return the dashboards."""
        return fleet_dashboards(self.environment, self.subjects, self.platform)
