"""The service as its callers and its monitoring see it: in this process, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sklearn.datasets import load_diabetes

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


def patient(service: Any, row: int = 0) -> dict[str, Any]:
    """Return a row of the data set as a practice would send it."""
    features = dict(zip(service.model.names, map(float, load_diabetes().data[row]), strict=True))
    return {"features": features, "age_group": "over_60"}


def test_a_forecast_has_an_interval_and_is_observed_as_the_spec_declares(service: Any, client: TestClient) -> None:
    answer = client.post("/patients", json=patient(service)).json()
    low, high = answer["interval"]
    assert low < answer["value"] < high
    testing.assert_observed(service.monitor, service.recorded, predictions=1)


def test_the_truth_of_a_year_later_is_compared(service: Any, client: TestClient) -> None:
    answer = client.post("/patients", json=patient(service)).json()
    actual = answer["value"] + 10
    assert client.post(f"/patients/{answer['id']}/label", json={"actual": actual}).status_code == 204
    assert service.recorded.total("ml.residual.absolute") == pytest.approx(10)
    assert service.recorded.total("ml.interval.count", position="inside") == 1


def test_old_blood_sugar_is_stale_and_a_missing_value_refused(service: Any, client: TestClient) -> None:
    client.post("/patients", json={**patient(service), "blood_sugar_days": 120})
    assert service.recorded.total("ml.feature.quality", feature="s6", check="stale") == 1
    answer = client.post("/patients", json={"features": {"bmi": 0.0}, "age_group": "over_60"})
    assert answer.status_code == 422
    assert "s6" in answer.json()["detail"]
