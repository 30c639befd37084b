"""An LLM application's calls with everything that they leave behind, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from otel_recorded import Recorded, rendered

from otel.llm.counts import LlmCounts
from otel.llm.requests import LlmCalls
from otel.llm.users import Limits


class World(Recorded):
    """The support assistant: calls, spans, events, counters; ``now`` is in seconds since 1970."""

    def __init__(self, limits: Limits | None = None, **changes: Any) -> None:
        super().__init__(rendered("wine/support-assistant", **changes))
        self.now = 1_800_000_000.0
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.calls = LlmCalls(
            LlmCounts(
                self.recorder,
                self.manifest,
                provider.get_tracer("test"),
                lambda name, attributes: self.events.append((name, attributes)),
                limits=limits,
                clock=lambda: self.now,
            )
        )

    def spans(self) -> tuple[ReadableSpan, ...]:
        """Return the spans that ended."""
        return self._exporter.get_finished_spans()

    def span(self) -> ReadableSpan:
        """Return the only span that ended."""
        (span,) = self.spans()
        return span

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the only span."""
        return dict(self.span().attributes or {})
