"""What a type checker knows of an observed service: checked by mypy in `test_otel_package`, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from typing import Any, assert_type

import otel

monitor = otel.monitor("churn")
assert_type(monitor, otel.Monitor)


@monitor.inference
def plain(features: Mapping[str, float], *, retries: int = 0) -> str:
    return "churn"


@monitor.inference
def explained(features: Mapping[str, float]) -> otel.Answer:
    return otel.Answer("churn", score=0.9)


@monitor.inference
async def coroutine(features: Mapping[str, float]) -> int:
    return 1


@monitor.inference
async def explained_later(features: Mapping[str, float]) -> otel.Answer:
    return otel.Answer("churn")


@monitor.inference
def stream(prompt: str) -> Iterator[str]:
    yield prompt


@monitor.inference
async def async_stream(prompt: str) -> AsyncIterator[str]:
    yield prompt


@monitor.inference(features=lambda row: row)
def with_options(row: Mapping[str, float]) -> float:
    return 1.0


@monitor.predictor(entry="run", model_infer="infer")
class Model:
    def run(self, features: Mapping[str, float]) -> str:
        return self.infer(features)

    def infer(self, features: Mapping[str, float]) -> str:
        return "churn"


assert_type(plain({}, retries=1), str)
assert_type(explained({}), Any)
_ = assert_type(coroutine({}), Coroutine[Any, Any, int])
_ = assert_type(explained_later({}), Coroutine[Any, Any, Any])
assert_type(stream("a"), Iterator[str])
assert_type(async_stream("a"), AsyncIterator[str])
assert_type(with_options({}), float)
assert_type(Model().run({}), str)
assert_type(otel.flush(), bool)


@otel.flush_after
def handler(event: dict[str, Any], context: object) -> str:
    return "churn"


assert_type(handler({}, None), str)
plain({}, retry=1)  # type: ignore[call-arg]
