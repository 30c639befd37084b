"""The syntax tree of a Go template: frozen nodes that know how Go would print them in an error message.

``position`` is where Go says a node stands (for a chained field its last link), ``span`` is its whole text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from generators.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Dot:
    """``.``."""

    position: int
    span: Span

    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil:
    """``nil``."""

    position: int
    span: Span

    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Bool:
    """``true`` or ``false``."""

    value: bool
    position: int
    span: Span

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Number:
    """A number or character constant; which of the two values are set says what it can be used as."""

    text: str
    integer: int | None
    real: float | None
    position: int
    span: Span

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class String:
    """A string, with the quotes it was written in kept in ``quoted``."""

    quoted: str
    value: str
    position: int
    span: Span

    def __str__(self) -> str:
        return self.quoted


@dataclass(frozen=True, slots=True)
class Field:
    """``.a.b``: fields of dot."""

    names: tuple[str, ...]
    position: int
    span: Span

    def __str__(self) -> str:
        return "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Variable:
    """``$x.a.b``; ``name`` keeps its dollar."""

    name: str
    names: tuple[str, ...]
    position: int
    span: Span

    def __str__(self) -> str:
        return self.name + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Identifier:
    """The name of a function."""

    name: str
    position: int
    span: Span

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Chain:
    """``(pipeline).a.b``, or a function's result with fields."""

    base: Operand
    names: tuple[str, ...]
    position: int
    span: Span

    def __str__(self) -> str:
        base = f"({self.base})" if isinstance(self.base, Pipeline) else str(self.base)
        return base + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Command:
    """An operand with its arguments."""

    arguments: tuple[Operand, ...]
    position: int

    def __str__(self) -> str:
        return " ".join(f"({item})" if isinstance(item, Pipeline) else str(item) for item in self.arguments)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``$x := a | b``; ``assigns`` tells ``=`` from ``:=``."""

    variables: tuple[Variable, ...]
    assigns: bool
    commands: tuple[Command, ...]
    position: int
    span: Span

    def __str__(self) -> str:
        names = ", ".join(str(variable) for variable in self.variables)
        head = f"{names} {'=' if self.assigns else ':='} " if names else ""
        return head + " | ".join(str(command) for command in self.commands)


Operand: TypeAlias = Dot | Nil | Bool | Number | String | Field | Variable | Identifier | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Text:
    """Text outside actions, after trimming."""

    text: str
    position: int

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Action:
    """``{{ pipeline }}``."""

    pipeline: Pipeline
    position: int

    def __str__(self) -> str:
        return f"{{{{{self.pipeline}}}}}"


@dataclass(frozen=True, slots=True)
class Branch:
    """``if``, ``with`` or ``range`` (``keyword``), with its bodies."""

    keyword: str
    pipeline: Pipeline
    body: Body
    otherwise: Body | None
    position: int

    def __str__(self) -> str:
        inner = "".join(str(node) for node in self.body)
        rest = "" if self.otherwise is None else "{{else}}" + "".join(str(node) for node in self.otherwise)
        return f"{{{{{self.keyword} {self.pipeline}}}}}{inner}{rest}{{{{end}}}}"


@dataclass(frozen=True, slots=True)
class Jump:
    """``break`` or ``continue``."""

    keyword: str
    position: int

    def __str__(self) -> str:
        return f"{{{{{self.keyword}}}}}"


@dataclass(frozen=True, slots=True)
class Invoke:
    """``{{ template "name" pipeline }}``; a ``block`` is one too, with its body among the definitions."""

    name: str
    quoted: str
    pipeline: Pipeline | None
    position: int

    def __str__(self) -> str:
        return f"{{{{template {self.quoted}{'' if self.pipeline is None else f' {self.pipeline}'}}}}}"


Statement: TypeAlias = Text | Action | Branch | Jump | Invoke
Body: TypeAlias = tuple[Statement, ...]
Node: TypeAlias = Operand | Command | Statement
