from __future__ import annotations

import asyncio
import json
import logging
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from otel_llm_world import World
from otel_recorded import Recorded, rendered

from otel.llm.counts import LlmCounts
from otel.llm.reply import Usage
from otel.llm.requests import LlmCalls, LlmRequest
from otel.llm.settings import Prices, llm_settings
from otel.manifest import ManifestError

SMALL = Prices(Decimal("0.00000015"), Decimal("0.0000006"), Decimal("0.000000075"), Decimal("0.0000006"))


def answer(
    sent: int = 1000, received: int = 300, cached: int = 600, reasoning: int = 120, **more: Any
) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"message": {"role": "assistant", "content": "It ships today."}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": sent,
            "completion_tokens": received,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        },
        **more,
    }


def test_a_call_is_a_client_span_of_the_conventions() -> None:
    world = World()
    with world.calls("small") as call:
        assert trace.get_current_span() is call.span
        call.response(answer())
    assert trace.get_current_span() is not call.span
    assert (world.span().name, world.span().kind) == ("chat gpt-4o-mini", SpanKind.CLIENT)
    assert world.attributes() == {
        "model.name": "support-assistant",
        "model.version": "5.1.0",
        "llm.tier": "small",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 300,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.reasoning.output_tokens": 120,
    }


def test_a_call_counts_its_time_its_tokens_and_its_answer() -> None:
    world = World()
    with world.calls("small") as call:
        call.response(answer())
    ((seconds, attributes),) = world.points("calls")
    assert 0 < seconds < 1
    assert attributes == {
        "llm.tier": "small",
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.provider.name": "openai",
    }
    assert [(value, each["gen_ai.token.type"]) for value, each in world.points("token_usage")] == [
        (1000, "input"),
        (300, "output"),
    ]
    assert world.counts("tokens") == {
        ("small", "input"): 400,
        ("small", "cached_input"): 600,
        ("small", "output"): 180,
        ("small", "reasoning"): 120,
    }
    assert world.counts("answers") == {("false", "stop"): 1}
    assert world.values("time_to_first_token") == []


def test_a_conversation_is_named_on_spans_and_a_user_nowhere() -> None:
    world = World()
    with world.calls.request() as request:
        request.asked_by(user="anna-4711", tier="paid", conversation_id="conv_1")
        with request("small"):
            pass
    assert world.attributes()["gen_ai.conversation.id"] == "conv_1"
    assert "anna-4711" not in world.span().to_json()


def test_names_follow_the_profile_of_the_manifest() -> None:
    world = World(gen_ai="core-1.36")
    with world.calls("small") as call:
        call.response(answer())
    assert world.attributes()["gen_ai.system"] == "openai"
    assert "gen_ai.usage.cache_read.input_tokens" not in world.attributes()


def test_an_unknown_profile_is_an_error_at_start() -> None:
    with pytest.raises(ManifestError, match="GenAI profile `genai-2099`"):
        llm_settings(rendered("wine/support-assistant", gen_ai="genai-2099"))


def test_async_calls_are_measured_alike() -> None:
    world = World()

    async def ask() -> None:
        async with world.calls("large") as call:
            await asyncio.sleep(0)
            call.response(answer())

    asyncio.run(ask())
    assert world.span().name == "chat gpt-4o"
    assert len(world.points("calls")) == 1


def test_a_failed_call_passes_its_exception_on_and_counts_why() -> None:
    world = World()
    error = type("RateLimitError", (Exception,), {"status_code": 429})("slow down, anna@x.de")
    with pytest.raises(type(error)), world.calls("small"):
        raise error
    assert world.points("calls")[0][1]["error.type"] == "rate_limit"
    assert world.counts("answers") == {}
    assert world.span().status.status_code is StatusCode.ERROR
    assert world.attributes()["error.type"] == "rate_limit"
    assert "anna" not in str(world.span().to_json()), "an exception's message may hold what the user wrote"


def test_a_cancelled_call_is_neither_failure_nor_success() -> None:
    world = World()

    async def ask() -> None:
        async with world.calls("small"):
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ask())
    assert world.points("calls") == []
    assert world.counts("answers") == world.counts("unpriced") == {}
    assert world.span().status.is_ok


def test_several_answers_in_one_block_are_several() -> None:
    world = World()
    with world.calls("small") as call:
        for _ in range(3):
            call.response(answer())
    assert len(world.points("calls")) == 3
    assert sum(world.counts("answers").values()) == 3
    once = World()
    with once.calls("small") as call:
        call.response(answer())
    assert world.counts("tokens") == {key: 3 * value for key, value in once.counts("tokens").items()}


def test_an_answer_without_usage_is_unpriced_and_said(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    for _ in range(2):
        with world.calls("small") as call:
            call.response({"id": "a", "model": "m", "choices": []})
    assert world.counts("unpriced") == {("small",): 2}
    assert world.counts("tokens") == {}
    assert sum("did not say how many tokens" in each.message for each in caplog.records) == 1


def test_a_call_of_another_operation_is_counted_and_paid_for() -> None:
    world = World()
    with world.calls("small", "embeddings") as call:
        call.tokens(sent=1000)
    assert len(world.points("calls")) == 1
    assert sum(world.counts("cost").values()) > 0


def test_tokens_may_be_none_and_a_reason_too() -> None:
    world = World()
    with world.calls("small") as call:
        call.tokens(None, None)
        call.finished(None)
    assert world.counts("answers") == {("false", "stop"): 1}


def test_what_is_written_to_a_cache_has_its_price() -> None:
    prices = Prices(Decimal(1), Decimal(2), Decimal("0.1"), Decimal(2), Decimal("1.25"))
    assert prices.cost(Usage(100, 10, 20, 40, 0)) == 40 + Decimal(2) + 50 + 20
    assert Prices(Decimal(1), Decimal(2), Decimal("0.1"), Decimal(2)).cost(Usage(100, 10, 20, 40, 0)) == 80 + 2 + 20


def test_an_answer_that_does_not_parse_is_said_by_the_service() -> None:
    world = World()
    with world.calls("small") as call:
        call.response(answer())
        call.failed("validation")
    assert world.points("calls")[0][1]["error.type"] == "validation"
    assert world.counts("answers") == {("false", "error"): 1}


def test_a_call_costs_what_the_price_list_says() -> None:
    world = World()
    with world.calls.request() as request:
        request.asked_by(tier="paid", route="/chat")
        with request("small") as call:
            call.response(answer())
        with request("large") as call:
            call.tokens(sent=1000, received=100)
    small = 400 * 0.00000015 + 600 * 0.000000075 + 300 * 0.0000006
    large = 1000 * 0.0000025 + 100 * 0.00001
    assert world.counts("cost") == {
        ("small", "paid", "/chat"): pytest.approx(small),
        ("large", "paid", "/chat"): pytest.approx(large),
    }
    assert world.values("request_cost") == [pytest.approx(small + large)]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), min_size=1, max_size=40))
def test_the_cost_counter_is_the_exact_sum_rounded(rows: list[tuple[int, int, int, int]]) -> None:
    world = World()
    exact = Decimal(0)
    for sent, received, cached, reasoning in rows:
        with world.calls("small") as call:
            call.response(answer(sent, received, cached, reasoning))
        exact += SMALL.cost(Usage(sent, received, min(cached, sent), 0, min(reasoning, received)))
    counted = world.counts("cost").get(("small", "internal", "/chat"), 0.0)
    assert abs(Decimal(counted) - exact) <= Decimal("2e-16") * exact


def test_money_that_nobody_declared_a_payer_for_still_shows() -> None:
    world = World()
    with world.calls.request() as request:
        request.asked_by(tier="pirate", route="/secret")
        with request("large") as call:
            call.tokens(sent=1000)
    assert world.counts("cost") == {("large", "free", "/chat"): 0.0025}
    assert world.counts("undeclared") == {("value",): 2}


def test_a_hundred_thousand_tiny_charges_do_not_drift() -> None:
    world = World()
    call = world.calls("small")
    usage = Usage(input=7)
    for _ in range(100_000):
        world.calls.counts._charge(call, usage)
    assert world.counts("cost")[("small", "internal", "/chat")] == float(700_000 * SMALL.input)


def test_a_tier_without_a_price_is_counted_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    tiers = {"small": {"model": "new-model", "provider": "openai"}}
    world = World(llm={"tiers": tiers, "currency": "USD"})
    for _ in range(3):
        with world.calls("small") as call:
            call.response(answer())
    assert world.counts("unpriced") == {("small",): 3}
    assert world.counts("cost") == {}
    assert world.values("request_cost") == []
    assert sum("has no price" in each.message for each in caplog.records) == 1


def test_a_tier_that_no_spec_declares_makes_no_series(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with world.calls("secret-tier") as call:
        call.response(answer())
    assert world.points("calls") == []
    assert world.counts("undeclared")[("value",)] > 0
    assert world.span().name == "chat"
    assert "secret-tier" not in caplog.text


def test_nothing_that_a_client_returns_raises(caplog: pytest.LogCaptureFixture) -> None:
    class Hostile:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError("no")

    world = World()
    for strange in (None, 3, "text", [], Hostile(), {"usage": Hostile()}):
        with world.calls("small") as call:
            call.response(strange)
    assert len(world.points("calls")) == 6
    assert sum("cannot be read" in each.message for each in caplog.records) <= 1


def test_retries_count_by_why_the_first_call_was_of_no_use() -> None:
    world = World()
    with world.calls("small") as call:
        call.retried("rate_limit")
        call.retried(TimeoutError())
    assert world.counts("retries") == {("rate_limit",): 1, ("timeout",): 1}


def test_content_is_recorded_only_where_the_spec_wants_it() -> None:
    world = World()
    with world.calls("small") as call:
        call.prompt("I am anna@example.org")
        call.response(answer())
    assert not [key for key in world.attributes() if "messages" in key]
    assert "ships today" not in world.span().to_json()


def test_recorded_content_is_redacted() -> None:
    world = World(llm={"content": True})
    with world.calls("small") as call:
        call.prompt(
            [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Call +49 170 1234567"}, {"type": "image_url"}]},
            ]
        )
        call.response(answer(choices=[{"message": {"content": "To a@b.de"}, "finish_reason": "stop"}]))
    attributes = world.attributes()
    assert json.loads(attributes["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
        {"role": "user", "parts": [{"type": "text", "content": "Call ****"}, {"type": "image_url"}]},
    ]
    assert json.loads(attributes["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "To ****"}], "finish_reason": "stop"}
    ]


def test_the_profile_decides_whether_content_has_a_place() -> None:
    world = World(llm={"content": True}, gen_ai="core-1.36")
    with world.calls("small") as call:
        call.prompt("Hello")
        call.response(answer())
    assert "Hello" not in world.span().to_json()


def test_an_embedding_call_counts_input_only() -> None:
    world = World(
        metrics={
            "token_usage": {
                "name": "gen_ai.client.token.usage",
                "kind": "histogram",
                "unit": "{token}",
                "description": "",
                "attributes": {
                    "llm.tier": {"values": ["small"]},
                    "gen_ai.operation.name": {"values": ["embeddings"]},
                    "gen_ai.token.type": {"values": ["input"]},
                },
            }
        }
    )
    with world.calls("small", "embeddings") as call:
        call.response({"model": "e", "data": [], "usage": {"prompt_tokens": 8, "total_tokens": 8}})
    assert world.values("token_usage") == [8]


def test_a_model_without_llm_metrics_needs_none_of_them(caplog: pytest.LogCaptureFixture) -> None:
    seen = Recorded(rendered("health/screening"))
    tracer = trace.NoOpTracer()
    calls = LlmCalls(LlmCounts(seen.recorder, seen.manifest, tracer, lambda *_: None))
    with caplog.at_level(logging.WARNING, "otel"), calls("small") as call:
        call.response(answer())
    assert seen.counts("undeclared") == {}


def test_calls_of_many_threads_are_all_counted() -> None:
    world = World()

    def work() -> None:
        for _ in range(250):
            with world.calls.request() as request, request("small") as call:
                call.tokens(sent=1000, received=10)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.counts("tokens") == {("small", "input"): 1_000_000, ("small", "output"): 10_000}
    assert world.counts("cost") == {("small", "internal", "/chat"): pytest.approx(0.156, rel=1e-12)}
    assert len(world.values("request_cost")) == 1000


def test_concurrent_calls_of_one_request_are_siblings() -> None:
    world = World()

    async def ask(request: LlmRequest) -> None:
        async with request("small") as call:
            await asyncio.sleep(0)
            assert trace.get_current_span() is call.span
            call.response(answer())

    async def handle() -> None:
        with world.calls.request() as request, world.calls.counts.tracer.start_as_current_span("receive_request"):
            await asyncio.gather(*(ask(request) for _ in range(20)))

    asyncio.run(handle())
    *calls, request = world.spans()
    assert request.context is not None
    assert {each.parent.span_id for each in calls if each.parent} == {request.context.span_id}
    (cost,) = world.values("request_cost")
    assert cost == pytest.approx(20 * float(SMALL.cost(Usage(1000, 300, 600, 0, 120))))
