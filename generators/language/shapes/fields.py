"""What shapes say about a path of keys: which keys it may have, what a field is for, how its text is written."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

from generators.language.shapes.base import Form, Shape

Path: TypeAlias = tuple[str | int, ...]
"""Keys of mappings and indices of lists, from the document on."""


ANYTHING: Final = Form("", free=True)


def description(shape: type[BaseModel], path: Path) -> str:
    """Return what the field at a path says; empty where there is none, or an item of a list is meant."""
    for owner in shapes_at(shape, path[:-1]):
        for field, info in owner.model_fields.items():
            if path and path[-1] in (field, info.alias):
                return (info.description or "").replace("\n", " ")
    return ""


def form(shape: type[BaseModel], path: Path, *, key: bool = False) -> Form:
    """Return how the text at a path is written, or the key that the path ends with; empty words where anything goes."""
    if key:
        candidates = [get_args(each)[0] for each in _at(shape, path[:-1]) if get_origin(each) is dict]
    else:
        candidates = _annotations(shape, path)
    return next((found for each in candidates for found in _forms(each)), ANYTHING)


def keys(shape: type[BaseModel], path: Path) -> set[str]:
    """Return the keys that a mapping at a path may have."""
    return {info.alias or name for owner in shapes_at(shape, path) for name, info in owner.model_fields.items()}


def shapes_at(shape: type[BaseModel], path: Path) -> list[type[Shape]]:
    """Return the mappings with known keys that may stand at a path."""
    return [each for each in _at(shape, path) if isinstance(each, type) and issubclass(each, Shape)]


def item(shape: type[BaseModel], path: Path) -> str:
    """Return what an item of the mapping at a path looks like, whose keys are names; empty where there is none."""
    for each in _at(shape, path):
        if get_origin(each) is dict:
            inner = next(_options(get_args(each)[1]))
            if get_origin(inner) is list:
                return "[…, …]"
            if isinstance(inner, type) and issubclass(inner, Shape):
                needed = [name for name, info in inner.model_fields.items() if info.is_required()]
                return f"{{{': …, '.join(needed)}: …}}" if needed else "{…}"
    return ""


def _at(shape: type[BaseModel], path: Path) -> list[Any]:
    """Return the types that may stand at a path, without unions and annotations."""
    return [option for each in _annotations(shape, path) for option in _options(each)] if path else [shape]


def _annotations(shape: type[BaseModel], path: Path) -> list[Any]:
    """Return the types that may stand at a path, as they were written."""
    current: list[Any] = [shape]
    for step in path:
        options = [option for each in current for option in _options(each)]
        current = [inner for option in options for inner in _inside(option, step)]
    return current


def _inside(option: Any, step: str | int) -> Iterator[Any]:
    if isinstance(option, type) and issubclass(option, BaseModel):
        for name, info in option.model_fields.items():
            if step in (name, info.alias):
                yield Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    elif get_origin(option) in (dict, list):
        yield get_args(option)[-1]


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


def _forms(annotation: Any) -> Iterator[Form]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from (each for each in annotation.__metadata__ if isinstance(each, Form))
        yield from _forms(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _forms(member)
