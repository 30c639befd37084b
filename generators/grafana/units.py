"""Units of OpenTelemetry → ids of Grafana's units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from otel.units import UnitError, parse_unit

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": "none",
        "1": "percentunit",
        "%": "percent",
        "s": "s",
        "ms": "ms",
        "us": "µs",
        "ns": "ns",
        "min": "m",
        "h": "h",
        "d": "d",
        "By": "bytes",
        "KiBy": "kbytes",
        "MiBy": "mbytes",
        "GiBy": "gbytes",
        "kBy": "deckbytes",
        "MBy": "decmbytes",
        "GBy": "decgbytes",
        "bit": "bits",
        "By/s": "binBps",
        "bit/s": "bps",
        "Hz": "hertz",
        "W": "watt",
        "J": "joule",
        "Cel": "celsius",
        "V": "volt",
        "A": "amp",
        "m": "lengthm",
        "kg": "masskg",
        "{request}/s": "reqps",
        "{operation}/s": "ops",
    }
)
"""Units that Grafana has a word for."""

CURRENCIES: Final = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CHF",
        "CZK",
        "DKK",
        "NOK",
        "SEK",
        "PLN",
        "RUB",
        "UAH",
        "BRL",
        "ISK",
        "INR",
        "KRW",
        "IDR",
        "PHP",
        "VND",
        "TRY",
        "MYR",
        "ZAR",
        "BTC",
    ]
)
"""Currencies that Grafana can show."""

COUNT: Final = "short"
"""Plain numbers and things that are counted."""


@lru_cache(maxsize=4096)
def grafana_unit(unit: str) -> str:
    """Return the id of a unit; one that Grafana has no word for is shown as a plain number."""
    if unit in UNITS:
        return UNITS[unit]
    try:
        terms = parse_unit(unit).terms
    except UnitError:
        return COUNT
    above = [symbol for symbol, power in terms if power > 0]
    below = [symbol for symbol, power in terms if power < 0]
    if above and above[0].strip("{}") in CURRENCIES:
        return f"currency{above[0].strip('{}')}"
    if below in (["s"], ["min"]) and all(symbol.startswith("{") for symbol in above):
        return "cps" if below == ["s"] else "cpm"
    return COUNT
