"""The functions that Prometheus adds to the templates of rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from generators.formats.durations import parse_duration
from generators.promql.templates import humanize as human
from generators.promql.templates.builtin_functions import Function
from generators.promql.templates.humanize import CallError
from generators.promql.templates.lexer import go_quote
from generators.promql.templates.regexes import matches, replace_all
from generators.promql.templates.values import GoMap, Html, Sample, Value, Vector

Query = Callable[[str], Sequence[tuple[Mapping[str, str], float]]]
"""Runs PromQL at the alert's time; yields labels (with ``__name__``) and values; raises ValueError to refuse."""

_WORD_START = re.compile(r"(?<![^\W\d])(?<![^\W\d]['’.:·])([^\W\d_])")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What functions know beyond their arguments: the server's address, the time in Unix seconds, its data."""

    external_url: str = ""
    timestamp: float = 0.0
    query: Query | None = None

    def run_query(self, expression: str) -> Vector:
        """Run a query."""
        if self.query is None:
            raise CallError("no data to query")
        try:
            found = self.query(expression)
        except ValueError as error:
            raise CallError(str(error)) from None
        return Vector(tuple(Sample(GoMap(dict(labels)), float(value)) for labels, value in found))


def _first(vector: Vector | None) -> Sample:
    if vector is None or not vector.samples:
        raise CallError("first() called on vector with no elements")
    return vector.samples[0]


def _label(name: str, sample: Sample | None) -> Value:
    return _present(sample).labels.entries.get(name, "")


def _present(sample: Sample | None) -> Sample:
    if sample is None:
        raise CallError("runtime error: invalid memory address or nil pointer dereference")
    return sample


def _sort_by_label(label: str, vector: Vector | None) -> Vector:
    samples = () if vector is None else vector.samples
    return Vector(tuple(sorted(samples, key=lambda sample: str(sample.labels.entries.get(label, "")))))


def _arguments(*values: Value) -> GoMap:
    return GoMap({f"arg{position}": value for position, value in enumerate(values)}, strings=False)


def title(text: str) -> str:
    """Write the first letter of every word large."""
    return _WORD_START.sub(lambda match: match.group().title(), text)


def split_host_port(address: str) -> tuple[str, str] | None:
    """Split ``host:port`` and ``[host]:port``; None where there is no port."""
    match = re.fullmatch(r"\[([^\[\]]*)\]:([^:\[\]]*)|([^:\[\]]*):([^:\[\]]*)", address)
    if match is None:
        return None
    return (match[1], match[2]) if match[1] is not None else (match[3], match[4])


def strip_port(address: str) -> str:
    """Drop the port of an address."""
    parts = split_host_port(address)
    return address if parts is None else parts[0]


def strip_domain(address: str) -> str:
    """Drop the domain of a host name, keeping a port; IP addresses stay."""
    host, port = split_host_port(address) or (address, "")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = host.split(".")[0]
    else:
        return address
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _parse_duration(text: str) -> float:
    try:
        milliseconds = parse_duration(text.removeprefix("-"))
    except ValueError:
        problem = "empty duration string" if not text else f"not a valid duration string: {go_quote(text)}"
        raise CallError(problem) from None
    return (-milliseconds if text.startswith("-") else milliseconds) / 1000


_STATIC: Mapping[str, Function] = {
    "first": Function(("vector",), _first),
    "label": Function(("string", "sample"), _label),
    "value": Function(("sample",), lambda sample: _present(sample).value),
    "strvalue": Function(("sample",), lambda sample: _label("__value__", sample)),
    "sortByLabel": Function(("string", "vector"), _sort_by_label),
    "args": Function((), _arguments, "any"),
    "reReplaceAll": Function(("string", "string", "string"), replace_all),
    "match": Function(("string", "string"), matches),
    "title": Function(("string",), title),
    "toUpper": Function(("string",), str.upper),
    "toLower": Function(("string",), str.lower),
    "safeHtml": Function(("string",), Html),
    "graphLink": Function(("string",), human.graph_link),
    "tableLink": Function(("string",), human.table_link),
    "stripPort": Function(("string",), strip_port),
    "stripDomain": Function(("string",), strip_domain),
    "humanize": Function(("any",), human.humanize),
    "humanize1024": Function(("any",), human.humanize1024),
    "humanizeDuration": Function(("any",), human.humanize_duration),
    "humanizePercentage": Function(("any",), human.humanize_percentage),
    "humanizeTimestamp": Function(("any",), human.humanize_timestamp),
    "toTime": Function(("any",), human.to_time),
    "toDuration": Function(("any",), human.to_duration),
    "parseDuration": Function(("string",), _parse_duration),
    "urlQueryEscape": Function(("string",), human.query_escape),
}


def rule_functions(surroundings: Surroundings) -> Mapping[str, Function]:
    """Return all functions of rule templates beyond Go's own."""
    return {
        **_STATIC,
        "query": Function(("string",), surroundings.run_query),
        "now": Function((), lambda: surroundings.timestamp),
        "externalURL": Function((), lambda: surroundings.external_url),
        "pathPrefix": Function((), lambda: urlsplit(surroundings.external_url).path),
    }
