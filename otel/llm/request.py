"""The calls of one request to an LLM application: who asked, by which route, and what all of them cost."""

from __future__ import annotations

from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Final

from otel.llm.call import LlmCall
from otel.llm.tools import AgentRun, Retrieval, ToolCall
from otel.llm.verdicts import LlmVerdicts

if TYPE_CHECKING:
    from otel.llm.requests import LlmCalls

INTERNAL: Final = "internal"
"""The value of ``user.tier`` of a request that nobody was named for."""


class LlmRequest(LlmVerdicts):
    """Everything that an application says of one request; ``with request(tier="small") as call`` makes a call.

    ``cost`` and ``tokens`` add up in the folding thread and are whole after :meth:`finish`.
    """

    __slots__ = ("conversation_id", "cost", "priced", "route", "tokens", "user", "user_tier")

    def __init__(self, calls: LlmCalls) -> None:
        super().__init__(calls)
        self.user: str | None = None
        self.conversation_id: str | None = None
        self.user_tier = INTERNAL
        self.route: str | None = None
        self.cost = Decimal(0)
        self.tokens = 0
        self.priced = False

    def __call__(self, tier: str, operation: str = "chat") -> LlmCall:
        """Return a call of the LLM of a tier of the spec: ``chat``, ``embeddings``, or another operation of it."""
        return LlmCall(self, self.calls.settings.tier(tier), operation)

    def asked_by(
        self,
        user: str | None = None,
        tier: str | None = None,
        route: str | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Say who asked, by which kind of contract (``free``, ``paid``, ``internal``) and by which route of the spec.

        The user's id only serves to find abuse and to count users: it is hashed with a key that changes daily, and
        appears nowhere.  ``conversation_id`` goes to the spans of later calls, never to a metric.
        """
        self.conversation_id = self.conversation_id if conversation_id is None else conversation_id
        self.user = self.user if user is None else user
        self.user_tier = self.user_tier if tier is None else tier
        self.route = self.route if route is None else route

    def tool(self, name: str) -> ToolCall:
        """Return the call of a tool of the spec: ``with request.tool("refund") as tool:``."""
        return ToolCall(self.calls, name)

    def run(self) -> AgentRun:
        """Return a run of the agent: ``with request.run() as run:``."""
        return AgentRun(self.calls)

    def retrieval(self) -> Retrieval:
        """Return a search for documents: ``with request.retrieval() as search: search.found(relevant=3)``."""
        return Retrieval(self.calls)

    def ended(self, call: LlmCall) -> None:
        """Count a call that is over."""
        self.calls.recorder.defer(self.calls.count, call)

    def finish(self) -> None:
        """Count the request as a whole: its cost, its user.  Once, when the answer is out."""
        self.calls.recorder.defer(self.calls.count_request, self)


class SingleRequest(LlmRequest):
    """A request of one call, which finishes with it: for services that open no prediction."""

    __slots__ = ()

    def ended(self, call: LlmCall) -> None:
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
