"""pydantic's findings as problems: at the place in the YAML, in words that say how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.yaml.nodes import Mapping, Node, Scalar, Sequence, at, find_position
from generators.language.shapes.base import Form
from generators.language.shapes.fields import Path, description, form, item, keys, shapes_at

UNKNOWN_KEY = Code(
    "S104",
    "Unknown key",
    "The key does not exist here; it would be ignored in silence otherwise.",
    "trafic: 12/s",
    "traffic: 12/s",
)
MISSING_KEY = Code(
    "S105",
    "Missing key",
    "The key has to be there.",
    "spec: {task: regression}",
    "spec: {task: regression, service: sales-api}",
)
UNLISTED_VALUE = Code(
    "S106",
    "Not one of the values",
    "The key takes one of a few values.",
    "tier: urgent",
    "tier: critical",
)
MALFORMED_VALUE = Code(
    "S107",
    "Not well formed",
    "The text does not have the form that it needs, such as a DNS label.",
    "name: My Model",
    "name: my-model",
)
WRONG_TYPE = Code(
    "S108",
    "Wrong kind of value",
    "Text, number, list and mapping are not interchangeable.",
    "version: 2.0",
    'version: "2.0"',
)
OUT_OF_BOUNDS = Code(
    "S109",
    "Value out of bounds",
    "The value is too long, too short, too small or too large.",
    "replicas: 0",
    "replicas: 3",
)

LONGEST: Final = 120
"""Characters of a value that a message quotes."""

MOST: Final = 100
"""Problems of the shape of one document that are told; who has more of them has another kind of document."""

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

_BOUNDS = {
    "greater_than_equal": ("ge", "at least {} is needed"),
    "greater_than": ("gt", "more than {} is needed"),
    "less_than_equal": ("le", "at most {} is allowed"),
    "less_than": ("lt", "less than {} is allowed"),
    "too_short": ("min_length", "at least {} are needed"),
    "too_long": ("max_length", "at most {} are allowed"),
    "string_too_short": ("min_length", "at least {} are needed"),
    "string_too_long": ("max_length", "at most {} are allowed"),
}


def shape_problems(error: ValidationError, node: Mapping, shape: type[BaseModel]) -> tuple[Problem, ...]:
    """Return one problem for each place that pydantic objects to; findings about one value are put together."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for finding in error.errors(include_url=False, include_input=False):
        by_path.setdefault(_path(node, finding), []).append(finding)
    missing = {path[:-1] for path, findings in by_path.items() if findings[0]["type"] == "missing"}
    meant = {
        (*path[:-1], near)
        for path, findings in by_path.items()
        if findings[0]["type"] == "extra_forbidden"
        and path[:-1] in missing
        and (near := _near_key(path, shape, by_path))
    }
    told = [
        path
        for path, findings in by_path.items()
        if not _explained_deeper(path, by_path, node) and not (path in meant and findings[0]["type"] == "missing")
    ]
    problems = [_problem(path, by_path[path], node, shape) for path in told[:MOST]]
    if len(told) > MOST:
        message = f"{problems[-1].message}, and {len(told) - MOST} more values of this document are wrong"
        problems[-1] = replace(problems[-1], message=message)
    return tuple(problems)


def _explained_deeper(path: Path, by_path: MappingType[Path, list[ErrorDetails]], node: Mapping) -> bool:
    """Whether a union was tried as another kind of value here although a finding inside of the value says more."""
    others = {*_EXPECTED} if isinstance(at(node, *path), Scalar) else {*_EXPECTED, "literal_error"}
    mismatch = all(finding["type"] in others for finding in by_path[path])
    return mismatch and any(len(other) > len(path) and other[: len(path)] == path for other in by_path)


def _path(node: Node, finding: ErrorDetails) -> Path:
    """Return the steps of pydantic's location that exist in the tree, and the last one of a missing key.

    The others are names of the members of unions.
    """
    steps: list[str | int] = []
    for step in finding["loc"]:
        if at(node, *steps, step) is not None:
            steps.append(step)
    return (*steps, finding["loc"][-1]) if finding["type"] == "missing" else tuple(steps)


def _problem(path: Path, findings: list[ErrorDetails], node: Mapping, shape: type[BaseModel]) -> Problem:
    finding = next((each for each in findings if each["type"] not in _EXPECTED), findings[0])
    name = _name(path)
    value = at(node, *path)
    match finding["type"]:
        case "extra_forbidden":
            near = _near_key(path, shape)
            help_ = f"did you mean `{near}`?" if near else f"keys here: {', '.join(sorted(keys(shape, path[:-1])))}"
            return Problem(UNKNOWN_KEY, f"unknown key {name}", find_position(node, path, key=True), help_)
        case "missing":
            inner = find_position(node, path[:-1], key=True) if len(path) > 1 else node.position
            return Problem(MISSING_KEY, f"{name} is missing", inner, f"add {name}: {description(shape, path)}")
        case "literal_error":
            allowed = finding["ctx"]["expected"].replace("'", "`")
            choices, shown = allowed.replace("`", "").replace(" or ", ", ").split(", "), _shown(value)
            near = f'write it in quotes: "{shown}"' if shown in choices else did_you_mean(shown, choices)
            text = f"{name} is {_quoted(value)}, which is not one of {allowed}"
            help_ = near or _as_mapping(shape, path, value) or description(shape, path)
            return Problem(UNLISTED_VALUE, text, find_position(node, path), help_)
        case "string_pattern_mismatch":
            is_key = "[key]" in finding["loc"]
            text = f"{name} is not well formed" if is_key else f"{name} is {_quoted(value)}, which is not well formed"
            rule = form(shape, path, key=is_key).words or description(shape, path)
            return Problem(MALFORMED_VALUE, text, find_position(node, path, key=is_key), rule)
        case kind if kind in _EXPECTED:
            expected = _kinds(each["type"] for each in findings)
            text = f"{name} should be {expected}, not {_kind_of(value)}"
            written = form(shape, path)
            help_ = _rewritten(expected, value, written) or written.words or _as_mapping(shape, path, value)
            help_ = help_ or description(shape, path)
            return Problem(WRONG_TYPE, text, find_position(node, path), help_)
        case "too_short" if isinstance(value, Mapping):
            return Problem(
                OUT_OF_BOUNDS, f"{name} is empty", find_position(node, path, key=True), "add a key, or remove it"
            )
        case _:
            text = f"{name} {_bound(finding, value)}"
            return Problem(
                OUT_OF_BOUNDS, text, find_position(node, path), description(shape, path) or form(shape, path).words
            )


def _name(path: Path) -> str:
    match path:
        case (*_, str() as key):
            return f"`{_short(key)}`"
        case (*_, str() as key, int()):
            return f"an item of `{_short(key)}`"
        case _:
            return "this item"


def _near_key(path: Path, shape: type[BaseModel], by_path: MappingType[Path, list[ErrorDetails]] | None = None) -> str:
    """Return the key that an unknown one probably means, or an empty string.

    A short one has no near ones; of those that are missing (``by_path``) it means the one that it begins with.
    """
    for other, findings in (by_path or {}).items():
        missing = other[:-1] == path[:-1] and findings[0]["type"] == "missing"
        if missing and str(path[-1]).startswith(str(other[-1])):
            return str(other[-1])
    return did_you_mean(str(path[-1]), keys(shape, path[:-1])).removeprefix("did you mean `").removesuffix("`?")


def _kinds(types: Iterable[str]) -> str:
    """Return what pydantic's kinds are called, each once; every whole number is a number."""
    found = dict.fromkeys(_EXPECTED[each] for each in types if each in _EXPECTED)
    return " or ".join(each for each in found if not (each == "a whole number" and "a number" in found))


def _bound(finding: ErrorDetails, value: Node | None) -> str:
    if finding["type"] not in _BOUNDS:
        message = finding["msg"]
        return f"cannot be used: {message[:1].lower()}{message[1:]}"
    key, words = _BOUNDS[finding["type"]]
    limit = words.format(finding["ctx"][key]).replace(" 1 are ", " one is ")
    match value:
        case Sequence(items=items):
            has = f"has {len(items)} items" if len(items) > 1 else "has one item" if items else "has no item"
        case Mapping(entries=entries):
            has = f"has {len(entries)} keys"
        case Scalar(value=str() as text):
            has = f"has {len(text)} characters"
        case _:
            has = f"is {_shown(value)}"
    return f"{has}, but {limit}" if getattr(value, "text", None) != "" else "is empty"


def _shown(value: Node | None) -> str:
    return _short(value.text) if isinstance(value, Scalar) else _kind_of(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _quoted(value: Node | None) -> str:
    return f"`{_short(value.text)}`" if isinstance(value, Scalar) and value.value is not None else _kind_of(value)


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
            return f"the text `{_short(value.text)}`"
        case Scalar():
            return f"the number {_short(value.text)}"
        case None:
            return "nothing"


def _as_mapping(shape: type[BaseModel], path: Path, value: Node | None) -> str:
    """Return how a value becomes the mapping that is expected, or which keys the mapping has."""
    match value:
        case Scalar():
            shorts = [each for owner in shapes_at(shape, path) for each in owner.short.items()]
            found = next((key for pattern, key in shorts if re.fullmatch(pattern, value.text)), "")
            if found:
                return f"write `{{{found if ':' in found else f'{found}: {value.text}'}}}`"
        case Sequence(items=(Scalar(text=name), *_)) if not keys(shape, path) and (inner := item(shape, path)):
            return f"write `{name}: {inner}` below it, for each"
        case _:
            pass
    known = sorted(keys(shape, path))
    return f"keys here: {', '.join(known)}" if known else ""


def _rewritten(expected: str, value: Node | None, written: Form) -> str:
    """Return how the value becomes what is expected, where that is plain."""
    match value:
        case Scalar(value=None):
            return "write a value, or leave the key out"
        case Scalar(value=str()) if "a list" in expected:
            return f"write a list: [{value.text}]"
        case Scalar(value=int() | float()) if expected == "text" and written.free:
            return f'write it in quotes: "{value.text}"'
        case Scalar(value="yes" | "no" | "on" | "off" | "y" | "n") if expected == "true or false":
            return "write `true` or `false`"
        case _:
            return ""
