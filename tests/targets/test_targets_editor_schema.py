from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from generators.language.shapes import KINDS
from generators.targets.editor import document_schema

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("specs/**/*.yaml"), *ROOT.glob("generators/library/packs/*.yaml")])
DOCUMENTS = [document for file in FILES for document in yaml.safe_load_all(file.read_text("utf-8"))]
VALIDATOR = jsonschema.Draft202012Validator(document_schema())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(document_schema())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_accepts_our_own_specs(file: Path) -> None:
    for document in yaml.safe_load_all(file.read_text("utf-8")):
        VALIDATOR.validate(document)


def test_every_field_is_described() -> None:
    schema = document_schema()
    shapes = {"": schema, **schema["$defs"]}
    missing = [
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field, part in shape.get("properties", {}).items()
        if not part.get("description")
    ]
    assert missing == []
    assert len([field for shape in shapes.values() for field in shape.get("properties", {})]) > 150
    described = [name for name in schema["$defs"] if name != "JsonValue" and not shapes[name].get("description")]
    assert described == []


def test_the_kind_decides_what_is_wrong() -> None:
    document = {"apiVersion": "watchspec/v1", "kind": "Team", "metadata": {"name": "a"}, "spec": {"contact": 1}}
    messages = [error.message for error in VALIDATOR.iter_errors(document)]
    assert "1 is not of type 'string'" in messages
    assert not any("task" in message for message in messages)


@pytest.mark.parametrize("missing", ["apiVersion", "kind", "metadata", "spec"])
def test_the_envelope_is_required(missing: str) -> None:
    document = {key: value for key, value in DOCUMENTS[0].items() if key != missing}
    assert not VALIDATOR.is_valid(document)


def places(node: Any) -> Iterator[Any]:
    """Yield every mapping of a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from places(value)
    elif isinstance(node, list):
        for value in node:
            yield from places(value)


def is_accepted(document: dict[str, Any]) -> bool:
    """Whether the compiler takes the shape of a document."""
    try:
        KINDS[document["kind"]].model_validate(document)
    except ValidationError:
        return False
    return True


@settings(derandomize=True, deadline=None)
@given(
    st.sampled_from(DOCUMENTS),
    st.randoms(use_true_random=False),
    st.sampled_from((None, True, -1, 0.5, "", "a b", "5m", [], ["a"], {}, {"Unknown key": 1})),
    st.sampled_from(("replace", "remove", "add")),
)
def test_it_accepts_what_the_compiler_accepts(document: dict[str, Any], random: Any, value: Any, how: str) -> None:
    changed = copy.deepcopy(document)
    place = random.choice([place for place in places(changed["spec"]) if place])
    key = random.choice(sorted(place))
    if how == "remove":
        del place[key]
    else:
        place["unknown" if how == "add" else key] = value
    assert VALIDATOR.is_valid(changed) == is_accepted(changed)


def test_a_release_that_writes_bounds_as_floating_point_numbers_changes_no_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = document_schema()
    for shape in KINDS.values():
        schema = json.loads(json.dumps(shape.model_json_schema(by_alias=True)), parse_int=float)
        monkeypatch.setattr(shape, "model_json_schema", lambda schema=schema, **_: schema)
    assert json.dumps(document_schema()) == json.dumps(written)
