"""Prompts and answers as the conventions write them, redacted: only where the spec wants content."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from otel.llm.reply import field
from otel.redact import redact_value


def input_messages(messages: Any) -> str:
    """Return what was sent as the JSON of ``gen_ai.input.messages``; empty if nothing is known."""
    if messages is None:
        return ""
    listed = messages if isinstance(messages, (list, tuple)) else [messages]
    return _json([{"role": _role(each), "parts": list(_parts(each))} for each in listed])


def output_messages(texts: Iterable[str], finish: str | None) -> str:
    """Return an answer as the JSON of ``gen_ai.output.messages``; empty if nothing is known."""
    answers = [
        {"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": finish or "stop"}
        for text in texts
        if text
    ]
    return _json(answers) if answers else ""


def _role(message: Any) -> str:
    role = field(message, "role") if not isinstance(message, str) else None
    return role if isinstance(role, str) else "user"


def _parts(message: Any) -> Iterable[dict[str, Any]]:
    content = message if isinstance(message, str) else field(message, "content") or field(message, "parts")
    for part in content if isinstance(content, (list, tuple)) else [content]:
        text = part if isinstance(part, str) else field(part, "text")
        if isinstance(text, str):
            yield {"type": "text", "content": text}
        elif part is not None:  # images, files, calls of tools: that they were there, not what they hold
            kind = field(part, "type")
            yield {"type": kind if isinstance(kind, str) else "other"}


def _json(value: Any) -> str:
    return json.dumps(redact_value(value), ensure_ascii=False, separators=(",", ":"))
