"""Decorators: one line above a function, a method, a stream or a whole class, and its calls are predictions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from otel.predictions.model import ObservedModel
from otel.predictions.prediction import Prediction, Stage, current
from otel.recording.bins import as_number
from otel.web.requestid import current_request_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What an observed function may return to say more than the answer itself.

    ``predicted`` is a class or a number, ``score`` that of the positive class and ``confidence`` that of the answer,
    both from 0 to 1; ``segments`` are those of the request.  The caller gets ``value``, or ``predicted`` without it.
    """

    predicted: Any
    score: float | None = None
    confidence: float | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    value: Any = None


P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


class Decorator(Protocol):
    """`inference` for the types: a function stays what it is, except that its caller gets what an `Answer` holds."""

    @overload
    def __call__(
        self, function: Callable[P, Coroutine[Any, Any, Answer]], /
    ) -> Callable[P, Coroutine[Any, Any, Any]]: ...
    @overload
    def __call__(self, function: Callable[P, Answer], /) -> Callable[P, Any]: ...
    @overload
    def __call__(self, function: F, /) -> F: ...


def inference(
    model: ObservedModel,
    function: Callable[..., Any] | None = None,
    *,
    features: Callable[..., Mapping[str, Any]] | None = None,
    answer: Callable[[Any], Answer] | None = None,
) -> Any:
    """Make each call of a function one prediction: functions, methods, coroutines, generators and async generators.

    The inputs are the first argument that is a mapping, unless ``features`` takes them out of the arguments.  The
    answer is what the function returns: an :class:`Answer` (its caller then gets the value inside), a class of the
    spec, or a number; ``answer`` makes an :class:`Answer` of anything else.  A stream ends when its last item was
    taken.  Inside, ``otel.current()`` is the prediction.
    """
    if function is None:
        return functools.partial(inference, model, features=features, answer=answer)

    def begin(arguments: tuple[Any, ...], named: dict[str, Any]) -> Prediction:
        prediction = Prediction(model, current_request_id())
        inputs = _mapping(arguments, named) if features is None else features(*arguments, **named)
        if inputs is not None:
            prediction.features(inputs)
        return prediction

    def finish(prediction: Prediction, returned: Any) -> Any:
        found = returned if answer is None else answer(returned)
        if isinstance(found, Answer):
            prediction.output(found.predicted, score=found.score, confidence=found.confidence)
            if found.segments:
                prediction.segment(**found.segments)
            if found is returned:
                return found.predicted if found.value is None else found.value
        elif _is_answer(model, found):
            prediction.output(found)
        return returned

    return _wrapper(function, begin, finish)


def predictor(model: ObservedModel, *, entry: str = "predict", **stages: str) -> Callable[[C], C]:
    """Observe a class: calls of its method ``entry`` are predictions, other methods their stages.

    ``stages`` names the method of each: ``monitor.predictor(entry="predict", feature_vectorize="encode",
    model_infer="run")``.  Raises ``TypeError`` at once if the class lacks one.
    """

    def decorate(cls: C) -> C:
        for name in (entry, *stages.values()):
            if not callable(getattr(cls, name, None)):
                raise TypeError(f"{cls.__name__} has no method `{name}` to observe")
        for stage, name in stages.items():
            setattr(cls, name, _staged(stage, getattr(cls, name)))  # type: ignore[arg-type]
        setattr(cls, entry, inference(model, getattr(cls, entry)))
        return cls

    return decorate


def _staged(stage: Stage, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method whose calls are a stage of the prediction around them; outside of one it is itself."""
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def coroutine(*arguments: Any, **named: Any) -> Any:
            prediction = current()
            if prediction is None:
                return await method(*arguments, **named)
            with prediction.stage(stage):
                return await method(*arguments, **named)

        return coroutine

    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        prediction = current()
        if prediction is None:
            return method(*arguments, **named)
        with prediction.stage(stage):
            return method(*arguments, **named)

    return call


_Begin: TypeAlias = Callable[[tuple[Any, ...], dict[str, Any]], Prediction]
_Finish: TypeAlias = Callable[[Prediction, Any], Any]


def _wrapper(function: Callable[..., Any], begin: _Begin, finish: _Finish) -> Callable[..., Any]:
    """Return a function of the same kind that runs inside a prediction."""
    if inspect.isasyncgenfunction(function):
        return _async_stream(function, begin)
    if inspect.isgeneratorfunction(function):
        return _stream(function, begin, finish)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def coroutine(*arguments: Any, **named: Any) -> Any:
            with begin(arguments, named) as prediction:
                return finish(prediction, await function(*arguments, **named))

        return coroutine

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        with begin(arguments, named) as prediction:
            return finish(prediction, function(*arguments, **named))

    return call


# Between two items the consumer runs: the prediction's context is current only while the function itself does.


def _stream(function: Callable[..., Generator[Any, Any, Any]], begin: _Begin, finish: _Finish) -> Callable[..., Any]:
    @functools.wraps(function)
    def stream(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        prediction, items = begin(arguments, named), function(*arguments, **named)
        failure: BaseException | None = None
        prediction.open()
        try:
            while True:
                prediction.attach()
                try:
                    item = next(items)
                except StopIteration as end:
                    return finish(prediction, end.value)
                finally:
                    prediction.detach()
                yield item
        except BaseException as error:
            failure = error
            raise
        finally:
            items.close()
            prediction.close(failure)

    return stream


def _async_stream(function: Callable[..., AsyncGenerator[Any, Any]], begin: _Begin) -> Callable[..., Any]:
    @functools.wraps(function)
    async def stream(*arguments: Any, **named: Any) -> AsyncGenerator[Any, Any]:
        prediction, items = begin(arguments, named), function(*arguments, **named)
        failure: BaseException | None = None
        prediction.open()
        try:
            while True:
                prediction.attach()
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
                finally:
                    prediction.detach()
                yield item
        except BaseException as error:
            failure = error
            raise
        finally:
            await items.aclose()
            prediction.close(failure)

    return stream


def _mapping(arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first argument that is a mapping."""
    return next((each for each in (*arguments, *named.values()) if isinstance(each, Mapping)), None)


def _is_answer(model: ObservedModel, returned: Any) -> bool:
    """Say whether what a function returned is a class of the spec, or a number where there are none."""
    classes = model.manifest.output.classes
    return returned in classes if isinstance(returned, str) else not classes and as_number(returned) is not None
