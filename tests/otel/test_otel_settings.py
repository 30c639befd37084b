from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from otel_programs import run, without_variables

from otel.export.configure import configure
from otel.export.settings import ConfigurationError, read


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield from without_variables(monkeypatch)


def test_defaults_are_otlp_over_http_to_the_local_collector() -> None:
    settings = read({})
    assert {name: (each.exporters, each.protocol, each.endpoint) for name, each in settings.signals.items()} == {
        name: (("otlp",), "http/protobuf", f"http://localhost:4318/v1/{name}") for name in ("traces", "metrics", "logs")
    }
    assert settings.export_interval is None
    assert not settings.disabled


def test_a_variable_of_one_signal_wins_over_that_of_all() -> None:
    settings = read({
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://agent:4317",
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://prometheus:9090/api/v1/otlp/v1/metrics",
        "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        "OTEL_LOGS_EXPORTER": "none",
    })  # fmt: skip
    traces, metrics, logs = (settings.signals[name] for name in ("traces", "metrics", "logs"))
    assert (traces.protocol, traces.endpoint) == ("grpc", "https://agent:4317")
    assert (metrics.protocol, metrics.endpoint) == ("http/protobuf", "http://prometheus:9090/api/v1/otlp/v1/metrics")
    assert logs.exporters == ()
    assert settings.export_interval == 5.0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER=zipkin: there is no such exporter; use otlp, con"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "json"}, "OTEL_EXPORTER_OTLP_PROTOCOL=json: not supported; use http/protobuf"),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "5s"}, "OTEL_METRIC_EXPORT_INTERVAL=5s: must be milliseconds above 0"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, "OTEL_BSP_MAX_QUEUE_SIZE=-1: must be a number of items above 0"),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/ca"}, "OTEL_EXPORTER_OTLP_CERTIFICATE=/no/ca: there is no such file"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_one_clear_error_at_start(
    environ: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        environ.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}"):
        configure()


def test_a_disabled_sdk_records_nothing_and_flushes_at_once(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OTEL_SDK_DISABLED", "true")
    made = configure()
    assert not made.tracer_provider.get_tracer("a").start_span("s").is_recording()
    made.flush_soon()
    assert made.flush()


def test_signals_can_be_switched_off_or_written_to_the_console() -> None:
    code = """
        import otel
        made = otel.configure({"service.name": "s"})
        made.tracer_provider.get_tracer("a").start_span("on the console").end()
        made.meter_provider.get_meter("a").create_counter("not.shown").add(1)
        assert made.flush()
    """
    variables = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    done = run(code, variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"name": "on the console"' in done.stdout
    assert "not.shown" not in done.stdout
