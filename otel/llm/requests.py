"""Calls of LLMs: latency, tokens, money, errors, and what is found out about answers, by the spec of the model.

One :class:`LlmCalls` a monitor, one :class:`LlmRequest` a request, one `otel.llm.call.LlmCall` a call::

    with p.llm(tier="small") as call:
        answer = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
        call.response(answer)
"""

from __future__ import annotations

from types import TracebackType

from opentelemetry.trace import Tracer

from otel.llm.call import LlmCall
from otel.llm.counts import CallFacts, LlmCounts, RequestFacts
from otel.llm.tools import AgentRun, Retrieval, ToolCall
from otel.llm.verdicts import LlmVerdicts
from otel.recording.cells import safe_text
from otel.recording.notices import guarded


@guarded
class LlmRequest(LlmVerdicts):
    """Everything that an application says of one request; ``with request(tier="small") as call`` makes a call.

    What its calls cost adds up in the folding thread, and is whole after :meth:`finish`.
    """

    __slots__ = ("facts",)

    def __init__(self, counts: LlmCounts) -> None:
        super().__init__(counts)
        self.facts = RequestFacts()

    def __call__(self, tier: str, operation: str = "chat") -> LlmCall:
        """Return a call of the LLM of a tier of the spec: ``chat``, ``embeddings``, or another operation of it."""
        return LlmCall(self.counts, self.facts, self.counts.settings.tier(tier), operation, self.ended)

    def asked_by(
        self,
        user: str | int | None = None,
        tier: str | None = None,
        route: str | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Say who asked, by which kind of contract (``free``, ``paid``, ``internal``) and by which route of the spec.

        The user's id only serves to find abuse and to count users: it is hashed with a key that changes daily, and
        appears nowhere.  ``conversation_id`` goes to the spans of later calls, never to a metric.
        """
        facts = self.facts
        facts.conversation_id = facts.conversation_id if conversation_id is None else conversation_id
        facts.user = facts.user if user is None else safe_text(user)
        facts.user_tier = facts.user_tier if tier is None else tier
        facts.route = facts.route if route is None else route

    def tool(self, name: str) -> ToolCall:
        """Return the call of a tool of the spec: ``with request.tool("refund") as tool:``."""
        return ToolCall(self.counts, name)

    def run(self) -> AgentRun:
        """Return a run of the agent: ``with request.run() as run:``."""
        return AgentRun(self.counts)

    def retrieval(self) -> Retrieval:
        """Return a search for documents: ``with request.retrieval() as search: search.found(relevant=3)``."""
        return Retrieval(self.counts)

    def ended(self, call: CallFacts) -> None:
        """Count a call that is over."""
        self.counts.recorder.defer(self.counts.count, call)

    def finish(self) -> None:
        """Count the request as a whole: its cost, its user.  Once, when the answer is out."""
        self.counts.recorder.defer(self.counts.count_request, self.facts)


class SingleRequest(LlmRequest):
    """A request of one call, which finishes with it: for services that open no prediction."""

    __slots__ = ()

    def ended(self, call: CallFacts) -> None:
        """Count the call, and the request with it."""
        super().ended(call)
        self.finish()


class RequestScope:
    """A request around a block of its own: ``with monitor.llm.request() as request:``."""

    __slots__ = ("_request",)

    def __init__(self, request: LlmRequest) -> None:
        self._request = request

    def __enter__(self) -> LlmRequest:
        return self._request

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._request.finish()


@guarded
class LlmCalls(LlmVerdicts):
    """The calls of one model's service."""

    __slots__ = ()

    def __call__(self, tier: str, operation: str = "chat") -> LlmCall:
        """Return a call that is a request of its own: ``with monitor.llm(tier="small") as call:``."""
        return SingleRequest(self.counts)(tier, operation)

    def request(self) -> RequestScope:
        """Return a request of several calls: ``with monitor.llm.request() as request:``."""
        return RequestScope(LlmRequest(self.counts))

    def reset(self, tracer: Tracer) -> None:
        """Begin anew with the tracer of a forked child: users belong to its parent."""
        self.counts.reset(tracer)
