"""Setting up telemetry: one call, from the environment variables of OpenTelemetry, with our defaults.

    import otel
    otel.configure()          # or nothing at all: the first monitor does it

The variables are listed in `otel.export.settings`.  Calling again is of no effect, except that a shorter export
interval is taken over.  It works before a fork (gunicorn with preloading), after it, and in spawned processes.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from opentelemetry import _logs, metrics, trace
from opentelemetry.util.types import Attributes

from otel.export import process
from otel.export.settings import read
from otel.export.telemetry import Telemetry

F = TypeVar("F", bound=Callable[..., Any])


class _State:
    """What this process has set up, and the lock of those who do so."""

    def __init__(self) -> None:
        self.current: Telemetry | None = None
        self.lock = threading.RLock()


_state = _State()


def configure(
    resource: Mapping[str, str] | None = None,
    *,
    export_interval: float | None = None,
    exit_timeout: float = 5.0,
    set_global: bool = True,
) -> Telemetry:
    """Set telemetry up for this process and those that it forks, once.

    ``resource``         attributes of the service; they win over ``OTEL_RESOURCE_ATTRIBUTES``
    ``export_interval``  seconds between two exports of metrics unless ``OTEL_METRIC_EXPORT_INTERVAL`` says it;
                         the rules are computed for the interval of the manifest
    ``exit_timeout``     seconds that sending what waits may take at exit and on SIGTERM
    ``set_global``       whether instrumentation of others records with these providers too

    Raises `ConfigurationError` where a variable of the environment is wrong.
    """
    with _state.lock:
        if _state.current is None:
            made = _create(dict(resource or {}), export_interval, exit_timeout, set_global=set_global)
            use(made)
            return made
        if _state.current.source is not None:
            _state.current.source.adopt(resource or {}, export_interval)
        return _state.current.current


def telemetry() -> Telemetry:
    """The providers of this process, set up from the environment on first use."""
    return configure() if _state.current is None else _state.current.current


def use(new: Telemetry | None) -> Telemetry | None:
    """Make ``new`` what `telemetry` answers, or none until it is asked again; returns what it was before."""
    previous, _state.current = _state.current, new
    return previous


def flush(timeout: float = 5.0) -> bool:
    """Send what waits, if anything was set up, in at most ``timeout`` seconds; whether all of it was sent."""
    return _state.current is None or _state.current.current.flush(timeout)


@overload
def flush_after(function: F, /) -> F: ...
@overload
def flush_after(*, timeout: float = 2.0) -> Callable[[F], F]: ...
def flush_after(function: Callable[..., Any] | None = None, *, timeout: float = 2.0) -> Any:
    """Send what waits each time that a function has ended, in at most ``timeout`` seconds.

    For functions whose process is frozen until the next call, as those of AWS Lambda and its like are, and may never
    be thawed: ``@otel.flush_after`` above the handler, which may be a coroutine.
    """
    if function is None:
        return functools.partial(flush_after, timeout=timeout)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def coroutine(*arguments: Any, **named: Any) -> Any:
            try:
                return await function(*arguments, **named)
            finally:
                await asyncio.to_thread(flush, timeout)

        return coroutine

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        finally:
            flush(timeout)

    return call


def shutdown(timeout: float = 5.0) -> bool:
    """Send what waits, then forget the set-up; whether all of it was sent."""
    with _state.lock:
        current = _state.current
        if current is None:
            return True
        sent = current.current.flush(timeout)
        if current.source is not None:
            process.forget(current.source)
            current.source.close()
        use(None)
        return sent


def _none() -> Telemetry:
    return Telemetry(metrics.NoOpMeterProvider(), trace.NoOpTracerProvider(), _logs.NoOpLoggerProvider())


def _create(resource: dict[str, str], interval: float | None, exit_timeout: float, *, set_global: bool) -> Telemetry:
    settings = read(os.environ)
    if settings.disabled:
        return _none()
    from otel.export.providers import Providers  # noqa: PLC0415  (the SDK is loaded where it is used)

    providers = Providers(settings, resource, interval, exit_timeout)
    process.watch(providers)
    if set_global:
        _make_global(providers.telemetry)
    return providers.telemetry


class _CurrentMeterProvider(metrics.MeterProvider):
    """The global meter provider: meters are those of the process that asks, also after a fork."""

    def get_meter(
        self, name: str, version: str | None = None, schema_url: str | None = None, attributes: Attributes | None = None
    ) -> metrics.Meter:
        return telemetry().meter_provider.get_meter(name, version, schema_url, attributes)


def _make_global(made: Telemetry) -> None:
    """Let instrumentation of others use these providers, unless there are global ones already."""
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        trace.set_tracer_provider(made.tracer_provider)
    if "Proxy" in type(metrics.get_meter_provider()).__name__:
        metrics.set_meter_provider(_CurrentMeterProvider())
    if "Proxy" in type(_logs.get_logger_provider()).__name__:
        _logs.set_logger_provider(made.logger_provider)


def _in_child() -> None:
    """Another thread of the parent may have held the lock when it forked."""
    _state.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
