"""A place in a list of tokens, and the errors that a parser raises there."""

from __future__ import annotations

from typing import NoReturn

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.syntax.lexer import DURATION, END, ERROR, HOLE, METRIC, NAME, NUMBER, STRING, Token
from generators.promql.syntax.mistakes import UNEXPECTED_TEXT

UNBALANCED_BRACKET = Code(
    "Q004",
    "an unbalanced bracket",
    "A bracket is never closed, or closed without being open.",
    "sum(rate(errors_total[5m])",
    "sum(rate(errors_total[5m]))",
)
TOO_DEEP = Code(
    "Q012",
    "an expression that is too deep",
    "More levels of parentheses, calls or operators than can be read. Record a part of it.",
    "a + (b + (c + (d + …)))",
    "a + job:rest:sum",
)


MAX_NESTING = 500
"""Parentheses, calls and signs inside one another; Python's stack sets the limit."""

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_DESCRIPTIONS = {
    NAME: "name",
    METRIC: "metric name",
    NUMBER: "number",
    DURATION: "duration",
    STRING: "string",
}


class SyntaxProblem(Exception):  # noqa: N818 - it carries a problem and never leaves the parser
    """Leaves the parser at the first syntax error."""

    def __init__(self, problem: TextFinding) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Cursor:
    """Reads tokens one by one.

    ``grouped`` tells whether the operand just read stood in parentheses, which the tree does not remember.
    """

    __slots__ = ("error", "grouped", "index", "nesting", "template", "tokens")

    def __init__(self, tokens: list[Token], error: TextFinding | None, template: bool) -> None:
        self.tokens = tokens
        self.error = error
        self.template = template
        self.index = 0
        self.nesting = 0
        self.grouped = False

    @property
    def kind(self) -> str:
        """Kind of the next token."""
        return self.tokens[self.index].kind

    @property
    def token(self) -> Token:
        """The next token, not yet taken."""
        return self.tokens[self.index]

    @property
    def end(self) -> int:
        """Where the last token taken ended."""
        return self.tokens[self.index - 1].end if self.index else 0

    def take(self) -> Token:
        """The next token; the place moves on."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def accept(self, kind: str) -> bool:
        """Take the next token if it is of this kind."""
        if self.tokens[self.index].kind == kind:
            self.index += 1
            return True
        return False

    def expect(self, kind: str, expected: str, help_: str = "") -> Token:
        """Take the next token, which must be of this kind."""
        token = self.tokens[self.index]
        if token.kind != kind:
            self.fail(expected, help_)
        self.index += 1
        return token

    def following(self, distance: int = 1) -> str:
        """Kind of a token further on; END past the last."""
        index = self.index + distance
        return self.tokens[index].kind if index < len(self.tokens) else END

    def enter(self) -> None:
        """Go one level deeper."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            token = self.token
            message = f"the expression is nested more than {MAX_NESTING} levels deep"
            self.stop(TOO_DEEP, message, Span(token.start, token.end), "record a part of it under a name of its own")

    def fail(self, expected: str, help_: str = "", kind: Code = UNEXPECTED_TEXT) -> NoReturn:
        """Raise the syntax error of the next token."""
        token = self.token
        if token.kind == ERROR and self.error is not None:
            raise SyntaxProblem(self.error)
        if token.kind == END:
            self._fail_at_end(expected, help_)
        self.stop(kind, f"unexpected {describe(token)}; expected {expected}", Span(token.start, token.end), help_)

    def stop(self, kind: Code, message: str, span: Span, help_: str = "") -> NoReturn:
        """Raise a syntax error of one's own wording."""
        if self.token.kind == ERROR and self.error is not None and self.error.span.start <= span.start:
            raise SyntaxProblem(self.error)
        raise SyntaxProblem(TextFinding(kind, message, span, help_))

    def _fail_at_end(self, expected: str, help_: str) -> NoReturn:
        place = Span(self.token.start, self.token.end)
        open_ = [token for token in self._still_open() if _CLOSERS[token.kind] in expected]
        if open_:
            opener = open_[-1]
            closer = _CLOSERS[opener.kind]
            message = f"`{opener.kind}` is never closed; expected {expected}"
            self.stop(
                UNBALANCED_BRACKET, message, Span(opener.start, opener.end), help_ or f"add the missing `{closer}`"
            )
        self.stop(UNEXPECTED_TEXT, f"unexpected end of the expression; expected {expected}", place, help_)

    def _still_open(self) -> list[Token]:
        stack: list[Token] = []
        for token in self.tokens[: self.index]:
            if token.kind in _CLOSERS:
                stack.append(token)
            elif stack and token.kind == _CLOSERS[stack[-1].kind]:
                stack.pop()
        return stack


def describe(token: Token) -> str:
    """How a message calls a token."""
    if token.kind == END:
        return "end of the expression"
    if token.kind == HOLE:
        return f"hole `${token.text}`"
    if len(token.text) > 40:
        return f"{_DESCRIPTIONS.get(token.kind, '')} `{token.text[:37]}…`".lstrip()
    if token.kind in _DESCRIPTIONS:
        return f"{_DESCRIPTIONS[token.kind]} `{token.text}`"
    return f"`{token.text}`"
