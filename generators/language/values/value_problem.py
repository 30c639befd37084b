"""What is wrong with a scalar's text: raised where it is read, a problem where its place is known."""

from __future__ import annotations

from generators.diagnostics import Code, Problem
from generators.formats.yaml.nodes import Scalar, inside


class ValueProblem(ValueError):  # noqa: N818 - it becomes a Problem
    """A value that cannot be read, or two that do not go together.

    ``offset`` and ``length`` count characters in the scalar's text; without an offset all of it is meant.
    """

    def __init__(
        self,
        kind: Code,
        message: str,
        help: str = "",  # noqa: A002 - named like the field of Problem
        offset: int | None = None,
        length: int = 1,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.help = help
        self.offset = offset
        self.length = length

    def shifted(self, by: int) -> ValueProblem:
        """Return the same problem for a text in which this one's starts ``by`` characters later."""
        offset = None if self.offset is None else self.offset + by
        return ValueProblem(self.kind, self.message, self.help, offset, self.length)


def as_problem(error: ValueProblem, scalar: Scalar) -> Problem:
    """Place a value's problem in the file, as exactly as the scalar's style allows."""
    position = scalar.position
    if error.offset is not None:
        position = inside(scalar, error.offset, error.offset + error.length)
    return Problem(error.kind, error.message, position, error.help)


def shown(text: str) -> str:
    """Quote a user's text for a message, cut to a length that a line holds."""
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"
