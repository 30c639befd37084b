"""What the values of a panel share: unit, thresholds, words for numbers, links, and what stands where none is."""

from __future__ import annotations

from generators.grafana.colours import STATUS
from generators.grafana.objects import Json
from generators.grafana.units import grafana_unit
from generators.planning.dashboards.panels import Mapping as ValueMapping
from generators.planning.dashboards.panels import Panel, Status, Thresholds
from generators.targets.grafana.text import link, title


def steps(thresholds: Thresholds, neutral: str = "text") -> Json:
    """Return thresholds; what means nothing is drawn in ``neutral``."""

    def colour(status: Status) -> str:
        return neutral if status is Status.NEUTRAL else STATUS[status]

    first = [{"color": colour(thresholds.base), "value": None}]
    rest = [{"color": colour(status), "value": _number(value)} for value, status in thresholds.steps]
    return {"mode": "absolute", "steps": [*first, *rest]}


def mappings(found: tuple[ValueMapping, ...]) -> list[Json]:
    """Return values that are shown as words."""
    if not found:
        return []
    options = {
        str(each.value): {"color": STATUS[each.status], "index": index, "text": title(each.text)}
        for index, each in enumerate(found)
    }
    return [{"options": options, "type": "value"}]


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def field_defaults(panel: Panel, neutral: str = "text") -> Json:
    """Return what all values of a panel share."""
    return {
        "decimals": panel.decimals,
        "links": [link(each) for each in panel.data_links],
        "mappings": mappings(panel.mappings),
        "max": None if panel.maximum is None else _number(panel.maximum),
        "min": None if panel.minimum is None else _number(panel.minimum),
        "noValue": title(panel.no_data),
        "thresholds": steps(panel.thresholds, neutral),
        "unit": "none" if panel.mappings else grafana_unit(panel.unit),
    }
