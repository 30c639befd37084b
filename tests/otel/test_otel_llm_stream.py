from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from opentelemetry import trace
from otel_llm_world import World

from otel.llm import call as llm_call

OPENAI: list[Any] = [
    {"id": "c1", "model": "gpt-4o-mini", "choices": [{"delta": {"role": "assistant", "content": ""}}]},
    *[
        {"id": "c1", "model": "gpt-4o-mini", "choices": [{"delta": {"content": word}}]}
        for word in ("It", " ships", ".")
    ],
    {"id": "c1", "model": "gpt-4o-mini", "choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"id": "c1", "model": "gpt-4o-mini", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5}},
]
ANTHROPIC: list[Any] = [
    {
        "type": "message_start",
        "message": {
            "id": "m1",
            "model": "claude",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 25, "cache_read_input_tokens": 75, "output_tokens": 1},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "!"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 15}},
    {"type": "message_stop"},
]
RESPONSES: list[Any] = [
    {"type": "response.created", "response": {"id": "r1", "model": "o3-mini", "status": "in_progress", "usage": None}},
    {"type": "response.output_text.delta", "delta": "Hello", "item_id": "i"},
    {"type": "response.output_text.delta", "delta": "!", "item_id": "i"},
    {
        "type": "response.completed",
        "response": {
            "id": "r1",
            "model": "o3-mini",
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello!"}]}],
            "usage": {
                "input_tokens": 36,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 87,
                "output_tokens_details": {"reasoning_tokens": 64},
            },
        },
    },
]
GOOGLE: list[Any] = [
    {
        "candidates": [{"content": {"parts": [{"text": "Hel"}]}}],
        "model_version": "gemini",
        "usage_metadata": {"prompt_token_count": 11, "candidates_token_count": 1},
    },
    {
        "candidates": [{"content": {"parts": [{"text": "lo"}]}, "finish_reason": "STOP"}],
        "usage_metadata": {"prompt_token_count": 11, "candidates_token_count": 4},
    },
]
OLLAMA: list[Any] = [
    {"model": "llama3.2", "message": {"role": "assistant", "content": "Hel"}, "done": False},
    {"model": "llama3.2", "message": {"role": "assistant", "content": "lo"}, "done": False},
    {
        "model": "llama3.2",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "length",
        "prompt_eval_count": 26,
        "eval_count": 2,
    },
]
MISTRAL: list[Any] = [{"data": each} for each in OPENAI]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the stream itself moves."""
    now = [100.0]
    monkeypatch.setattr(llm_call.time, "perf_counter", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("chunks", "sent", "received", "finish"),
    [
        (OPENAI, 9, 5, "stop"),
        (MISTRAL, 9, 5, "stop"),
        (ANTHROPIC, 100, 15, "length"),
        (RESPONSES, 36, 87, "stop"),
        (GOOGLE, 11, 4, "stop"),
        (OLLAMA, 26, 2, "length"),
    ],
    ids=["openai", "mistral", "anthropic", "openai responses", "google", "ollama"],
)
def test_a_stream_passes_unchanged_and_its_last_usage_counts(
    chunks: list[Any], sent: int, received: int, finish: str
) -> None:
    world = World()
    with world.calls("small") as call:
        assert list(call.stream(iter(chunks))) == chunks
    assert [value for value, _ in world.points("token_usage")] == [sent, received]
    assert world.counts("answers") == {("true", finish): 1}
    assert len(world.values("time_to_first_token")) == len(world.values("time_per_output_token")) == 1


def test_the_first_token_and_the_pace_are_timed(clock: list[float]) -> None:
    def slow() -> Iterator[Any]:
        for chunk, moment in zip(OPENAI, (100.1, 100.5, 100.7, 101.3, 101.4, 101.5), strict=True):
            clock[0] = moment
            yield chunk

    world = World()
    with world.calls("small") as call:
        assert len(list(call.stream(slow()))) == 6
    assert world.values("time_to_first_token") == [pytest.approx(0.5)], "the first chunk with content"
    assert world.values("time_per_output_token") == [pytest.approx(0.8 / 4)], "five tokens have four gaps"
    assert world.values("calls") == [pytest.approx(1.5)]


def test_an_asynchronous_stream_is_measured_alike() -> None:
    async def chunks() -> AsyncIterator[Any]:
        for chunk in ANTHROPIC:
            yield chunk

    async def ask() -> list[Any]:
        async with world.calls("small") as call:
            return [chunk async for chunk in call.stream(chunks())]

    world = World()
    assert asyncio.run(ask()) == ANTHROPIC
    assert world.counts("tokens") == {
        ("small", "input"): 25,
        ("small", "cached_input"): 75,
        ("small", "output"): 15,
    }


def test_chunks_are_no_tokens_where_no_usage_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with world.calls("small") as call:
        assert "".join(call.stream(iter(["It", " ", "ships"]))) == "It ships"
    assert world.counts("tokens") == {}
    assert world.counts("unpriced") == {("small",): 1}
    assert "did not say how many tokens it took" in caplog.text
    assert world.values("time_per_output_token") == []
    assert world.counts("answers") == {("true", "stop"): 1}


def test_a_stream_of_texts_takes_its_usage_from_the_final_message() -> None:
    world = World()
    with world.calls("small") as call:
        list(call.stream(iter(["Hel", "lo"])))
        call.response(
            {"id": "m", "model": "c", "stop_reason": "tool_use", "usage": {"input_tokens": 4, "output_tokens": 2}}
        )
    assert world.counts("tokens") == {("small", "input"): 4, ("small", "output"): 2}
    assert world.counts("answers") == {("true", "tool_call"): 1}


def test_a_stream_that_breaks_is_an_answer_that_ended_in_an_error() -> None:
    def broken() -> Iterator[Any]:
        yield from OPENAI[:3]
        raise ConnectionError("reset")

    world = World()
    with pytest.raises(ConnectionError), world.calls("small") as call:
        list(call.stream(broken()))
    assert world.counts("answers") == {("true", "error"): 1}
    assert world.points("calls")[0][1]["error.type"] == "unavailable"
    assert len(world.values("time_to_first_token")) == 1


def test_a_stream_that_fails_before_it_begins_is_no_answer() -> None:
    def refuse() -> Any:
        raise TimeoutError

    world = World()
    with pytest.raises(TimeoutError), world.calls("small") as call:
        list(call.stream(iter(refuse, None)))
    assert world.counts("answers") == {}


def test_a_reader_who_leaves_early_breaks_nothing() -> None:
    def handler() -> Iterator[Any]:
        with world.calls("small") as call:
            yield from call.stream(iter(OPENAI))

    world = World()
    reader = handler()
    next(reader)
    next(reader)
    reader.close()  # type: ignore[attr-defined]
    ((_, attributes),) = world.points("calls")
    assert "error.type" not in attributes
    assert world.counts("answers") == {("true", "stop"): 1}


def test_a_generator_that_changes_its_context_leaves_no_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def handler() -> Iterator[Any]:
        with world.calls("small") as call:
            yield from call.stream(iter(OPENAI))

    world = World()
    reader = handler()
    for _ in OPENAI:  # as a pool of threads resumes it
        contextvars.copy_context().run(next, reader)
    assert contextvars.copy_context().run(next, reader, None) is None
    assert trace.get_current_span() is trace.INVALID_SPAN
    assert world.counts("answers") == {("true", "stop"): 1}
    assert not [each for each in caplog.records if each.name.startswith("opentelemetry")]


def test_the_content_of_a_stream_is_joined_and_redacted() -> None:
    world = World(llm={"content": True})
    with world.calls("small") as call:
        list(call.stream(iter(["Write to a", "nna@exam", "ple.org"])))
    assert "Write to ****" in world.attributes()["gen_ai.output.messages"]
