"""Codes of Collectors (C8); what the lint of Collector configurations finds has codes of its own (C9)."""

from __future__ import annotations

from generators.language.codes.code import Code

COLLECTOR = (
    Code(
        "C801",
        "Base configuration missing or not a mapping",
        "Each Collector is made of a hand-written base in `collector-config/`, into which the parts that follow from "
        "specs are merged. `watchspec init` writes both, `watchspec init --collector` those that are missing.",
        "collector-config/ without agent.yaml",
        "collector-config/agent.yaml, collector-config/gateway.yaml",
    ),
    Code(
        "C802",
        "No such backend for the signal",
        "A tenant's signal goes to a backend that is declared in the same environment and takes such signals.",
        "tenants: {wine: {logs: tempo}}",
        "tenants: {wine: {logs: loki}}",
    ),
    Code(
        "C803",
        "Address in plain text",
        "Telemetry travels by TLS 1.3 only.",
        "endpoint: http://tempo.example:4318",
        "endpoint: https://tempo.example:4318",
    ),
    Code(
        "C804",
        "Secret in a spec",
        "Specs are read by everybody; a secret stays in a file that only the gateway can read.",
        "headers: {Authorization: Bearer abc}",
        "token_file: /etc/otelcol/tempo-token",
    ),
    Code(
        "C805",
        "Address missing or not needed",
        "A backend has an address, or at AWS a region from which the address follows.",
        "xray: {kind: x-ray}",
        "xray: {kind: x-ray, region: eu-central-1}",
    ),
    Code(
        "C806",
        "Not a share",
        "The share of ordinary traces that are kept lies between 0 and 100 %.",
        "sampling: {keep: 10/s}",
        "sampling: {keep: 10%}",
    ),
    Code(
        "C807",
        "Kept for longer than the backend can",
        "How long telemetry is wanted must be within what the backend declares, and one of the steps that it knows.",
        "retention: {logs: 90d}; backends: {loki: {retention: 30d}}",
        "retention: {logs: 30d}; backends: {loki: {retention: 30d}}",
    ),
    Code(
        "C808",
        "Tenant without a backend",
        "A tenant with models in an environment needs a backend for each signal, its own or the default.",
        "default: {metrics: prometheus}",
        "default: {metrics: prometheus, traces: tempo, logs: loki}",
    ),
    Code(
        "C809",
        "Base and specs disagree",
        "A setting that follows from specs must not stand in the base with another value: what protects people, or "
        "routes them, has one origin.",
        "tail_sampling: {decision_wait: 99s}  # in the base, while the spec says `wait: 10s`",
        "tail_sampling: {num_traces: 20000}",
    ),
    Code(
        "C810",
        "Nothing to derive from",
        "Counters are made from spans or log events of models that exist in the environment.",
        "derive: {retail/chrun: {events: true}}",
        "derive: {retail/churn: {events: true}}",
    ),
    Code(
        "C812",
        "Data that leaves as it came",
        "Each pipeline of the agent that receives from services strips what it sends on, those of the base too.",
        "traces/raw: {receivers: [otlp], exporters: [otlp_grpc/gateway]}",
        "traces/raw: {receivers: [otlp], processors: [memory_limiter, transform/declared, redaction/personal], …}",
    ),
    Code(
        "C811",
        "Unknown part of the Collector",
        "Versions are set for parts that the distribution has.",
        "components: {tail_samplin: 0.157.0}",
        "components: {tail_sampling: 0.157.0}",
    ),
)
