"""Tables of the library: burn-rate tiers, and the priorities of severities.

A tier says which windows are compared with which share of the error budget.

The method is multi-window, multi-burn-rate alerting (The Site Reliability Workbook, chapter 5).  A tier that spends
``share`` of the budget of ``period`` within ``long`` burns ``share · period / long`` times faster than allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from generators.formats.durations import parse_duration
from generators.formats.yaml.reader import load_plain
from generators.language.catalog import Level

LIBRARY = Path(__file__).parents[2] / "library"
CATALOGUE = LIBRARY / "burn-rates.yaml"
SEVERITIES = LIBRARY / "severities.yaml"


@dataclass(frozen=True, slots=True)
class Tier:
    """A burn-rate tier: fires when ``share`` of the budget would be gone within ``long_ms``."""

    name: str
    share: Decimal
    long_ms: int
    short_ms: int
    level: Level

    def factor(self, period_ms: int) -> Decimal:
        """Return how many times faster than allowed the budget burns at this tier."""
        return self.share * period_ms / self.long_ms


@lru_cache(maxsize=1)
def tiers() -> tuple[Tier, ...]:
    """Return the catalogue, fastest tier first."""
    data = load_plain(CATALOGUE.read_text(encoding="utf-8"))
    return tuple(
        Tier(
            each["name"],
            Decimal(str(each["budget"]).removesuffix("%")) / 100,
            parse_duration(each["long"]),
            parse_duration(each["short"]),
            Level(each["severity"]),
        )
        for each in data["tiers"]
    )


@lru_cache(maxsize=1)
def priorities() -> dict[Level, str]:
    """Return the priority of each severity, where an alert does not name its own."""
    data = load_plain(SEVERITIES.read_text(encoding="utf-8"))
    return {Level(each["severity"]): name for name, each in data["priorities"].items() if each.get("default")}
