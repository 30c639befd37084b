"""Decorators: one line above a function, a method, a stream or a whole class, and its calls are predictions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from otel.predictions.model import ObservedModel
from otel.predictions.prediction import Prediction, Stage, current
from otel.recording.answers import read_answers
from otel.recording.inputs import first_inputs
from otel.recording.notices import Once
from otel.web.requestid import current_request_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What an observed function may return to say more than the answer itself.

    ``predicted`` is a class or a number, ``score`` that of the positive class and ``confidence`` that of the answer,
    both from 0 to 1; ``segments`` are those of the request, ``groups`` those of protected attributes.
    The caller gets ``value``, or ``predicted`` without it.
    """

    predicted: Any
    score: float | None = None
    confidence: float | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    value: Any = None
    groups: Mapping[str, Any] = field(default_factory=dict)


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
    features: Callable[..., Any] | None = None,
    answer: Callable[[Any], Any] | None = None,
) -> Any:
    """Make each call of a function one prediction: functions, methods, coroutines, generators and async generators.

    The inputs are the first argument that holds features (`otel.recording.inputs` says of what kinds), mappings first,
    unless ``features`` takes them out of the arguments.  The answer is what the function returns: an :class:`Answer`
    (its caller then gets the value inside), something that stands for a class of the spec (`otel.recording.answers`),
    or a number; of several rows as many of them.  ``answer`` makes one of these of anything else.  A stream ends when
    its last item was taken; one whose reader leaves early was cancelled.  Inside, ``otel.current()`` is the prediction.
    """
    if function is None:
        return functools.partial(inference, model, features=features, answer=answer)

    def begin(arguments: tuple[Any, ...], named: dict[str, Any]) -> Prediction:
        prediction = Prediction(model, current_request_id())
        try:
            _take_inputs(prediction, arguments, named, features)
        except Exception as error:
            _ONCE.warn("features", "the features of a call could not be read: %s", type(error).__name__, error=error)
        return prediction

    def finish(prediction: Prediction, returned: Any) -> Any:
        try:
            found = returned if answer is None else answer(returned)
            _take_answer(prediction, found)
        except Exception as error:
            _ONCE.warn("answer", "the answer of a call could not be read: %s", type(error).__name__, error=error)
        if answer is None and isinstance(returned, Answer):
            return returned.predicted if returned.value is None else returned.value
        return returned

    return _wrapper(function, begin, finish)


def _take_inputs(
    prediction: Prediction,
    arguments: tuple[Any, ...],
    named: Mapping[str, Any],
    features: Callable[..., Any] | None,
) -> None:
    """Give a prediction the inputs of a call."""
    if features is not None:
        found = features(*arguments, **named)
        if found is not None:
            prediction.features(found)
        return
    names = prediction.model.outcomes.names
    values = (*arguments, *named.values())
    inputs = first_inputs(values, names)
    if inputs is not None:
        prediction.take(inputs)
    elif names and (unread := [each for each in values if not _is_other(each)]):
        prediction.model.unreadable(unread[-1])


_READABLE: Final = ("shape", "__iter__", "__dict__", "__slots__")
_FRAMEWORKS: Final = ("starlette.", "fastapi.", "flask.", "django.", "werkzeug.", "litestar.", "aiohttp.", "sanic.")


def _is_other(value: object) -> bool:
    """Say whether an argument cannot be meant as features: text, a number, what frameworks and classes hand over."""
    module = f"{type(value).__module__}."
    plain = value is None or isinstance(value, (str, bytes, int, float, type)) or callable(value)
    return plain or module.startswith(_FRAMEWORKS) or not hasattr(value, "__len__")


def _take_answer(prediction: Prediction, found: Any) -> None:
    """Give a prediction what its function returned."""
    if isinstance(found, Answer):
        prediction.output(found.predicted, score=found.score, confidence=found.confidence)
        if found.segments:
            prediction.segment(**found.segments)
        if found.groups:
            prediction.group(**found.groups)
        return
    output, classes = prediction.model.manifest.output, prediction.model.outcomes.classes
    answers = read_answers(found, classes, prediction.rows)
    if answers is None:
        if output.classes and found is not None:
            _ONCE.warn(
                f"answer {prediction.model.manifest.name}",
                "the answer of a call to model %s cannot be read (a %s): return one of its classes, or an "
                "otel.Answer, or say with answer= where the class is",
                prediction.model.manifest.name, type(found).__name__,
            )  # fmt: skip
    elif len(answers) == 1 and prediction.rows == 1:
        prediction.output(answers[0])
    else:
        prediction.answers(answers)


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


_ONCE: Final = Once()
_Begin: TypeAlias = Callable[[tuple[Any, ...], dict[str, Any]], Prediction]
_Finish: TypeAlias = Callable[[Prediction, Any], Any]


def _wrapper(function: Callable[..., Any], begin: _Begin, finish: _Finish) -> Callable[..., Any]:
    """Return a function of the same kind that runs inside a prediction."""
    kind = _kind(function)
    if inspect.isasyncgenfunction(kind):
        return _async_stream(function, begin)
    if inspect.isgeneratorfunction(kind):
        return _stream(function, begin, finish)
    if inspect.iscoroutinefunction(kind):

        @functools.wraps(function)
        async def coroutine(*arguments: Any, **named: Any) -> Any:
            with begin(arguments, named) as prediction:
                return finish(prediction, await function(*arguments, **named))

        return coroutine

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        prediction = begin(arguments, named).__enter__()
        try:
            returned = function(*arguments, **named)
            if inspect.iscoroutine(returned):
                prediction.detach()
                return _awaited(prediction, returned, finish)
            result = finish(prediction, returned)
        except BaseException as error:
            prediction.__exit__(type(error), error, error.__traceback__)
            raise
        prediction.__exit__(None, None, None)
        return result

    return call


def _kind(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what says whether a callable is a coroutine function or a generator: of an object its ``__call__``."""
    plain = inspect.unwrap(function)
    while isinstance(plain, functools.partial):
        plain = plain.func
    return plain if inspect.isroutine(plain) else type(plain).__call__


async def _awaited(prediction: Prediction, coroutine: Coroutine[Any, Any, Any], finish: _Finish) -> Any:
    """Run the coroutine that a plain function returned, inside its prediction."""
    prediction.attach()
    try:
        result = finish(prediction, await coroutine)
    except BaseException as error:
        prediction.__exit__(type(error), error, error.__traceback__)
        raise
    prediction.__exit__(None, None, None)
    return result


# Between two items the consumer runs: the prediction's context is current only while the function itself does.


def _stream(function: Callable[..., Generator[Any, Any, Any]], begin: _Begin, finish: _Finish) -> Callable[..., Any]:
    @functools.wraps(function)
    def stream(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        prediction, items = begin(arguments, named), function(*arguments, **named)
        failure: BaseException | None = None
        step: Callable[[], Any] = functools.partial(next, items)
        prediction.open()
        try:
            while True:
                prediction.attach()
                try:
                    item = step()
                except StopIteration as end:
                    return finish(prediction, end.value)
                finally:
                    prediction.detach()
                try:
                    sent = yield item
                    step = functools.partial(next, items) if sent is None else functools.partial(items.send, sent)
                except GeneratorExit:
                    raise
                except BaseException as error:
                    step = functools.partial(items.throw, error)
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
        step: Callable[[], Any] = functools.partial(anext, items)
        prediction.open()
        try:
            while True:
                prediction.attach()
                try:
                    item = await step()
                except StopAsyncIteration:
                    return
                finally:
                    prediction.detach()
                try:
                    sent = yield item
                    step = functools.partial(anext, items) if sent is None else functools.partial(items.asend, sent)
                except GeneratorExit:
                    raise
                except BaseException as error:
                    step = functools.partial(items.athrow, error)
        except BaseException as error:
            failure = error
            raise
        finally:
            await items.aclose()
            prediction.close(failure)

    return stream
