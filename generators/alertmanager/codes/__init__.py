"""Every problem that a check of a configuration can report: data for messages and reference pages."""

from __future__ import annotations

from collections.abc import Mapping

from generators.alertmanager.codes.code import Code
from generators.alertmanager.codes.delivery import INHIBITION, INTERVALS, RECEIVERS
from generators.alertmanager.codes.routing import FILE, ROUTES

__all__ = ["CODES", "Code"]

CODES: Mapping[str, Code] = {**FILE, **ROUTES, **RECEIVERS, **INTERVALS, **INHIBITION}
