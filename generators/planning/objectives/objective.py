"""Objectives: what each is, by which names and labels its series go, and over which windows it is judged.

Names and labels are those that sloth's dashboards and user interface read (``slo:sli_error:ratio_rate5m``,
``sloth_id``, …). ``slo_events`` says what is counted, ``slo_recordings`` and ``slo_alerts`` what is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from generators.formats.durations import format_duration
from generators.language.catalog import Deployment, EventRatio, Latency, Limit, Slo
from generators.planning.alerts.texts import shown
from generators.planning.expressions import MINUTE_MS, equal, selector
from generators.planning.formulas import Filling
from generators.planning.names import ENVIRONMENT, sloth_id, sloth_service
from generators.planning.objectives.tiers import Tier, tiers
from generators.planning.plan import Objective
from generators.promql.syntax.ast import Matcher, VectorSelector

BASE_MS: Final = 5 * MINUTE_MS
MONTH_PANEL_MS: Final = 60 * MINUTE_MS
"""The window that monthly error-budget panels read, whatever the tiers."""

TOTAL: Final = "slo:sli_total:rate5m"
BAD: Final = "slo:sli_bad:rate5m"


@dataclass(frozen=True)
class PlannedObjective:
    """An objective with what its rules need: ids, identity labels and the series that it reads."""

    slo: Slo
    deployment: Deployment
    filling: Filling
    interval_ms: int

    @cached_property
    def labels(self) -> dict[str, str]:
        """Labels of every recording."""
        ids = {
            "sloth_id": sloth_id(self.deployment, self.slo),
            "sloth_service": sloth_service(self.deployment),
            "sloth_slo": self.slo.name,
        }
        return {**ids, **{matcher.label: matcher.value for matcher in self.filling.matchers}}

    @cached_property
    def id_matchers(self) -> tuple[Matcher, ...]:
        """Matchers that select this objective's own recordings, also where environments share a server."""
        labels = self.labels
        return tuple(equal(name, labels[name]) for name in ("sloth_id", ENVIRONMENT))

    @property
    def budget(self) -> Decimal:
        """Share of events that may be bad."""
        return 1 - self.slo.objective

    @property
    def alerting_tiers(self) -> tuple[Tier, ...]:
        """The tiers that alert, fastest first."""
        return alerting_tiers(self.slo)

    def ratio(self, window_ms: int) -> VectorSelector:
        """The recorded error ratio over a window."""
        return selector(ratio_record(window_ms), self.id_matchers)


def ratio_record(window_ms: int) -> str:
    """Return the name of the error ratio over a window, the window in canonical form."""
    return f"slo:sli_error:ratio_rate{format_duration(window_ms)}"


def windows(slo: Slo) -> tuple[int, ...]:
    """Return the windows that are recorded, ascending: those of all tiers, the month panel's, and the period."""
    catalogue = {window for tier in tiers() for window in (tier.short_ms, tier.long_ms)}
    return tuple(sorted({BASE_MS, MONTH_PANEL_MS, slo.window_ms, *catalogue}))


def alerting_tiers(slo: Slo) -> tuple[Tier, ...]:
    """Return the tiers of burn rates that alert, fastest first; none where the objective is only shown."""
    if slo.tiers is None:
        return tuple(tier for tier in tiers() if tier.factor(slo.window_ms) >= 1)
    return tuple(tier for tier in tiers() if tier.name in slo.tiers)


def alerts(slo: Slo) -> bool:
    """Whether an objective has alerts: on burn rates, or on an outage."""
    return slo.outage is not None or bool(alerting_tiers(slo))


def promised(slo: Slo) -> str:
    """Return what an objective promises, with its bound."""
    match slo.indicator:
        case Latency(below=below):
            bound = f"The bound is {shown(below.amount, str(below.unit))}."
        case Limit(limit=limit, upper=upper):
            bound = f"The bound is at {'most' if upper else 'least'} {limit}."
        case EventRatio():
            bound = ""
    return f"{slo.description} {bound}".strip()


def objective(planned: PlannedObjective) -> Objective:
    """Return what pages and dashboards say about an objective."""
    slo = planned.slo
    kind = {EventRatio: "events", Latency: "latency", Limit: "time"}[type(slo.indicator)]
    return Objective(
        slo=slo.name,
        sloth_id=sloth_id(planned.deployment, slo),
        sloth_service=sloth_service(planned.deployment),
        objective=shown(slo.objective, "1"),
        window=format_duration(slo.window_ms),
        description=promised(slo),
        symptom=slo.symptom,
        kind=kind,
        provenance=(slo.objective_position,),
    )
