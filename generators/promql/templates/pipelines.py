"""Pipelines of a Go template: declarations, commands, operands, terms."""

from __future__ import annotations

from generators.diagnostics import Code, Span, TextFinding, did_you_mean
from generators.promql.templates import nodes
from generators.promql.templates.dialects import BUILTINS, Dialect
from generators.promql.templates.lexer import Kind, Token, go_quote
from generators.promql.templates.literals import number, unquote

BROKEN_TEMPLATE = Code(
    "Q501",
    "a template cannot be parsed",
    "Labels and annotations of alerts are Go templates. Prometheus refuses a rule file with a broken one.",
    "summary: '{{ if $labels.job }}down'",
    "summary: '{{ if $labels.job }}down{{ end }}'",
)
UNKNOWN_TEMPLATE_FUNCTION = Code(
    "Q502",
    "a template calls a function that is not there",
    "Rules and Alertmanager have different functions: `join` and `date` are Alertmanager's, `humanize` and "
    "`query` those of rules.",
    "summary: '{{ $value | humanise }}'",
    "summary: '{{ $value | humanize }}'",
)
UNKNOWN_TEMPLATE_VARIABLE = Code(
    "Q503",
    "a template reads a variable that is not there",
    "Rules have `$labels`, `$externalLabels`, `$externalURL` and `$value`; others must be declared with `:=`.",
    "summary: '{{ $lables.job }}'",
    "summary: '{{ $labels.job }}'",
)


MAX_PARENTHESES = 40

_STARTS_COMMAND = frozenset(
    (
        *(Kind.BOOL, Kind.CHARACTER, Kind.DOT, Kind.FIELD, Kind.IDENTIFIER, Kind.NUMBER, Kind.NIL, Kind.STRING),
        *(Kind.VARIABLE, Kind.LEFT_PAREN),
    )
)


class TemplateSyntaxError(Exception):
    """Parsing cannot go on; carries the problem to report."""

    def __init__(self, message: str, span: Span, remedy: str = "") -> None:
        super().__init__(message)
        self.problem = TextFinding(BROKEN_TEMPLATE, message, span, remedy)


class TokenStream:
    """The tokens, with a place among them."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.index = 0

    def peek(self) -> Token:
        """Return the next token without taking it."""
        return self.tokens[min(self.index, len(self.tokens) - 1)]

    def next(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self.index += 1
        return token

    def peek_past_space(self) -> Token:
        """Return the next token that is no space."""
        while self.peek().kind is Kind.SPACE:
            self.index += 1
        return self.peek()

    def next_past_space(self) -> Token:
        """Take the next token that is no space."""
        self.peek_past_space()
        return self.next()

    def expect(self, kind: Kind, context: str) -> Token:
        """Take a token of this kind, past spaces."""
        token = self.next_past_space()
        if token.kind is not kind:
            raise self.unexpected(token, context)
        return token

    def unexpected(self, token: Token, context: str) -> TemplateSyntaxError:
        """Return the failure to raise for a token that does not belong here, in Go's words."""
        if token.kind is Kind.ERROR:
            return TemplateSyntaxError(token.text, Span(token.start, token.start + 1))
        if token.kind is Kind.END:
            return TemplateSyntaxError(f"unexpected EOF in {context}", token.span)
        if token.kind in (Kind.KEYWORD, Kind.DOT, Kind.NIL):
            shown = f"<{token.text}>"
        else:
            shown = go_quote(token.text[:10]) + ("..." if len(token.text) > 10 else "")
        return TemplateSyntaxError(f"unexpected {shown} in {context}", token.span)


class Pipelines:
    """Parses pipelines; knows the variables in scope, and notes unknown names as problems."""

    def __init__(self, stream: TokenStream, dialect: Dialect) -> None:
        self.stream = stream
        self.dialect = dialect
        self.variables = ["$", *sorted(dialect.variables)]
        self.problems: list[TextFinding] = []
        self.parentheses = 0

    def parse(self, context: str, end: Kind) -> nodes.Pipeline:
        """Parse a pipeline with its closing token."""
        start = self.stream.peek_past_space().start
        variables, assigns = self.declarations(context)
        commands: list[nodes.Command] = []
        while True:
            token = self.stream.peek_past_space()
            if token.kind is end:
                self.stream.next()
                break
            if token.kind not in _STARTS_COMMAND:
                raise self.stream.unexpected(token, context)
            commands.append(self.command())
        span = Span(start, token.start)
        if not commands:
            raise TemplateSyntaxError(f"missing value for {context}", Span(start, max(token.start, start + 1)))
        for stage, command in enumerate(commands[1:], start=2):
            if isinstance(command.arguments[0], nodes.Bool | nodes.Dot | nodes.Nil | nodes.Number | nodes.String):
                raise TemplateSyntaxError(
                    f"non executable command in pipeline stage {stage}", command.arguments[0].span
                )
        return nodes.Pipeline(variables, assigns, tuple(commands), start, span)

    def declarations(self, context: str) -> tuple[tuple[nodes.Variable, ...], bool]:
        """Parse ``$x :=``, ``$x =`` or, in a range, ``$i, $x :=`` if it is there."""
        declared: list[nodes.Variable] = []
        while self.stream.peek_past_space().kind is Kind.VARIABLE:
            before = self.stream.index
            token = self.stream.next()
            following = self.stream.peek_past_space()
            if following.kind in (Kind.ASSIGN, Kind.DECLARE):
                self.stream.next()
                declared.append(self.declare(token))
                return tuple(declared), following.kind is Kind.ASSIGN
            if following.kind is not Kind.CHAR or following.text != ",":
                self.stream.index = before
                break
            self.stream.next()
            declared.append(self.declare(token))
            if context != "range" or len(declared) > 1:
                raise TemplateSyntaxError(f"too many declarations in {context}", token.span)
            if self.stream.peek_past_space().kind not in (Kind.VARIABLE, Kind.RIGHT, Kind.RIGHT_PAREN):
                raise TemplateSyntaxError("range can only initialize variables", token.span)
        return tuple(declared), False

    def declare(self, token: Token) -> nodes.Variable:
        """Bring a variable into scope."""
        self.variables.append(token.text)
        return nodes.Variable(token.text, (), token.start, token.span)

    def command(self) -> nodes.Command:
        """Parse operands up to a pipe or the end of the pipeline."""
        start = self.stream.peek_past_space().start
        arguments: list[nodes.Operand] = []
        while True:
            self.stream.peek_past_space()
            operand = self.operand()
            if operand is not None:
                arguments.append(operand)
            token = self.stream.peek()
            if token.kind is Kind.SPACE:
                continue
            if token.kind is Kind.PIPE:
                self.stream.next()
            elif token.kind not in (Kind.RIGHT, Kind.RIGHT_PAREN):
                raise self.stream.unexpected(token, "operand")
            break
        if not arguments:
            raise TemplateSyntaxError("empty command", token.span)
        return nodes.Command(tuple(arguments), start)

    def operand(self) -> nodes.Operand | None:
        """Parse a term and the fields chained to it."""
        term = self.term()
        if term is None or self.stream.peek().kind is not Kind.FIELD:
            return term
        position = self.stream.peek().start
        names: list[str] = []
        while self.stream.peek().kind is Kind.FIELD:
            token = self.stream.next()
            names.append(token.text[1:])
        span = Span(term.span.start, token.span.end)
        if isinstance(term, nodes.Field):
            return nodes.Field((*term.names, *names), position, span)
        if isinstance(term, nodes.Variable):
            return nodes.Variable(term.name, (*term.names, *names), position, span)
        if isinstance(term, nodes.Bool | nodes.String | nodes.Number | nodes.Nil | nodes.Dot):
            raise TemplateSyntaxError(f"unexpected . after term {go_quote(str(term))}", span)
        return nodes.Chain(term, tuple(names), position, span)

    def term(self) -> nodes.Operand | None:
        """Parse a literal, name, field, variable or parenthesised pipeline; None where there is none."""
        token = self.stream.peek_past_space()
        place = (token.start, token.span)
        match token.kind:
            case Kind.IDENTIFIER:
                self.check_function(token)
                node: nodes.Operand = nodes.Identifier(token.text, *place)
            case Kind.DOT:
                node = nodes.Dot(*place)
            case Kind.NIL:
                node = nodes.Nil(*place)
            case Kind.VARIABLE:
                self.check_variable(token)
                node = nodes.Variable(token.text, (), *place)
            case Kind.FIELD:
                node = nodes.Field((token.text[1:],), *place)
            case Kind.BOOL:
                node = nodes.Bool(token.text == "true", *place)
            case Kind.NUMBER | Kind.CHARACTER | Kind.STRING:
                node = _literal(token)
            case Kind.LEFT_PAREN:
                return self.parenthesised()
            case _:
                return None
        self.stream.next()
        return node

    def parenthesised(self) -> nodes.Pipeline:
        """Parse ``( pipeline )``."""
        opening = self.stream.next()
        if self.parentheses >= MAX_PARENTHESES:
            raise TemplateSyntaxError("max expression depth exceeded", opening.span)
        self.parentheses += 1
        pipeline = self.parse("parenthesized pipeline", Kind.RIGHT_PAREN)
        self.parentheses -= 1
        return pipeline

    def check_function(self, token: Token) -> None:
        """Note a function that the dialect does not have."""
        if self.dialect.has_function(token.text):
            return
        remedy = did_you_mean(token.text, self.dialect.functions | BUILTINS)
        self.problems.append(
            TextFinding(UNKNOWN_TEMPLATE_FUNCTION, f'function "{token.text}" not defined', token.span, remedy)
        )

    def check_variable(self, token: Token) -> None:
        """Note a variable that is not in scope."""
        if token.text in self.variables:
            return
        remedy = did_you_mean(token.text, self.variables) or "declare it with :="
        self.problems.append(
            TextFinding(UNKNOWN_TEMPLATE_VARIABLE, f'undefined variable "{token.text}"', token.span, remedy)
        )


def _literal(token: Token) -> nodes.Number | nodes.String:
    if token.kind is Kind.NUMBER:
        values = number(token.text)
        if values is None:
            raise TemplateSyntaxError(f"illegal number syntax: {go_quote(token.text)}", token.span)
        return nodes.Number(token.text, *values, token.start, token.span)
    value = unquote(token.text)
    if value is None:
        raise TemplateSyntaxError("invalid syntax", token.span, "this escape is not one of Go's")
    if token.kind is Kind.STRING:
        return nodes.String(token.text, value, token.start, token.span)
    if len(value) != 1:
        raise TemplateSyntaxError(f"malformed character constant: {token.text}", token.span)
    return nodes.Number(token.text, ord(value), float(ord(value)), token.start, token.span)
