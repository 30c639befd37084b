"""Exporters of the SDK, built on first use in the process that uses them, and what became of a batch.

An exporter owns sockets, threads and (gRPC) a runtime that must not be used on both sides of a fork.  Therefore a
process that never sends anything builds none, and a child abandons what it inherited without touching it.  So does a
thread that sends after another: gevent's sockets belong to the thread that opened them, and a worker of gunicorn whose
threads became greenlets has sent from a thread of the system before.

The SDK's exporters log every failed attempt.  Inside `Delivery.send` those lines are taken as the reason of the
failure instead; `otel.export.pipeline` says once when telemetry begins to be lost and once when it arrives again.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from typing import Any, Final, cast
from urllib.parse import urlsplit

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, detach, set_value

from otel.export.settings import Signal

_RETRYABLE: Final = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP answers after which the same batch may be accepted later; 500 because Prometheus says so when it restarts."""

_OTLP: Final = "opentelemetry.exporter.otlp.proto"
_CLASSES: Final = {
    "console": {
        "traces": ("opentelemetry.sdk.trace.export", "ConsoleSpanExporter"),
        "metrics": ("opentelemetry.sdk.metrics.export", "ConsoleMetricExporter"),
        "logs": ("opentelemetry.sdk._logs.export", "ConsoleLogRecordExporter"),
    },
    "grpc": {
        "traces": (f"{_OTLP}.grpc.trace_exporter", "OTLPSpanExporter"),
        "metrics": (f"{_OTLP}.grpc.metric_exporter", "OTLPMetricExporter"),
        "logs": (f"{_OTLP}.grpc._log_exporter", "OTLPLogExporter"),
    },
    "http/protobuf": {
        "traces": (f"{_OTLP}.http.trace_exporter", "OTLPSpanExporter"),
        "metrics": (f"{_OTLP}.http.metric_exporter", "OTLPMetricExporter"),
        "logs": (f"{_OTLP}.http._log_exporter", "OTLPLogExporter"),
    },
}
"""Module and class of each exporter of the SDK."""

PROBE_SECONDS: Final = 0.5
"""Seconds that a look at a receiver takes at most."""

_sending = threading.local()
_abandoned: list[object] = []


class Outcome(Enum):
    """What became of a batch."""

    SENT = "sent"
    LATER = "later"
    """Not taken, and may be taken later."""
    NEVER = "never"
    """Refused: sending it again is of no use."""


def is_sending() -> bool:
    """Whether the calling thread is in the middle of an export, so that what it logs must not be exported."""
    return getattr(_sending, "delivery", None) is not None


class Delivery:
    """One exporter of one signal; `send` is called by one thread at a time."""

    def __init__(self, signal: Signal, kind: str) -> None:
        self.signal = signal
        self.kind = kind
        self.target = signal.endpoint if kind == "otlp" else kind
        self.reason = ""
        """Why the last batch was not sent, in the exporter's words."""
        self.status: int | None = None
        """HTTP status of the last answer, where there was one."""
        self.reached = False
        """Whether anything was ever taken."""
        # Imported here: a fork while another thread imports leaves the child with a lock that nobody releases.
        self._make = _maker(kind, signal)
        self._http = import_module("requests") if kind == "otlp" and signal.protocol != "grpc" else None
        self._exporter: Any = None
        self._builder = 0

    @property
    def built(self) -> bool:
        """Whether an exporter exists in this process."""
        return self._exporter is not None

    def send(self, batch: object) -> Outcome:
        """Send spans, log records or metrics; blocks at most for the exporter's timeout, never raises."""
        self.reason, self.status = "", None
        _sending.delivery = self
        token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        try:
            if self._builder != threading.get_ident():
                self.abandon()
            if self._exporter is None:
                self._exporter, self._builder = self._build(), threading.get_ident()
            result = self._exporter.export(batch)
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            return Outcome.LATER
        finally:
            detach(token)
            _sending.delivery = None
        if getattr(result, "name", "") == "SUCCESS":
            self.reached = True
            return Outcome.SENT
        return Outcome.NEVER if _refused(self.status) else Outcome.LATER

    def answers(self) -> bool:
        """Whether something listens where batches go to, as far as a short look tells; at the end of a process."""
        if self.kind != "otlp" or self.reached or _proxied(os.environ):
            return True
        address = urlsplit(self.target if "//" in self.target else f"//{self.target}")
        try:
            port = address.port or (443 if address.scheme == "https" else 80)
            socket.create_connection((address.hostname or "localhost", port), PROBE_SECONDS).close()
        except TimeoutError:  # a machine under load, perhaps: only a refusal is a clear answer
            return True
        except (OSError, ValueError) as error:
            self.reason = self.reason or f"{type(error).__name__}: {error}"
            return False
        return True

    def abandon(self) -> None:
        """Forget the exporter of another process or thread, without running its finalizers."""
        if self._exporter is not None:
            _abandoned.append(self._exporter)
        self._exporter = None

    def close(self) -> None:
        """Shut the exporter down; a retry under way ends."""
        exporter, self._exporter = self._exporter, None
        if exporter is not None:
            exporter.shutdown()

    def _build(self) -> Any:
        exporter = self._make(**self._options())
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("opentelemetry."):
                logging.getLogger(name).addFilter(_capture)
        return exporter

    def _options(self) -> dict[str, Any]:
        """A session that remembers what became of its requests, unless a credential provider brings its own."""
        own_session = any("CREDENTIAL_PROVIDER" in variable for variable in os.environ)
        if self._http is None or own_session:
            return {}
        session = self._http.Session()
        request = session.request

        def remember(*arguments: Any, **options: Any) -> Any:
            # Said for each request, for REQUESTS_CA_BUNDLE wins over what the session says.
            options.setdefault("verify", session.verify)
            try:
                response = request(*arguments, **options)
            except Exception as error:
                self.reason, self.status = _cause(error), None
                raise
            self.status = response.status_code
            return response

        session.request = remember
        return {"session": session}


def _proxied(environ: Mapping[str, str]) -> bool:
    """Whether requests may go by a proxy, or a socket, so that who listens at the address says nothing."""
    return any(name.lower().endswith("_proxy") and name.lower() != "no_proxy" and environ[name] for name in environ)


def _cause(error: BaseException) -> str:
    """What is at the bottom of an exception, such as a refused connection."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return f"{type(error).__name__}: {error}"


def _refused(status: int | None) -> bool:
    return status is not None and status >= 400 and status not in _RETRYABLE


def _capture(record: logging.LogRecord) -> bool:
    """Logging filter: what an exporter logs while it sends is the reason of its failure, not a line."""
    delivery: Delivery | None = getattr(_sending, "delivery", None)
    if delivery is None:
        return True
    # The first line names the cause; those after it say that retrying did not help.
    delivery.reason = delivery.reason or record.getMessage()
    return False


def _maker(kind: str, signal: Signal) -> Callable[..., Any]:
    """The exporter's class; a process does not pay for those that it does not use."""
    module, name = _CLASSES[kind if kind == "console" else signal.protocol][signal.name]
    return cast("Callable[..., Any]", getattr(import_module(module), name))
