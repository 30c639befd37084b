"""Answers shaped as the clients document them, as objects and as JSON."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel.llm.reply import Reply, Usage, chunk_text, read_reply, read_usage, says_more
from otel.llm.terms import call_error, finish_reason


class GoogleFinish(enum.Enum):
    STOP = "STOP"
    MAX_TOKENS = "MAX_TOKENS"


OPENAI_CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 300,
        "total_tokens": 1300,
        "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 120, "accepted_prediction_tokens": 0},
    },
}
OPENAI_RESPONSES: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "model": "o3-mini-2025-01-31",
    "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
    ],
    "usage": {
        "input_tokens": 36,
        "input_tokens_details": {"cached_tokens": 30},
        "output_tokens": 87,
        "output_tokens_details": {"reasoning_tokens": 64},
        "total_tokens": 123,
    },
}
ANTHROPIC: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 50,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 750,
        "output_tokens": 300,
        "output_tokens_details": {"thinking_tokens": 40},
    },
}
GOOGLE: dict[str, Any] = {
    "response_id": "g-1",
    "model_version": "gemini-2.5-flash",
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello."}]}, "finish_reason": "STOP"}],
    "usage_metadata": {
        "prompt_token_count": 1000,
        "cached_content_token_count": 400,
        "candidates_token_count": 100,
        "thoughts_token_count": 50,
        "tool_use_prompt_token_count": 20,
        "total_token_count": 1170,
    },
}
GOOGLE_JSON: dict[str, Any] = {
    "responseId": "g-1",
    "modelVersion": "gemini-2.5-flash",
    "candidates": [{"content": {"parts": [{"text": "Hello."}]}, "finishReason": "MAX_TOKENS"}],
    "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 4, "totalTokenCount": 12},
}
MISTRAL: dict[str, Any] = {
    "id": "m-1",
    "model": "mistral-small-latest",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "model_length"}],
    "usage": {"prompt_tokens": 16, "completion_tokens": 34, "total_tokens": 50},
}
OLLAMA: dict[str, Any] = {
    "model": "llama3.2",
    "created_at": "2026-11-21T12:00:00Z",
    "message": {"role": "assistant", "content": "Hello."},
    "done": True,
    "done_reason": "stop",
    "total_duration": 4883583458,
    "prompt_eval_count": 26,
    "eval_count": 282,
}
LITELLM: dict[str, Any] = {
    "id": "chatcmpl-2",
    "model": "claude-opus-4-5",
    "choices": [{"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "tool_calls"}],
    "usage": {
        "total_tokens": 103925,
        "prompt_tokens": 98805,
        "completion_tokens": 5120,
        "prompt_tokens_details": {"text_tokens": None, "cached_tokens": 66360, "cache_creation_tokens": 32435},
        "completion_tokens_details": {"reasoning_tokens": 1710},
        "cache_read_input_tokens": 66360,
        "cache_creation_input_tokens": 32435,
    },
}
BEDROCK: dict[str, Any] = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
    "stopReason": "max_tokens",
    "usage": {"inputTokens": 30, "outputTokens": 5, "totalTokens": 135, "cacheReadInputTokens": 100},
}
LANGCHAIN: dict[str, Any] = {
    "type": "ai",
    "id": "run-1",
    "content": "Hello.",
    "response_metadata": {"finish_reason": "tool_calls", "model_name": "gpt-4o-mini-2024-07-18"},
    "usage_metadata": {
        "input_tokens": 350,
        "output_tokens": 240,
        "total_tokens": 590,
        "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
        "output_token_details": {"audio": 10, "reasoning": 200},
    },
}
EMBEDDING: dict[str, Any] = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
    "usage": {"prompt_tokens": 8, "total_tokens": 8},
}

CASES = {
    "openai chat": (OPENAI_CHAT, "gpt-4o-mini-2024-07-18", "chatcmpl-1", "stop", Usage(1000, 300, 600, 0, 120)),
    "openai responses": (OPENAI_RESPONSES, "o3-mini-2025-01-31", "resp_1", "stop", Usage(36, 87, 30, 0, 64)),
    "anthropic": (ANTHROPIC, "claude-sonnet-4-5", "msg_1", "stop", Usage(1000, 300, 750, 200, 40)),
    "google": (GOOGLE, "gemini-2.5-flash", "g-1", "stop", Usage(1020, 150, 400, 0, 50)),
    "google json": (GOOGLE_JSON, "gemini-2.5-flash", "g-1", "length", Usage(8, 4)),
    "mistral": (MISTRAL, "mistral-small-latest", "m-1", "length", Usage(16, 34)),
    "ollama": (OLLAMA, "llama3.2", None, "stop", Usage(26, 282)),
    "litellm": (LITELLM, "claude-opus-4-5", "chatcmpl-2", "tool_call", Usage(98805, 5120, 66360, 32435, 1710)),
    "langchain": (LANGCHAIN, "gpt-4o-mini-2024-07-18", "run-1", "tool_call", Usage(350, 240, 100, 200, 200)),
    "bedrock": (BEDROCK, None, None, "length", Usage(130, 5, 100)),
}


def as_object(value: Any) -> Any:
    """Turn JSON into objects with attributes, as clients with typed models do."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: as_object(each) for key, each in value.items()})
    return [as_object(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("shape", [lambda value: value, as_object], ids=["json", "objects"])
@pytest.mark.parametrize("client", CASES)
def test_an_answer_is_read_whatever_the_client(client: str, shape: Any) -> None:
    answer, model, identifier, finish, usage = CASES[client]
    reply = read_reply(shape(answer))
    assert (reply.model, reply.id, reply.usage) == (model, identifier, usage)
    assert finish_reason(reply.finish_reasons) == finish
    assert reply.texts == ("Hello.",)


def test_an_embedding_has_input_only_and_no_finish_reason() -> None:
    reply = read_reply(as_object(EMBEDDING))
    assert reply.usage == Usage(8)
    assert reply.finish_reasons == ()
    assert reply.model == "text-embedding-3-small"


def test_an_enumeration_of_googles_client_is_read_by_its_name() -> None:
    answer = as_object(GOOGLE)
    answer.candidates[0].finish_reason = GoogleFinish.MAX_TOKENS
    assert finish_reason(read_reply(answer).finish_reasons) == "length"


@pytest.mark.parametrize(
    ("changes", "finish"),
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "failed"}, "error"),
        ({"output": [{"type": "function_call", "name": "refund"}]}, "tool_call"),
    ],
)
def test_the_status_of_openais_responses_says_why_they_ended(changes: dict[str, Any], finish: str) -> None:
    assert finish_reason(read_reply({**OPENAI_RESPONSES, **changes}).finish_reasons) == finish


@pytest.mark.parametrize(
    "nothing",
    [None, "text", 3, [], {}, {"usage": None}, {"usage": {}}, {"choices": None}, {"usage": {"input_tokens": "x"}}],
)
def test_what_is_no_answer_reads_as_nothing(nothing: Any) -> None:
    reply = read_reply(nothing)
    assert reply.usage in (None, Usage())
    assert reply.finish_reasons == ()


COUNTS = st.integers(-5, 10**7) | st.none() | st.floats() | st.text(max_size=2)


@settings(derandomize=True, deadline=None)
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_parts_never_exceed_their_total(sent: Any, received: Any, cached: Any, reasoning: Any) -> None:
    usage = read_usage(
        {
            "usage": {
                "prompt_tokens": sent,
                "completion_tokens": received,
                "prompt_tokens_details": {"cached_tokens": cached},
                "completion_tokens_details": {"reasoning_tokens": reasoning},
            }
        }
    )
    if usage is not None:
        assert 0 <= usage.cached <= usage.input
        assert 0 <= usage.reasoning <= usage.output


def test_usage_of_a_stream_is_merged_as_running_totals() -> None:
    assert Usage(25, 1, 10).merged(Usage(0, 15)) == Usage(25, 15, 10)


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        ("Hello", "Hello"),
        ({"choices": [{"delta": {"content": "Hel"}, "finish_reason": None}]}, "Hel"),
        ({"choices": [{"delta": {"role": "assistant", "content": ""}}]}, ""),
        ({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}}]}, '{"a"'),
        ({"choices": [], "usage": {"prompt_tokens": 1}}, ""),
        ({"data": {"choices": [{"delta": {"content": "Hel"}}]}}, "Hel"),
        ({"type": "response.output_text.delta", "delta": "Hel"}, "Hel"),
        ({"type": "response.created", "response": {"id": "r"}}, ""),
        ({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}, "Hel"),
        ({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hm"}}, "Hm"),
        ({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}, ""),
        ({"type": "ping"}, ""),
        ({"type": "AIMessageChunk", "content": "Hel", "usage_metadata": None}, "Hel"),
        ({"type": "message_stop", "message": {"content": [{"type": "text", "text": "Hello"}]}}, ""),
        ({"candidates": [{"content": {"parts": [{"text": "Hel"}]}}]}, "Hel"),
        ({"message": {"role": "assistant", "content": "Hel"}, "done": False}, "Hel"),
        ({"response": "Hel", "done": False}, "Hel"),
        ({"contentBlockDelta": {"delta": {"text": "Hel"}, "contentBlockIndex": 0}}, "Hel"),
    ],
)
def test_a_chunk_is_read_whatever_the_client(chunk: Any, text: str) -> None:
    assert chunk_text(chunk) == text
    assert chunk_text(as_object(chunk)) == text


@pytest.mark.parametrize(
    ("chunk", "more"),
    [
        ({"choices": [{"delta": {"content": "x"}, "finish_reason": None}], "usage": None}, False),
        ({"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}, True),
        ({"choices": [{"delta": {"content": "x"}}], "usage": {"prompt_tokens": 1}}, True),
        ({"type": "content_block_delta", "delta": {"text": "x"}}, False),
        ({"candidates": [{"content": {"parts": [{"text": "x"}]}}], "usage_metadata": {}}, True),
        ({"message": {"content": "x"}, "done": True, "done_reason": "stop"}, True),
    ],
)
def test_a_chunk_with_text_is_read_again_only_if_it_may_say_more(chunk: Any, more: bool) -> None:
    assert says_more(chunk) is says_more(as_object(chunk)) is more


def test_an_event_with_a_whole_answer_is_read_like_it() -> None:
    event = {"type": "response.completed", "response": OPENAI_RESPONSES}
    assert read_reply(event).usage == Usage(36, 87, 30, 0, 64)
    assert read_reply(event).model == "o3-mini-2025-01-31"
    start = {"type": "message_start", "message": {**ANTHROPIC, "stop_reason": None}}
    assert read_reply(start).id == "msg_1"
    assert read_reply({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}) == Reply(
        finish_reasons=("max_tokens",)
    )


def test_an_unknown_finish_reason_stays_as_it_is() -> None:
    assert finish_reason(["bored"]) == "bored"
    assert finish_reason([]) == "stop"
    assert finish_reason(["stop", "length"]) == "length"


def failure(name: str, *bases: type[Exception], **attributes: Any) -> BaseException:
    return type(name, bases or (Exception,), attributes)()


@pytest.mark.parametrize(
    ("exception", "error"),
    [
        (failure("RateLimitError", status_code=429), "rate_limit"),
        (failure("APIStatusError", response=SimpleNamespace(status_code=429)), "rate_limit"),
        (failure("InternalServerError", status_code=500), "unavailable"),
        (failure("OverloadedError", status_code=529), "unavailable"),
        (failure("APITimeoutError"), "timeout"),
        (failure("GatewayTimeout", code=504), "timeout"),
        (failure("ServerError", code=503), "unavailable"),
        (failure("AuthenticationError", status_code=401), "unavailable"),
        (failure("BadRequestError", status_code=400), "validation"),
        (failure("ValidationError", ValueError), "validation"),
        (failure("APIConnectionError"), "unavailable"),
        (failure("ResourceExhausted"), "rate_limit"),
        (failure("ThrottlingException"), "rate_limit"),
        (failure("Custom", error_type="rate_limit"), "rate_limit"),
        (TimeoutError(), "timeout"),
        (ConnectionError(), "unavailable"),
        (ValueError("not JSON"), "validation"),
        (KeyError("choices"), "validation"),
        (RuntimeError(), "unavailable"),
    ],
)
def test_exceptions_of_clients_have_few_error_types(exception: BaseException, error: str) -> None:
    assert call_error(exception) == error
