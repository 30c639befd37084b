"""Expands the labels and annotations of an alert."""

from __future__ import annotations

from collections.abc import Mapping

from generators.promql.templates.builtin_functions import BUILTIN_FUNCTIONS
from generators.promql.templates.evaluator import Evaluator, ExecutionError
from generators.promql.templates.interpreter import Interpreter
from generators.promql.templates.parser import Template
from generators.promql.templates.rule_functions import Query, Surroundings, rule_functions
from generators.promql.templates.values import GoMap, Struct, Value

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
