"""One call of an LLM: its span, its answer, whole or streamed, and how long everything took."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

from otel.llm.content import input_messages, output_messages
from otel.llm.counts import CallFacts, LlmCounts, RequestFacts
from otel.llm.reply import Reply, Usage, chunk_text, read_reply, says_more
from otel.llm.settings import Tier
from otel.llm.terms import ERROR, call_error, finish_reason
from otel.recording.cells import safe_text
from otel.recording.errors import CANCELLED
from otel.recording.notices import Once, guarded
from otel.recording.spans import enter_span, fail_span, leave_span

Chunk = TypeVar("Chunk")

LLM_TIER = "llm.tier"
"""Attribute of a call's span: the model tier of the application."""

_ONCE = Once()
_NO_FAILURE = (GeneratorExit, KeyboardInterrupt, SystemExit)
"""What ends a call that did not fail: its reader left, or the process is stopped."""


@guarded
class LlmCall(CallFacts):
    """A context manager around one call, ``with`` or ``async with``.  Nothing in it raises, or hides an exception.

    ``ended`` is called with the call once it is over; ``chunks`` is how many pieces of a stream had text.
    """

    __slots__ = (
        "_counts",
        "_ended",
        "_lap",
        "_last",
        "_outside",
        "_prompt",
        "_reply",
        "_started",
        "_texts",
        "chunks",
        "span",
    )

    def __init__(
        self,
        counts: LlmCounts,
        request: RequestFacts,
        tier: Tier,
        operation: str,
        ended: Callable[[CallFacts], object],
    ) -> None:
        super().__init__(request, tier, operation)
        self.span: Span = trace.INVALID_SPAN
        self.chunks = 0
        self._counts = counts
        self._ended = ended
        self._started = 0.0
        self._last = 0.0
        self._lap = 0.0
        self._reply = Reply()
        self._prompt: Any = None
        self._texts: list[str] = []
        self._outside = Context()

    # --- what the service says ----------------------------------------------------------------------------------

    def response(self, answer: Any) -> None:
        """Take the answer of a client, as an object or as JSON: model, id, usage, finish reasons.

        Knows the answers of OpenAI (chat completions, responses, embeddings), Anthropic, Google GenAI, Mistral, Ollama,
        Amazon Bedrock, LiteLLM and LangChain by the names of their fields.
        """
        self.answered = True
        try:
            reply = read_reply(answer)
            self._take(reply)
            if not self.streamed:
                now = time.perf_counter()
                self.laps.append((now - self._lap, finish_reason(reply.finish_reasons)))
                self._lap = now
        except Exception as error:
            _ONCE.warn("response", "an answer of a %s cannot be read: %s", type(answer).__name__, error)

    def tokens(
        self, sent: int | None = 0, received: int | None = 0, cached: int | None = 0, reasoning: int | None = 0
    ) -> None:
        """Say how many tokens were sent and received, for clients whose answers are not read.

        ``cached`` are those among the sent ones that came from a cache, ``reasoning`` those among the received ones
        that nobody reads.
        """
        whole = [max(int(each or 0), 0) for each in (sent, received, cached, reasoning)]
        self.answered = True
        self.usage = Usage(whole[0], whole[1], min(whole[2], whole[0]), 0, min(whole[3], whole[1]))

    def stream(self, chunks: Any) -> Streamed[Any]:
        """Return the chunks of a streamed answer, for ``for`` or ``async for``, and measure them as they pass.

        Iterate inside the block: what passes after it is not measured.
        """
        self.streamed = True
        return Streamed(self, chunks)

    def prompt(self, messages: Any) -> None:
        """Take what was sent, a text or messages with ``role`` and ``content``: kept only if the spec wants content."""
        if self._counts.settings.content:
            self._prompt = messages

    def finished(self, reason: str | None) -> None:
        """Say why the answer ended, in the provider's words or in the spec's."""
        self.finish = finish_reason((safe_text(reason),) if reason is not None else ())

    def failed(self, error: str) -> None:
        """Say that the call failed although no exception leaves the block; ``error`` is a declared ``error.type``."""
        self.error = safe_text(error)

    def retried(self, reason: str | BaseException) -> None:
        """Count that the call is made again, because of an exception, or ``rate_limit`` and the like."""
        self._counts.retried(reason)

    # --- its life -----------------------------------------------------------------------------------------------

    def __enter__(self) -> LlmCall:
        counts, tier = self._counts, self.tier
        names = counts.settings.profile.attributes
        model = tier.model
        attributes = {
            **counts.attributes,
            names["operation"]: self.operation,
            names["provider"]: tier.provider,
            names["request_model"]: model,
            names["conversation"]: self.request.conversation_id,
            LLM_TIER: tier.name,
        }
        name = f"{self.operation} {model}" if model else self.operation
        self.span = counts.tracer.start_span(
            name, kind=SpanKind.CLIENT, attributes={key: value for key, value in attributes.items() if value}
        )
        self._outside = enter_span(self.span)
        self._started = self._lap = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.seconds = time.perf_counter() - self._started
        leave_span(self.span, self._outside)
        try:
            self._close(exception)
        except Exception as error:
            _ONCE.warn("close", "a call of an LLM cannot be measured: %s", error, error=error)
        finally:
            self.span.end()

    async def __aenter__(self) -> LlmCall:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, exception, traceback)

    def _close(self, exception: BaseException | None) -> None:
        if exception is not None and not isinstance(exception, _NO_FAILURE):
            error = call_error(exception)
            self.cancelled = error == CANCELLED
            self.error = None if self.cancelled else error
        if self.streamed:
            self._close_stream()
        if self.finish is None and (self._reply.finish_reasons or self.usage is not None or self.chunks):
            self.finish = ERROR if self.error else finish_reason(self._reply.finish_reasons)
        if self.span.is_recording():
            self._describe()
        self._ended(self)

    def _close_stream(self) -> None:
        """Work out the pace of the tokens that a reader saw; none where nobody says how many there were."""
        self.answered = self.answered or bool(self.chunks)
        seen = self.usage.output - self.usage.reasoning if self.usage is not None else 0
        if self.first is not None and seen > 1 and self.chunks > 1:
            self.pace = (self._last - self._started - self.first) / (seen - 1)

    def _take(self, reply: Reply) -> None:
        old = self._reply
        self._reply = Reply(
            reply.model or old.model, reply.id or old.id, reply.finish_reasons or old.finish_reasons, None
        )
        if reply.usage is not None:
            together = None if self.usage is None else self.usage.merged if self.streamed else self.usage.plus
            self.usage = reply.usage if together is None else together(reply.usage)
        if not self.streamed:
            self._texts += reply.texts

    def _pass(self, chunk: Any) -> None:
        """Measure one chunk of a stream."""
        try:
            text = chunk_text(chunk)
            if text:
                self._last = time.perf_counter()
                if self.first is None:
                    self.first = self._last - self._started
                self.chunks += 1
                if self._counts.settings.content:
                    self._texts.append(text)
            if not isinstance(chunk, str) and (not text or self.chunks == 1 or says_more(chunk)):
                self._take(read_reply(chunk))
        except Exception as error:
            _ONCE.warn("chunk", "a chunk of a %s cannot be read: %s", type(chunk).__name__, error)

    def _describe(self) -> None:
        """Put onto the span what the conventions name: usage, model, id, finish reasons, error, redacted content."""
        names = self._counts.settings.profile.attributes
        usage, reply = self.usage or Usage(), self._reply
        facts: dict[str, Any] = {
            "response_model": reply.model,
            "response_id": reply.id,
            "finish_reasons": list(reply.finish_reasons),
            "input_tokens": usage.input,
            "output_tokens": usage.output,
            "cache_read_tokens": usage.cached,
            "cache_creation_tokens": usage.created,
            "reasoning_tokens": usage.reasoning,
        }
        if self._counts.settings.content:
            facts["input_messages"] = input_messages(self._prompt)
            texts = ["".join(self._texts)] if self.streamed else self._texts
            facts["output_messages"] = output_messages(texts, self.finish)
        self.span.set_attributes({names[key]: value for key, value in facts.items() if value and key in names})
        if self.error is not None:
            fail_span(self.span, self.error)


class Streamed(Generic[Chunk]):
    """The chunks of a streamed answer, unchanged: iterate it once, with ``for`` or ``async for``."""

    __slots__ = ("_call", "_chunks")

    def __init__(self, call: LlmCall, chunks: Any) -> None:
        self._call = call
        self._chunks: Any = chunks

    def __iter__(self) -> Iterator[Chunk]:
        chunks: Iterable[Chunk] = self._chunks
        for chunk in chunks:
            self._call._pass(chunk)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[Chunk]:
        chunks: AsyncIterable[Chunk] = self._chunks
        async for chunk in chunks:
            self._call._pass(chunk)
            yield chunk
