"""The assistant against a stand-in for its provider: in this process, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from stand_in import ANSWER
from stand_in import app as provider

from otel import outgoing, testing

QUESTION = {"text": "When is the delivery?", "language": "en", "user": "u-17", "contract": "paid"}


@pytest.fixture(scope="module")
def service() -> Iterator[Any]:
    """The service, with telemetry that stays in memory and a provider in this process."""
    with testing.telemetry() as recorded:
        import service as found

        found.recorded = recorded
        found.provider = httpx.AsyncClient(
            base_url="http://stand-in/v1",
            transport=httpx.ASGITransport(provider),
            event_hooks=outgoing.httpx_async_hooks(),
        )
        yield found


@pytest.fixture
def client(service: Any) -> TestClient:
    """A client; counting starts anew."""
    service.recorded.clear()
    return TestClient(service.app)


def test_an_answer_is_counted_with_its_tokens_and_its_price(service: Any, client: TestClient) -> None:
    assert client.post("/chat", json=QUESTION).json()["text"] == ANSWER
    testing.assert_observed(service.monitor, service.recorded, predictions=1)
    assert service.recorded.total("ml.llm.token", token_class="output") == len(ANSWER) // 4
    assert service.recorded.total("ml.llm.cost", user_tier="paid", http_route="/chat") > 0
    assert service.recorded.total("ml.llm.answer", llm_streaming="false", llm_finish_reason="stop") == 1
    assert service.recorded.total("ml.retrieval.count", result="relevant") == 1


def test_a_streamed_answer_is_one_prediction(service: Any, client: TestClient) -> None:
    assert client.post("/suggest", json=QUESTION).text.strip() == ANSWER
    testing.assert_observed(service.monitor, service.recorded, predictions=1)
    assert service.recorded.total("gen_ai.server.time_to_first_token") == 1
    assert service.recorded.total("ml.llm.answer", llm_streaming="true") == 1


def test_nothing_that_was_said_is_recorded(service: Any, client: TestClient) -> None:
    client.post("/chat", json=QUESTION)
    told = str([dict(span.attributes or {}) for span in service.recorded.spans()])
    assert ANSWER not in told
    assert "delivery" not in told
    assert "u-17" not in told


def test_the_request_id_reaches_the_provider(service: Any, client: TestClient) -> None:
    answer = client.post("/chat", json=QUESTION, headers={"X-Request-ID": "order-4711"})
    assert answer.headers["X-Request-ID"] == "order-4711"
    assert provider.state.requests[-1]["x-request-id"] == "order-4711"
    assert "traceparent" in provider.state.requests[-1]


def test_feedback_is_counted(service: Any, client: TestClient) -> None:
    found = client.post("/chat", json=QUESTION).json()["id"]
    assert client.post(f"/answers/{found}/feedback", json={"verdict": "down", "category": "wrong"}).status_code == 204
    assert service.recorded.total("ml.llm.feedback", feedback_verdict="down") == 1


def test_a_provider_that_is_down_is_an_error_of_ours(service: Any, client: TestClient) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, request=request)

    working = service.provider
    service.provider = httpx.AsyncClient(base_url="http://stand-in/v1", transport=httpx.MockTransport(refuse))
    with pytest.raises(httpx.HTTPStatusError):
        client.post("/chat", json=QUESTION)
    service.provider = working
    assert service.recorded.total("ml.prediction.duration", error_type="unavailable") == 1
    assert service.recorded.total("gen_ai.client.operation.duration", error_type="unavailable") == 1
