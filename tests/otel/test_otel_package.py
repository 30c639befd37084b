"""The package as its users see it: public names, types, and modules that the guide names."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import otel

ROOT = Path(__file__).parents[2]
NAMES = (
    "Answer", "ConfigurationError", "LabelStore", "Limits", "ManifestError", "MemoryStore", "Monitor", "Prediction",
    "RedisStore", "SqliteStore", "Telemetry", "asgi", "configure", "current", "current_request_id", "flush",
    "flush_after", "genai", "logs", "monitor", "names", "outgoing", "semconv", "shutdown", "stage", "testing", "units",
    "wsgi",
)  # fmt: skip


def test_dir_shows_the_public_names_and_nothing_else() -> None:
    assert tuple(dir(otel)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_there_without_further_imports(name: str) -> None:
    if name not in ("genai", "names", "semconv", "units"):
        assert getattr(otel, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'otel' has no attribute 'monitors'"):
        otel.monitors  # type: ignore[attr-defined]  # noqa: B018


def test_the_names_that_type_checkers_see_are_those_that_are_loaded() -> None:
    source = (ROOT / "otel" / "__init__.py").read_text("utf-8")
    assert {line.rsplit(" as ", 1)[1] for line in source.splitlines() if " as " in line} == set(otel._HOMES)


def test_observed_functions_keep_their_types() -> None:
    assert files("otel").joinpath("py.typed").is_file()
    service = Path(__file__).with_name("typed_service.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(service)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout == ""


VOCABULARY = ("semconv", "names", "units", "genai", "redact")
LAYERS = ("manifest", "recording", "export", "labels", "tasks", "llm", "web", "predictions", "monitoring")
"""What ARCHITECTURE.md lists, lowest first: each imports only what stands before it, and the vocabulary."""


def test_parts_import_only_what_stands_below_them() -> None:
    for place, layer in enumerate(LAYERS):
        allowed = {*VOCABULARY, *LAYERS[: place + 1]}
        folder = ROOT / "otel" / layer
        for file in sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]:
            found = re.findall(
                r"^\s*from otel\.(\w+)|^\s*from otel import (\w+)", file.read_text("utf-8"), re.MULTILINE
            )
            assert {one or other for one, other in found} <= allowed, file
