"""Counts of LLM calls: latency, tokens and money of each, and what all calls of one request add up to."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from opentelemetry.trace import Tracer

from otel.llm.reply import Usage
from otel.llm.settings import Tier, attribute_values, llm_settings
from otel.llm.terms import call_error
from otel.llm.users import Abuse, ActiveUsers, Limits
from otel.manifest import Manifest
from otel.recording.bins import OTHER
from otel.recording.notices import Emit, Once
from otel.recording.recorder import Recorder
from otel.semconv import MODEL_NAME, MODEL_VERSION

REFRESH_SECONDS: Final = 5.0
"""How old the sketch of users gets before it is written anew."""

USER_KEY: Final = "WATCHSPEC_USER_KEY"
"""The environment variable with what users are hashed with; all replicas of a model share it.

Without it the name of the model is used, which is no secret: whoever has the sketch and an id can then tell whether the
id may be among the users.
"""

EMBEDDINGS: Final = "embeddings"
"""The operation whose calls receive no tokens."""

INTERNAL: Final = "internal"
"""The value of ``user.tier`` of a request that nobody was named for."""


@dataclass(slots=True)
class RequestFacts:
    """One request to an LLM application: who asked, by which route, and what its calls add up to.

    ``cost`` is in the currency of the manifest; it and ``tokens`` grow in the folding thread.
    """

    user: str | None = None
    conversation_id: str | None = None
    user_tier: str = INTERNAL
    route: str | None = None
    cost: Decimal = Decimal(0)
    tokens: int = 0
    priced: bool = False


class CallFacts:
    """One call: ``seconds``, ``first`` (time to the first token) and ``pace`` (mean time between two) in seconds.

    ``usage`` holds tokens, None if nobody says how many; ``error`` the ``error.type``, ``finish`` the value of
    ``llm.finish_reason``.  ``laps`` are the seconds and finishes of each of several answers of one block.  ``answered``
    says that an answer came, ``cancelled`` that nobody waits for it any more.
    """

    __slots__ = (
        "answered", "cancelled", "error", "finish", "first", "laps", "operation", "pace", "request", "seconds",
        "streamed", "tier", "usage",
    )  # fmt: skip

    def __init__(self, request: RequestFacts, tier: Tier, operation: str) -> None:
        self.request = request
        self.tier = tier
        self.operation = operation
        self.seconds = 0.0
        self.streamed = False
        self.first: float | None = None
        self.pace: float | None = None
        self.usage: Usage | None = None
        self.error: str | None = None
        self.finish: str | None = None
        self.laps: list[tuple[float, str]] = []
        self.answered = False
        self.cancelled = False


class LlmCounts:
    """Counts the calls of one model's service, and holds what is common to them.

    ``tracer`` may be replaced when providers are; ``attributes`` are those of every span (name and version of the
    model); ``emit`` writes events.  Raises `otel.ManifestError` if the manifest needs another runtime.
    """

    def __init__(
        self,
        recorder: Recorder,
        manifest: Manifest,
        tracer: Tracer,
        emit: Emit,
        attributes: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.recorder = recorder
        self.settings = llm_settings(manifest)
        self.tracer = tracer
        self.emit = emit
        self.attributes: Mapping[str, str] = attributes or {
            key: value for key, value in ((MODEL_NAME, manifest.name), (MODEL_VERSION, manifest.version)) if value
        }
        self._clock = clock
        self._payers = attribute_values(manifest, "cost")
        operation = self.settings.profile.attributes["operation"]
        self._operations = {
            metric: attribute_values(manifest, metric).get(operation, ()) for metric in ("calls", "token_usage")
        }
        self._spent: dict[tuple[str, str, str], Decimal] = {}
        self._limits = limits or Limits()
        self._abuse = Abuse(self._limits)
        self._secret = os.environ.get(USER_KEY) or f"{manifest.tenant}/{manifest.name}"
        self._users = ActiveUsers(self._secret)
        self._counts_users = False
        self._refreshed = 0.0
        self._once = Once()
        if recorder.declares("user_registers"):
            recorder.after_fold(self._refresh)

    def reset(self, tracer: Tracer) -> None:
        """Begin anew with the tracer of a forked child: users belong to its parent."""
        self.tracer = tracer
        self._abuse = Abuse(self._limits)
        self._users = ActiveUsers(self._secret)
        self._counts_users = False

    def retried(self, reason: str | BaseException) -> None:
        """Count a call that is made again, because of an exception, or ``rate_limit`` and the like."""
        self.recorder.add("retries", 1, call_error(reason) if isinstance(reason, BaseException) else reason)

    # --- counting, in the folding thread ------------------------------------------------------------------------

    def count(self, call: CallFacts) -> None:
        """Count one call: for the folding thread."""
        tier, operation = call.tier.name, self._operation("calls", call.operation)
        laps: list[tuple[float, str | None]] = [*call.laps] if len(call.laps) > 1 else [(call.seconds, call.finish)]
        for seconds, finish in laps:
            if not call.cancelled:
                self._record("calls", seconds, tier, operation, call.error)
            if finish is not None:
                self._add("answers", 1, str(call.streamed).lower(), finish)
        if call.first is not None:
            self._record("time_to_first_token", call.first)
        if call.pace is not None:
            self._record("time_per_output_token", call.pace)
        if call.usage is not None:
            self._count_tokens(tier, call.operation, call.usage)
            self._charge(call, call.usage)
        elif call.answered:
            self._add("unpriced", 1, tier)
            self._once.warn(
                "usage",
                "an answer of tier %s did not say how many tokens it took, so that it counts as unpriced: let the "
                "client include usage (stream_options of OpenAI's), or say it with call.tokens()",
                tier,
            )

    def count_request(self, request: RequestFacts) -> None:
        """Count one request whose calls are counted: for the folding thread."""
        if request.priced:
            self._record("request_cost", float(request.cost))
        if request.user is None:
            return
        now = self._clock()
        for limit in self._abuse.count(request.user, request.tokens, float(request.cost), now):
            self._add("abuse", 1, limit)
        self._users.seen(request.user, now)
        self._counts_users = True

    def _operation(self, metric: str, operation: str) -> str:
        """Return an operation as a metric has it: a call of one that it does not have counts under the first it has."""
        declared = self._operations.get(metric, ())
        if not declared or operation in declared:
            return operation
        self.recorder.undeclared_now("value", "operation of a call of an LLM", operation)
        return declared[0]

    def _count_tokens(self, tier: str, operation: str, usage: Usage) -> None:
        known = self._operation("token_usage", operation)
        self._record("token_usage", usage.input, tier, known, "input")
        if operation != EMBEDDINGS:
            self._record("token_usage", usage.output, tier, known, "output")
        classes = (
            ("input", usage.input - usage.cached),
            ("cached_input", usage.cached),
            ("output", usage.output - usage.reasoning),
            ("reasoning", usage.reasoning),
        )
        for name, tokens in classes:
            if tokens:
                self._add("tokens", tokens, tier, name)

    def _charge(self, call: CallFacts, usage: Usage) -> None:
        """Add what a call cost, in exact decimals: the counter is their sum, rounded once."""
        request, prices = call.request, call.tier.prices
        request.tokens += usage.input + usage.output
        if prices is None:
            self._add("unpriced", 1, call.tier.name)
            self._once.warn(
                call.tier.name,
                "tier %s of the LLM application has no price, so its calls count as costing nothing: "
                "add its model to the price list",
                call.tier.name if call.tier.model else "that no spec declares",
            )
            return
        cost = prices.cost(usage)
        request.cost += cost
        request.priced = True
        key = (call.tier.name, self._payer("user.tier", request.user_tier), self._payer("http.route", request.route))
        before = self._spent.get(key, Decimal(0))
        self._spent[key] = before + cost
        self._add("cost", float(before + cost) - float(before), *key)

    def _payer(self, key: str, value: str | None) -> str:
        """Return the value under which money counts: never none, for money that is spent has to show.

        What no spec declares counts as ``other``, or under the first value where there is no ``other``.
        """
        values = self._payers.get(key, ())
        if value in values:
            return str(value)
        if value is not None or (OTHER not in values and len(values) > 1):
            self.recorder.undeclared_now("value", f"{key} of the cost of LLM calls", value)
        return OTHER if OTHER in values or not values else values[0]

    def _refresh(self) -> None:
        """Write the sketch of users anew, if some time has passed: at the end of each fold."""
        now = self._clock()
        if self._counts_users and now - self._refreshed >= REFRESH_SECONDS:
            self._refreshed = now
            for day, place, value in self._users.registers(now):
                self.recorder.set_now("user_registers", value, (day, str(place)))

    def _add(self, metric: str, amount: float, *values: Any) -> None:
        if metric in self.settings.declared:
            self.recorder.add_now(metric, amount, values)

    def _record(self, metric: str, value: float, *values: Any) -> None:
        if metric in self.settings.declared:
            self.recorder.record_now(metric, value, values)
