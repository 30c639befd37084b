"""Answers of LLM clients, whole or in chunks, read by the names of their fields: nobody's library is imported.

Tokens are counted alike whatever the client: ``input`` holds all tokens that were sent, those from a cache included;
``output`` all that were received, reasoning included.  OpenAI, Mistral, Ollama, LiteLLM and LangChain report them so.
Anthropic and Bedrock report cached tokens beside the input, Google reports reasoning beside the output.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, each at least 0.

    ``input`` and ``output`` are totals; ``cached`` (read from a cache) and ``created`` (written to one) are parts of
    the input, ``reasoning`` of the output.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    created: int = 0
    reasoning: int = 0

    def plus(self, other: Usage) -> Usage:
        """Return the tokens of two answers together."""
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.created + other.created,
            self.reasoning + other.reasoning,
        )

    def merged(self, other: Usage) -> Usage:
        """Return the greater of each: providers report usage of a stream as running totals."""
        return Usage(
            max(self.input, other.input),
            max(self.output, other.output),
            max(self.cached, other.cached),
            max(self.created, other.created),
            max(self.reasoning, other.reasoning),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of an answer: model and id as the provider names them, raw finish reasons, usage, texts."""

    model: str | None = None
    id: str | None = None
    finish_reasons: tuple[str, ...] = ()
    usage: Usage | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one family of clients names its tokens; ``apart`` are tokens that it does not count in its total."""

    marks: tuple[str, ...]
    input: tuple[str, ...]
    output: tuple[str, ...]
    cached: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    apart_input: tuple[str, ...] = ()
    apart_output: tuple[str, ...] = ()


_SHAPES: Final = (
    _Shape(  # OpenAI chat completions and embeddings, Mistral, LiteLLM, vLLM
        ("prompt_tokens",),
        ("prompt_tokens",),
        ("completion_tokens",),
        ("prompt_tokens_details.cached_tokens", "cache_read_input_tokens"),
        ("prompt_tokens_details.cache_creation_tokens", "cache_creation_input_tokens"),
        ("completion_tokens_details.reasoning_tokens",),
    ),
    _Shape(  # OpenAI responses
        ("input_tokens_details",),
        ("input_tokens",),
        ("output_tokens",),
        ("input_tokens_details.cached_tokens",),
        ("input_tokens_details.cache_write_tokens",),
        ("output_tokens_details.reasoning_tokens",),
    ),
    _Shape(  # LangChain
        ("input_token_details", "output_token_details"),
        ("input_tokens",),
        ("output_tokens",),
        ("input_token_details.cache_read",),
        ("input_token_details.cache_creation",),
        ("output_token_details.reasoning",),
    ),
    _Shape(  # Anthropic messages, and the events of their streams
        ("input_tokens", "output_tokens"),
        ("input_tokens",),
        ("output_tokens",),
        ("cache_read_input_tokens",),
        ("cache_creation_input_tokens",),
        ("output_tokens_details.thinking_tokens", "output_tokens_details.reasoning_tokens"),
        apart_input=("cache_read_input_tokens", "cache_creation_input_tokens"),
    ),
    _Shape(  # Google GenAI in Python
        ("prompt_token_count", "candidates_token_count"),
        ("prompt_token_count",),
        ("candidates_token_count", "response_token_count"),
        ("cached_content_token_count",),
        reasoning=("thoughts_token_count",),
        apart_input=("tool_use_prompt_token_count",),
        apart_output=("thoughts_token_count",),
    ),
    _Shape(  # Google GenAI as JSON
        ("promptTokenCount", "candidatesTokenCount"),
        ("promptTokenCount",),
        ("candidatesTokenCount",),
        ("cachedContentTokenCount",),
        reasoning=("thoughtsTokenCount",),
        apart_input=("toolUsePromptTokenCount",),
        apart_output=("thoughtsTokenCount",),
    ),
    _Shape(  # Amazon Bedrock
        ("inputTokens", "outputTokens"),
        ("inputTokens",),
        ("outputTokens",),
        ("cacheReadInputTokens",),
        ("cacheWriteInputTokens",),
        apart_input=("cacheReadInputTokens", "cacheWriteInputTokens"),
    ),
    _Shape(("prompt_eval_count", "eval_count"), ("prompt_eval_count",), ("eval_count",)),  # Ollama
)

_USAGE_PLACES: Final = (
    "usage", "usage_metadata", "usageMetadata", "metadata.usage", "message.usage", "response.usage", "",
)  # fmt: skip
"""Where an answer, or an event of a stream, reports its tokens; at last in itself."""


def read_reply(answer: Any) -> Reply:
    """Return what is known of a whole answer, or of one event of a stream: an object, or JSON as dicts."""
    inner = field(answer, "data")  # Mistral wraps the chunks of a stream
    answer = inner if field(inner, "choices") is not None else answer
    whole = next((each for name in ("response", "message") if _is_answer(each := field(answer, name))), answer)
    return Reply(
        _text(whole, "model", "model_version", "modelVersion", "response_metadata.model_name"),
        _text(whole, "id", "response_id", "responseId"),
        tuple(_finish_reasons(answer)) or tuple(_finish_reasons(whole)),
        read_usage(answer),
        tuple(texts(whole)),
    )


def read_usage(answer: Any) -> Usage | None:
    """Return the tokens that an answer reports; None if it reports none."""
    for path in _USAGE_PLACES:
        place = field(answer, path) if path else answer
        if place is None or isinstance(place, str):
            continue
        for shape in _SHAPES:
            for mark in shape.marks:
                if field(place, mark) is not None:
                    return _usage(place, shape)
    return None


def field(value: Any, path: str) -> Any:
    """Return a field of an object or a dict, or of what lies in it; None if there is none."""
    name, _, rest = path.partition(".")
    found = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return field(found, rest) if rest and found is not None else found


def _usage(place: Any, shape: _Shape) -> Usage:
    def first(paths: Iterable[str]) -> int:
        return next((count for path in paths if (count := _count(field(place, path)))), 0)

    def every(paths: Iterable[str]) -> int:
        return sum(_count(field(place, path)) for path in paths)

    sent, received = first(shape.input) + every(shape.apart_input), first(shape.output) + every(shape.apart_output)
    cached = min(first(shape.cached), sent)
    return Usage(
        sent, received, cached, min(first(shape.created), sent - cached), min(first(shape.reasoning), received)
    )


def _count(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and value == value and 0 < value < 2**53 else 0  # noqa: PLR0124


def _is_answer(value: Any) -> bool:
    """Whether the field of an event holds a whole answer: OpenAI's ``response``, Anthropic's ``message``."""
    return field(value, "id") is not None and field(value, "model") is not None


def _text(value: Any, *names: str) -> str | None:
    return next((text for name in names if isinstance(text := field(value, name), str)), None)


def listed(value: Any, path: str) -> list[Any]:
    """Return the items of a field that holds a list; none if it does not."""
    found = field(value, path)
    return list(found) if isinstance(found, (list, tuple)) else []


_LANGCHAIN: Final = ("response_metadata.finish_reason", "response_metadata.stop_reason")


def _finish_reasons(answer: Any) -> Iterable[str]:
    """Yield the reasons why an answer ended, in the provider's words."""
    places = [field(each, "finish_reason") for each in listed(answer, "choices")]
    places += [field(each, "finish_reason") or field(each, "finishReason") for each in listed(answer, "candidates")]
    places += [
        field(answer, path) for path in ("stop_reason", "delta.stop_reason", "done_reason", "stopReason", *_LANGCHAIN)
    ]
    places += [field(answer, "messageStop.stopReason")]
    if not any(places) and field(answer, "status") in ("completed", "incomplete", "failed", "cancelled"):
        calls = any(field(each, "type") == "function_call" for each in listed(answer, "output"))
        reason = field(answer, "incomplete_details.reason") or field(answer, "status")
        places = ["function_call" if calls and reason == "completed" else reason]
    for each in places:
        if each is not None:
            yield str(getattr(each, "name", each))  # an enumeration in Google's client


def texts(answer: Any) -> Iterable[str]:
    """Yield the texts of a whole answer."""
    holders = [field(each, "message.content") for each in listed(answer, "choices")]
    holders += [field(each, "content.parts") for each in listed(answer, "candidates")]
    holders += [field(each, "content") for each in listed(answer, "output")]
    holders += [field(answer, path) for path in ("content", "message.content", "output.message.content")]
    for holder in holders:
        for part in holder if isinstance(holder, (list, tuple)) else [holder]:
            text = part if isinstance(part, str) else field(part, "text")
            if isinstance(text, str) and text:
                yield text


# --- chunks of streams: read cheaply, for there may be thousands ------------------------------------------------


def chunk_text(chunk: Any) -> str:
    """Return what a chunk of a stream adds to the answer, text, reasoning or arguments of a tool; empty if nothing."""
    if isinstance(chunk, str):
        return chunk
    inner = field(chunk, "data")
    chunk = inner if field(inner, "choices") is not None else chunk
    choices = listed(chunk, "choices")
    if choices:
        delta = field(choices[0], "delta")
        return _joined(delta, "content", "reasoning_content", "refusal", "tool_calls") or _joined(choices[0], "text")
    kind = field(chunk, "type")
    if kind == "AIMessageChunk":  # LangChain
        return _joined(chunk, "content")
    if isinstance(kind, str):  # events of OpenAI's responses and of Anthropic
        if kind.endswith(".delta"):
            return _joined(chunk, "delta")
        delta = field(chunk, "delta") if kind == "content_block_delta" else None
        return _joined(delta, "text", "thinking", "partial_json")
    candidates = listed(chunk, "candidates")
    if candidates:
        return "".join(map(str, texts({"candidates": candidates})))
    return _joined(chunk, "message.content", "response", "contentBlockDelta.delta.text")


def says_more(chunk: Any) -> bool:
    """Say whether a chunk with text tells more than it: usage, or why the answer ended."""
    choices = field(chunk, "choices")
    if isinstance(choices, (list, tuple)) and choices:
        return field(choices[0], "finish_reason") is not None or field(chunk, "usage") is not None
    return field(chunk, "type") is None


def _joined(value: Any, *paths: str) -> str:
    for path in paths:
        found = field(value, path)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, (list, tuple)) and found:
            arguments = [field(each, "function.arguments") or field(each, "text") for each in found]
            return "".join(each for each in arguments if isinstance(each, str)) or " "
    return ""
