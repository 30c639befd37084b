"""The vocabulary and the runtime of telemetry; a service that serves a model imports only this package.

``otel.names``    Prometheus names of OpenTelemetry metrics and attributes
``otel.units``    units of measure with an exact algebra
``otel.semconv``  keys and names from the semantic conventions, and ours
``otel.genai``    generative AI conventions, by version

The package imports nothing but the standard library and opentelemetry.
"""
