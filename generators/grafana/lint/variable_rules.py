"""Rules about variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generators.grafana.lint.finding import Finding
from generators.grafana.lint.view import View, carries_scrape_labels, read, variables_read
from generators.promql.ast import MatchOp
from generators.promql.walk import selectors

_CALL = re.compile(r"(label_names|label_values|metrics|query_result)\((.*)\)", re.DOTALL)
_SOURCES = ("$datasource", "${datasource}", "$prometheus_datasource", "${prometheus_datasource}")
ON_TIME_CHANGE = 2


def find(view: View) -> Iterator[Finding]:
    """Yield what is wrong with variables."""
    yield from _datasource(view)
    for code, name in (("D802", "job"), ("D803", "instance")):
        yield from _scrape_label(view, code, name)
    for name, variable in view.variables.items():
        if variable.get("type") == "query" and view.is_prometheus:
            yield from _query(view, name, variable)
    yield from _matchers(view)
    yield from _unknown(view)


def uid(source: Any) -> str:
    """Return what a data source refers to."""
    return str(source.get("uid", "") if isinstance(source, dict) else source or "")


def _datasource(view: View) -> Iterator[Finding]:
    found = [each for each in view.variables.values() if each.get("type") == "datasource"]
    if not found:
        yield view.finding("D801", "", "no variable chooses the data source", "add one of type `datasource`")
    for each in found:
        names = {f"{each.get('query')}_datasource", *(["datasource"] if len(found) == 1 else [])}
        if each.get("name") not in names:
            message = f"the data source's variable is called `{each.get('name')}`"
            yield view.finding("D801", str(each.get("name")), message, f"call it {' or '.join(sorted(names))}")


def _scrape_label(view: View, code: str, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the variable of a label that scraped series carry."""
    if not any(carries_scrape_labels(each) for query in view.queries if query.expr for each in selectors(query.expr)):
        return
    variable = view.variables.get(name)
    if variable is None:
        yield view.finding(code, name, f"no variable `{name}`, although queries read series that carry it")
        return
    for wrong, message in (
        (variable.get("type") != "query", "is not queried"),
        (not variable.get("multi"), "takes only one value"),
        (variable.get("allValue") != ".+", "matches other things than `.+` when all are chosen"),
        (uid(variable.get("datasource")) not in _SOURCES, "does not read the chosen data source"),
    ):
        if wrong:
            yield view.finding(code, name, f"the variable `{name}` {message}")


def _query(view: View, name: str, variable: Any) -> Iterator[Finding]:
    if variable.get("refresh") != ON_TIME_CHANGE:
        yield view.finding("D805", name, f"`{name}` is not asked again when the time range changes", "`refresh: 2`")
    if uid(variable.get("datasource")) not in _SOURCES:
        yield view.finding("D830", name, f"`{name}` reads a data source of its own")
    query = variable.get("query")
    text = str(query.get("query", "") if isinstance(query, dict) else query or "")
    call = _CALL.fullmatch(text.strip())
    if call is None:
        yield view.finding("D804", name, f"`{text}` is no function of labels or metrics")
        return
    argument = call[2]
    if call[1] == "label_values":
        argument = argument.rpartition(",")[0]
    problem = read(argument)[1] if argument and call[1] != "metrics" else ""
    if problem:
        yield view.finding("D804", name, f"`{argument}`: {problem}")


def _matchers(view: View) -> Iterator[Finding]:
    several = {f"${name}" for name, each in view.variables.items() if each.get("multi") or each.get("includeAll")}
    for query in view.queries:
        for each in selectors(query.expr) if query.expr else ():
            for matcher in each.matchers:
                if matcher.value in several and matcher.op not in (MatchOp.REGEX, MatchOp.NOT_REGEX):
                    message = f"`{matcher.label}{matcher.op.value}` takes one value, and `{matcher.value}` has several"
                    yield view.finding("D824", query.place, message, "write `=~`")


def _unknown(view: View) -> Iterator[Finding]:
    known = set(view.variables)
    texts = [(query.place, query.text) for query in view.queries]
    texts += [(str(name), str(each.get("query"))) for name, each in view.variables.items()]
    texts += [
        (str(each.get("name")), str(each.get("expr", "")))
        for each in (view.data.get("annotations") or {}).get("list") or ()
    ]
    for place, text in texts:
        for name in sorted(variables_read(text) - known):
            yield view.finding("D831", place, f"there is no variable `{name}`")
