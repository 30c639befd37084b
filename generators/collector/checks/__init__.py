"""One module a subject; each check takes the view of a configuration and yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from generators.collector.checks.derivation import derivation
from generators.collector.checks.order import order
from generators.collector.checks.ottl import ottl
from generators.collector.checks.queues import queues
from generators.collector.checks.redaction import redaction
from generators.collector.checks.routing import routing
from generators.collector.checks.sampling import sampling
from generators.collector.checks.transport import transport
from generators.collector.checks.variables import variables
from generators.collector.checks.wiring import wiring
from generators.collector.view import View
from generators.diagnostics import Finding

Check: TypeAlias = Callable[[View], Iterator[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    wiring,
    order,
    redaction,
    ottl,
    sampling,
    routing,
    derivation,
    queues,
    transport,
    variables,
)

__all__ = ["CHECKS", "Check"]
