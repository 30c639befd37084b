"""JSON Schema of the language, for editors: completion, descriptions, and mistakes marked while typing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from generators.artifact import Artifact
from generators.formats.json_printer import format_json
from generators.language.shapes import KINDS
from generators.planning.plan import Plan
from generators.targets.target import Target

PATH = "schema/watchspec.schema.json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def emit(_: Plan) -> Iterator[Artifact]:
    """Render ``schema/watchspec.schema.json``, which depends on no spec."""
    yield Artifact(PATH, format_json(document_schema()), ())


def document_schema() -> dict[str, Any]:
    """Return the schema of a document of any kind; ``kind`` decides which one, so that messages are about that one."""
    shapes: dict[str, Any] = {}
    for name, shape in KINDS.items():
        schema = _simplified(shape.model_json_schema(by_alias=True))
        shapes |= schema.pop("$defs", {})
        schema["required"] = sorted({"apiVersion", *schema["required"]})
        shapes[name] = schema
    return {
        "$schema": _DIALECT,
        "title": "Watchspec",
        "description": "A document of the language `watchspec/v1`.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"const": "watchspec/v1", "description": "Version of the language."},
            "kind": {"enum": list(KINDS), "description": "What the document describes."},
        },
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": {"$ref": f"#/$defs/{name}"}}
            for name in KINDS
        ],
        "$defs": {name: shapes[name] for name in sorted(shapes)},
    }


def _simplified(schema: Any) -> Any:
    """Make a generated schema readable: no generated titles, no default of null, and keys as strict as in Python."""
    if isinstance(schema, Mapping):
        return _compact({key: _simplified(value) for key, value in schema.items() if not _is_noise(key, value)})
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [_simplified(item) for item in schema]
    # Releases of pydantic differ in how they write a bound such as 9999 of a floating-point number.
    return int(schema) if isinstance(schema, float) and schema.is_integer() else schema


def _is_noise(key: str, value: object) -> bool:
    return (key == "default" and value is None) or (key == "title" and isinstance(value, str))


def _compact(schema: dict[str, Any]) -> dict[str, Any]:
    """Write "text or null" as one schema with two types; null is how a spec takes back what a pack says."""
    if "patternProperties" in schema:
        schema.setdefault("additionalProperties", False)
    choice, *others = schema.get("anyOf", ({},))
    if others != [{"type": "null"}] or not isinstance(choice.get("type"), str) or "enum" in choice or "const" in choice:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**choice, **rest, "type": [choice["type"], "null"]}


TARGET: Final = Target("editor", of_plan=emit)
