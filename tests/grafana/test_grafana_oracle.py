"""Grafana's own models of dashboards read what we write, and lose nothing of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from grafana_dashboards import documents, panels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from grafana_foundation_sdk.cog import encoder, plugins
    from grafana_foundation_sdk.models import dashboard as models


@cache
def registered() -> None:
    plugins.register_default_plugins()


def read_back(data: dict[str, Any]) -> dict[str, Any]:
    registered()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = models.Dashboard.from_json(data)
    back: dict[str, Any] = json.loads(encoder.JSONEncoder(sort_keys=True).encode(made))
    return back


def lost(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Paths of what is in the first and not in the second; null is as good as nothing."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            if key in read:
                yield from lost(value, read[key], f"{path}.{key}")
            elif value is not None:
                yield f"{path}.{key}"
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for index, (one, other) in enumerate(zip(written, read, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif written != read:
        yield f"{path}: {written!r} became {read!r}"


def test_grafanas_models_keep_every_key_of_every_dashboard() -> None:
    assert len(documents()) > 40
    for path, data in documents().items():
        assert list(lost(data, read_back(data))) == [], path


def test_all_our_kinds_of_panels_were_read() -> None:
    kinds = {panel["type"] for data in documents().values() for panel in panels(data)}
    assert kinds >= {"stat", "timeseries", "bargauge", "table", "state-timeline", "heatmap", "text"}


@pytest.mark.parametrize("place", ["dashboard", "panel", "options"])
def test_the_oracle_notices_keys_that_grafana_does_not_know(place: str) -> None:
    data = json.loads(json.dumps(next(iter(documents().values()))))
    target = {"dashboard": data, "panel": data["panels"][0], "options": data["panels"][0]["options"]}[place]
    target["colourMode"] = "value"
    assert [each for each in lost(data, read_back(data)) if each.endswith("colourMode")]
