"""A stand-in for an LLM provider: speaks the OpenAI protocol, answers at once, costs nothing and says little.

    uvicorn stand_in:app --port 8089

Not a model, and not to be deployed: it lets the assistant run on one machine, and its tests without a network.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

ANSWER = "Your order is on its way. It should arrive within two days."

app = FastAPI(title="Stand-in for an LLM provider")
app.state.requests = []
"""Headers of the requests that came, newest last: what the assistant passed on."""


@app.post("/v1/chat/completions")
async def complete(request: Request) -> Any:
    """Answer a chat, as a whole or in chunks."""
    app.state.requests.append(dict(request.headers))
    asked = await request.json()
    usage = _usage(asked["messages"])
    head = {"id": "chatcmpl-1", "created": int(time.time()), "model": f"{asked['model']}-2024-08-06"}
    if asked.get("stream"):
        return StreamingResponse(_chunks(head, usage), media_type="text/event-stream")
    message = {"role": "assistant", "content": ANSWER}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage}


def _chunks(head: dict[str, Any], usage: dict[str, Any]) -> Iterator[str]:
    """Yield server-sent events: words, the reason of the end, usage, and the mark of the end."""
    for word in ANSWER.split():
        yield _event(head, {"choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]})
    yield _event(head, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield _event(head, {"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _event(head: dict[str, Any], body: dict[str, Any]) -> str:
    return f"data: {json.dumps({**head, 'object': 'chat.completion.chunk', **body})}\n\n"


def _usage(messages: list[dict[str, str]]) -> dict[str, Any]:
    """Return a plausible number of tokens: four characters each, half of the prompt from the cache."""
    sent = sum(len(message["content"]) for message in messages) // 4
    received = len(ANSWER) // 4
    return {
        "prompt_tokens": sent,
        "completion_tokens": received,
        "total_tokens": sent + received,
        "prompt_tokens_details": {"cached_tokens": sent // 2},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
