"""What silences what: a graver level of the same alert, a faster tier of the same objective, a cause that is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from generators.alertmanager import InhibitRule, Matcher
from generators.language.catalog import Level
from generators.planning.plan import Alerting

OWNER = ("tenant", "environment", "model")
SAME_SLO = (*OWNER, "slo")
MILDER: Mapping[Level, tuple[Level, ...]] = {Level.CRITICAL: (Level.WARNING, Level.INFO), Level.WARNING: (Level.INFO,)}


def inhibitions(alerts: Iterable[Alerting], tiers: tuple[str, ...]) -> Iterator[InhibitRule]:
    """Yield the rules for the alerts of an environment; ``tiers`` are those of objectives, fastest first."""
    alerts = tuple(alerts)
    yield from _levels(alerts)
    yield from _tiers(tiers)
    yield from _causes(alerts)


def _levels(alerts: tuple[Alerting, ...]) -> Iterator[InhibitRule]:
    """One rule serves all alerts: two alerts of one name carry the same labels, so what both lack is equal."""
    for graver, milder in MILDER.items():
        names = _named(alerts, (graver,)) & _named(alerts, milder)
        instance = sorted({label for alert in alerts if alert.alert in names for label in alert.instance})
        if names:
            yield InhibitRule(
                source=(Matcher("severity", "=", graver),),
                target=(_one_of("severity", milder),),
                equal=(*OWNER, "alertname", *instance),
            )


def _tiers(tiers: tuple[str, ...]) -> Iterator[InhibitRule]:
    for index, tier in enumerate(tiers[:-1]):
        yield InhibitRule(
            source=(Matcher("tier", "=", tier), Matcher("slo", "=~", ".+")),
            target=(_one_of("tier", tiers[index + 1 :]), Matcher("slo", "=~", ".+")),
            equal=SAME_SLO,
        )


def _causes(alerts: tuple[Alerting, ...]) -> Iterator[InhibitRule]:
    """A cause hides what is milder than it and, while it is critical, its equals: one failure is one page."""
    instances: dict[str, set[str]] = {}
    for alert in alerts:
        instances.setdefault(alert.alert, set()).update(set(alert.instance) - {name for name, _ in alert.labels})
    hidden: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for alert in alerts:
        for cause in alert.hidden_by:
            both = instances.get(cause, set()) & instances[alert.alert]
            hidden.setdefault((cause, tuple(sorted(both))), set()).add(alert.alert)
    for (cause, common), explained in sorted(hidden.items()):
        for level, milder in ((Level.CRITICAL, tuple(Level)), (Level.WARNING, MILDER[Level.WARNING])):
            told = sorted(explained & _named(alerts, milder))
            if told and cause in _named(alerts, (level,)):
                yield InhibitRule(
                    source=(Matcher("alertname", "=", cause), Matcher("severity", "=", level)),
                    target=(
                        _one_of("alertname", told),
                        *((_one_of("severity", milder),) if level is not Level.CRITICAL else ()),
                    ),
                    equal=(*OWNER, *common),
                )


def _named(alerts: tuple[Alerting, ...], levels: Iterable[Level]) -> set[str]:
    """Return the names of the alerts that have one of the levels."""
    return {alert.alert for alert in alerts if alert.level in tuple(levels)}


def _one_of(label: str, values: Iterable[str]) -> Matcher:
    match tuple(values):
        case (value,):
            return Matcher(label, "=", value)
        case several:
            return Matcher(label, "=~", "|".join(map(re.escape, several)))
