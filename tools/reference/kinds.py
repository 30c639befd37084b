"""``kinds.md``: each kind of document, its keys, what kind of value they take and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from generators.formats.markdown import bullets, code, document, escape, heading, table
from generators.language.shapes import KINDS
from generators.language.shapes.base import Form

_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): ""}


def page() -> str:
    """Return the page."""
    intro = (
        "What a document may say. A spec is checked against these shapes first; an unknown key is an error "
        "([S104](problems.md#s104)). Editors read the same from `rendered/schema/watchspec.schema.json`."
    )
    shapes = list(dict.fromkeys(shape for kind in KINDS.values() for shape in _reachable(kind)))
    parts = [shape for shape in shapes if shape not in KINDS.values()]
    kinds = (block for kind in KINDS.values() for block in _section(kind))
    contents = bullets(f"[{name}](#{_anchor(kind)}): {escape(_words(kind))}" for name, kind in KINDS.items())
    inner = (block for shape in sorted(parts, key=_title) for block in _section(shape))
    return document(
        (heading(1, "Kinds"), intro, contents, *kinds, heading(2, "Parts"), "Mappings inside of documents.", *inner)
    )


def _reachable(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a shape and all shapes inside of it, each before its own parts."""
    waiting, seen = [shape], set[type[BaseModel]]()
    while waiting:
        current = waiting.pop(0)
        if current not in seen:
            seen.add(current)
            yield current
            waiting += [inner for info in current.model_fields.values() for inner in _shapes(info.annotation)]


def _shapes(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes(inner)


def _section(shape: type[BaseModel]) -> Iterator[str]:
    yield heading(2 if shape in KINDS.values() else 3, _title(shape))
    yield escape(_words(shape))
    rows = [
        (
            code(info.alias or name),
            _value(_whole(info)),
            "yes" if info.is_required() or info.alias == "apiVersion" else _default(info),
            _says(info),
        )
        for name, info in shape.model_fields.items()
    ]
    yield table(("Key", "Value", "Needed", "What it says"), rows)


def _whole(info: FieldInfo) -> Any:
    forms = [each for each in info.metadata if isinstance(each, Form)]
    return Annotated[info.annotation, forms[0]] if forms else info.annotation


def _default(info: FieldInfo) -> str:
    default = info.default
    if default is PydanticUndefined or default is None or isinstance(default, BaseModel):
        return ""
    return code(str(default).lower() if isinstance(default, bool) else str(default))


def _says(info: FieldInfo) -> str:
    return escape((info.description or "").replace("\n", " "))


def _value(annotation: Any) -> str:
    """Return what kind of value an annotation allows, with links to shapes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        words = next((each.words for each in annotation.__metadata__ if isinstance(each, Form)), "")
        return escape(_first(words)) if words else _value(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(filter(None, map(_value, arguments))))
    if origin is Literal:
        return ", ".join(code(str(each)) for each in arguments)
    if origin is list:
        return f"list of {_value(arguments[0])}"
    if origin is dict:
        return f"mapping of {_value(arguments[0])} to {_value(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{_title(annotation)}](#{_anchor(annotation)})"
    return _PLAIN.get(annotation, "any value")


def _first(words: str) -> str:
    """Return the first words of a form, which name it: ``A duration: `30s`…`` is a duration."""
    name = words.partition(":")[0].partition(";")[0].partition(".")[0]
    return name if name.startswith("PromQL") else f"{name[:1].lower()}{name[1:]}"


def _title(shape: type[BaseModel]) -> str:
    return shape.__name__.removesuffix("Shape")


def _anchor(shape: type[BaseModel]) -> str:
    return _title(shape).lower()


def _words(shape: type[BaseModel]) -> str:
    return " ".join((shape.__doc__ or "").split())
