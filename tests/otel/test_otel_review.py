from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_recorded import Recorded, rendered
from otel_world import World, manifest

from otel.predictions.feedback import Feedback
from otel.predictions.review import WAITING, Review, sampled


@settings(derandomize=True, deadline=None)
@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_sample_contains_a_smaller_one(identifier: str, one: float, other: float) -> None:
    assert not sampled(identifier, min(one, other)) or sampled(identifier, max(one, other))
    assert sampled(identifier, 1.0)
    assert not sampled(identifier, 0.0)


def test_the_sample_has_the_share_of_the_spec() -> None:
    ids = [uuid.UUID(int=number * 7919).hex for number in range(20_000)]
    assert sum(sampled(each, 0.1) for each in ids) == pytest.approx(2000, abs=4 * 42)  # four standard deviations


def test_the_sample_is_the_same_on_every_replica() -> None:
    for number in range(200):
        digest = hashlib.blake2b(f"request-{number}".encode(), digest_size=8).hexdigest()
        assert sampled(f"request-{number}", 0.3) == (int(digest, 16) / 16**16 < 0.3)


def test_rows_of_the_sample_reach_the_callback_in_their_order() -> None:
    rows: list[tuple[str, Mapping[str, Any]]] = []
    review = Review(0.5, lambda key, row: rows.append((key, row)))
    chosen = [str(number) for number in range(40) if review.offer(str(number), {"predicted": "benign"})]
    assert review.flush(5)
    assert rows == [(key, {"predicted": "benign"}) for key in chosen]
    assert chosen == [str(number) for number in range(40) if sampled(str(number), 0.5)]


def test_a_callback_that_fails_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: str, __: Mapping[str, Any]) -> None:
        raise RuntimeError("queue gone")

    review = Review(1.0, fails)
    for number in range(3):
        assert review.offer(str(number), {})
    assert review.flush(5)
    assert [each.message for each in caplog.records if "queue gone" in each.message] == [
        "the callback that takes predictions for review failed: queue gone"
    ]


def test_nobody_reviews_without_a_share() -> None:
    assert not Review(None, None).offer("a", {})


def test_a_slow_callback_holds_nothing_up_and_loses_only_rows(caplog: pytest.LogCaptureFixture) -> None:
    going = threading.Event()
    rows: list[str] = []

    def slow(key: str, _: Mapping[str, Any]) -> None:
        going.wait(10)
        rows.append(key)

    world = World(manifest(labels={"sample": 1.0}), reviewer=slow)
    began = time.perf_counter()
    for number in range(WAITING + 100):
        with world.monitor.prediction(prediction_id=str(number)) as p:
            p.output("churn", score=0.9)
    world.monitor.recorder.fold()
    assert world.count("ml.prediction.duration") == WAITING + 100
    assert time.perf_counter() - began < 5
    assert "is slow: rows are lost" in caplog.text
    going.set()
    assert world.monitor.review.flush(10)
    assert WAITING <= len(rows) <= WAITING + 1
    assert rows[:3] == ["0", "1", "2"]


def test_retries_of_a_request_are_in_the_sample_together() -> None:
    seen: list[str] = []
    review = Review(0.5, lambda key, _: seen.append(key))
    for request in range(40):
        chosen = {review.offer(f"{request}-{retry}", {}, str(request)) for retry in range(3)}
        assert chosen == {sampled(str(request), 0.5)}


def test_feedback_is_counted_and_joined_by_an_event() -> None:
    seen = Recorded(rendered("wine/support-assistant"))
    events: list[tuple[str, Mapping[str, Any]]] = []
    feedback = Feedback(seen.recorder, lambda name, attributes: events.append((name, attributes)))
    feedback.explicit("down", "wrong", prediction_id="p", request_id="r")
    feedback.explicit("up")
    feedback.implicit("copied")
    assert seen.counts("feedback") == {("down", "wrong"): 1, ("up",): 1}
    assert seen.counts("reactions") == {("copied",): 1}
    assert events[0] == (
        "ml.feedback.received",
        {
            "ml.feedback.source": "explicit",
            "ml.feedback.verdict": "down",
            "prediction.id": "p",
            "request.id": "r",
        },
    )
    assert events[2][1] == {"ml.feedback.source": "implicit", "ml.feedback.verdict": "copied"}


def test_feedback_that_no_spec_declares_counts_as_such() -> None:
    seen = Recorded(rendered("wine/support-assistant"))
    Feedback(seen.recorder, lambda *_: None).explicit("shrug")
    assert seen.total("feedback") == 0
    assert seen.counts("undeclared") == {("value",): 1}
