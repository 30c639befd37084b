"""Models that declare all that packs can ask for, resolved within the committed organisation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import generators
from generators.language.catalog import Catalog
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs

SPECS = read_specs(Path(generators.__file__).parents[1] / "specs")
TASKS = sorted(
    pack["metadata"]["name"]
    for path in (Path(generators.__file__).parent / "library" / "packs").glob("*.yaml")
    if (pack := yaml.safe_load(path.read_text("utf-8")))["spec"].get("task")
)
EVERYTHING: Mapping[str, Any] = {
    "service": "silent-api",
    "packs": ["resources"],
    "environments": ["production"],
    "alerting": "thorough",
    "traffic": "50/s",
    "artifact": {"sha256": "0" * 64},
    "features": {"age": {"type": "number", "range": [0, 100], "max_age": "1d"}},
    "prediction": {"classes": ["no", "yes"], "positive": "yes", "low_confidence": 0.6, "range": [0, 10]},
    "labels": {"delay": "1d", "sample": "20%"},
    "segments": {"region": ["north", "south"]},
    "fairness": {"protected": {"gender": ["female", "male"]}},
    "llm": {"tiers": {"large": {"model": "gpt-4o", "share": "100%"}}, "prices": "openai", "tools": ["search"]},
}
"""A model that declares all that packs can ask for."""


def catalog(models: Mapping[str, Mapping[str, Any]]) -> Catalog:
    """The committed organisation with these models alone, by name."""
    own = tuple(each for each in SPECS if "/models/" not in each.file and "/baselines/" not in each.file)
    documents = tuple(Source(f"specs/models/{name}.yaml", _document(name, spec)) for name, spec in models.items())
    found, problems = resolve((*own, *documents))
    assert not [each for each in problems if each.severity == "error"], problems[:3]
    assert found is not None
    return found


def _document(name: str, spec: Mapping[str, Any]) -> bytes:
    metadata = {"name": name, "tenant": "wine", "team": "commerce"}
    return yaml.safe_dump(
        {"apiVersion": "watchspec/v1", "kind": "Model", "metadata": metadata, "spec": {**EVERYTHING, **spec}}
    ).encode()
