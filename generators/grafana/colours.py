"""Colours that people with any colour vision tell apart: Okabe and Ito's palette, 2008.

Warning and critical are never used for series that mean nothing bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STATUS: Final[Mapping[str, str]] = MappingProxyType(
    {"ok": "#0072B2", "info": "#56B4E9", "warning": "#E69F00", "critical": "#D55E00", "neutral": "#8E8E8E"}
)

SERIES: Final = ("#0072B2", "#CC79A7", "#009E73", "#56B4E9", "#F0E442")
"""Series in order; more than five in one picture take Grafana's own palette."""

GRADIENT: Final = "Cividis"
"""Of heatmaps."""
