"""Every public method is a boundary: whatever a service hands over, none raises, none waits, and counting goes on."""

from __future__ import annotations

import inspect
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import SpanProcessor
from otel_llm_world import World as LlmWorld
from otel_world import DOCUMENT, GOOD, LABELS, World, manifest

from otel.llm.requests import LlmRequest
from otel.recording.inputs import read_inputs


class Hostile:
    """Raises at whatever it is asked."""

    def _fail(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("hostile")

    __eq__ = __hash__ = __str__ = __repr__ = __float__ = __int__ = __bool__ = __len__ = __iter__ = __getitem__ = _fail  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __add__ = __index__ = __format__ = __call__ = _fail  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("hostile")


class HostileMapping(dict[Any, Any]):
    def __getitem__(self, key: Any) -> Any:
        raise RuntimeError("hostile")

    def get(self, key: Any, default: Any = None) -> Any:
        raise RuntimeError("hostile")

    def keys(self) -> Any:
        raise RuntimeError("hostile")


class Frame:
    """Shows itself as a DataFrame, and fails when it is read."""

    columns = ("age", "plan")
    shape = (2, 2)

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)


VALUES: tuple[Any, ...] = (
    None, "", "churn", "\ud800 lone", "x" * 100_000, b"\xff", 0, -1, 10**400, 1.5, math.nan, math.inf, -math.inf, True,
    [], [1, 2], {}, {"age": 1}, {1: 2}, {"age": {}}, (), set(), object(), Hostile(), HostileMapping(), Frame(),
    Exception, RuntimeError("x"), np.zeros(3), np.zeros((2, 4)), np.float64("nan"), np.array([]), np.array("x"),
    lambda: 1 / 0, iter([1]), range(9), complex(1, 2), memoryview(b"x"), "2026-12-01",
)  # fmt: skip
places = st.integers(0, len(VALUES) - 1)
"""Places in VALUES: what is there cannot even be shown."""


def methods(subject: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of an object, by their names."""
    for name in dir(type(subject)):
        if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(type(subject), name)):
            yield name, getattr(subject, name)


def parameters(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())


def called(method: Callable[..., Any], given: list[Any]) -> Any:
    """Call a method with a value for each of its parameters."""
    arguments: list[Any] = []
    named: dict[str, Any] = {}
    for parameter, value in zip(parameters(method), given, strict=False):
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments += [value, value]
        elif parameter.kind is parameter.VAR_KEYWORD:
            named["region"] = value
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = value
        else:
            arguments.append(value)
    return method(*arguments, **named)


def used(made: Any) -> None:
    """Enter and leave what a method returned, if it is a block, and call everything that it offers."""
    if hasattr(made, "__enter__") and hasattr(made, "__exit__"):
        with made as inside:
            if inside is not made and not hasattr(inside, "__enter__"):
                return


WORLD = World(
    manifest(metrics={**DOCUMENT["metrics"], "labels": LABELS}, log={"features": ["age"]}), reviewer=lambda *_: 1 / 0
)
LLM = LlmWorld()
LEFT_OUT = {"inference", "predictor", "reset", "keep_in"}
"""Decorators, whose mistakes are said when the service starts, and what only this library calls."""


def subjects() -> list[object]:
    monitor = WORLD.monitor
    request = LlmRequest(LLM.calls.counts)
    return [
        monitor, monitor.prediction(), monitor.labels, monitor.review, monitor.feedback, monitor.forecasts,
        monitor.ranking, monitor.embeddings, LLM.calls, request, request("small"), request.tool("refund"),
        request.run(), request.retrieval(),
    ]  # fmt: skip


CASES = [
    pytest.param(place, name, id=f"{type(subject).__name__}.{name}")
    for place, subject in enumerate(subjects())
    for name, _ in methods(subject)
    if name not in LEFT_OUT
]


@pytest.mark.parametrize(("place", "name"), CASES)
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_no_public_method_raises(place: int, name: str, data: st.DataObject) -> None:
    subject = subjects()[place]
    method = getattr(subject, name)
    given = [VALUES[data.draw(places)] for _ in parameters(method)]
    logging.getLogger("otel").setLevel(logging.CRITICAL)
    began = time.perf_counter()
    used(called(method, given))
    assert time.perf_counter() - began < 5


@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(places, places, places, places), max_size=3))
def test_a_prediction_of_hostile_values_is_counted_and_can_be_sent(drawn: list[tuple[int, ...]]) -> None:
    steps = [tuple(VALUES[place] for place in step) for step in drawn]
    world = World(manifest(log={"features": ["age"]}))
    logging.getLogger("otel").setLevel(logging.CRITICAL)
    with world.monitor.prediction(request_id="r") as p:
        for features, predicted, score, other in steps:
            with p.stage(other):
                p.features(features)
                p.output(predicted, score=score, confidence=other)
            p.segment(region=other)
            p.fallback(other)
            p.guard(features)
            p.error(other)
    world.monitor.event(steps[0][0] if steps else "e", {"a": steps[0][1]} if steps else {})
    assert world.values("ml.prediction.active") == {}
    encode_spans(world.exporter.get_finished_spans()).SerializeToString()
    encode_logs(world.logs.get_finished_logs()).SerializeToString()
    world.monitor.record(GOOD, "churn")
    assert world.values("ml.prediction.count")[("churn",)] >= 1


@pytest.mark.parametrize("place", range(len(VALUES)))
def test_a_decorated_function_takes_and_returns_anything(place: int) -> None:
    value = VALUES[place]
    logging.getLogger("otel").setLevel(logging.CRITICAL)

    @WORLD.monitor.inference
    def predict(given: Any) -> Any:
        return given

    assert predict(value) is value


@pytest.mark.parametrize("place", range(len(VALUES)))
def test_inputs_of_any_kind_are_read_or_not(place: int) -> None:
    found = read_inputs(VALUES[place], ("age", "plan"))
    assert found is None or isinstance(found, Mapping) or found.rows >= 0


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("otel")
    level = logger.level
    yield
    logger.setLevel(level)


def test_span_processors_of_somebody_else_that_raise_lose_no_count() -> None:
    class Broken(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            raise RuntimeError("theirs")

        def on_end(self, span: Any) -> None:
            raise RuntimeError("theirs")

    world = World()
    world.monitor.model.telemetry.tracer_provider.add_span_processor(Broken())  # type: ignore[attr-defined]
    with world.monitor.prediction() as p:
        p.output("churn", score=0.9)
    assert world.values("ml.prediction.count") == {("churn",): 1}
    assert world.values("ml.prediction.active") == {}
