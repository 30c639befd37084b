"""Logs that can be joined with everything else: one JSON object a line, and the same as OTLP log records.

    otel.logs.configure()
    logging.getLogger(__name__).info("ranges are off", extra={"metric_set": "feature_quality"})

| key | meaning |
|---|---|
| ``time``, ``level``, ``logger``, ``message`` | RFC 3339 in UTC, and as in `logging` |
| ``trace_id``, ``span_id`` | hex, of the span that was current where the line was written |
| ``request.id``, ``model.name``, ``model.version`` | of the request and the model being served, as `otel.current` or \
`bind_model` says |
| ``metric_set`` | the group of metrics that the line explains |
| ``exception.type``, ``exception.message``, ``exception.stacktrace`` | of ``exc_info``, redacted |

Of what else stands in ``extra`` only keys in `KEYS` (or those passed) are kept: what no spec declares does not leave
the process.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Collection, Mapping
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber

from otel import semconv
from otel.export.configure import telemetry as current_telemetry
from otel.export.delivery import is_sending
from otel.export.telemetry import Telemetry
from otel.predictions.prediction import current
from otel.recording.errors import exception_attributes
from otel.web.requestid import current_request_id

KEYS: Final = frozenset({
    semconv.ERROR_TYPE, semconv.HTTP_REQUEST_METHOD, semconv.HTTP_RESPONSE_STATUS_CODE, semconv.HTTP_ROUTE,
    semconv.METRIC_SET, semconv.MODEL_NAME, semconv.MODEL_VERSION, semconv.REQUEST_ID, "prediction.id",
})  # fmt: skip
"""Keys of ``extra`` that are kept; the agent's allow-list has them."""

_SEVERITIES: Final = (
    (logging.CRITICAL, SeverityNumber.FATAL, "FATAL"),
    (logging.ERROR, SeverityNumber.ERROR, "ERROR"),
    (logging.WARNING, SeverityNumber.WARN, "WARN"),
    (logging.INFO, SeverityNumber.INFO, "INFO"),
    (logging.DEBUG, SeverityNumber.DEBUG, "DEBUG"),
    (logging.NOTSET, SeverityNumber.TRACE, "TRACE"),
)
"""Level of `logging` from which on → severity of OpenTelemetry."""

_STAMP: Final = "_otel_stamp"
_model: ContextVar[tuple[str, str]] = ContextVar("model", default=("", ""))


def bind_model(name: str, version: str = "") -> Token[tuple[str, str]]:
    """Put the model into all log lines of this context, until `unbind_model`."""
    return _model.set((name, version))


def unbind_model(token: Token[tuple[str, str]]) -> None:
    """Undo `bind_model`."""
    _model.reset(token)


class Stamp(logging.Filter):
    """Notes request, model and span on each record, in the thread that logs.

    Needed before a `logging.handlers.QueueHandler`, behind which another thread formats.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        _stamp(record)
        return True


def _stamp(record: logging.LogRecord) -> tuple[trace.SpanContext, Mapping[str, str]]:
    stamp: tuple[trace.SpanContext, Mapping[str, str]] | None = getattr(record, _STAMP, None)
    if stamp is None:
        stamp = trace.get_current_span().get_span_context(), _known()
        setattr(record, _STAMP, stamp)
    return stamp


def _privacy() -> str:
    """What of exceptions may be written: as the model says that is being served, else redacted."""
    prediction = current()
    return "redacted" if prediction is None else prediction.model.manifest.exceptions


def _known() -> dict[str, str]:
    """Request and model that are being served here: those bound, or else those of the prediction being made."""
    prediction = current()
    request_id = current_request_id() or (prediction.request_id if prediction is not None else None)
    name, version = _model.get()
    known = {semconv.REQUEST_ID: request_id, semconv.MODEL_NAME: name, semconv.MODEL_VERSION: version}
    if prediction is not None and not name:
        known |= prediction.model.span_attributes
    return {key: value for key, value in known.items() if value}


def attributes(record: logging.LogRecord, keys: Collection[str] = KEYS) -> dict[str, str | bool | int | float]:
    """What a record says besides its message, by attribute key; of its extras only those in ``keys``."""
    found: dict[str, str | bool | int | float] = dict(_stamp(record)[1])
    found.update({key: _value(value) for key, value in vars(record).items() if key in keys and value is not None})
    if record.exc_info and record.exc_info[1] is not None:
        found.update(exception_attributes(record.exc_info[1], _privacy()))
    return found


def _value(value: Any) -> str | bool | int | float:
    """Something that JSON and OTLP can hold."""
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, ASCII, with the keys that the module lists; ``keys`` are the extras that are kept."""

    def __init__(self, keys: Collection[str] = KEYS) -> None:
        super().__init__()
        self._keys = frozenset(keys)

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        span, _ = _stamp(record)
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if span.is_valid:
            line |= {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}
        return json.dumps(line | attributes(record, self._keys))


class OtlpHandler(logging.Handler):
    """Emits records as OTLP log records of ``telemetry``, by default that of `otel.configure`, also after a fork.

    The SDK's own handler is deprecated, and passes on every extra.  What exporters log while they send is left out.
    """

    def __init__(self, telemetry: Telemetry | None = None, keys: Collection[str] = KEYS) -> None:
        super().__init__()
        self._telemetry = telemetry
        self._keys = frozenset(keys)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record for export; never raises."""
        if is_sending():
            return
        try:
            self._emit(record)
        except Exception:
            self.handleError(record)

    def _emit(self, record: logging.LogRecord) -> None:
        telemetry = current_telemetry() if self._telemetry is None else self._telemetry.current
        number, text = next((number, text) for level, number, text in _SEVERITIES if record.levelno >= level)
        span, _ = _stamp(record)
        telemetry.logger_provider.get_logger(record.name).emit(
            timestamp=int(record.created * 1e9),
            observed_timestamp=time.time_ns(),
            context=trace.set_span_in_context(trace.NonRecordingSpan(span)),
            severity_number=number,
            severity_text=text,
            body=record.getMessage(),
            attributes=attributes(record, self._keys),
        )


def configure(
    level: str | int = "INFO",
    *,
    telemetry: Telemetry | None = None,
    keys: Collection[str] = KEYS,
    stream: TextIO | None = None,
    logger: str = "",
) -> None:
    """Write the lines of a logger (the root by default) as JSON to ``stream`` (or stderr), and send them as OTLP.

    ``keys`` are the extras that are kept.  Calling again replaces what an earlier call installed; handlers of others
    stay.  Raises `ValueError` for a level that `logging` does not know.
    """
    target = logging.getLogger(logger or None)
    target.setLevel(level)
    lines = logging.StreamHandler(stream)
    lines.setFormatter(JsonFormatter(keys))
    for old in [each for each in target.handlers if isinstance(each, OtlpHandler) or _is_ours(each)]:
        target.removeHandler(old)
    for handler in (lines, OtlpHandler(telemetry, keys)):
        handler.addFilter(Stamp())
        target.addHandler(handler)


def _is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, JsonFormatter)
