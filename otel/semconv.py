"""Attribute keys and metric names of the semantic conventions that Watchspec builds on, and its own.

Upstream keys are those of the OpenTelemetry semantic conventions 1.44.0.  Generative AI names change with
every release and live in `otel.genai`, by version.
"""

from __future__ import annotations

from typing import Final

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.44.0"
"""The schema that the upstream keys below belong to."""

# --- identity of the service (resource attributes) ----------------------------------------------------------
SERVICE_NAME: Final = "service.name"
SERVICE_NAMESPACE: Final = "service.namespace"
SERVICE_INSTANCE_ID: Final = "service.instance.id"
SERVICE_VERSION: Final = "service.version"
SERVICE_CRITICALITY: Final = "service.criticality"
DEPLOYMENT_ENVIRONMENT_NAME: Final = "deployment.environment.name"
K8S_CLUSTER_NAME: Final = "k8s.cluster.name"
K8S_NAMESPACE_NAME: Final = "k8s.namespace.name"
K8S_DEPLOYMENT_NAME: Final = "k8s.deployment.name"
K8S_POD_NAME: Final = "k8s.pod.name"
K8S_POD_UID: Final = "k8s.pod.uid"
K8S_NODE_NAME: Final = "k8s.node.name"

# --- attributes of requests ---------------------------------------------------------------------------------
ERROR_TYPE: Final = "error.type"
ERROR_TYPE_OTHER: Final = "_OTHER"
HTTP_REQUEST_METHOD: Final = "http.request.method"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
HTTP_ROUTE: Final = "http.route"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
METRIC_OVERFLOW: Final = "otel.metric.overflow"
"""Set by the SDK on the one point that takes what exceeds the cardinality limit."""

# --- ours ---------------------------------------------------------------------------------------------------
MODEL_NAME: Final = "model.name"
MODEL_VERSION: Final = "model.version"
TENANT_ID: Final = "tenant.id"
BASELINE_VERSION: Final = "baseline.version"
MODEL_ARTIFACT_SHA256: Final = "model.artifact.sha256"
MODEL_FRAMEWORK: Final = "model.framework"
PREDICTION_CONFIDENCE: Final = "prediction.confidence"
"""On the span of a prediction: how sure the model was, from 0 to 1, as a double."""
PREDICTION_FALLBACK: Final = "prediction.fallback"
"""On the span of a prediction that the fallback policy answered: why."""
PREDICTION_CLASS: Final = "prediction.class"
"""On the span of a prediction and in its log record: the class that was predicted."""
PREDICTION_ID: Final = "prediction.id"
"""In a log record: what a label refers to."""
PREDICTION_VALUE: Final = "prediction.value"
"""In a log record: the number that was predicted."""
PREDICTION_SCORE: Final = "prediction.score"
"""In a log record: the score of the positive class, from 0 to 1."""
PREDICTION_LATENCY: Final = "prediction.latency"
"""In a log record: seconds from request to answer."""
PREDICTION_FEATURES: Final = "prediction.features"
"""In a log record: the inputs that the spec allows, by name."""
PREDICTION_LABEL: Final = "prediction.label"
"""In a log record: what turned out to be true."""
PREDICTION_LOGGED: Final = "prediction.logged"
"""The event of the prediction log, behind the prefix; a second one with the label follows when it arrives."""
FEEDBACK_RECEIVED: Final = "feedback.received"
"""The event of feedback, behind the prefix, as its attributes are."""
FEEDBACK_SOURCE: Final = "feedback.source"
FEEDBACK_VERDICT: Final = "feedback.verdict"
REQUEST_ID: Final = "request.id"
"""The caller's `X-Request-ID`, on spans and in log records; never on a metric."""
FEATURE: Final = "feature"
"""On metrics, behind the prefix, as those that follow."""
BIN: Final = "bin"
SEGMENT: Final = "segment"
CLASS: Final = "class"
ACTUAL: Final = "actual"
PREDICTED: Final = "predicted"
CELL: Final = "cell"
REASON: Final = "reason"
METRIC_SET: Final = "metric_set"
"""In a log record: the group of metrics that it explains."""
METRIC_PREFIX: Final = "ml"
"""The default first part of our metric names; a platform may choose another."""

# --- upstream metrics ---------------------------------------------------------------------------------------
HTTP_SERVER_REQUEST_DURATION: Final = "http.server.request.duration"
HTTP_SERVER_REQUEST_DURATION_EDGES: Final = (
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
"""Bucket edges in seconds that the conventions advise for HTTP and RPC durations."""
RPC_SERVER_CALL_DURATION: Final = "rpc.server.call.duration"

# --- labels that the server makes of resource attributes ----------------------------------------------------
JOB_LABEL: Final = "job"
INSTANCE_LABEL: Final = "instance"
TARGET_INFO: Final = "target_info"
"""The gauge, always 1, that carries the resource attributes which are not promoted to labels."""

ENVIRONMENT_NAMES: Final = ("production", "staging", "test", "development")
"""The well-known values of deployment.environment.name."""

OF_PREDICTION: Final = ".prediction"
"""What predicted numbers are called among features; no feature's name begins with a dot."""
OF_SCORE: Final = ".score"
"""What scores of the positive class are called among features."""
