"""Versions of Grafana that dashboards are written for, and the schema that each reads without migrating."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SCHEMA_VERSIONS: Final[Mapping[str, int]] = MappingProxyType({"11": 39, "12": 41, "13": 42})
"""``schemaVersion`` by major version of Grafana."""
