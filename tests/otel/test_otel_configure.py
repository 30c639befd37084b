from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator

import pytest
from otel_programs import ROOT, run, without_variables
from otlp_receiver import Received, attributes, grpc_receiver, http_receiver

import otel
from otel.export.configure import configure, shutdown, telemetry
from otel.export.settings import ConfigurationError

INSTRUMENTS = ROOT / "rendered" / "instruments"


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield from without_variables(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Received]:
    with http_receiver() as received:
        yield received
        shutdown(10)  # while there is somebody to send to, or the last counts go to whoever gets the port next


def test_configuring_is_idempotent_and_a_shorter_interval_is_taken_over(
    environ: pytest.MonkeyPatch, receiver: Received, caplog: pytest.LogCaptureFixture
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    first = configure({"service.name": "a"}, export_interval=60, set_global=False)
    first.meter_provider.get_meter("a").create_counter("n").add(1)
    assert configure({"service.name": "b"}, export_interval=0.05) is first is telemetry()
    assert telemetry() is first
    assert "resource attribute service.name stays 'a', although 'b' is asked for" in caplog.text
    assert receiver.wait(lambda it: len(it.of("metrics")) >= 3)


def test_metrics_are_exported_soon_after_the_start_with_identity_zeros_and_without_exemplars(
    environ: pytest.MonkeyPatch, receiver: Received
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    environ.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=health")
    environ.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging,service.instance.id=pod-7")
    made = configure({"service.name": "screening-api"}, export_interval=60, set_global=False)
    with made.tracer_provider.get_tracer("a").start_as_current_span("s"):
        made.meter_provider.get_meter("a").create_histogram("h").record(1)
    made.flush_soon(0.0)
    assert receiver.wait(lambda it: it.points("h"))
    assert receiver.headers[0]["x-tenant"] == "health"
    (metrics,) = receiver.of("metrics")[0].resource_metrics
    resource = attributes(metrics.resource.attributes)
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("screening-api", "staging")
    assert re.fullmatch(r"pod-7\.[0-9a-f]{8}", resource["service.instance.id"])
    (point,) = next(m for s in metrics.scope_metrics for m in s.metrics if m.name == "h").histogram.data_points
    assert not point.exemplars
    assert made.dropped() == {"span": 0, "log": 0}


def test_what_a_monitor_counts_is_exported_without_any_instrument(
    environ: pytest.MonkeyPatch, receiver: Received
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    monitor = otel.monitor("screening", manifest=INSTRUMENTS, environment="production")
    with monitor.prediction() as p, p.stage("model_infer"):
        p.output("malignant", score=0.9, confidence=0.9)
    assert monitor.model.telemetry.flush(30)
    assert sum(receiver.points("ml.prediction.count").values()) == 1
    assert sum(receiver.points("ml.prediction.duration").values()) == 1
    (resource,) = {
        tuple(sorted(attributes(each.resource.attributes).items()))
        for request in receiver.of("metrics")
        for each in request.resource_metrics
    }
    assert dict(resource)["service.name"] == "screening-api"


def test_traces_and_logs_reach_a_grpc_receiver_too(environ: pytest.MonkeyPatch) -> None:
    with grpc_receiver() as received:
        environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        environ.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        made = configure({"service.name": "s"}, set_global=False)
        made.meter_provider.get_meter("a").create_counter("n").add(1)
        made.tracer_provider.get_tracer("a").start_span("s").end()
        made.logger_provider.get_logger("a").emit(body="b")
        assert made.flush(10)
        assert [span.name for _, span in received.spans()] == ["s"]
        assert [record.body.string_value for record in received.records()] == ["b"]
        assert received.of("metrics")


def test_metrics_can_be_scraped(environ: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = """
        import urllib.request, os, otel
        made = otel.configure({"service.name": "s"})
        made.meter_provider.get_meter("a").create_counter("shop.sales").add(3)
        monitor = otel.monitor("screening", manifest=os.environ["INSTRUMENTS"], environment="production")
        with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['OTEL_EXPORTER_PROMETHEUS_PORT']}/metrics") as page:
            print(page.read().decode())
    """
    variables = {
        "INSTRUMENTS": str(INSTRUMENTS),
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
    }
    done = run(code, variables)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^shop_sales_total(\{.*\})? 3.0$", done.stdout, re.MULTILINE)
    assert re.search(r"^ml_prediction_count_total\{ml_class=\"benign\".*\} 0.0$", done.stdout, re.MULTILINE)


def test_a_scrape_endpoint_without_its_package_is_one_clear_error(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OTEL_METRICS_EXPORTER", "prometheus")
    environ.setitem(sys.modules, "opentelemetry.exporter.prometheus", None)
    with pytest.raises(ConfigurationError, match="pip install opentelemetry-exporter-prometheus"):
        configure(set_global=False)


def test_a_frozen_function_has_sent_everything_when_it_returns(receiver: Received, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    environ.setenv("OTEL_METRIC_EXPORT_INTERVAL", "60000")
    counter = configure({"service.name": "s"}, set_global=False).meter_provider.get_meter("a").create_counter("n")

    @otel.flush_after
    def handler(amount: int) -> int:
        counter.add(amount)
        return amount

    @otel.flush_after(timeout=5)
    async def later(amount: int) -> int:
        counter.add(amount)
        raise LookupError

    assert handler(2) == 2
    assert list(receiver.points("n").values()) == [2]
    with pytest.raises(LookupError):
        asyncio.run(later(3))
    assert list(receiver.points("n").values()) == [5]
