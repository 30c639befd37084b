"""One stack for all proofs; helpers of other tests are used again."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE.parent / "collector")]

from e2e_stack import World, running  # noqa: E402 - what it imports lies in the folders above

ORDER = ("backends_away", "labels", "transport", "traces", "waking_people", "services", "rules")
"""Prometheus is away before anything else is measured, rules have their minutes before they are looked at, and a model
that hangs has answered nobody for five."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if item.path.parent == HERE]
    here.sort(key=lambda item: ORDER.index(item.path.stem.removeprefix("test_e2e_")))
    items[:] = [*(item for item in items if item.path.parent != HERE), *here]


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    # Whoever bounds the time of the run sends this signal, and the stack has to be ended then as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with running() as made:
        yield made
