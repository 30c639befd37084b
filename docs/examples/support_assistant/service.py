"""Support assistant: answers customers from the help centre, and streams if it is asked to.

WATCHSPEC_INSTRUMENTS=rendered/instruments OPENAI_BASE_URL=http://127.0.0.1:8089/v1 uvicorn service:app
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

import otel
from otel import asgi, logs, outgoing

MODELS = {"small": "gpt-4o-mini", "large": "gpt-4o"}
HELP = {"delivery": "Orders arrive within two days.", "return": "Wine can be returned within four weeks."}

monitor = otel.monitor("wine/support-assistant")
logs.configure()
monitor.llm.indexed(time.time())
app = asgi.install(FastAPI(title="Support assistant"))
provider = httpx.AsyncClient(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8089/v1"),
    headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', 'none')}"},
    event_hooks=outgoing.httpx_async_hooks(),
    timeout=20,
)


class Question(BaseModel):
    """What a customer asks."""

    text: str
    language: Literal["de", "en", "fr"]
    user: str
    contract: Literal["free", "paid"] = "free"
    turn: int = 1


class Verdict(BaseModel):
    """What the customer thinks of an answer."""

    verdict: Literal["up", "down", "report"]
    category: str | None = None


def prepare(p: otel.Prediction, question: Question, route: str) -> tuple[str, list[dict[str, str]]]:
    """Say who asks, search the help centre, and return the tier that answers, with its messages."""
    p.segment(language=question.language)
    p.llm.asked_by(question.user, tier=question.contract, route=route)
    p.llm.turn(question.turn)
    with p.stage("feature_vectorize"), p.llm.retrieval() as search:
        found = [text for word, text in HELP.items() if word in question.text.lower()]
        search.found(relevant=len(found))
    system = "Answer from these documents only: " + " ".join(found)
    tier = "large" if len(question.text) > 2000 else "small"
    return tier, [{"role": "system", "content": system}, {"role": "user", "content": question.text}]


@app.post("/chat")
async def chat(question: Question) -> dict[str, str]:
    """Answer as a whole."""
    async with monitor.prediction() as p:
        tier, messages = prepare(p, question, "/chat")
        with p.stage("model_infer"), p.llm(tier=tier) as call:
            call.prompt(messages)
            response = await provider.post("/chat/completions", json={"model": MODELS[tier], "messages": messages})
            response.raise_for_status()
            call.response(response.json())
        with p.stage("post_process"):
            text = response.json()["choices"][0]["message"]["content"]
            if not text:
                p.llm.invalid("empty")
            return {"id": p.id, "text": text}


@app.post("/suggest")
async def suggest(question: Question) -> StreamingResponse:
    """Answer word by word."""
    return StreamingResponse(words(question), media_type="text/plain")


@monitor.inference
async def words(question: Question) -> AsyncIterator[str]:
    """Yield an answer as it is written; the prediction ends with its last word."""
    p = monitor.current()
    tier, messages = prepare(p, question, "/suggest")
    asked = {"model": MODELS[tier], "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    with p.stage("model_infer"), p.llm(tier=tier) as call:
        async with provider.stream("POST", "/chat/completions", json=asked) as response:
            response.raise_for_status()
            async for chunk in call.stream(events(response)):
                for choice in chunk["choices"]:
                    yield choice["delta"].get("content") or ""


async def events(response: httpx.Response) -> AsyncIterator[Any]:
    """Yield the chunks of a stream of server-sent events."""
    async for line in response.aiter_lines():
        if line.startswith("data: ") and line != "data: [DONE]":
            yield json.loads(line.removeprefix("data: "))


@app.post("/answers/{prediction_id}/feedback", status_code=204)
async def feedback(prediction_id: str, given: Verdict) -> None:
    """Take what a customer thinks of an answer."""
    monitor.feedback.explicit(given.verdict, given.category, prediction_id=prediction_id)
