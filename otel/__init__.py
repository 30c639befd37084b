"""The vocabulary and the runtime of telemetry; a service that serves a model imports only this package.

    import otel

    monitor = otel.monitor("screening")

    @monitor.inference
    def predict(features):
        return model.predict(features)

| module | what the compiler shares of it |
|---|---|
| ``otel.names`` | Prometheus names of OpenTelemetry metrics and attributes |
| ``otel.units`` | units of measure with an exact algebra |
| ``otel.semconv`` | keys and names from the semantic conventions, and ours |
| ``otel.genai`` | generative AI conventions, by version |

The names below are the runtime's public ones.  Each is loaded on first use, so that what a compiler needs loads neither
the runtime nor the SDK.  The package imports nothing but the standard library and opentelemetry.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otel import logs as logs
    from otel import testing as testing
    from otel.export.configure import configure as configure
    from otel.export.configure import flush as flush
    from otel.export.configure import flush_after as flush_after
    from otel.export.configure import shutdown as shutdown
    from otel.export.settings import ConfigurationError as ConfigurationError
    from otel.export.telemetry import Telemetry as Telemetry
    from otel.labels.sqlite import SqliteStore as SqliteStore
    from otel.labels.stores import LabelStore as LabelStore
    from otel.labels.stores import MemoryStore as MemoryStore
    from otel.labels.stores import RedisStore as RedisStore
    from otel.llm.users import Limits as Limits
    from otel.manifest import ManifestError as ManifestError
    from otel.monitoring import Monitor as Monitor
    from otel.monitoring import monitor as monitor
    from otel.predictions.inference import Answer as Answer
    from otel.predictions.prediction import Prediction as Prediction
    from otel.predictions.prediction import current as current
    from otel.predictions.prediction import stage as stage
    from otel.web import asgi as asgi
    from otel.web import outgoing as outgoing
    from otel.web import wsgi as wsgi
    from otel.web.requestid import current_request_id as current_request_id

_HOMES = {
    "Answer": "otel.predictions.inference",
    "ConfigurationError": "otel.export.settings",
    "LabelStore": "otel.labels.stores",
    "Limits": "otel.llm.users",
    "ManifestError": "otel.manifest",
    "MemoryStore": "otel.labels.stores",
    "Monitor": "otel.monitoring",
    "Prediction": "otel.predictions.prediction",
    "RedisStore": "otel.labels.stores",
    "SqliteStore": "otel.labels.sqlite",
    "Telemetry": "otel.export.telemetry",
    "asgi": "otel.web",
    "configure": "otel.export.configure",
    "current": "otel.predictions.prediction",
    "current_request_id": "otel.web.requestid",
    "flush": "otel.export.configure",
    "flush_after": "otel.export.configure",
    "logs": "otel",
    "monitor": "otel.monitoring",
    "outgoing": "otel.web",
    "shutdown": "otel.export.configure",
    "stage": "otel.predictions.prediction",
    "testing": "otel",
    "wsgi": "otel.web",
}
"""Public name → the package or module that holds it."""

_MODULES = frozenset({"asgi", "logs", "outgoing", "testing", "wsgi"})
"""Public names of modules."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'otel' has no attribute {name!r}")
    home = _HOMES[name]
    found = import_module(f"{home}.{name}") if name in _MODULES else getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*_HOMES, "genai", "names", "semconv", "units"})
