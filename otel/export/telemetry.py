"""The providers that a service records with, and what can be asked of them whoever made them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from otel.export import process
from otel.recording.instruments import Instruments
from otel.recording.recorder import Recorder


class Source(process.Life, Protocol):
    """What made the providers and carries their telemetry out of the process; see `otel.export.providers`."""

    @property
    def telemetry(self) -> Telemetry:
        """The providers of this process."""

    def flush(self, timeout: float) -> bool:
        """Send what waits."""

    def flush_soon(self, within: float) -> None:
        """Send metrics soon."""

    def dropped(self) -> Mapping[str, int]:
        """Items lost: ``span`` and ``log``."""

    def adopt(self, resource: Mapping[str, str], interval: float | None) -> None:
        """Take over what a later call of `otel.configure` asks for, or say why not."""

    def produce(self, recorder: Recorder, scope: str) -> bool:
        """Export what a recorder counts; whether that can be done."""

    def leave_out(self, recorder: Recorder) -> None:
        """Export no more what a recorder counts."""


@dataclass(frozen=True)
class Telemetry:
    """Providers of metrics, traces and logs, of the SDK or of the API.

    `otel.configure()` makes one from the environment; who has providers already writes
    ``Telemetry(meter_provider, tracer_provider, logger_provider)`` and keeps flushing and forking in his own hands.
    """

    meter_provider: MeterProvider
    tracer_provider: TracerProvider
    logger_provider: LoggerProvider
    source: Source | None = field(default=None, repr=False, compare=False)
    """What made the providers; none where they are somebody else's."""
    monitors: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The monitor of each model that records with them; see `otel.monitor`."""
    _instruments: dict[str, Instruments] = field(default_factory=dict, init=False, repr=False, compare=False)

    def flush(self, timeout: float = 5.0) -> bool:
        """Send everything that waits, in at most ``timeout`` seconds; whether all of it was sent. Never raises."""
        if self.source is not None:
            return self.source.flush(timeout)
        end = time.monotonic() + timeout
        done = [
            _force(provider, end - time.monotonic())
            for provider in (self.meter_provider, self.tracer_provider, self.logger_provider)
        ]
        return all(done)

    def flush_soon(self, within: float = 1.0) -> None:
        """Export metrics within so many seconds, without waiting for it.

        Called once instruments exist with all their cells at zero, so that Prometheus knows the zeros before the
        first increment.  A process that forks before then and counts nothing itself sends nothing: the children do.
        """
        if self.source is not None:
            self.source.flush_soon(within)
        else:
            threading.Thread(target=_force, args=(self.meter_provider, 10.0), name="otel-first", daemon=True).start()

    def dropped(self) -> Mapping[str, int]:
        """Spans (``span``) and log records (``log``) that were lost since the process began; empty if nobody knows."""
        return self.source.dropped() if self.source is not None else {}

    def produce(self, recorder: Recorder, scope: str) -> bool:
        """Export what a recorder counts, under the name of a scope; whether that can be done.

        It can with the providers of `otel.configure`, unless increments instead of totals are wanted.
        """
        return self.source is not None and self.source.produce(recorder, scope)

    def instruments(self, scope: str) -> Instruments:
        """Return the instruments of a scope, for recorders that the providers do not ask themselves."""
        if scope not in self._instruments:
            self._instruments[scope] = Instruments(self.meter_provider.get_meter(scope))
        return self._instruments[scope]

    def leave_out(self, recorder: Recorder) -> None:
        """Export no more what a recorder counts: another one takes its place."""
        if self.source is not None:
            self.source.leave_out(recorder)
        for instruments in self._instruments.values():
            instruments.leave_out(id(recorder))

    def on_child(self, callback: Callable[[Telemetry], object]) -> None:
        """Call ``callback(telemetry)`` in every process forked from this one, with the providers of that process.

        A bound method is held weakly.  Instruments that belong to these providers have to be made again from
        those handed over; the old ones count into nothing.
        """
        process.on_child(lambda: self.current, callback)

    @property
    def current(self) -> Telemetry:
        """The providers of this process that take the place of these: others in a forked child, else the same."""
        return self.source.telemetry if self.source is not None else self


def _force(provider: object, timeout: float) -> bool:
    flush = getattr(provider, "force_flush", None)
    if flush is None:
        return True
    try:
        return bool(flush(timeout_millis=int(max(timeout, 0.0) * 1e3)))
    except Exception:  # the SDK raises what a reader raised
        return False
