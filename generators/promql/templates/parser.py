"""Tokens of a Go template → its tree, with the checks that Go makes when it parses.

Unknown functions and undefined variables are noted and parsing goes on, so that one run reports them all; broken
syntax ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from generators.diagnostics import TextFinding
from generators.promql.templates import nodes
from generators.promql.templates.dialects import Dialect
from generators.promql.templates.lexer import Kind, Token, go_quote, tokens
from generators.promql.templates.literals import unquote
from generators.promql.templates.pipelines import Pipelines, TemplateSyntaxError, TokenStream

MAX_NESTING = 40


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: its statements, and the templates that it defines by name."""

    text: str
    dialect: Dialect
    body: nodes.Body
    definitions: dict[str, nodes.Body] = field(default_factory=dict, compare=False)


def parse_tokens(text: str, dialect: Dialect) -> tuple[Template | None, tuple[TextFinding, ...]]:
    """Parse the text; with problems there is no template."""
    parser = _Parser(TokenStream(tokens(text)), dialect)
    try:
        body = parser.top_level()
    except TemplateSyntaxError as failure:
        return None, (*parser.pipelines.problems, failure.problem)
    if parser.pipelines.problems:
        return None, tuple(parser.pipelines.problems)
    return Template(text, dialect, body, parser.definitions), ()


class _Parser:
    """Recursive descent over statements; pipelines are parsed by ``Pipelines``."""

    def __init__(self, stream: TokenStream, dialect: Dialect) -> None:
        self.stream = stream
        self.pipelines = Pipelines(stream, dialect)
        self.definitions: dict[str, nodes.Body] = {}
        self.range_depth = 0
        self.depth = 0

    def top_level(self) -> nodes.Body:
        """Parse everything up to the end of the text."""
        body, stop = self.body(top=True)
        if stop is not None:
            raise TemplateSyntaxError(f"unexpected {{{{{stop.text}}}}}", stop.span)
        return body

    def body(self, *, top: bool = False) -> tuple[nodes.Body, Token | None]:
        """Parse statements up to ``else``, ``end`` (returned, not closed yet) or the end of the text."""
        statements: list[nodes.Statement] = []
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise TemplateSyntaxError(f"actions are nested more than {MAX_NESTING} deep", self.stream.peek().span)
        while True:
            token = self.stream.next()
            if token.kind is Kind.END:
                if not top:
                    raise TemplateSyntaxError("unexpected EOF", token.span, "close the block with {{ end }}")
                self.depth -= 1
                return tuple(statements), None
            if token.kind is Kind.TEXT:
                statements.append(nodes.Text(token.text, token.start))
                continue
            if token.kind is not Kind.LEFT:
                raise self.stream.unexpected(token, "input")
            first = self.stream.peek_past_space()
            if first.kind is Kind.KEYWORD and first.text in ("else", "end"):
                self.stream.next_past_space()
                self.depth -= 1
                return tuple(statements), first
            statements.extend(self.action(first, top=top))

    def action(self, first: Token, *, top: bool) -> tuple[nodes.Statement, ...]:
        """Parse one action, after its opening delimiter; a definition yields no statement."""
        if first.kind is not Kind.KEYWORD:
            pipeline = self.pipelines.parse("command", Kind.RIGHT)
            return (nodes.Action(pipeline, first.start),)
        self.stream.next_past_space()
        if first.text in ("if", "with", "range"):
            return (self.branch(first.text),)
        if first.text in ("break", "continue"):
            return (self.jump(first),)
        if first.text == "template":
            return (self.invoke(),)
        if first.text == "block":
            return (self.block(),)
        if not top:
            raise self.stream.unexpected(first, "command")
        self.define()
        return ()

    def branch(self, keyword: str) -> nodes.Branch:
        """Parse ``if``, ``with`` or ``range`` after its keyword, to its ``end``."""
        scope = len(self.pipelines.variables)
        pipeline = self.pipelines.parse(keyword, Kind.RIGHT)
        self.range_depth += keyword == "range"
        body, stop = self.body()
        self.range_depth -= keyword == "range"
        otherwise = None if stop is None or stop.text == "end" else self.otherwise(keyword)
        if stop is not None and stop.text == "end":
            self.stream.expect(Kind.RIGHT, "end")
        del self.pipelines.variables[scope:]
        return nodes.Branch(keyword, pipeline, body, otherwise, pipeline.position)

    def otherwise(self, keyword: str) -> nodes.Body:
        """Parse what follows the word ``else``."""
        following = self.stream.peek_past_space()
        if following.kind is Kind.KEYWORD and following.text == keyword and keyword != "range":
            self.stream.next_past_space()
            self.depth += 1
            nested = self.branch(keyword)
            self.depth -= 1
            return (nested,)
        self.stream.expect(Kind.RIGHT, "else")
        body, stop = self.body()
        if stop is None or stop.text != "end":
            raise TemplateSyntaxError("expected end; found {{else}}", (stop or following).span)
        self.stream.expect(Kind.RIGHT, "end")
        return body

    def jump(self, keyword: Token) -> nodes.Jump:
        """Parse ``break`` or ``continue``."""
        token = self.stream.next_past_space()
        if token.kind is not Kind.RIGHT:
            raise self.stream.unexpected(token, f"{{{{{keyword.text}}}}}")
        if not self.range_depth:
            raise TemplateSyntaxError(f"{{{{{keyword.text}}}}} outside {{{{range}}}}", keyword.span)
        return nodes.Jump(keyword.text, keyword.start)

    def name(self, context: str) -> tuple[str, Token]:
        """Parse the quoted name of a template."""
        token = self.stream.next_past_space()
        if token.kind is not Kind.STRING:
            raise self.stream.unexpected(token, context)
        name = unquote(token.text)
        if name is None:
            raise TemplateSyntaxError("invalid syntax", token.span)
        return name, token

    def invoke(self) -> nodes.Invoke:
        """Parse ``template "name" [pipeline]``."""
        name, token = self.name("template clause")
        pipeline = None
        if self.stream.peek_past_space().kind is Kind.RIGHT:
            self.stream.next_past_space()
        else:
            pipeline = self.pipelines.parse("template clause", Kind.RIGHT)
        return nodes.Invoke(name, go_quote(name), pipeline, token.start)

    def block(self) -> nodes.Invoke:
        """Parse ``block "name" pipeline`` … ``end``, which defines a template and invokes it."""
        name, token = self.name("block clause")
        pipeline = self.pipelines.parse("block clause", Kind.RIGHT)
        self.definition(name, token, "block clause")
        return nodes.Invoke(name, go_quote(name), pipeline, token.start)

    def define(self) -> None:
        """Parse ``define "name"`` … ``end``."""
        name, token = self.name("define clause")
        self.stream.expect(Kind.RIGHT, "define clause")
        self.definition(name, token, "define clause")

    def definition(self, name: str, token: Token, context: str) -> None:
        """Parse the body of a definition: it sees no variables from outside, and no loop to break out of."""
        outer, depth = self.pipelines.variables, self.range_depth
        self.pipelines.variables, self.range_depth = ["$"], 0
        body, stop = self.body()
        if stop is None or stop.text != "end":
            raise TemplateSyntaxError(f"unexpected {{{{else}}}} in {context}", (stop or token).span)
        self.stream.expect(Kind.RIGHT, "end")
        self.pipelines.variables, self.range_depth = outer, depth
        if not _is_blank(body) and not _is_blank(self.definitions.get(name, ())):
            raise TemplateSyntaxError(f"template: multiple definition of template {go_quote(name)}", token.span)
        if not _is_blank(body) or name not in self.definitions:
            self.definitions[name] = body


def _is_blank(body: nodes.Body) -> bool:
    return all(isinstance(node, nodes.Text) and not node.text.strip() for node in body)
