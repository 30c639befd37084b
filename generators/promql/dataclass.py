"""Frozen dataclasses that are quickly made: one generated function each, and only once there is a first value.

The standard library generates seven functions for each, and a command imports more than a hundred.  ``dataclass`` is
used as there, and its classes work with ``fields``, ``replace``, ``match`` and ``pickle``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

__all__ = ["dataclass", "replace"]

_MISSING: Final = dataclasses.MISSING
_SUFFIX: Final = "__initial"
"""What the name of a field's default, or of what makes it, ends with."""


def frozen_dataclass(*, frozen: bool = False, slots: bool = False, **options: Any) -> Callable[[type], type]:
    """Make a class a dataclass; what is not frozen, slotted and unordered is left to the standard library."""
    if not (frozen and slots) or options.keys() - {"eq"}:
        return dataclasses.dataclass(frozen=frozen, slots=slots, **options)
    return lambda cls: _made(dataclasses.dataclass(init=False, repr=False, eq=False)(cls), options.get("eq", True))


def changed(value: Any, /, **changes: Any) -> Any:
    """Return a dataclass' value with some fields changed; all of its fields must be positional."""
    names = value.__match_args__
    return value.__class__(
        *[changes.pop(name) if name in changes else getattr(value, name) for name in names], **changes
    )


if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    dataclass, replace = frozen_dataclass, changed


def _made(cls: type[Any], compares: bool) -> type:
    fields = dataclasses.fields(cls)

    def first(self: Any, *arguments: Any, **named: Any) -> None:
        made.__init__ = _init(fields, hasattr(made, "__post_init__"))
        made.__init__(self, *arguments, **named)

    methods = {**_SHARED, "__init__": first}
    if compares:
        methods |= _comparison(tuple(field.name for field in fields if field.compare))
    dropped = {"__dict__", "__weakref__", *(field.name for field in fields)}
    own = {name: value for name, value in vars(cls).items() if name not in dropped}
    slots = tuple(own.get("__annotations__", ()))
    made: Any = type(cls.__name__, cls.__bases__, {**methods, **own, "__slots__": slots})
    return made  # type: ignore[no-any-return]


def _init(fields: tuple[dataclasses.Field[Any], ...], checks: bool) -> Callable[..., None]:
    """Return ``__init__``: a field's default is a parameter's; one that is made anew has its maker in that place."""
    names: dict[str, Any] = {"put": object.__setattr__}
    parameters, lines = ["self"], []
    for field in fields:
        name, given = field.name, field.name + _SUFFIX
        value = name
        if field.default is not _MISSING:
            names[given] = field.default
        elif field.default_factory is not _MISSING:
            names[given] = field.default_factory
            value = f"{given}() if {name} is {given} else {name}"
        parameters.append(f"{name}={given}" if given in names else name)
        lines.append(f" put(self, {name!r}, {value})")
    lines.append(" self.__post_init__()" if checks else " pass")
    exec("\n".join((f"def __init__({', '.join(parameters)}):", *lines)), names)  # noqa: S102 - as dataclasses does
    made: Callable[..., None] = names["__init__"]
    return made


def _comparison(names: tuple[str, ...]) -> dict[str, Any]:
    # a tuple even of one field: in tuples NaN equals itself
    key: Callable[[Any], Any] = attrgetter(*(names * 2 if len(names) == 1 else names)) if names else lambda _: ()

    def equal(self: Any, other: object) -> Any:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(key(self))

    return {"__eq__": equal, "__hash__": hashed}


def _shown(self: Any) -> str:
    found = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(found)})"


def _refuse(_: object, name: str, *__: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def _restore(self: object, state: tuple[None, dict[str, object]]) -> None:
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


_SHARED: Final = {"__repr__": _shown, "__setattr__": _refuse, "__delattr__": _refuse, "__setstate__": _restore}
