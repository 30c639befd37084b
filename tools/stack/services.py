"""The example services, each with the rendered settings of its SDK; a model without one is left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from generators.targets.compose.containers import FIRST_SERVICE_PORT, MOUNTED_TLS
from stack.layout import HOST, ROOT, Layout, environment
from stack.parts import Part

EXAMPLES: Final = ROOT / "docs/examples"

PROVIDER_PORT: Final = 8089
"""Port of what stands in for the provider of an example's LLM."""


def services(layout: Layout, replicas: int = 1, examples: Path = EXAMPLES) -> Iterator[Part]:
    """Yield replicas of each service that has an application in `service.py`, after what stands in for its provider."""
    port, asked = layout.port(FIRST_SERVICE_PORT), layout.port(PROVIDER_PORT)
    for file in sorted(layout.rendered.glob("sdk/*/*.env")):
        folder = examples / file.stem.replace("-", "_")
        if (folder / "service.py").is_file():
            told = settings(layout, file)
            if (folder / "stand_in.py").is_file():
                url = f"http://{HOST}:{asked}"
                told["OPENAI_BASE_URL"] = f"{url}/v1"
                yield Part(f"{file.stem}-provider", _uvicorn("stand_in:app", asked), folder, (asked,), url, shown=url)
            for replica in range(1, replicas + 1):
                yield _service(f"{file.stem}-{replica}", folder, port, told)
                port += 1


def without_example(layout: Layout, examples: Path = EXAMPLES) -> tuple[str, ...]:
    """Return the models whose service is nowhere to be found."""
    models = (file.stem for file in sorted(layout.rendered.glob("sdk/*/*.env")))
    return tuple(model for model in models if not (examples / model.replace("-", "_") / "service.py").is_file())


def settings(layout: Layout, file: Path) -> dict[str, str]:
    """Return the variables of a service: those that are rendered, with the certificates of this machine."""
    told = {name: value.replace(MOUNTED_TLS, str(layout.tls)) for name, value in environment(file).items()}
    return {**told, "WATCHSPEC_INSTRUMENTS": str(ROOT / "rendered/instruments")}


def _service(name: str, folder: Path, port: int, told: Mapping[str, str]) -> Part:
    url = f"http://{HOST}:{port}"
    return Part(name, _uvicorn("service:app", port), folder, (port,), url, told, url, awaited=False)


def _uvicorn(application: str, port: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "uvicorn", application, "--host", HOST, "--port", str(port))
