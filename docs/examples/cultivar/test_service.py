"""The service as its callers and its monitoring see it: in this process, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sklearn.datasets import load_wine

from otel import testing


@pytest.fixture(scope="module")
def service() -> Iterator[Any]:
    """The service, with telemetry that stays in memory."""
    with testing.telemetry() as recorded:
        import service as found

        found.recorded = recorded
        yield found


@pytest.fixture
def client(service: Any) -> TestClient:
    """A client; counting starts anew."""
    service.recorded.clear()
    return TestClient(service.app)


def analysis(service: Any, row: int = 0) -> dict[str, Any]:
    """Return a row of the data set as a laboratory would send it."""
    return {"features": dict(zip(service.FEATURES, map(float, load_wine().data[row]), strict=True)), "region": "veneto"}


def test_an_analysis_is_classified_and_observed_as_the_spec_declares(service: Any, client: TestClient) -> None:
    answer = client.post("/analyses", json=analysis(service)).json()
    assert answer["cultivar"] == "class_0"
    testing.assert_observed(service.monitor, service.recorded, predictions=1)
    assert client.post(f"/analyses/{answer['id']}/label", json={"actual": "class_0"}).status_code == 204
    assert service.recorded.total("ml.confusion", cell="correct") == 1


def test_each_row_of_a_batch_counts(service: Any, client: TestClient) -> None:
    rows = load_wine().data[:60]
    columns = {name: column.tolist() for name, column in zip(service.FEATURES, rows.T, strict=True)}
    answer = client.post("/batches", json={"features": columns, "regions": ["tuscany"] * 60}).json()
    assert len(answer["cultivars"]) == 60
    assert service.recorded.total("ml.prediction.count") == 60
    assert service.recorded.total("ml.feature.vector") == 60
    assert service.recorded.total("ml.segment.prediction", segment="region:tuscany", result="ok") == 60


def test_an_analysis_without_a_feature_is_refused(service: Any, client: TestClient) -> None:
    assert client.post("/analyses", json={"features": {"ash": 2.0}, "region": "veneto"}).status_code == 422
    assert service.recorded.total("ml.prediction.rejected", reason="schema") == 1
