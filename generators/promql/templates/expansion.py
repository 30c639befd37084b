"""Runs the templates of an alert's labels and annotations: statements here, their expressions in ``evaluator``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generators.promql.templates import nodes
from generators.promql.templates.builtin_functions import BUILTIN_FUNCTIONS
from generators.promql.templates.evaluator import Evaluator, ExecutionError
from generators.promql.templates.parser import Template
from generators.promql.templates.rule_functions import Query, Surroundings, rule_functions
from generators.promql.templates.values import GoMap, Struct, Value, Vector, printed, text, truth

MAX_OUTPUT = 1_000_000


class _BreakError(Exception):
    """``break`` leaves the innermost range."""


class _ContinueError(Exception):
    """``continue`` goes on with the next element."""


class Interpreter:
    """Walks statements and collects what they print."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.pieces: list[str] = []
        self.size = 0

    def run(self, body: nodes.Body, dot: Value) -> str:
        """Run the template's body and return its output."""
        self.walk(body, dot)
        return "".join(self.pieces)

    def emit(self, shown: str) -> None:
        """Add to the output."""
        self.size += len(shown)
        if self.size > MAX_OUTPUT:
            raise self.evaluator.failure(f"output of more than {MAX_OUTPUT} characters")
        self.pieces.append(shown)

    def walk(self, body: nodes.Body, dot: Value) -> None:
        """Run statements in order."""
        self.evaluator.enter()
        for node in body:
            self.evaluator.at(node)
            match node:
                case nodes.Text():
                    self.emit(node.text)
                case nodes.Action():
                    value = self.evaluator.pipeline(node.pipeline, dot)
                    if not node.pipeline.variables:
                        self.evaluator.at(node)
                        self.emit(printed(value))
                case nodes.Branch():
                    self.branch(node, dot)
                case nodes.Invoke():
                    self.invoke(node, dot)
                case nodes.Jump():
                    raise _BreakError if node.keyword == "break" else _ContinueError
        self.evaluator.leave()

    def branch(self, node: nodes.Branch, dot: Value) -> None:
        """Run ``if``, ``with`` or ``range``; variables declared inside are gone afterwards."""
        mark, depth = len(self.evaluator.variables), self.evaluator.depth
        if node.keyword == "range":
            try:
                self.loop(node, dot)
            except _BreakError:
                self.evaluator.depth = depth
        else:
            value = self.evaluator.pipeline(node.pipeline, dot)
            if truth(value):
                self.walk(node.body, value if node.keyword == "with" else dot)
            elif node.otherwise is not None:
                self.walk(node.otherwise, dot)
        del self.evaluator.variables[mark:]

    def loop(self, node: nodes.Branch, dot: Value) -> None:
        """Run the body once for every element, or the ``else`` where there is none."""
        value = self.evaluator.pipeline(node.pipeline, dot)
        mark, depth = len(self.evaluator.variables), self.evaluator.depth
        empty = True
        for key, element in self.elements(value, len(node.pipeline.variables)):
            empty = False
            self.assign(node.pipeline, key, element)
            try:
                self.walk(node.body, element)
            except _ContinueError:
                self.evaluator.depth = depth
            del self.evaluator.variables[mark:]
        if empty and node.otherwise is not None:
            self.walk(node.otherwise, dot)

    def elements(self, value: Value, variables: int) -> Iterator[tuple[Value, Value]]:
        """Return keys and elements of what a range runs over."""
        if value is None:
            return iter(())
        if isinstance(value, GoMap):
            return iter(sorted(value.entries.items()))
        if isinstance(value, list | Vector):
            sequence: Sequence[Value] = value if isinstance(value, list) else value.samples
            return iter(list(enumerate(sequence)))
        if isinstance(value, int) and not isinstance(value, bool):
            if variables > 1:
                raise self.evaluator.failure(f"can't use {value} to iterate over more than one variable")
            return ((None, number) for number in range(value))
        raise self.evaluator.failure(f"range can't iterate over {text(value)}")

    def assign(self, pipeline: nodes.Pipeline, key: Value, element: Value) -> None:
        """Set the range's variables: ``$element``, or ``$key, $element``."""
        names = [variable.name for variable in pipeline.variables]
        values = [element] if len(names) == 1 else [key, element]
        for name, value in zip(names, values, strict=False):
            if pipeline.assigns:
                self.evaluator.set_variable(name, value)
            else:
                slot = -1 if len(names) == 1 or name is names[1] else -2
                self.evaluator.variables[slot] = (name, value)

    def invoke(self, node: nodes.Invoke, dot: Value) -> None:
        """Run a template by name; it sees its argument as dot and ``$``, and no other variables."""
        body = self.evaluator.definitions.get(node.name)
        if body is None:
            raise self.evaluator.failure(f"template {node.quoted} not defined")
        argument = None if node.pipeline is None else self.evaluator.pipeline(node.pipeline, dot)
        outer = self.evaluator.variables, self.evaluator.template
        self.evaluator.variables, self.evaluator.template = [("$", argument)], node.name
        self.walk(body, argument)
        self.evaluator.variables, self.evaluator.template = outer


_ROOT_TYPE = (
    "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
)


def expand(
    template: Template,
    labels: Mapping[str, str],
    value: float,
    external_labels: Mapping[str, str] | None = None,
    external_url: str = "",
    *,
    query: Query | None = None,
    timestamp: float = 0.0,
    alert: str = "",
) -> str:
    """Return the text; where it cannot be expanded, what Prometheus puts there: ``<error expanding template: …>``.

    ``labels`` and ``value`` are those of the sample that fires, ``timestamp`` is the evaluation's in Unix seconds,
    ``alert`` is the rule's name, for the error's text.
    """
    root: dict[str, Value] = {
        "Labels": GoMap(dict(labels)),
        "ExternalLabels": GoMap(dict(external_labels or {})),
        "ExternalURL": external_url,
        "Value": value,
    }
    name = f"__alert_{alert}"
    surroundings = Surroundings(external_url, timestamp, query)
    functions = {**BUILTIN_FUNCTIONS, **rule_functions(surroundings)}
    evaluator = Evaluator(functions, template.definitions, name, lambda offset: _locate(template, offset))
    dot = Struct(_ROOT_TYPE, root)
    evaluator.variables = [
        ("$", dot),
        ("$labels", root["Labels"]),
        ("$externalLabels", root["ExternalLabels"]),
        ("$externalURL", external_url),
        ("$value", value),
    ]
    try:
        return Interpreter(evaluator).run(template.body, dot)
    except ExecutionError as failure:
        return f"<error expanding template: error executing template {name}: {failure}>"


def _locate(template: Template, offset: int) -> tuple[int, int]:
    """Return line and byte column as Go reports them, which counts the declarations put before the text."""
    before = template.text[:offset]
    line = before.count("\n")
    last = before.rsplit("\n", 1)[-1]
    column = len(last.encode("utf-8", "replace"))
    return line + 1, column + (0 if line else len(template.dialect.preamble))
