"""Evaluates the expressions of a template: pipelines, commands, fields, methods and function calls.

Failures read as Go's do, with template, line, column and the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generators.promql.templates import nodes
from generators.promql.templates.builtin_functions import BUILTIN_FUNCTIONS, Function
from generators.promql.templates.humanize import CallError
from generators.promql.templates.times import DURATION_METHODS, MOMENT_METHODS, Duration, Moment
from generators.promql.templates.values import GoMap, Html, Sample, Struct, Value, Vector, text, truth, type_name

MAX_STEPS = 100_000
MAX_DEPTH = 90
MAX_STRING = 1_000_000

_TYPES = {
    "string": "string",
    "any": "interface {}",
    "value": "reflect.Value",
    "sample": "*template.sample",
    "vector": "template.queryResult",
}
_CLASSES: Mapping[str, type] = {"string": str, "sample": Sample, "vector": Vector}


class _Missing:
    """The type of ``MISSING``."""


MISSING: Final = _Missing()
"""No value comes down the pipeline; unlike nil, which may."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a function or method is called with: its node, arguments, dot, and the value from the pipeline."""

    node: nodes.Node
    arguments: Sequence[nodes.Operand]
    dot: Value
    final: Value | _Missing = MISSING

    @property
    def count(self) -> int:
        """How many arguments there are."""
        return len(self.arguments) + (not isinstance(self.final, _Missing))


class ExecutionError(Exception):
    """A template cannot be run on; the message is Go's."""


class Evaluator:
    """Evaluates expressions; holds the variables, and counts steps and depth."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        definitions: Mapping[str, nodes.Body],
        template: str,
        locate: Callable[[int], tuple[int, int]],
    ) -> None:
        self.functions = functions
        self.definitions = definitions
        self.template = template
        self.root_template = template
        self.locate = locate
        self.variables: list[tuple[str, Value]] = []
        self.node: nodes.Node | None = None
        self.steps = 0
        self.depth = 0

    def at(self, node: nodes.Node) -> None:
        """Remember the node for messages."""
        self.node = node
        self.count()

    def count(self) -> None:
        """Count a step."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise self.failure(f"exceeded {MAX_STEPS} steps")

    def enter(self) -> None:
        """Go one level deeper."""
        self.count()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.failure(f"exceeded maximum template depth ({MAX_DEPTH})")

    def leave(self) -> None:
        """Come back up."""
        self.depth -= 1

    def failure(self, message: str) -> ExecutionError:
        """Return the failure to raise at the current node."""
        if self.node is None:
            return ExecutionError(f"template: {self.root_template}: {message}")
        line, column = self.locate(self.node.position)
        place = f"{self.root_template}:{line}:{column}"
        return ExecutionError(f'template: {place}: executing "{self.template}" at <{self.node}>: {message}')

    def set_variable(self, name: str, value: Value) -> None:
        """Assign to the innermost variable of this name."""
        for slot in range(len(self.variables) - 1, -1, -1):
            if self.variables[slot][0] == name:
                self.variables[slot] = (name, value)
                return
        raise self.failure(f"undefined variable: {name}")

    def variable(self, name: str) -> Value:
        """Return the value of the innermost variable of this name."""
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise self.failure(f"undefined variable: {name}")

    def pipeline(self, node: nodes.Pipeline, dot: Value) -> Value:
        """Evaluate commands, each getting the value before as its last argument."""
        self.at(node)
        self.enter()
        value: Value | _Missing = MISSING
        for command in node.commands:
            value = self.command(command, dot, value)
        self.leave()
        result: Value = None if isinstance(value, _Missing) else value
        for variable in node.variables:
            if node.assigns:
                self.set_variable(variable.name, result)
            else:
                self.variables.append((variable.name, result))
        return result

    def command(self, node: nodes.Command, dot: Value, final: Value | _Missing) -> Value:
        """Evaluate one command."""
        first, rest = node.arguments[0], node.arguments[1:]
        if isinstance(first, nodes.Identifier):
            self.at(first)
            return self.call(self.functions[first.name], first.name, Call(node, rest, dot, final))
        if isinstance(first, nodes.Field | nodes.Chain) or (isinstance(first, nodes.Variable) and first.names):
            return self.chain(first, Call(first, rest, dot, final))
        if not isinstance(first, nodes.Pipeline):
            self.at(first)
        if rest or not isinstance(final, _Missing):
            raise self.failure(f"can't give argument to non-function {first}")
        if isinstance(first, nodes.Nil):
            raise self.failure("nil is not a command")
        return self.operand(first, dot)

    def operand(self, node: nodes.Operand, dot: Value) -> Value:
        """Evaluate an operand where any type will do."""
        match node:
            case nodes.Dot():
                return dot
            case nodes.Bool() | nodes.String():
                return node.value
            case nodes.Number():
                return self.number(node)
            case nodes.Pipeline():
                return self.pipeline(node, dot)
            case nodes.Identifier():
                self.at(node)
                return self.call(self.functions[node.name], node.name, Call(node, (), dot))
            case nodes.Field() | nodes.Chain():
                return self.chain(node, Call(node, (), dot))
            case nodes.Variable():
                self.at(node)
                return self.chain(node, Call(node, (), dot)) if node.names else self.variable(node.name)
        return None

    def number(self, node: nodes.Number) -> Value:
        """Return a constant as the type that its spelling suggests."""
        spelled_real = any(sign in node.text for sign in ".eEpP") and not node.text.startswith("'")
        hexadecimal = node.text[:2].lower() == "0x" and not any(sign in node.text for sign in "pP")
        if node.real is not None and spelled_real and not hexadecimal:
            return node.real
        if node.integer is None or node.integer >= 2**63:
            raise self.failure(f"{node.text} overflows int")
        return node.integer

    def chain(self, node: nodes.Field | nodes.Chain | nodes.Variable, call: Call) -> Value:
        """Evaluate fields one after another; the last may be a method with arguments."""
        self.at(node)
        if isinstance(node, nodes.Field):
            receiver = call.dot
        elif isinstance(node, nodes.Variable):
            receiver = self.variable(node.name)
        elif isinstance(node.base, nodes.Nil):
            raise self.failure(f"indirection through explicit nil in {node}")
        else:
            receiver = self.operand(node.base, call.dot)
        for name in node.names[:-1]:
            receiver = self.field(receiver, name, Call(node, (), call.dot))
        return self.field(receiver, node.names[-1], call)

    def field(self, receiver: Value, name: str, call: Call) -> Value:
        """Look up a field, a key of a map, or call a method."""
        if receiver is None:
            return None
        method = _method(receiver, name)
        if method is not None:
            return self.call(method, name, call)
        has_arguments = call.count > 0
        if isinstance(receiver, GoMap):
            if has_arguments:
                raise self.failure(f"{name} is not a method but has arguments")
            return receiver.entries.get(name, receiver.zero)
        fields = _fields(receiver)
        if name not in fields:
            raise self.failure(f"can't evaluate field {name} in type {type_name(receiver)}")
        if has_arguments:
            raise self.failure(f"{name} has arguments but cannot be invoked as function")
        return fields[name]

    def call(self, function: Function, name: str, call: Call) -> Value:
        """Call a function or method; ``and`` and ``or`` evaluate no more than they need."""
        fixed = len(function.parameters)
        if function.variadic is None and call.count != fixed:
            raise self.failure(f"wrong number of args for {name}: want {fixed} got {call.count}")
        if call.count < fixed:
            raise self.failure(f"wrong number of args for {name}: want at least {fixed} got {call.count}")
        types = (*function.parameters, *[function.variadic or "any"] * (call.count - fixed))
        stops = name in ("and", "or") and function is BUILTIN_FUNCTIONS.get(name)
        values: list[Value] = []
        for argument, kind in zip(call.arguments, types, strict=False):
            values.append(self.argument(argument, kind, call.dot))
            if stops and truth(values[-1]) == (name == "or"):
                return values[-1]
        if not isinstance(call.final, _Missing):
            values.append(self.converted(call.final, types[-1]))
        return self.invoke(function, name, call.node, values)

    def invoke(self, function: Function, name: str, node: nodes.Node, values: Sequence[Value]) -> Value:
        """Run a function on its evaluated arguments."""
        if name == "call" and function is BUILTIN_FUNCTIONS[name]:
            values = [self.callee(node, values[0]), *values]
        try:
            result: Value = function.call(*values)
        except CallError as failure:
            self.at(node)
            raise self.failure(f"error calling {name}: {failure}") from None
        if isinstance(result, str) and len(result) > MAX_STRING:
            raise self.failure(f"error calling {name}: text of more than {MAX_STRING} characters")
        return result

    @staticmethod
    def callee(node: nodes.Node, value: Value) -> str:
        """Return what ``call`` names in its messages: its first argument as written, or the value piped to it."""
        written = node.arguments[1:] if isinstance(node, nodes.Command) else ()
        return str(written[0]) if written else text(value)

    def argument(self, node: nodes.Operand, kind: str, dot: Value) -> Value:
        """Evaluate an argument for a parameter of a type."""
        self.at(node)
        if isinstance(node, nodes.Nil):
            if kind == "string":
                raise self.failure("cannot assign nil to string")
            return None
        if isinstance(node, nodes.Bool | nodes.Number | nodes.String) and kind in _CLASSES:
            if kind != "string":
                raise self.failure(f"can't handle {node} for arg of type {_TYPES[kind]}")
            if not isinstance(node, nodes.String):
                raise self.failure(f"expected string; found {node}")
        return self.converted(self.operand(node, dot), kind)

    def converted(self, value: Value, kind: str) -> Value:
        """Return the value if it may be passed for a parameter of a type."""
        if value is None and kind == "string":
            raise self.failure("invalid value; expected string")
        wanted = _CLASSES.get(kind)
        fits = wanted is None or value is None or (isinstance(value, wanted) and not isinstance(value, Html))
        if not fits:
            expected, found = _TYPES[kind], type_name(value)
            raise self.failure(f"wrong type for value; expected {expected}; got {found}")
        return value


def _method(receiver: Value, name: str) -> Function | None:
    methods = MOMENT_METHODS if isinstance(receiver, Moment) else DURATION_METHODS
    if not isinstance(receiver, Moment | Duration) or name not in methods:
        return None
    parameters, compute = methods[name]
    return Function(parameters, lambda *arguments: compute(receiver, *arguments))


def _fields(receiver: Value) -> Mapping[str, Value]:
    if isinstance(receiver, Struct):
        return receiver.fields
    if isinstance(receiver, Sample):
        return {"Labels": receiver.labels, "Value": receiver.value}
    return {}
