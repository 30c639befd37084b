"""The chunks of streamed answers, read by the names of their fields: cheaply, for there may be thousands."""

from __future__ import annotations

from typing import Any

from otel.llm.reply import field, listed, texts


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
