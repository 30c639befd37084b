"""Predictions in memory: what is counted, what is traced, and that nothing gets lost or invented."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from otel_world import DOCUMENT, GOOD, LABELS, World, manifest, metric

import otel
from otel.export.telemetry import Telemetry
from otel.recording.errors import error_type


@pytest.fixture
def world() -> World:
    return World()


def test_all_cells_of_a_counter_exist_before_anything_happens(world: World) -> None:
    assert len(world.points("ml.prediction.rejected")) == 2
    assert len(world.points("ml.feature.bin")) == 6 + 2 * 6
    assert all(point.value == 0 for point in world.points("ml.feature.bin").values())


def test_a_gauge_exists_once_it_is_set(world: World) -> None:
    assert world.points("ml.budget") == {}
    world.monitor.set("budget", 2.5)
    assert world.values("ml.budget") == {(): 2.5}


def test_the_baseline_is_exported_with_its_version(world: World) -> None:
    assert world.values("ml.baseline.size") == {(): 1000}
    assert world.values("ml.baseline.share") == {
        ("age", "00"): 0.1, ("age", "01"): 0.4, ("age", "02"): 0.4, ("age", "03"): 0.1, ("age", "missing"): 0.02,
    }  # fmt: skip
    assert {key[-1] for key in world.points("ml.feature.bin")} == {"b1"}


def test_a_prediction_is_counted_in_every_way_that_the_manifest_declares(world: World) -> None:
    with world.monitor.prediction() as p:
        p.features(GOOD)
        p.output("churn", score=0.62)
        p.segment(region="emea")
    assert world.values("ml.prediction.count") == {("churn",): 1}
    assert world.values("ml.feature.vector") == {(): 1}
    assert world.values("ml.feature.bin") == {
        ("age", "01", "b1"): 1,
        ("plan", "01", "b1"): 1,
        ("member", "01", "b1"): 1,
    }
    assert world.values("ml.score.bin") == {("12",): 1}
    assert world.values("ml.prediction.unsure") == {(): 1}, "its confidence is 0.62, below 0.7"
    assert world.values("ml.segment.prediction") == {("region:emea", "ok"): 1}
    assert world.count("ml.prediction.duration") == world.count("ml.prediction.confidence") == 1
    assert world.values("ml.prediction.active") == {}


def test_a_request_is_active_while_it_is_answered(world: World) -> None:
    with world.monitor.prediction():
        assert world.values("ml.prediction.active") == {(): 1}


@pytest.mark.parametrize(
    ("values", "bins", "checks"),
    [
        ({"age": None}, {("age", "missing")}, {("age", "missing")}),
        ({"age": float("nan")}, {("age", "missing")}, {("age", "missing")}),
        ({"age": float("inf")}, {("age", "invalid")}, {("age", "schema")}),
        ({"age": "thirty"}, {("age", "invalid")}, {("age", "schema")}),
        ({"age": -5}, {("age", "00")}, {("age", "range"), ("age", "outlier")}),
        ({"age": 95}, {("age", "03")}, {("age", "outlier")}),
        ({"plan": "pro"}, {("plan", "other")}, set()),
        ({"plan": "gold"}, {("plan", "unseen")}, {("plan", "unseen")}),
        ({"plan": 7}, {("plan", "invalid")}, {("plan", "schema")}),
        ({"plan": ["basic"]}, {("plan", "invalid")}, {("plan", "schema")}),
        ({"member": "true"}, {("member", "01")}, set()),
        ({"comment": 1}, set(), {("comment", "schema")}),
    ],
)
def test_each_value_lands_in_a_defined_bin(
    world: World, values: dict[str, Any], bins: set[tuple[str, str]], checks: set[tuple[str, str]]
) -> None:
    world.monitor.record({**GOOD, **values})
    (name,) = values
    assert {key[:2] for key in world.values("ml.feature.bin") if key[0] == name} == bins
    assert set(world.values("ml.feature.quality")) == checks


def test_what_no_spec_declares_is_counted_and_logged_once_and_makes_no_series(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = {
        name: len(world.points(name)) for name in ("ml.prediction.count", "ml.segment.prediction", "ml.feature.bin")
    }
    with caplog.at_level(logging.WARNING, "otel"):
        for _ in range(3):
            world.monitor.record({**GOOD, "shoe_size": 44}, "maybe", segments={"region": "mars"}, seconds=0.1)
        world.monitor.reject("mood")
        world.monitor.count("horoscope")
        after = {name: len(world.points(name)) for name in before}
    assert after == before
    assert world.values("ml.prediction.count") == {("other",): 3}
    assert world.values("ml.telemetry.undeclared") == {
        ("feature",): 3, ("class",): 3, ("segment",): 3, ("value",): 1, ("metric",): 1,
    }  # fmt: skip
    assert len(caplog.records) == 5
    assert "mars" not in caplog.text, "a value may be personal"


def test_derived_attributes_follow_from_the_others(world: World) -> None:
    world.monitor.count("confusion", "churn", "stay")
    world.monitor.count("confusion", "churn", "churn")
    assert set(world.values("ml.confusion")) == {
        ("churn", "stay", "false_negative"),
        ("churn", "churn", "true_positive"),
    }


def test_the_four_stages_nest_and_carry_the_model(world: World) -> None:
    with world.monitor.prediction(request_id="r-1") as p:
        with p.stage("feature_vectorize"):
            p.features(GOOD)
        with p.stage("model_infer"):
            p.output("stay", score=0.2)
        with p.stage("post_process"):
            assert otel.current() is p
    spans = world.spans()
    root = spans["receive_request"]
    assert root.kind is SpanKind.SERVER
    assert root.attributes == {"model.name": "churn", "model.version": "2.0.0", "request.id": "r-1"}
    for name in ("feature_vectorize", "model_infer", "post_process"):
        parent = spans[name].parent
        assert parent is not None
        assert parent.span_id == root.context.span_id
    inferred = spans["model_infer"].attributes or {}
    assert inferred["prediction.class"] == "stay"
    assert inferred["prediction.confidence"] == pytest.approx(0.8)
    assert p.request_id == "r-1"
    assert len(p.id) == 32


def test_a_failure_is_an_error_in_metric_and_span_and_is_raised(world: World) -> None:
    @world.monitor.inference
    def fail() -> None:
        world.monitor.model.tracer.start_span("its own").end()
        current = otel.current()
        assert current is not None
        current.segment(region="apac")
        raise TimeoutError

    with pytest.raises(TimeoutError):
        fail()
    (key,) = world.points("ml.prediction.duration")
    assert key == ("timeout",)
    assert world.values("ml.segment.prediction") == {("region:apac", "error"): 1}
    assert world.values("ml.prediction.count") == {}
    span = world.spans()["receive_request"]
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "timeout"


class BusyError(Exception):
    status_code = 429


class OddError(Exception):
    error_type = "weird"


class ReadTimeout(Exception):  # noqa: N818
    """As HTTP clients name it."""


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (BusyError(), "rate_limit"),
        (OddError(), "internal"),
        (ReadTimeout(), "timeout"),
        (ConnectionResetError(), "unavailable"),
        (KeyError("x"), "internal"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
def test_exceptions_become_declared_error_types(world: World, exception: BaseException, expected: str) -> None:
    assert world.monitor.model.error_type(exception) == expected


def test_a_service_may_say_what_its_exceptions_mean() -> None:
    world = World(errors={LookupError: "invalid_input"})
    assert world.monitor.model.error_type(KeyError()) == "invalid_input"
    assert error_type(OddError()) == "weird"


def test_functions_methods_and_coroutines_are_predictions(world: World) -> None:
    @world.monitor.inference
    def plain(features: Mapping[str, Any]) -> str:
        assert otel.current() is not None
        return "churn"

    class Service:
        @world.monitor.inference
        def predict(self, features: Mapping[str, Any]) -> otel.Answer:
            return otel.Answer("stay", score=0.1, segments={"region": "emea"}, value={"risk": "low"})

    @world.monitor.inference
    async def later(features: Mapping[str, Any]) -> str:
        await asyncio.sleep(0)
        return "churn"

    assert plain(GOOD) == "churn"
    assert Service().predict(features=GOOD) == {"risk": "low"}
    assert asyncio.run(later(GOOD)) == "churn"
    assert world.values("ml.prediction.count") == {("churn",): 2, ("stay",): 1}
    assert world.values("ml.feature.vector") == {(): 3}
    assert world.values("ml.segment.prediction") == {("region:emea", "ok"): 1}
    assert plain.__name__ == "plain"


def test_a_stream_is_one_prediction_until_its_last_item(world: World) -> None:
    @world.monitor.inference
    def words(features: Mapping[str, Any]) -> Iterator[str]:
        for word in ("a", "b"):
            assert otel.current() is not None
            yield word

    @world.monitor.inference
    async def later(features: Mapping[str, Any]) -> AsyncIterator[str]:
        for word in ("c", "d"):
            yield word

    async def take() -> list[str]:
        taken = []
        async for word in later(GOOD):
            assert otel.current() is None
            taken.append(word)
        return taken

    stream = words(GOOD)
    assert next(stream) == "a"
    assert otel.current() is None, "between two items the consumer runs"
    assert world.count("ml.prediction.duration") == 0
    assert list(stream) == ["b"]
    assert asyncio.run(take()) == ["c", "d"]
    assert world.count("ml.prediction.duration") == 2


def test_a_stage_of_a_stream_stays_current_between_its_items_and_only_inside(world: World) -> None:
    inside: list[Any] = []

    @world.monitor.inference
    def words() -> Iterator[str]:
        p = otel.current()
        assert p is not None
        with p.stage("model_infer") as span:
            for word in ("a", "b", "c"):
                inside.append(trace.get_current_span() is span)
                yield word
        inside.append(trace.get_current_span() is p.span)

    for _ in words():
        assert trace.get_current_span() is trace.INVALID_SPAN
    assert inside == [True] * 4


def test_a_stream_that_is_left_inside_a_stage_leaves_its_reader_where_he_was(world: World) -> None:
    @world.monitor.inference
    def words() -> Iterator[str]:
        p = otel.current()
        assert p is not None
        with p.stage("model_infer"):
            yield "a"
            yield "b"

    left = words()
    next(left)
    left.close()
    assert otel.current() is None
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_a_stream_that_breaks_is_an_error_and_one_that_is_left_is_not(world: World) -> None:
    @world.monitor.inference
    def breaks() -> Iterator[int]:
        yield 1
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(breaks())
    left = breaks()
    next(left)
    left.close()
    assert set(world.points("ml.prediction.duration")) == {("unavailable",)}
    assert world.values("ml.prediction.count") == {}, "nobody got an answer"
    assert world.values("ml.prediction.active") == {}
    assert world.values("ml.prediction.active") == {}


def test_a_class_is_observed_by_naming_its_methods(world: World) -> None:
    @world.monitor.predictor(entry="run", feature_vectorize="encode", model_infer="infer")
    class Model:
        def run(self, features: Mapping[str, Any]) -> str:
            return self.infer(self.encode(features))

        def encode(self, features: Mapping[str, Any]) -> float:
            return float(features["age"])

        def infer(self, age: float) -> str:
            return "churn" if age > 20 else "stay"

    assert Model().run(GOOD) == "churn"
    assert set(world.spans()) == {"receive_request", "feature_vectorize", "model_infer"}
    with pytest.raises(TypeError, match="has no method `guess`"):
        world.monitor.predictor(entry="guess")(Model)


def test_guards_tell_what_to_refuse_from_what_to_answer_otherwise(world: World) -> None:
    with world.monitor.prediction() as p:
        assert p.guard(GOOD) is None
        assert p.guard({**GOOD, "age": 75}) == "outlier"
    with world.monitor.prediction() as p:
        assert p.guard({**GOOD, "age": "old"}) == "schema"
        assert p.guard({"age": 30}) is None
        assert p.guard({"age": 30}, complete=True) == "schema"
        p.error("invalid_input")
    assert world.values("ml.prediction.fallback") == {("outlier",): 1}
    assert world.values("ml.prediction.rejected") == {("schema",): 2}
    assert set(world.points("ml.prediction.duration")) == {(), ("invalid_input",)}


def test_nonsense_never_reaches_the_caller(world: World) -> None:
    with world.monitor.prediction() as p:
        p.features(7)  # type: ignore[arg-type]
        p.output(object(), score="high", confidence=None)  # type: ignore[arg-type]
        p.segment(region=["emea"])  # type: ignore[arg-type]
    world.monitor.record({"age": object()}, None, seconds=0.1)
    assert sum(world.values("ml.prediction.count").values()) == 2
    assert world.values("ml.telemetry.undeclared")[("feature",)] == 1


def test_no_count_is_lost_between_threads(world: World) -> None:
    def work() -> None:
        for _ in range(500):
            with world.monitor.prediction() as p:
                p.features(GOOD)
                p.output("churn", score=0.9)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        world.points("ml.prediction.count")
    for thread in threads:
        thread.join()
    assert world.values("ml.prediction.count") == {("churn",): 4000}
    assert world.values("ml.feature.bin")[("age", "01", "b1")] == 4000
    assert world.count("ml.prediction.duration") == 4000
    assert world.values("ml.prediction.active") == {}


def test_no_count_is_lost_between_tasks_and_spans_stay_apart(world: World) -> None:
    async def one(number: int) -> None:
        async with world.monitor.prediction(request_id=f"r-{number}") as p:
            await asyncio.sleep(0)
            assert otel.current() is p
            with p.stage("model_infer"):
                await asyncio.sleep(0)
                assert trace.get_current_span() is not p.span
                p.output("stay")

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(200)))

    asyncio.run(all_of_them())
    assert world.values("ml.prediction.count") == {("stay",): 200}
    finished = world.exporter.get_finished_spans()
    roots = {span.context.span_id for span in finished if span.name == "receive_request"}
    parents = [span.parent.span_id for span in finished if span.name == "model_infer" and span.parent]
    assert sorted(parents) == sorted(roots)


def test_a_forked_child_starts_at_zero(world: World) -> None:
    world.monitor.record(GOOD, "churn", seconds=0.1)
    world.monitor.recorder.fold()
    world.monitor.model._after_fork(world.renewed())
    world.monitor.record(GOOD, "stay", seconds=0.1)
    assert world.values("ml.prediction.count") == {("stay",): 1}
    assert world.values("ml.feature.vector") == {(): 1}
    assert world.count("ml.prediction.duration") == 1
    assert world.values("ml.baseline.size") == {(): 1000}


def test_labels_join_the_predictions_of_this_process() -> None:
    labelled = World(manifest(metrics={**DOCUMENT["metrics"], "labels": LABELS}))
    with labelled.monitor.prediction(request_id="r-7") as p:
        p.output("churn", score=0.9)
    assert labelled.monitor.label("r-7", "stay")
    assert not labelled.monitor.label("r-7", "stay"), "a label counts once"
    assert labelled.values("ml.confusion") == {("stay", "churn", "false_positive"): 1}
    assert labelled.values("ml.label.count") == {("1h", "system"): 1}
    assert labelled.monitor.label_with("stay", "stay")


def test_the_prediction_log_holds_what_the_spec_allows_and_no_more() -> None:
    world = World(manifest(log={"features": ["age"]}))
    with world.monitor.prediction(request_id="r-9") as p:
        p.features(GOOD)
        p.output("churn", score=np.float64(0.9))
    world.monitor.recorder.fold()
    (record,) = (each.log_record for each in world.logs.get_finished_logs())
    assert record.event_name == "ml.prediction.logged"
    attributes = dict(record.attributes or {})
    assert attributes.pop("prediction.latency") > 0  # type: ignore[operator]
    assert attributes == {
        "model.name": "churn",
        "model.version": "2.0.0",
        "prediction.id": p.id,
        "request.id": "r-9",
        "prediction.class": "churn",
        "prediction.score": 0.9,
        "prediction.confidence": 0.9,
        "prediction.features": {"age": 30},
    }
    assert record.trace_id == world.spans()["receive_request"].context.trace_id


def test_without_a_prediction_log_in_the_spec_there_is_none(world: World) -> None:
    world.monitor.record(GOOD, "churn")
    with world.monitor.prediction():
        pass
    world.monitor.recorder.fold()
    assert world.logs.get_finished_logs() == ()


def test_people_review_the_share_of_the_spec() -> None:
    rows: dict[str, Mapping[str, Any]] = {}
    world = World(manifest(labels={"sample": 1.0}), reviewer=rows.__setitem__)
    with world.monitor.prediction(request_id="r-3") as p:
        p.features(GOOD)
        p.output("churn", score=0.9)
    world.monitor.recorder.fold()
    assert world.monitor.review.flush(5)
    assert rows[p.id]["features"] == GOOD
    assert rows[p.id]["predicted"] == "churn"


class Lossy(Telemetry):
    """Telemetry that lost what it is told."""

    lost: ClassVar[dict[str, int]] = {}

    def dropped(self) -> Mapping[str, int]:
        return self.lost


def test_what_telemetry_lost_is_counted_once() -> None:
    dropped = metric("ml.telemetry.dropped", signal=["span", "log"])
    world = World(manifest(metrics={**DOCUMENT["metrics"], "dropped": dropped}))
    providers = world.telemetry
    world.monitor.model.telemetry = Lossy(
        providers.meter_provider, providers.tracer_provider, providers.logger_provider
    )
    Lossy.lost = {"span": 3}
    world.monitor.recorder.fold()
    world.monitor.recorder.fold()
    Lossy.lost = {"span": 5, "log": 1}
    assert world.values("ml.telemetry.dropped") == {("span",): 5, ("log",): 1}


@pytest.mark.parametrize("privacy", ["redacted", "type"])
def test_the_text_of_an_exception_is_what_the_spec_lets_pass(privacy: str) -> None:
    world = World(manifest(privacy={"exceptions": privacy}))
    with pytest.raises(ValueError, match="Anna"), world.monitor.prediction():
        raise ValueError("Anna Berg, de89370400440532013000, anna@klinik.de, password=hunter2")
    (event,) = world.spans()["receive_request"].events
    attributes = dict(event.attributes or {})
    assert attributes["exception.type"] == "ValueError"
    everything = str(attributes)
    assert "de89" not in everything
    assert "anna@" not in everything
    assert "hunter2" not in everything
    assert ("Anna Berg, ****, ****, ****" in everything) == (privacy == "redacted")
    assert ("exception.stacktrace" in attributes) == (privacy == "redacted")


def test_an_exception_that_cannot_be_shown_is_its_type() -> None:
    class Shy(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise RuntimeError

    world = World()
    with pytest.raises(Shy), world.monitor.prediction():
        raise Shy
    (event,) = world.spans()["receive_request"].events
    assert list(event.attributes or {}) == ["exception.type"]
