"""The service as its callers and its monitoring see it: in this process, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sklearn.datasets import load_breast_cancer

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


def sample(service: Any, row: int = 0) -> dict[str, Any]:
    """Return a row of the data set as a laboratory would send it."""
    values = load_breast_cancer().data[row]
    features = dict(zip(service.FEATURES, map(float, values), strict=True))
    return {"features": features, "site": "hamburg", "scanner": "aperio"}


def test_a_sample_is_ranked_and_observed_as_the_spec_declares(service: Any, client: TestClient) -> None:
    answer = client.post("/samples", json=sample(service))
    assert answer.json()["finding"] == "malignant"
    testing.assert_observed(service.monitor, service.recorded, predictions=1)


def test_a_label_joins_its_sample_once(service: Any, client: TestClient) -> None:
    found = client.post("/samples", json=sample(service)).json()["id"]
    assert client.post(f"/samples/{found}/label", json={"actual": "malignant"}).status_code == 204
    assert client.post(f"/samples/{found}/label", json={"actual": "malignant"}).status_code == 404
    assert service.recorded.total("ml.confusion", cell="true_positive") == 1


def test_a_group_is_counted_with_its_sample_and_with_its_label(service: Any, client: TestClient) -> None:
    found = client.post("/samples", json={**sample(service), "age_group": "over_60"}).json()["id"]
    client.post("/samples", json={**sample(service), "age_group": "67"})
    client.post(f"/samples/{found}/label", json={"actual": "malignant"})
    recorded = service.recorded
    assert recorded.total("ml.group.prediction", group="over_60", decision="positive") == 1
    assert recorded.total("ml.group.prediction", group="unseen") == 1
    assert recorded.total("ml.group.label", group="over_60", cell="true_positive") == 1


def test_a_sample_without_a_feature_is_refused(service: Any, client: TestClient) -> None:
    broken = sample(service)
    del broken["features"]["mean_radius"]
    assert client.post("/samples", json=broken).status_code == 422
    assert service.recorded.total("ml.prediction.rejected", reason="schema") == 1
    assert service.recorded.total("ml.feature.quality", feature="mean_radius", check="missing") == 1
    assert service.recorded.total("ml.prediction.duration", error_type="invalid_input") == 1


def test_a_sample_unlike_all_others_is_put_first(service: Any, client: TestClient) -> None:
    odd = sample(service, row=20)
    odd["features"]["mean_radius"] = 29.9
    assert client.post("/samples", json=odd).json()["finding"] == "malignant"
    assert service.recorded.total("ml.prediction.fallback", reason="outlier") == 1


def test_the_request_id_is_kept(service: Any) -> None:
    body = json.dumps(sample(service)).encode()
    headers = {"content-type": "application/json"}
    testing.assert_request_id_propagates(service.app, "/samples", method="POST", body=body, headers=headers)
