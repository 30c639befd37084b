"""Every code that the lint gives, with what it means and the smallest example that has it and that has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str


_ALL = (
    Code("C901", "Not a configuration", "The file is one YAML mapping of sections.", "receivers: [", "receivers: {}"),
    Code("C902", "No pipeline", "A Collector does what its pipelines say.", "service: {}", "service: {pipelines: …}"),
    Code(
        "C903",
        "Unknown component",
        "The distribution is built with a list of components; another does not start.",
        "processors: {tail_samplin: {}}",
        "processors: {tail_sampling: {}}",
    ),
    Code(
        "C904",
        "Old name of a component",
        "Types were renamed; their old names log a warning at the start and will be removed.",
        "exporters: {otlphttp: {}}",
        "exporters: {otlp_http: {}}",
    ),
    Code(
        "C905", "Reference to nothing", "What a pipeline names is configured.", "exporters: [otpl]", "exporters: [otlp]"
    ),
    Code(
        "C906",
        "Idle component",
        "A component that nothing names does nothing, which is rarely meant.",
        "extensions: {health_check: {}}; service: {}",
        "service: {extensions: [health_check]}",
    ),
    Code(
        "C907",
        "Connector with one end",
        "A connector is the exporter of one pipeline and the receiver of another.",
        "traces: {exporters: [count]}",
        "traces: {exporters: [count]}; metrics: {receivers: [count]}",
    ),
    Code(
        "C908",
        "Memory limiter missing or late",
        "It refuses data before memory is spent on it, so it comes first where data enters; senders then retry.",
        "processors: [transform, memory_limiter]",
        "processors: [memory_limiter, transform]",
    ),
    Code(
        "C909",
        "Batched twice",
        "Batches in the queue survive a crash, those of the processor do not.",
        "processors: [batch]; sending_queue: {batch: {}}",
        "sending_queue: {batch: {}}",
    ),
    Code(
        "C910",
        "Privacy in the wrong order",
        "Drop, then hash, then mask, and change nothing after it.",
        "processors: [redaction, transform]",
        "processors: [transform, redaction]",
    ),
    Code(
        "C911",
        "Redaction empties data",
        "The list of allowed keys holds for resources, spans and bodies alike, and an empty one allows none.",
        "redaction: {}",
        "redaction: {allow_all_keys: true}",
    ),
    Code(
        "C912",
        "Several patterns",
        "They are tried in random order; where two match, the result differs from span to span.",
        r"blocked_values: ['\d{16}', '\+\d+']",
        r"blocked_values: ['\d{16}|\+\d+']",
    ),
    Code(
        "C913",
        "Redaction that talks",
        "Its summary becomes attributes, which on metrics are labels.",
        "redaction: {summary: info}",
        "redaction: {summary: silent}",
    ),
    Code(
        "C914",
        "Contexts in one list",
        "A list of statements runs in the lowest of their contexts; what has none of it is passed over.",
        "trace_statements: [keep_keys(span.attributes, []), keep_keys(spanevent.attributes, [])]",
        "trace_statements: [{statements: [keep_keys(span.attributes, [])]}, {statements: […]}]",
    ),
    Code(
        "C915",
        "Failures passed over",
        "A statement that should drop something must not be skipped when it fails.",
        "transform: {error_mode: ignore}",
        "transform: {error_mode: propagate}",
    ),
    Code(
        "C916",
        "Plain text",
        "Telemetry travels by TLS, inside a cluster too.",
        "tls: {insecure: true}",
        "tls: {ca_file: /etc/otelcol/tls/ca.crt}",
    ),
    Code("C917", "Old TLS", "The default is TLS 1.2.", "tls: {}", 'tls: {min_version: "1.3"}'),
    Code(
        "C918",
        "Variable without a default",
        "A variable that is not set is empty, in silence.",
        "endpoint: ${env:GATEWAY}",
        "endpoint: ${env:GATEWAY:-gateway:4317}",
    ),
    Code(
        "C919",
        "Key that can be known",
        "The key of a hash comes from the environment, and the Collector does not start without it.",
        "hmac_key: ${env:KEY:-secret}",
        "hmac_key: ${env:KEY}",
    ),
    Code(
        "C920",
        "Queue in memory, or none",
        "What waits for a backend is on disk, so that neither a crash nor ten minutes of absence lose it.",
        "sending_queue: {}",
        "sending_queue: {storage: file_storage}",
    ),
    Code(
        "C921",
        "Queue that does not fit",
        "A queue fits into memory unless it is stored, and holds at least a batch.",
        "sending_queue: {queue_size: 10, batch: {min_size: 100}}",
        "sending_queue: {queue_size: 1000, batch: {min_size: 100}}",
    ),
    Code(
        "C922",
        "Extension that is not started",
        "Stores and authenticators are extensions under `service.extensions`; `validate` does not look.",
        "sending_queue: {storage: file_storage}; service: {extensions: []}",
        "service: {extensions: [file_storage]}",
    ),
    Code(
        "C923",
        "Fraction where whole numbers are compared",
        "`numeric_attribute` makes 0 of 0.5, and the Collector panics.",
        "numeric_attribute: {max_value: 0.5}",
        "ottl_condition: {span: ['span.attributes[\"confidence\"] < 0.5']}",
    ),
    Code(
        "C924",
        "Sampling policy",
        "A policy has a known type and a name of its own; without policies every trace is dropped.",
        "type: latancy",
        "type: latency",
    ),
    Code(
        "C925",
        "Route to nowhere",
        "What no condition matches needs a default, and each route leads to a pipeline that receives from it.",
        "routing: {table: […]}",
        "routing: {default_pipelines: [logs/default], table: […]}",
    ),
    Code(
        "C926",
        "Key that is ignored",
        "The count connector passes over keys that it does not know; `validate` does too.",
        "count: {spans: {a: {condition: […]}}}",
        "count: {spans: {a: {conditions: […]}}}",
    ),
    Code(
        "C927",
        "Metric made wrongly",
        "Edges rise, values are expressions, nothing counts twice, resources are listed.",
        "histogram: {buckets: [1, 0.5]}",
        "histogram: {buckets: [0.5, 1]}",
    ),
    Code(
        "C928",
        "Increments where totals are taken",
        "Connectors emit increments; Prometheus answers 500 to them or keeps the last one.",
        "metrics: {receivers: [count], exporters: [otlp_http]}",
        "metrics: {receivers: [count], processors: [deltatocumulative], exporters: [otlp_http]}",
    ),
    Code(
        "C929",
        "Points that are lost",
        "Points that a dropped attribute told apart overwrite each other.",
        "keep_keys(datapoint.attributes, [])",
        'keep_keys(datapoint.attributes, []), aggregate_on_attributes("sum") where …',
    ),
    Code(
        "C930",
        "Samples out of order",
        "Several consumers of one queue overtake each other.",
        "sending_queue: {num_consumers: 10}",
        "sending_queue: {num_consumers: 1}",
    ),
    Code(
        "C931",
        "Hash without a key",
        "Whoever has a list of names hashes it and looks them up.",
        "hash_function: sha3",
        "hash_function: hmac-sha256",
    ),
    Code("C932", "Pattern that RE2 does not know", "It has no lookaround and no references.", r"(?=\d)", r"\d"),
    Code(
        "C933",
        "Ignored address",
        "Own metrics are read by `readers`.",
        "metrics: {address: 0.0.0.0:8888}",
        "metrics: {readers: […]}",
    ),
    Code(
        "C934",
        "Limiter without a limit",
        "Without an interval and a limit it does nothing.",
        "memory_limiter: {}",
        "memory_limiter: {check_interval: 1s, limit_mib: 400}",
    ),
    Code(
        "C935",
        "Port taken twice",
        "Two components cannot listen on one port.",
        "otlp: {…: 0.0.0.0:4317}; otlp/2: {…: 0.0.0.0:4317}",
        "otlp/2: {…: 0.0.0.0:4327}",
    ),
)

CODES: Final[dict[str, Code]] = {code.code: code for code in _ALL}
