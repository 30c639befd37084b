"""What `otelcol validate` passes and production does not: each mistake is found, at its key, and nothing else is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import collector
from generators.diagnostics import Severity
from generators.diagnostics.catalogue import codes

CODES = codes(("generators.collector",))

GOOD = """
extensions:
  file_storage: {directory: "${env:STATE:-/var/lib/otelcol}", create_directory: true, recreate: true}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "0.0.0.0:4317", tls: {cert_file: /tls/tls.crt, key_file: /tls/tls.key, min_version: "1.3"}}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 400, spike_limit_mib: 80}
  transform:
    error_mode: propagate
    trace_statements:
      - statements: ['keep_keys(resource.attributes, ["service.name"])']
      - statements: ['keep_keys(span.attributes, ["model.name"])']
    metric_statements:
      - statements:
          - keep_keys(datapoint.attributes, ["model.name"])
          - set(metric.unit, "resource.x") where datapoint.flags == 1
      - statements: ['aggregate_on_attributes("sum") where metric.type == METRIC_DATA_TYPE_SUM']
  redaction/hash:
    {allow_all_keys: true, blocked_key_patterns: ['^user\\.id$'], hash_function: hmac-sha256, hmac_key: "${env:KEY}",
     summary: silent}
  redaction/mask: {allow_all_keys: true, blocked_values: ['[a-z]+@[a-z]+'], summary: silent}
  tail_sampling:
    policies:
      - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
      - {name: rest, type: probabilistic, probabilistic: {sampling_percentage: 10}}
  deltatocumulative: {max_stale: 10m}
connectors:
  routing:
    default_pipelines: [traces/a]
    table: [{condition: 'resource.attributes["t"] == "b"', pipelines: [traces/b]}]
  count: {spans: {ml.errors: {conditions: ['span.status.code == STATUS_CODE_ERROR'], attributes: [{key: model.name}]}}}
  signal_to_metrics:
    spans:
      - {name: ml.duration, unit: s, include_resource_attributes: [{key: service.name}],
         histogram: {buckets: [0.1, 1], count: "1", value: Seconds(span.end_time - span.start_time)}}
exporters:
  otlp_http:
    endpoint: https://backend.example/api/v1/otlp
    tls: {min_version: "1.3"}
    sending_queue: {storage: file_storage, sizer: bytes, queue_size: 5000000, num_consumers: 1,
                    batch: {min_size: 1000, max_size: 2000, sizer: bytes}}
service:
  extensions: [file_storage]
  pipelines:
    metrics: {receivers: [otlp], processors: [memory_limiter, transform], exporters: [otlp_http]}
    traces: {receivers: [otlp], processors: [memory_limiter, transform, redaction/hash, redaction/mask, tail_sampling],
             exporters: [routing, count, signal_to_metrics]}
    traces/a: {receivers: [routing], exporters: [otlp_http]}
    traces/b: {receivers: [routing], exporters: [otlp_http]}
    metrics/made: {receivers: [count, signal_to_metrics], processors: [deltatocumulative], exporters: [otlp_http]}
"""

PROCESSORS = "service.pipelines.traces.processors"
QUEUE = "exporters.otlp_http.sending_queue"
GRPC = "receivers.otlp.protocols.grpc"
MADE = "connectors.signal_to_metrics.spans.0"

# path | new value (YAML; empty deletes) | code | path of the finding
WRONG = f"""
service.pipelines | {{}} | C902 | service
processors.tail_samplin | {{policies: []}} | C903 | processors.tail_samplin
exporters.otlphttp | {{endpoint: "https://b", tls: {{min_version: "1.3"}}}} | C904 | exporters.otlphttp
{PROCESSORS} | [memory_limiter, tranform] | C905 | {PROCESSORS}.1
service.pipelines.traces.exporters | [] | C905 | service.pipelines.traces
service.extensions | [file_storage, health_check] | C905 | service.extensions.1
extensions.health_check | {{}} | C906 | extensions.health_check
processors.filter | {{}} | C906 | processors.filter
service.pipelines.metrics/made.receivers | [count] | C907 | connectors.signal_to_metrics
{PROCESSORS} | [transform, redaction/hash, redaction/mask, tail_sampling] | C908 | service.pipelines.traces
service.pipelines.metrics.processors | [transform, memory_limiter] | C908 | service.pipelines.metrics.processors.1
{PROCESSORS} | [memory_limiter, redaction/mask, redaction/hash] | C910 | {PROCESSORS}.2
{PROCESSORS} | [memory_limiter, redaction/hash, redaction/mask, transform] | C910 | {PROCESSORS}.3
processors.redaction/mask | {{summary: silent}} | C911 | processors.redaction/mask
processors.redaction/mask | {{allowed_keys: [a], summary: silent}} | C911 | processors.redaction/mask.allowed_keys
processors.redaction/mask.blocked_values | ['a', 'b'] | C912 | processors.redaction/mask.blocked_values
processors.redaction/mask.summary | debug | C913 | processors.redaction/mask.summary
processors.transform.trace_statements | ['keep_keys(span.attributes, [])', 'keep_keys(spanevent.attributes, [])'] | C914 | processors.transform.trace_statements
processors.transform.metric_statements | ['keep_keys(datapoint.attributes, [])', 'aggregate_on_attributes("sum") where metric.type == METRIC_DATA_TYPE_SUM'] | C914 | processors.transform.metric_statements
processors.transform.error_mode | ignore | C915 | processors.transform.error_mode
processors.transform.error_mode | | C915 | processors.transform
{GRPC}.tls | | C916 | {GRPC}
exporters.otlp_http.tls | {{insecure: true}} | C916 | exporters.otlp_http.tls.insecure
exporters.otlp_http.tls.insecure_skip_verify | true | C916 | exporters.otlp_http.tls.insecure_skip_verify
exporters.otlp_http.endpoint | http://backend.example | C916 | exporters.otlp_http.endpoint
exporters.otlp_http.endpoint | ${{env:B:-http://backend.example}} | C916 | exporters.otlp_http.endpoint
service.telemetry | {{metrics: {{readers: [{{pull: {{exporter: {{prometheus: {{host: 0.0.0.0, port: 8888}}}}}}}}]}}}} | C916 | service.telemetry.metrics.readers.0.pull.exporter.prometheus.host
exporters.otlp_http.tls | | C917 | exporters.otlp_http
exporters.otlp_http.tls.min_version | 1.3 | C917 | exporters.otlp_http.tls.min_version
{GRPC}.tls.min_version | "1.2" | C917 | {GRPC}.tls.min_version
{GRPC}.tls.min_version | | C917 | {GRPC}.tls
exporters.otlp_http.endpoint | ${{env:BACKEND}} | C918 | exporters.otlp_http.endpoint
exporters.otlp_http.endpoint | https://${{env:B:?missing}} | C918 | exporters.otlp_http.endpoint
processors.redaction/hash.hmac_key | ${{env:KEY:-secret}} | C919 | processors.redaction/hash.hmac_key
processors.redaction/hash.hmac_key | 0123456789 | C919 | processors.redaction/hash.hmac_key
processors.redaction/hash.hmac_key | | C919 | processors.redaction/hash
{QUEUE}.enabled | false | C920 | {QUEUE}
{QUEUE}.storage | | C920 | {QUEUE}
{QUEUE}.wait_for_result | true | C920 | {QUEUE}.wait_for_result
{QUEUE} | {{sizer: bytes, queue_size: 900000000, num_consumers: 1}} | C921 | {QUEUE}.queue_size
{QUEUE}.queue_size | 10 | C921 | {QUEUE}.batch.min_size
{QUEUE}.batch.min_size | 5000 | C921 | {QUEUE}.batch.min_size
{QUEUE}.batch.sizer | items | C921 | {QUEUE}.batch.sizer
{QUEUE}.storage | file_storage/other | C922 | {QUEUE}.storage
exporters.otlp_http.auth | {{authenticator: sigv4auth}} | C922 | exporters.otlp_http.auth.authenticator
processors.tail_sampling.policies.0 | {{name: low, type: numeric_attribute, numeric_attribute: {{key: c, max_value: 0.5}}}} | C923 | processors.tail_sampling.policies.0.numeric_attribute.max_value
processors.tail_sampling.policies.1.type | probablistic | C924 | processors.tail_sampling.policies.1.type
processors.tail_sampling.policies.1.name | errors | C924 | processors.tail_sampling.policies.1.name
processors.tail_sampling.policies | [] | C924 | processors.tail_sampling
connectors.routing.default_pipelines | | C925 | connectors.routing
connectors.routing.table | [] | C925 | service.pipelines.traces/b
connectors.routing.table.0.pipelines | [traces/c] | C925 | connectors.routing.table.0.pipelines
connectors.count.spans.ml.errors.condition | [] | C926 | connectors.count.spans.ml.errors.condition
{MADE}.histogram.buckets | [1, 0.1] | C927 | {MADE}.histogram.buckets
{MADE}.histogram.value | 1 | C927 | {MADE}.histogram.value
{MADE}.include_resource_attributes | | C927 | {MADE}
service.pipelines.metrics/made.processors | | C928 | service.pipelines.metrics/made
processors.transform.metric_statements.1 | {{statements: []}} | C929 | processors.transform.metric_statements
{QUEUE}.num_consumers | 10 | C930 | {QUEUE}
processors.redaction/hash.hash_function | sha3 | C931 | processors.redaction/hash.hash_function
processors.transform.log_statements | [{{statements: ['set(log.attributes["u"], SHA256(log.attributes["u"]))']}}] | C931 | processors.transform.log_statements
processors.redaction/mask.blocked_values | ['(?=a)b'] | C932 | processors.redaction/mask.blocked_values.0
service.telemetry | {{metrics: {{address: "127.0.0.1:8888"}}}} | C933 | service.telemetry.metrics.address
processors.memory_limiter.check_interval | | C934 | processors.memory_limiter
processors.memory_limiter.limit_mib | | C934 | processors.memory_limiter
receivers.otlp.protocols.http | {{endpoint: "localhost:4317"}} | C935 | receivers.otlp.protocols.http.endpoint
service.telemetry | {{metrics: {{readers: [{{pull: {{exporter: {{prometheus: {{host: 127.0.0.1, port: 4317}}}}}}}}]}}}} | C935 | service.telemetry.metrics.readers.0.pull.exporter.prometheus
extensions.file_storage.recreate | | C936 | extensions.file_storage
processors.tail_sampling.policies.1 | {{name: slow, type: latency, latency: {{threshold_ms: 30000}}}} | C937 | processors.tail_sampling.policies.1.latency.threshold_ms
processors.transform.trace_statements.0.error_mode | ignore | C915 | processors.transform.trace_statements.0.error_mode
service.pipelines.metrics.processors | [memory_limiter, cumulativetodelta] | C928 | service.pipelines.metrics
"""  # noqa: E501 - a table


# path | new value: what is right in others' files, or a matter of taste, and has no finding of its own
RIGHT = f"""
processors.resourcedetection | {{detectors: [env]}} | C903
processors.resource_detection | {{detectors: [env]}} | C904
receivers.hostmetrics | {{}} | C903
receivers.kubeletstats | {{endpoint: "0.0.0.0:4317"}} | C935
receivers.host_metrics | {{}} | C904
connectors.forward | {{}} | C903
exporters.kafka | {{}} | C903
extensions.zpages | {{}} | C903
receivers.redis | {{endpoint: "0.0.0.0:4317"}} | C935
receivers.otlp.protocols.http | {{endpoint: "0.0.0.0:4318"}} | C935
{QUEUE} | {{queue_size: 1000, batch: {{min_size: 8192}}}} | C921
{QUEUE}.num_consumers | 1 | C930
exporters.otlp_http.endpoint | https://traces.example | C928
exporters.otlp_http | {{endpoint: "https://traces.example", sending_queue: {{num_consumers: 10}}}} | C930
exporters.prometheusremotewrite | {{endpoint: "https://p", remote_write_queue: {{num_consumers: 5}}}} | C930
exporters.otlp_http | {{endpoint: "http://localhost:4318", tls: {{insecure: true}}}} | C916
exporters.otlp_grpc | {{endpoint: "127.0.0.1:4317", tls: {{insecure: true}}}} | C916
processors.transform | {{trace_statements: [{{error_mode: propagate, statements: ['keep_keys(span.attributes, [])']}}]}} | C915
processors.tail_sampling.policies.1 | {{name: slow, type: latency, latency: {{threshold_ms: 29000}}}} | C937
"""  # noqa: E501 - a table

BALANCER = """
exporters:
  load_balancing:
    {resolver: {static: {hostnames: [a, b]}}, protocol: {otlp: {tls: {min_version: "1.3"}}}%s}
"""


@pytest.mark.parametrize(("path", "value", "code"), [row.split(" | ") for row in RIGHT.strip().splitlines()])
def test_what_is_right_is_not_found(path: str, value: str, code: str) -> None:
    assert code not in {each.code for each in collector.check(changed(path, value))}


@pytest.mark.parametrize(
    ("more", "findings"),
    [
        ("", 2),
        (", sending_queue: {storage: file_storage}", 1),
        (", sending_queue: {storage: file_storage}, retry_on_failure: {enabled: false}", 1),
        (", sending_queue: {storage: file_storage}, retry_on_failure: {enabled: true}", 0),
        (", sending_queue: {queue_size: 10}, retry_on_failure: {enabled: true}", 1),
    ],
)
def test_a_balancer_has_a_stored_queue_and_tries_again(more: str, findings: int) -> None:
    found = [each for each in collector.check(yaml.safe_load(BALANCER % more)) if each.code == "C920"]
    assert len(found) == findings
    assert {each.path for each in found} <= {("exporters", "load_balancing")}


def test_only_what_is_refused_or_ignored_is_an_error_and_the_rest_can_be_chosen() -> None:
    taste = {"C903", "C904", "C908", "C909", "C912", "C915", "C916", "C917", "C930", "C936", "C937"}
    assert {each.id for each in CODES.values() if each.severity is not Severity.ERROR} == taste


@pytest.mark.parametrize("version", ["v1alpha1", "v1beta1"])
def test_the_operators_resource_is_read(version: str) -> None:
    document = changed("service.pipelines.traces.exporters", "[otpl]")
    held: object = yaml.safe_dump(document) if version == "v1alpha1" else document
    head = {"apiVersion": f"opentelemetry.io/{version}", "kind": "OpenTelemetryCollector", "metadata": {"name": "a"}}
    text = yaml.safe_dump({**head, "spec": {"config": held}}, sort_keys=False)
    found = [each for each in collector.lint(text, "x.yaml") if each.code == "C905"]
    assert [each.message for each in found] == ["`otpl` is not configured under `exporters`"]
    line = text.splitlines()[found[0].position.line - 1]
    assert ("otpl" if version == "v1beta1" else "config:") in line


@pytest.mark.parametrize(
    "text", ["apiVersion: v1\nkind: ConfigMap\n", "apiVersion: v1\nkind: OpenTelemetryCollector\n"]
)
def test_other_resources_are_no_configuration(text: str) -> None:
    assert [each.code for each in collector.lint(text, "x.yaml")] == ["C901"]


def cases() -> list[tuple[str, str, str, str]]:
    rows = [line.split(" | ") for line in WRONG.replace(" | | ", " |  | ").splitlines() if line]
    return [(path, value, code, where) for path, value, code, where in rows]


def steps(text: str, document: Any) -> list[str | int]:
    """Keys with dots in them are found by looking."""
    found: list[str | int] = []
    rest = text.split(".")
    while rest:
        if isinstance(document, list):
            found.append(int(rest.pop(0)))
        else:
            known = [count for count in range(len(rest), 0, -1) if ".".join(rest[:count]) in document]
            count = known[0] if known else 1
            found.append(".".join(rest[:count]))
            rest = rest[count:]
        document = document[found[-1]] if isinstance(document, list) else document.get(found[-1], {})
    return found


def changed(path: str, value: str) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(yaml.safe_load(GOOD))
    *above, last = steps(path, document)
    here: Any = document
    for step in above:
        here = here[step]
    if value:
        here[last] = yaml.safe_load(value)
    else:
        del here[last]
    return document


def test_a_good_configuration_has_no_problem() -> None:
    assert collector.lint(GOOD, "good.yaml") == ()


@pytest.mark.parametrize(("path", "value", "code", "where"), cases())
def test_each_mistake_is_found_at_its_key(path: str, value: str, code: str, where: str) -> None:
    document = changed(path, value)
    found = [(each.code, ".".join(map(str, each.path))) for each in collector.check(document)]
    assert (code, where) in found


@pytest.mark.parametrize(("path", "value", "code", "where"), cases())
def test_a_finding_points_into_the_text(path: str, value: str, code: str, where: str) -> None:
    text = yaml.safe_dump(changed(path, value), sort_keys=False)
    lines = text.splitlines()
    problems = [each for each in collector.lint(text, "x.yaml") if each.code == code]
    key = str(where.rpartition(".")[2])
    assert problems
    assert all(
        each.position.line <= len(lines) and each.position.column <= len(lines[each.position.line - 1])
        for each in problems
    )
    assert key.isdigit() or any(key in lines[each.position.line - 1] for each in problems)


def test_every_code_has_a_case_and_an_explanation() -> None:
    tried = {code for _, _, code, _ in cases()} | {"C901", "C909"}
    assert tried == set(CODES)
    assert all(each.title and each.explanation and each.wrong != each.right for each in CODES.values())


def test_batching_twice_is_found() -> None:
    document = changed("processors.batch", "{}")
    document["service"]["pipelines"]["metrics"]["processors"].append("batch")
    assert "C909" in {each.code for each in collector.check(document)}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("receivers: [", "Y004", (1, 12)),
        ("a: b: c", "Y005", (1, 5)),
        ("a: 1\na: 2", "Y007", (2, 1)),
        ("[]", "C901", (1, 1)),
        ("", "C901", (1, 1)),
        ("[" * 150, "Y018", (1, 101)),
        ("a: 1\n---\nb: 2", "C901", (3, 1)),
        ("apiVersion: v1\nkind: Pod", "C901", (2, 7)),
    ],
)
def test_text_that_is_no_configuration_is_one_problem_with_its_place(
    text: str, code: str, place: tuple[int, int]
) -> None:
    (problem,) = collector.lint(text, "bad.yaml")
    assert (problem.code, problem.position.file) == (code, "bad.yaml")
    assert (problem.position.line, problem.position.column) == place


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None)
@given(st.sampled_from([row[0] for row in cases()]), VALUES)
def test_no_value_anywhere_breaks_the_lint(path: str, value: object) -> None:
    document: dict[str, Any] = copy.deepcopy(yaml.safe_load(GOOD))
    *above, last = steps(path, document)
    here: Any = document
    for step in above:
        here = here[step] if isinstance(here, dict | list) else {}
    here[last] = value
    assert isinstance(collector.check(document), tuple)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_no_text_breaks_the_lint(text: str) -> None:
    assert all(each.position.line >= 1 for each in collector.lint(text, "any.yaml"))
