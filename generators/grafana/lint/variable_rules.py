"""Rules about variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generators.diagnostics import Code, Severity, did_you_mean
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.queries import read, variables_read
from generators.grafana.lint.view import PROMQL, View, carries_scrape_labels
from generators.promql.syntax.ast import MatchOp
from generators.promql.syntax.walk import selectors

NO_CHOICE_OF_THE_DATA_SOURCE = Code(
    "D801",
    "No choice of the data source",
    "A variable `datasource` chooses where figures are read from, so that one file serves every environment.",
    '{"templating": {"list": []}}',
    '{"name": "datasource", "type": "datasource", "query": "prometheus"}',
    Severity.WARNING,
)
NO_VARIABLE_FOR_JOB = Code(
    "D802",
    "No variable for `job`",
    "Where series carry `job`, a queried variable of several values narrows them by it.",
    '{"name": "job", "type": "query", "multi": false}',
    '{"name": "job", "type": "query", "multi": true, "allValue": ".+"}',
    Severity.WARNING,
)
NO_VARIABLE_FOR_INSTANCE = Code(
    "D803",
    "No variable for `instance`",
    "Where series carry `instance`, a queried variable of several values narrows them by it.",
    '{"name": "instance", "type": "query", "allValue": ".*"}',
    '{"name": "instance", "type": "query", "multi": true, "allValue": ".+"}',
    Severity.WARNING,
)
VARIABLE_THAT_CANNOT_BE_ASKED = Code(
    "D804",
    "Variable that cannot be asked",
    "The query of a variable is one of Grafana's functions of labels and metrics, and PromQL in it can be read.",
    '{"query": "label_values(up{, job)"}',
    '{"query": "label_values(up, job)"}',
)
VARIABLE_THAT_IS_ASKED_ONLY_ONCE = Code(
    "D805",
    "Variable that is asked only once",
    "A variable that is not asked again when the time range changes misses what ran only then.",
    '{"type": "query", "refresh": 1}',
    '{"type": "query", "refresh": 2}',
    Severity.WARNING,
)
SEVERAL_VALUES_WHERE_ONE_IS_COMPARED = Code(
    "D824",
    "Several values where one is compared",
    "Of several values Grafana makes a pattern, which `=` compares to the letter: nothing matches.",
    'up{job="$job"}',
    'up{job=~"$job"}',
)
DATA_SOURCE_OF_ITS_OWN = Code(
    "D830",
    "Data source of its own",
    "Variables and annotations read the data source that the variable chooses; another shows another environment.",
    '{"name": "job", "datasource": {"uid": "PBFA97CFB590B2093"}}',
    '{"name": "job", "datasource": {"uid": "${datasource}"}}',
    Severity.WARNING,
)
VARIABLE_THAT_DOES_NOT_EXIST = Code(
    "D831",
    "Variable that does not exist",
    "Grafana leaves an unknown variable as it is, so the query asks for the text `$jop`, and finds nothing.",
    'up{job=~"$jop"}',
    'up{job=~"$job"}',
)

_CALL = re.compile(r"(label_names|label_values|metrics|query_result)\((.*)\)", re.DOTALL)
FUNCTIONS = "write `label_values(metric, label)`, `label_names()`, `metrics(regex)` or `query_result(query)`"
ON_TIME_CHANGE = 2
ADD = "add it under `templating`"
CHOSEN = "read `${datasource}`"
"""How to read the data source that a variable chooses."""


def find(view: View) -> Iterator[DashboardFinding]:
    """Yield what is wrong with variables."""
    yield from _datasource(view)
    for kind, name in ((NO_VARIABLE_FOR_JOB, "job"), (NO_VARIABLE_FOR_INSTANCE, "instance")):
        yield from _scrape_label(view, kind, name)
    for name, variable in view.variables.items():
        if variable.get("type") == "query" and view.language(variable, variable) == PROMQL:
            yield from _query(view, name, variable)
    yield from _matchers(view)
    yield from _unknown(view)


def _datasource(view: View) -> Iterator[DashboardFinding]:
    found = [each for each in view.variables.values() if each.get("type") == "datasource"]
    if not found:
        yield view.finding(
            NO_CHOICE_OF_THE_DATA_SOURCE,
            "",
            "no variable chooses the data source",
            "add one of type `datasource`",
            at=(view.data, "templating"),
        )
    for each in found:
        names = {f"{each.get('query')}_datasource", *(["datasource"] if len(found) == 1 else [])}
        if each.get("name") not in names:
            message = f"the data source's variable is called `{each.get('name')}`"
            yield view.finding(
                NO_CHOICE_OF_THE_DATA_SOURCE,
                str(each.get("name")),
                message,
                f"call it {' or '.join(sorted(names))}",
                at=(each, "name"),
            )


def _scrape_label(view: View, kind: Code, name: str) -> Iterator[DashboardFinding]:
    """Yield what is wrong with the variable of a label that scraped series carry."""
    if not any(carries_scrape_labels(each) for query in view.queries if query.expr for each in selectors(query.expr)):
        return
    variable = view.variables.get(name)
    if variable is None:
        message = f"no variable `{name}`, although queries read series that carry it"
        yield view.finding(kind, name, message, ADD, at=(view.data, "templating"))
        return
    others = "matches other things than `.+` when all are chosen"
    fixed = not view.chooses(variable.get("datasource"))
    for wrong, key, message, help_ in (
        (variable.get("type") != "query", "type", "is not queried", 'write `"type": "query"`'),
        (not variable.get("multi"), "multi", "takes only one value", 'write `"multi": true`'),
        (variable.get("allValue") != ".+", "allValue", others, 'write `"allValue": ".+"`'),
        (fixed, "datasource", "does not read the chosen data source", CHOSEN),
    ):
        if wrong:
            yield view.finding(kind, name, f"the variable `{name}` {message}", help_, at=(variable, key))


def _query(view: View, name: str, variable: Mapping[str, Any]) -> Iterator[DashboardFinding]:
    if variable.get("refresh") != ON_TIME_CHANGE:
        message = f"`{name}` is not asked again when the time range changes"
        yield view.finding(
            VARIABLE_THAT_IS_ASKED_ONLY_ONCE, name, message, 'write `"refresh": 2`', at=(variable, "refresh")
        )
    if not view.chooses(variable.get("datasource")):
        message = f"`{name}` reads a data source of its own"
        yield view.finding(DATA_SOURCE_OF_ITS_OWN, name, message, CHOSEN, at=(variable, "datasource"))
    query = variable.get("query")
    text = str(query.get("query", "") if isinstance(query, dict) else query or "")
    call = _CALL.fullmatch(text.strip())
    if call is None:
        message = f"`{text}` is no function of labels or metrics"
        yield view.finding(VARIABLE_THAT_CANNOT_BE_ASKED, name, message, FUNCTIONS, at=(variable, "query"))
        return
    argument = call[2]
    if call[1] == "label_values":
        argument = argument.rpartition(",")[0]
    problem = read(argument).problem if argument and call[1] != "metrics" else None
    if problem is not None:
        message = f"`{argument}`: {problem.message}"
        yield view.finding(
            VARIABLE_THAT_CANNOT_BE_ASKED, name, message, problem.help or "correct it", at=(variable, "query")
        )


def _matchers(view: View) -> Iterator[DashboardFinding]:
    several = {f"${name}" for name, each in view.variables.items() if each.get("multi") or each.get("includeAll")}
    for query in view.queries:
        for each in selectors(query.expr) if query.expr else ():
            for matcher in each.matchers:
                if matcher.value in several and matcher.op not in (MatchOp.REGEX, MatchOp.NOT_REGEX):
                    message = f"`{matcher.label}{matcher.op.value}` takes one value, and `{matcher.value}` has several"
                    yield view.finding(
                        SEVERAL_VALUES_WHERE_ONE_IS_COMPARED,
                        query.place,
                        message,
                        "write `=~`",
                        at=(query.target, "expr"),
                    )


def _unknown(view: View) -> Iterator[DashboardFinding]:
    known = set(view.variables)
    texts: list[tuple[str, str, tuple[Mapping[str, Any], str]]] = [
        (query.place, query.text, (query.target, "expr")) for query in view.queries
    ]
    texts += [(name, str(each.get("query")), (each, "query")) for name, each in view.variables.items()]
    texts += [
        (str(each.get("name")), str(each.get("expr", "")), (each, "expr"))
        for each in (view.data.get("annotations") or {}).get("list") or ()
    ]
    for place, text, at in texts:
        for name in sorted(variables_read(text) - known):
            help_ = did_you_mean(name, known) or ADD
            yield view.finding(VARIABLE_THAT_DOES_NOT_EXIST, place, f"there is no variable `{name}`", help_, at=at)
