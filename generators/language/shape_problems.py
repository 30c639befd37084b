"""pydantic's findings as problems: at the place in the YAML, in words that say how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generators.language.nodes import Mapping, Node, Scalar, Sequence, at, find_position
from generators.language.problems import Problem, did_you_mean

Path = tuple[str | int, ...]

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def shape_problems(error: ValidationError, node: Mapping, shape: type[BaseModel]) -> tuple[Problem, ...]:
    """Return one problem for each place that pydantic objects to; findings about one value are put together."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for finding in error.errors(include_url=False, include_input=False):
        by_path.setdefault(_path(node, finding["loc"]), []).append(finding)
    deepest = [path for path in by_path if not _explained_deeper(path, by_path)]
    return tuple(_problem(path, by_path[path], node, shape) for path in deepest)


def _explained_deeper(path: Path, by_path: MappingType[Path, list[ErrorDetails]]) -> bool:
    """Whether a union was tried as a scalar here although a finding inside the mapping says more."""
    mismatch = all(finding["type"] in _EXPECTED for finding in by_path[path])
    return mismatch and any(len(other) > len(path) and other[: len(path)] == path for other in by_path)


def _path(node: Node, location: Path) -> Path:
    """Return the steps of pydantic's location that exist in the tree, and the last one of a missing key."""
    steps: list[str | int] = []
    for index, step in enumerate(location):
        if at(node, *steps, step) is not None or (
            index == len(location) - 1 and isinstance(at(node, *steps), Mapping) and isinstance(step, str)
        ):
            steps.append(step)
    return tuple(steps)


def _problem(path: Path, findings: list[ErrorDetails], node: Mapping, shape: type[BaseModel]) -> Problem:
    finding = findings[0]
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this item"
    value = at(node, *path)
    match finding["type"]:
        case "extra_forbidden":
            known = sorted(_keys_at(shape, path[:-1]))
            help_ = did_you_mean(str(path[-1]), known) or f"keys here: {', '.join(known)}"
            return Problem("S104", f"unknown key {name}", find_position(node, path, key=True), help_)
        case "missing":
            inner = find_position(node, path[:-1], key=True) if len(path) > 1 else node.position
            return Problem("S105", f"{name} is missing", inner, f"add {name}: {_describe(shape, path)}")
        case "literal_error":
            allowed = finding["ctx"]["expected"].replace("'", "`")
            near = did_you_mean(_shown(value), allowed.replace("`", "").replace(" or ", ", ").split(", "))
            text = f"{name} is `{_shown(value)}`, which is not one of {allowed}"
            return Problem("S106", text, find_position(node, path), near)
        case "string_pattern_mismatch":
            is_key = "[key]" in finding["loc"]
            text = f"{name} is not well formed" if is_key else f"{name} is `{_shown(value)}`, which is not well formed"
            rule = _describe(shape, path) or f"it must match {finding['ctx']['pattern']}"
            return Problem("S107", text, find_position(node, path, key=is_key), rule)
        case kind if kind in _EXPECTED:
            expected = " or ".join(
                dict.fromkeys(_EXPECTED.get(each["type"], "") for each in findings if each["type"] in _EXPECTED)
            )
            text = f"{name} should be {expected}, not {_kind_of(value)}"
            return Problem("S108", text, find_position(node, path), _quoting(expected, value))
        case _:
            return Problem(
                "S109",
                f"{name}: {_plain_message(finding)}",
                find_position(node, path),
                _describe(shape, path),
            )


def _plain_message(finding: ErrorDetails) -> str:
    message = finding["msg"]
    return message[:1].lower() + message[1:].replace("List should", "list should")


def _shown(value: Node | None) -> str:
    return value.text if isinstance(value, Scalar) else _kind_of(value)


def _kind_of(value: Node | None) -> str:
    match value:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=bool() as flag):
            return "true" if flag else "false"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str()):
            return f"the text `{value.text}`"
        case Scalar():
            return f"the number {value.text}"
        case None:
            return "nothing"


def _quoting(expected: str, value: Node | None) -> str:
    if (
        expected == "text"
        and isinstance(value, Scalar)
        and not isinstance(value.value, str)
        and value.value is not None
    ):
        return f'write it in quotes: "{value.text}"'
    if isinstance(value, Scalar) and value.value is None:
        return "write a value, or leave the key out"
    return ""


def _describe(shape: type[BaseModel], path: Path) -> str:
    """Return the description of a field, for remedies."""
    for owner in _types_at(shape, path[:-1]):
        for field, info in owner.model_fields.items():
            if path and path[-1] in (field, info.alias):
                return (info.description or "").replace("\n", " ")
    return ""


def _keys_at(shape: type[BaseModel], path: Path) -> set[str]:
    return {info.alias or name for owner in _types_at(shape, path) for name, info in owner.model_fields.items()}


def _types_at(shape: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    """Return the shapes that may stand at a path."""
    current: list[Any] = [shape]
    for step in path:
        following: list[Any] = []
        for each in current:
            if isinstance(each, type) and issubclass(each, BaseModel):
                following += [info.annotation for name, info in each.model_fields.items() if step in (name, info.alias)]
            elif get_origin(each) in (dict, list):
                following.append(get_args(each)[-1])
        current = [option for each in following for option in _options(each)]
    return [each for each in current if isinstance(each, type) and issubclass(each, BaseModel)]


def _options(annotation: Any) -> Iterator[Any]:
    """Yield the members of unions, without their annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _options(member)
    else:
        yield annotation
