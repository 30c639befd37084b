"""Callers of the example services: rows of the data sets that the models were trained on, asked for over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from typing import Any, Final

from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

STRIDE: Final = 7
"""Rows are not asked for in the order of the data set, which is sorted by what is true."""

REQUEST_ID: Final = "X-Request-ID"
SITES, SCANNERS = ("hamburg", "leipzig", "zurich"), ("aperio", "hamamatsu")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered; names of headers in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A request, and what turned out to be true."""

    path: str
    body: Mapping[str, Any]
    actual: str | float = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def ask(port: int, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    """Post JSON to a service on loopback."""
    data = json.dumps(body).encode()
    told = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data, headers=told)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
            text = answer.read()
            return Reply(answer.status, _parsed(text), _lower(answer.headers))
    except urllib.error.HTTPError as refused:
        with refused:
            return Reply(refused.code, _parsed(refused.read()), _lower(refused.headers))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text.decode()


@cache
def screening() -> tuple[Row, ...]:
    """Aspirates in the order of the data set."""
    data = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names]
    return tuple(
        Row(
            "/samples",
            {
                "features": dict(zip(names, map(float, row), strict=True)),
                "site": SITES[number % len(SITES)],
                "scanner": SCANNERS[number % len(SCANNERS)],
            },
            "benign" if target else "malignant",
        )
        for number, (row, target) in enumerate(zip(data.data, data.target, strict=True))
    )


@cache
def cultivar() -> tuple[Row, ...]:
    """Bottles in the order of the data set."""
    data = load_wine()
    names = list(data.feature_names)
    return tuple(
        Row("/analyses", {"features": dict(zip(names, map(float, row), strict=True)), "region": "veneto"}, str(name))
        for row, name in zip(data.data, data.target_names[data.target], strict=True)
    )


@cache
def progression() -> tuple[Row, ...]:
    """Patients in the order of the data set."""
    data = load_diabetes()
    return tuple(
        Row(
            "/patients",
            {"features": dict(zip(data.feature_names, map(float, row), strict=True)), "age_group": "from_40_to_60"},
            float(target),
        )
        for row, target in zip(data.data, data.target, strict=True)
    )


def assistant() -> tuple[Row, ...]:
    """Questions, to be answered at once and word by word."""
    said = ("When does my delivery come?", "How do I return a bottle?", "What goes with fish?")
    return tuple(
        Row(path, {"text": text, "language": language, "user": "eva.muster@clinic.example"})
        for path in ("/chat", "/suggest")
        for text in said
        for language in ("de", "en", "fr")
    )


ROWS: Final[Mapping[str, Callable[[], tuple[Row, ...]]]] = {
    "screening": screening,
    "cultivar": cultivar,
    "progression": progression,
    "support-assistant": assistant,
}


def play(model: str, ports: tuple[int, ...], rows: int) -> Iterator[tuple[Row, Reply]]:
    """Ask the replicas of a service in turn."""
    found = ROWS[model]()
    for number in range(rows):
        row = found[number * STRIDE % len(found)]
        yield row, ask(ports[number % len(ports)], row.path, row.body, row.headers)
