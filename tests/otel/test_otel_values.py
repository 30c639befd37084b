"""What models return and take: classes match by value, and inputs are read whatever holds them."""

from __future__ import annotations

import dataclasses
import enum
import logging
from collections import namedtuple
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from otel_world import DOCUMENT, GOOD, LABELS, World, manifest

import otel
from otel.manifest import Output
from otel.recording.answers import ClassNames, read_answers
from otel.recording.inputs import first_inputs, read_inputs

NUMBERED = {"classes": ["0", "1"], "positive": "1", "threshold": 0.5, "low_confidence": 0.7}
PAIR = Output(classes=("stay", "churn"), positive="churn")
NAMES = ("age", "plan", "member", "comment")


class Verdict(enum.Enum):
    STAY = "stay"
    LEAVE = 1


@pytest.mark.parametrize(
    "value",
    [
        "1", 1, 1.0, True, np.int64(1), np.int8(1), np.uint8(1), np.float32(1), np.bool_(True), np.str_("1"), b"1", [1],
        ["1"], (1,), np.array([1]), np.array(1), np.array([["1"]]), np.array(["1"], dtype=object),
    ],
    ids=lambda value: f"{type(value).__name__}-{value!r}",
)  # fmt: skip
def test_a_class_is_found_by_value(value: Any) -> None:
    assert ClassNames(Output(classes=("0", "1", "2"))).find(value) == "1"
    world = World(manifest(prediction=NUMBERED, metrics=NUMBERED_METRICS))

    @world.monitor.inference
    def predict(features: Mapping[str, Any]) -> Any:
        return value

    assert predict(GOOD) is value, "the caller gets what the function returned"
    assert world.values("ml.prediction.count") == {("1",): 1}
    assert world.values("ml.telemetry.undeclared") == {}


NUMBERED_METRICS = {
    **DOCUMENT["metrics"],
    "predictions": {**DOCUMENT["metrics"]["predictions"], "attributes": {"class": {"values": ["0", "1", "other"]}}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "churn"), (0, "stay"), (True, "churn"), (np.int64(0), "stay"), ("stay", "stay"), (Verdict.STAY, "stay"),
     (Verdict.LEAVE, "churn"), (2, None), ("Stay", None), (None, None), (0.5, None), ([0, 1], None), ({}, None)],
)  # fmt: skip
def test_flags_and_0_and_1_are_a_pair_with_a_positive_class(value: Any, expected: str | None) -> None:
    assert ClassNames(PAIR).find(value) == expected


def test_a_class_that_is_named_like_a_flag_is_that_one() -> None:
    assert ClassNames(Output(classes=("True", "False"))).find(True) == "True"
    assert ClassNames(Output(classes=("0", "1"), positive="0")).find(1) == "1"


@given(st.lists(st.integers(-3, 300), min_size=1, max_size=5, unique=True))
def test_every_class_finds_itself_and_its_number(numbers: list[int]) -> None:
    names = ClassNames(Output(classes=tuple(map(str, numbers))))
    for number in numbers:
        assert names.find(str(number)) == str(number)
        assert number < 0 or names.find(np.int64(number)) == str(number)


@dataclasses.dataclass
class Row:
    age: float
    plan: str
    member: bool = True
    comment: str = "fine"


class Request(pydantic.BaseModel):
    age: float
    plan: str
    member: bool = True
    comment: str = "fine"


Tuple = namedtuple("Tuple", NAMES)


class Frame:
    """As pandas' and polars' frames show themselves, with columns of numpy."""

    def __init__(self, **columns: Any) -> None:
        self._columns = {name: np.array(column, dtype=object) for name, column in columns.items()}
        self.columns = list(columns)

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]

    def __len__(self) -> int:
        return len(self._columns[self.columns[0]])


class Series:
    """As pandas' Series shows itself."""

    def __init__(self, **values: Any) -> None:
        self._values = values
        self.index = list(values)

    def to_dict(self) -> dict[str, Any]:
        return dict(self._values)


ONE = [
    GOOD,
    Row(30, "plus"),
    Request(age=30, plan="plus"),
    Tuple(30, "plus", True, "fine"),
    Series(**GOOD),
    Frame(**{name: [value] for name, value in GOOD.items()}),
    np.array([30, "plus", True, "fine"], dtype=object),
    np.array([[30, "plus", True, "fine"]], dtype=object),
    [GOOD],
    [Row(30, "plus")],
    SimpleNamespace(_mapping=GOOD),
]


@pytest.mark.parametrize("value", ONE, ids=lambda value: type(value).__name__)
def test_one_row_is_read_from_whatever_holds_it(value: Any) -> None:
    world = World()

    @world.monitor.inference
    def predict(row: Any, retries: int = 0) -> str:
        return "churn"

    class Service:
        @world.monitor.inference
        def predict(self, row: Any) -> str:
            return "churn"

    predict(value)
    Service().predict(row=value)
    world.monitor.record(value, "churn")
    with world.monitor.prediction() as p:
        p.features(value)
        p.output("churn")
        assert p.guard(value) is None
    assert world.values("ml.feature.vector") == {(): 4}
    assert world.values("ml.feature.bin") == {
        ("age", "01", "b1"): 4, ("plan", "01", "b1"): 4, ("member", "01", "b1"): 4,
    }  # fmt: skip
    assert world.values("ml.telemetry.undeclared") == {}


SEVERAL = [
    Frame(age=[30, 50, 70], plan=["plus"] * 3, member=[True] * 3, comment=["fine"] * 3),
    [{**GOOD, "age": age} for age in (30, 50, 70)],
    [Row(age, "plus") for age in (30, 50, 70)],
    np.array([[age, "plus", True, "fine"] for age in (30, 50, 70)], dtype=object),
]


@pytest.mark.parametrize("value", SEVERAL, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("answers", [["stay", "churn", "churn"], np.array([0, 1, 1])], ids=["list", "array"])
def test_several_rows_of_one_call_are_counted_one_by_one(value: Any, answers: Any) -> None:
    world = World()

    @world.monitor.inference
    def predict(rows: Any) -> Any:
        return answers

    assert predict(value) is answers
    assert world.count("ml.prediction.duration") == 1, "one request"
    assert world.values("ml.feature.vector") == {(): 3}
    assert world.values("ml.prediction.count") == {("stay",): 1, ("churn",): 2}
    assert {key[1]: value for key, value in world.values("ml.feature.bin").items() if key[0] == "age"} == {
        "01": 1, "02": 1, "03": 1,
    }  # fmt: skip
    assert world.monitor.predictions(value, answers) == 3
    assert world.values("ml.feature.vector") == {(): 6}
    assert world.values("ml.prediction.count") == {("stay",): 2, ("churn",): 4}


@pytest.mark.parametrize("library", ["pandas", pytest.param("polars", marks=pytest.mark.guide)])
def test_frames_of_real_libraries_are_read(library: str) -> None:
    frames = pytest.importorskip(library, reason="make examples installs it")
    world = World()
    columns = {"age": [30, 50], "plan": ["plus", "pro"], "member": [True, False], "comment": ["a", "b"]}
    frame = frames.DataFrame(columns)
    world.monitor.record(frame, np.array([1, 0]))
    world.monitor.record(frame[:1], "churn")
    if library == "pandas":
        world.monitor.record(frame.iloc[0], "churn")
        world.monitor.record(frame.to_numpy(), frames.Series([1, 1]))
    else:
        world.monitor.record(frame.row(0, named=True), "churn")
        world.monitor.record(frame.to_dicts(), frames.Series([1, 1]))
    assert world.values("ml.feature.vector") == {(): 6}
    assert world.values("ml.prediction.count") == {("stay",): 1, ("churn",): 5}
    assert world.values("ml.telemetry.undeclared") == {}


def test_what_cannot_be_read_is_counted_and_said_once_with_what_could_be(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    @world.monitor.inference
    def predict(row: Any) -> Any:
        return {"label": "churn"}

    with caplog.at_level(logging.WARNING, "otel"):
        for _ in range(3):
            predict([30.0, 2.0])
        assert world.values("ml.telemetry.undeclared")[("feature",)] == 3
    said = [record.getMessage() for record in caplog.records]
    assert sum("a mapping of features by name, a dataclass or pydantic object" in each for each in said) == 1
    assert "30.0" not in caplog.text


def test_arguments_that_are_no_features_are_left_alone() -> None:
    @dataclasses.dataclass
    class Settings:
        retries: int = 3

    assert first_inputs([Settings(), GOOD], NAMES) is GOOD
    assert first_inputs([Settings(), "text", 7, None, object()], NAMES) is None
    assert read_inputs(np.zeros(3), NAMES) is None
    assert read_inputs(np.zeros((2, 2, 4)), NAMES) is None


@given(st.lists(st.floats(allow_nan=False), min_size=0, max_size=4))
def test_answers_are_as_many_as_rows_or_none(values: list[float]) -> None:
    names = ClassNames(Output())
    found = read_answers(values, names, len(values))
    expected = None if not values or not np.isfinite(values).all() else values
    assert found == expected


# --- ids and labels -----------------------------------------------------------------------------------------------


def labelled(**options: Any) -> World:
    return World(manifest(metrics={**DOCUMENT["metrics"], "labels": LABELS}, **options))


def test_each_prediction_of_a_request_has_an_id_of_its_own_and_the_request_id_finds_them_all() -> None:
    world = labelled()
    ids = []
    for _ in range(5):
        with world.monitor.prediction(request_id="r-1") as p:
            p.output("churn", score=0.9)
            ids.append(p.id)
    assert len(set(ids)) == 5
    assert world.monitor.label(ids[0], "stay"), "one of them"
    assert world.monitor.label("r-1", 1), "the four others"
    assert not world.monitor.label("r-1", 1)
    assert world.values("ml.confusion") == {
        ("stay", "churn", "false_positive"): 1, ("churn", "churn", "true_positive"): 4,
    }  # fmt: skip


def test_a_label_may_come_inside_the_block_of_its_prediction() -> None:
    world = labelled()
    with world.monitor.prediction() as p:
        p.output("churn", score=0.9)
        assert world.monitor.label(p.id, "churn")
    assert world.values("ml.confusion") == {("churn", "churn", "true_positive"): 1}


@pytest.mark.parametrize("at", ["2026-12-01", "2026-12-01T10:00:00+00:00", 0, "yesterday", float("nan"), [], 10**30])
def test_the_time_of_a_label_may_be_anything(at: Any) -> None:
    world = labelled()
    with world.monitor.prediction(prediction_id="p") as p:
        p.output("churn", score=0.9)
    assert world.monitor.label("p", "churn", at=at)
    assert sum(world.values("ml.label.count").values()) == 1


# --- unknown keys ---------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_unknown_keys_are_counted_and_fill_neither_log_nor_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    for part in range(10):
        world.monitor.record({**GOOD, **{f"patient {part}-{number}@clinic.org": 1 for number in range(1000)}}, "churn")
    for number in range(200):
        world.monitor.record({**GOOD, f"typo_{number}": 1}, "churn")
    assert world.values("ml.telemetry.undeclared") == {("feature",): 10_200}
    assert len(caplog.records) <= 25
    assert "@" not in caplog.text
    assert len(world.monitor.recorder._undeclared["feature"]._said) <= 25


# --- decorated functions ----------------------------------------------------------------------------------------------


def test_decorated_generators_keep_send_and_throw(world: World) -> None:
    @world.monitor.inference
    def echo() -> Any:
        got = yield "begin"
        while True:
            try:
                got = yield got
            except KeyError:
                got = "caught"

    stream = echo()
    assert next(stream) == "begin"
    assert stream.send("a") == "a"
    assert stream.throw(KeyError()) == "caught"
    with pytest.raises(ValueError, match="mine"):
        stream.throw(ValueError("mine"))
    assert set(world.points("ml.prediction.duration")) == {("internal",)}


def test_decorated_async_generators_keep_asend_and_athrow(world: World) -> None:
    import asyncio

    @world.monitor.inference
    async def echo() -> Any:
        got = yield "begin"
        while True:
            try:
                got = yield got
            except KeyError:
                got = "caught"

    async def use() -> list[Any]:
        stream = echo()
        found = [await anext(stream), await stream.asend("a"), await stream.athrow(KeyError())]
        await stream.aclose()
        return found

    assert asyncio.run(use()) == ["begin", "a", "caught"]
    assert world.values("ml.prediction.active") == {}


def test_a_cancelled_task_is_no_failure_of_the_service(world: World) -> None:
    import asyncio

    @world.monitor.inference
    async def slow(features: Mapping[str, Any]) -> str:
        await asyncio.sleep(10)
        return "churn"

    async def cancel() -> None:
        task = asyncio.ensure_future(slow(GOOD))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert world.points("ml.prediction.duration") == {}
    assert world.values("ml.prediction.count") == {}
    assert world.values("ml.prediction.active") == {}
    span = world.spans()["receive_request"]
    assert (span.attributes or {})["error.type"] == "cancelled"
    assert span.status.is_ok


@pytest.mark.parametrize("shape", ["callable object", "returns a coroutine", "partial"])
def test_async_callables_of_every_shape_are_measured_to_their_end(world: World, shape: str) -> None:
    import asyncio
    import functools

    async def work(features: Mapping[str, Any]) -> str:
        await asyncio.sleep(0.02)
        assert otel.current() is not None
        return "churn"

    class Callable:
        async def __call__(self, features: Mapping[str, Any]) -> str:
            return await work(features)

    def returns(features: Mapping[str, Any]) -> Any:
        return work(features)

    shapes = {"callable object": Callable(), "returns a coroutine": returns, "partial": functools.partial(work)}
    made: Any = shapes[shape]
    assert asyncio.run(world.monitor.inference(made)(GOOD)) == "churn"
    (point,) = world.points("ml.prediction.duration").values()
    assert point.sum >= 0.02
    assert world.values("ml.prediction.count") == {("churn",): 1}
    assert otel.current() is None


def test_callables_of_a_service_that_fail_break_no_call(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("mine")

    @world.monitor.inference(features=broken, answer=broken)
    def predict(features: Mapping[str, Any]) -> str:
        return "churn"

    assert predict(GOOD) == "churn"
    assert world.count("ml.prediction.duration") == 1
    assert caplog.text.count("could not be read") == 2


@pytest.fixture
def world() -> World:
    return World()
