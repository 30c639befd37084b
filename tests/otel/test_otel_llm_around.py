from __future__ import annotations

import asyncio

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from otel_llm_world import World

from otel.llm.requests import LlmRequest


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def request_(world: World) -> LlmRequest:
    return LlmRequest(world.calls.counts)


def test_a_tool_is_a_span_inside_the_current_one(world: World, request_: LlmRequest) -> None:
    with request_("small") as call, request_.tool("order_lookup"):
        pass
    tool, outer = world.spans()
    assert (tool.name, tool.kind) == ("execute_tool order_lookup", SpanKind.INTERNAL)
    assert tool.parent is not None
    assert outer.context is not None
    assert tool.parent.span_id == outer.context.span_id == call.span.get_span_context().span_id
    assert dict(tool.attributes or {}) == {
        "model.name": "support-assistant",
        "model.version": "5.1.0",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "order_lookup",
    }
    assert world.counts("tools") == {("order_lookup", "success"): 1}
    assert world.points("tool_duration")[0][1] == {"gen_ai.tool.name": "order_lookup"}


def test_a_tool_ends_in_one_outcome(world: World, request_: LlmRequest) -> None:
    with request_.tool("refund") as tool:
        tool.denied()
    with request_.tool("refund") as tool:
        tool.invalid_arguments()
    with pytest.raises(TimeoutError), request_.tool("refund"):
        raise TimeoutError
    with pytest.raises(KeyError), request_.tool("refund"):
        raise KeyError("x")
    assert world.counts("tools") == {
        ("refund", outcome): 1 for outcome in ("denied", "invalid_arguments", "timeout", "error")
    }
    assert {each.status.status_code for each in world.spans()} == {StatusCode.ERROR}


def test_a_tool_that_no_spec_declares_makes_no_series(world: World, request_: LlmRequest) -> None:
    with request_.tool("shell"):
        pass
    assert world.counts("tools") == {}
    assert world.counts("undeclared") == {("value",): 2}


def test_a_run_counts_steps_time_and_outcome(world: World, request_: LlmRequest) -> None:
    with request_.run() as run:
        for _ in range(4):
            run.step()
    with request_.run() as run:
        run.handed_over()
    with pytest.raises(ValueError, match="x"), request_.run():
        raise ValueError("x")
    assert world.counts("runs") == {("success",): 1, ("handed_over",): 1, ("failure",): 1}
    assert world.values("steps") == [4, 0, 0]
    assert len(world.values("run_duration")) == 3
    assert world.counts("loops") == {}


def test_a_run_that_repeats_itself_is_a_loop_once(world: World, request_: LlmRequest) -> None:
    with request_.run() as run:
        assert [run.step(("order_lookup", "4711")) for _ in range(5)] == [1, 2, 3, 4, 5]
        assert run.step({"not": "hashable"}) == 1
    assert world.total("loops") == 1


def test_a_cancelled_run_is_neither_success_nor_failure(world: World, request_: LlmRequest) -> None:
    async def work() -> None:
        async with request_.run():
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert world.counts("runs") == {("cancelled",): 1}


def test_a_search_says_what_it_found(world: World, request_: LlmRequest) -> None:
    for relevant, weak in ((2, 1), (0, 3), (0, 0)):
        with request_.retrieval() as search:
            search.found(relevant, weak)
    with pytest.raises(ConnectionError), request_.retrieval():
        raise ConnectionError
    assert world.counts("retrievals") == {("relevant",): 1, ("weak",): 1, ("empty",): 1}
    assert [attributes.get("error.type") for _, attributes in world.points("retrieval")] == [
        None, None, None, "unavailable",
    ]  # fmt: skip


def test_small_methods_count_what_the_spec_declares(world: World, request_: LlmRequest) -> None:
    request_.guard("pii_prompt", "redacted")
    request_.refused()
    request_.invalid("format")
    request_.cache("hit", age=90.0, saved=0.002)
    request_.cache("miss")
    request_.cache_evicted("size", 3)
    request_.escalated("small", "low_confidence")
    request_.cited("valid", 2)
    request_.indexed(1_700_000_000.0)
    request_.conversation("solved")
    for number in (1, 2, 4, 10, 11):
        request_.turn(number)
    assert world.counts("guard") == {("pii_prompt", "redacted"): 1}
    assert world.total("refusals") == 1
    assert world.counts("invalid_answers") == {("format",): 1}
    assert world.counts("cache") == {("hit",): 1, ("miss",): 1}
    assert world.values("cache_age") == [90.0]
    assert world.total("cache_savings") == 0.002
    assert world.counts("cache_evictions") == {("size",): 3}
    assert world.counts("escalations") == {("small", "low_confidence"): 1}
    assert world.counts("citations") == {("valid",): 2}
    assert world.total("index_built") == 1_700_000_000.0
    assert world.counts("conversations") == {("solved",): 1}
    assert world.counts("turns") == {(name,): 1 for name in ("1", "2", "3-5", "6-10", "more")}
    assert world.counts("undeclared") == {}


def test_a_verdict_is_counted_and_written_as_an_event(world: World, request_: LlmRequest) -> None:
    request_.evaluated("groundedness", passed=True, score=0.8, response_id="c1", prediction_id="p1")
    request_.evaluated("groundedness", passed=False)
    request_.evaluated("groundedness", passed=True, score=7.0)
    assert world.counts("evaluations") == {("groundedness", "pass"): 2, ("groundedness", "fail"): 1}
    assert world.counts("evaluation_scores") == {("groundedness",): pytest.approx(1.8)}
    assert world.events[0] == (
        "gen_ai.evaluation.result",
        {
            "gen_ai.evaluation.name": "groundedness",
            "gen_ai.evaluation.score.label": "pass",
            "gen_ai.evaluation.score.value": 0.8,
            "gen_ai.response.id": "c1",
            "prediction.id": "p1",
        },
    )
    assert "gen_ai.evaluation.score.value" not in world.events[2][1]


def test_what_no_spec_declares_counts_as_undeclared(world: World, request_: LlmRequest) -> None:
    request_.guard("bad_mood", "blocked")
    request_.evaluated("charm", passed=True)
    request_.conversation("vanished")
    assert world.total("guard") == world.total("evaluations") == world.total("conversations") == 0
    assert world.counts("undeclared") == {("value",): 4}
