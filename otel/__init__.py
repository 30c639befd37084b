"""The vocabulary and the runtime of telemetry; a service that serves a model imports only this package.

    import otel

    monitor = otel.monitor("screening")

    @monitor.inference
    def predict(features):
        return model.predict(features)

``otel.names``    Prometheus names of OpenTelemetry metrics and attributes
``otel.units``    units of measure with an exact algebra
``otel.semconv``  keys and names from the semantic conventions, and ours
``otel.genai``    generative AI conventions, by version

The package imports nothing but the standard library and opentelemetry.  What a compiler needs of it loads neither the
runtime nor the SDK.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from otel.configure import configure as configure
    from otel.inference import Answer as Answer
    from otel.manifest import ManifestError as ManifestError
    from otel.monitoring import Monitor as Monitor
    from otel.monitoring import monitor as monitor
    from otel.prediction import Prediction as Prediction
    from otel.prediction import current as current
    from otel.prediction import stage as stage
    from otel.requestid import current_request_id as current_request_id
    from otel.telemetry import Telemetry as Telemetry

_RUNTIME = {
    "Answer": "otel.inference",
    "ManifestError": "otel.manifest",
    "Monitor": "otel.monitoring",
    "Prediction": "otel.prediction",
    "Telemetry": "otel.telemetry",
    "configure": "otel.configure",
    "current": "otel.prediction",
    "current_request_id": "otel.requestid",
    "monitor": "otel.monitoring",
    "stage": "otel.prediction",
}
"""Public name → the module that it is loaded from on first use."""


def __getattr__(name: str) -> Any:
    if name not in _RUNTIME:
        raise AttributeError(f"module 'otel' has no attribute {name!r}")
    return getattr(import_module(_RUNTIME[name]), name)
