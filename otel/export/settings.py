"""What the environment says about telemetry: OpenTelemetry's own variables, with our defaults where they are unset.

| variable | default | meaning |
|---|---|---|
| ``OTEL_SDK_DISABLED`` | ``false`` | nothing is recorded |
| ``OTEL_TRACES_EXPORTER``, ``OTEL_METRICS_EXPORTER``, ``OTEL_LOGS_EXPORTER`` | ``otlp`` | ``otlp``, ``console``, \
``none``, and for metrics ``prometheus``; several with commas |
| ``OTEL_EXPORTER_OTLP_PROTOCOL``, ``…_<SIGNAL>_PROTOCOL`` | ``http/protobuf`` | or ``grpc`` |
| ``OTEL_EXPORTER_OTLP_ENDPOINT``, ``…_<SIGNAL>_ENDPOINT`` | port 4318 (HTTP) or 4317 (gRPC) of localhost | where to |
| ``OTEL_EXPORTER_OTLP_HEADERS``, ``…_CERTIFICATE``, ``…_CLIENT_CERTIFICATE``, ``…_CLIENT_KEY``, ``…_COMPRESSION``, \
``…_TIMEOUT`` | | read by the exporters of the SDK; files must exist at start |
| ``OTEL_METRIC_EXPORT_INTERVAL`` | what the manifest says, else 60000 | milliseconds |
| ``OTEL_BSP_MAX_QUEUE_SIZE``, ``OTEL_BLRP_MAX_QUEUE_SIZE`` | 2048 | spans, log records that wait at most |
| ``OTEL_BSP_MAX_EXPORT_BATCH_SIZE``, ``OTEL_BLRP_…`` | 512 | spans, log records of one export at most |
| ``OTEL_BSP_SCHEDULE_DELAY``, ``OTEL_BLRP_SCHEDULE_DELAY`` | 5000, 1000 | milliseconds between two exports |
| ``OTEL_EXPORTER_PROMETHEUS_HOST``, ``OTEL_EXPORTER_PROMETHEUS_PORT`` | localhost, 9464 | the scrape endpoint |

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SIGNALS: Final = ("traces", "metrics", "logs")
EXPORT_INTERVAL: Final = 60.0
"""Seconds between two exports of metrics where neither the environment nor a manifest says it."""

_KINDS: Final = {
    "traces": ("otlp", "console", "none"),
    "metrics": ("otlp", "console", "none", "prometheus"),
    "logs": ("otlp", "console", "none"),
}
_PROTOCOLS: Final = ("http/protobuf", "grpc")
_FILES: Final = ("CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY")


class ConfigurationError(ValueError):
    """Telemetry cannot be set up: which variable, what is wrong with it, what to write instead."""


@dataclass(frozen=True, slots=True)
class Signal:
    """How traces, metrics or logs leave the process."""

    name: str
    """``traces``, ``metrics`` or ``logs``."""
    exporters: tuple[str, ...]
    """Kinds of exporters; empty where the signal is switched off."""
    protocol: str
    """``http/protobuf`` or ``grpc``."""
    endpoint: str
    """The address that the OTLP exporter sends to, for messages."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Bounds of what waits for export."""

    capacity: int
    """Items that wait at most; more are dropped and counted."""
    batch: int
    """Items of one export at most."""
    delay: float
    """Seconds between two exports at most."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the environment decides."""

    disabled: bool
    signals: Mapping[str, Signal]
    export_interval: float | None
    """Seconds between two exports of metrics; none where the environment does not say."""
    spans: Queue
    records: Queue
    scrape: tuple[str, int]
    """Host and port of the scrape endpoint."""


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` holds.

    Raises `ConfigurationError` for a value that cannot be meant and for a certificate file that is not there.
    """
    interval = environ.get("OTEL_METRIC_EXPORT_INTERVAL", "").strip()
    port = _number(environ, "OTEL_EXPORTER_PROMETHEUS_PORT", 9464, "a port number")
    return Settings(
        disabled=environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true",
        signals={name: _signal(environ, name) for name in SIGNALS},
        export_interval=_number(environ, "OTEL_METRIC_EXPORT_INTERVAL", 0, "milliseconds") / 1e3 if interval else None,
        spans=_queue(environ, "OTEL_BSP", 5000),
        records=_queue(environ, "OTEL_BLRP", 1000),
        scrape=(environ.get("OTEL_EXPORTER_PROMETHEUS_HOST", "").strip() or "localhost", int(port)),
    )


def _signal(environ: Mapping[str, str], name: str) -> Signal:
    variable = f"OTEL_{name.upper()}_EXPORTER"
    kinds = [kind.strip().lower() for kind in (environ.get(variable, "").strip() or "otlp").split(",")]
    for kind in kinds:
        if kind not in _KINDS[name]:
            raise ConfigurationError(f"{variable}={kind}: there is no such exporter; use {', '.join(_KINDS[name])}")
    variable, protocol = _specific(environ, name, "PROTOCOL", "http/protobuf")
    if protocol not in _PROTOCOLS:
        raise ConfigurationError(f"{variable}={protocol}: not supported; use {' or '.join(_PROTOCOLS)}")
    if "otlp" in kinds:
        _check_files(environ, name)
    exporters = tuple(dict.fromkeys(kind for kind in kinds if kind != "none"))
    return Signal(name, exporters, protocol, _endpoint(environ, name, protocol))


def _specific(environ: Mapping[str, str], signal: str, key: str, default: str) -> tuple[str, str]:
    """The variable of the signal, or else that of all signals, and its value."""
    for variable in (f"OTEL_EXPORTER_OTLP_{signal.upper()}_{key}", f"OTEL_EXPORTER_OTLP_{key}"):
        if value := environ.get(variable, "").strip():
            return variable, value
    return f"OTEL_EXPORTER_OTLP_{key}", default


def _endpoint(environ: Mapping[str, str], signal: str, protocol: str) -> str:
    default = "http://localhost:4317" if protocol == "grpc" else "http://localhost:4318"
    variable, value = _specific(environ, signal, "ENDPOINT", default)
    if protocol == "grpc" or signal.upper() in variable:
        return value
    return f"{value.removesuffix('/')}/v1/{signal}"


def _check_files(environ: Mapping[str, str], signal: str) -> None:
    for key in _FILES:
        variable, path = _specific(environ, signal, key, "")
        if path and not Path(path).is_file():
            raise ConfigurationError(f"{variable}={path}: there is no such file; telemetry cannot be sent without it")


def _queue(environ: Mapping[str, str], prefix: str, delay: int) -> Queue:
    capacity = int(_number(environ, f"{prefix}_MAX_QUEUE_SIZE", 2048, "a number of items"))
    batch = int(_number(environ, f"{prefix}_MAX_EXPORT_BATCH_SIZE", 512, "a number of items"))
    seconds = _number(environ, f"{prefix}_SCHEDULE_DELAY", delay, "milliseconds") / 1e3
    return Queue(capacity=capacity, batch=min(batch, capacity), delay=seconds)


def _number(environ: Mapping[str, str], variable: str, default: int, what: str) -> float:
    text = environ.get(variable, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e12:
        raise ConfigurationError(f"{variable}={text}: must be {what} above 0")
    return number
