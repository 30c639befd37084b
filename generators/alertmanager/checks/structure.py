"""Keys and kinds of values: what a strict reader of the file refuses before it looks at the meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from generators.alertmanager.matcher_syntax import MatcherError, parse_matchers
from generators.alertmanager.refusal import Refusal
from generators.alertmanager.schema import FILE
from generators.alertmanager.shapes import ListOf, MapOf, Shape, Table
from generators.diagnostics import Code, Finding, Path, Severity, did_you_mean
from generators.formats.durations import DurationError, parse_duration, parse_go_duration
from generators.formats.re2 import RegexError, compile_regex

UNKNOWN_KEY = Refusal(
    "M002",
    "Unknown key",
    "Alertmanager refuses keys that it does not know, so a slip of the pen stops a reload.",
    "route: {reciever: default}",
    "route: {receiver: default}",
)
WRONG_KIND = Refusal(
    "M003",
    "Value of the wrong kind",
    "The value is not of the kind that this key takes: a duration, a URL, a list, a mapping, true or false.",
    "group_wait: 30 seconds",
    "group_wait: 30s",
)
INVALID_MATCHER = Refusal(
    "M021",
    "Invalid matcher",
    "A matcher is a label name, one of = != =~ !~, and a value in double quotes.",
    "matchers: ['severity is page']",
    "matchers: ['severity=\"page\"']",
)
INVALID_REGEX = Refusal(
    "M022",
    "Invalid regular expression",
    "Alertmanager uses RE2: no look-around, no back-references. Patterns match the whole value.",
    "matchers: ['team=~\"(?!growth).*\"']",
    "matchers: ['team!~\"growth.*\"']",
)
AMBIGUOUS_MATCHER = Code(
    "M023",
    "Matcher that parsers read differently",
    "Alertmanager has an old and a new parser. What only the old one reads stops working in UTF-8 strict mode.",
    "matchers: ['team=~growth|fraud[0-9]{1}']",
    "matchers: ['team=~\"growth|fraud[0-9]\"']",
    Severity.WARNING,
)

_GO_DURATION = re.compile(r"[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_PROXY = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|[^:/?#]*(?:[/?#]|\Z)", re.ASCII)
"""A URL with a scheme, or a relative one whose first part holds no colon."""

_REDACTED = "<secret>"
"""What a server shows in place of a secret; it takes it back."""


def check_structure(document: object) -> Iterator[Finding]:
    """Check the keys and the kinds of values of a whole file, given as plain values."""
    yield from _check(document, FILE, ())


def _check(value: object, shape: Shape, path: Path) -> Iterator[Finding]:
    if value is None:
        return
    match shape:
        case Table():
            yield from _check_table(value, shape, path)
        case ListOf():
            if isinstance(value, list | tuple):
                for index, item in enumerate(value):
                    yield from _check_item(item, shape.item, (*path, index))
            else:
                yield _wrong_kind(value, "a list", path)
        case MapOf():
            if isinstance(value, Mapping):
                for key, item in value.items():
                    yield from _check_item(item, shape.value, (*path, str(key)))
            else:
                yield _wrong_kind(value, "a mapping", path)
        case _:
            yield from _check_scalar(value, shape, path)


def _check_item(item: object, shape: Shape, path: Path) -> Iterator[Finding]:
    if item is None and (isinstance(shape, Table) or shape == "regex"):
        yield Finding(WRONG_KIND, "this entry is empty", path, "fill it, or delete it")
    else:
        yield from _check(item, shape, path)


def _check_table(value: object, table: Table, path: Path) -> Iterator[Finding]:
    if table.text and not isinstance(value, Mapping | list | tuple):
        return
    if not isinstance(value, Mapping):
        yield _wrong_kind(value, "a mapping", path)
        return
    for key, item in value.items():
        if key in table.fields:
            yield from _check(item, table.fields[key], (*path, key))
        else:
            yield _unknown_key(key, table, path)


def _unknown_key(key: object, table: Table, path: Path) -> Finding:
    where = next((f"`{step}`" for step in reversed(path) if isinstance(step, str)), "the file")
    remedy = did_you_mean(str(key), table.fields) or f"known keys: {', '.join(sorted(table.fields))}"
    return Finding(UNKNOWN_KEY, f"`{key}` is not a key of {where}", (*path, str(key)), remedy)


def _check_scalar(value: object, shape: Shape, path: Path) -> Iterator[Finding]:
    if shape == "any":
        return
    if isinstance(value, Mapping | list | tuple):
        yield _wrong_kind(value, _EXPECTED[str(shape)], path)
    elif shape == "matcher":
        yield from _check_matcher(str(value), path)
    elif shape == "regex":
        yield from _check_regex(str(value), path)
    elif not _ACCEPTS[str(shape)](value):
        yield _wrong_kind(value, _EXPECTED[str(shape)], path)


def _check_matcher(text: str, path: Path) -> Iterator[Finding]:
    try:
        note = parse_matchers(text).note
    except MatcherError as error:
        code = INVALID_REGEX if isinstance(error.__cause__, RegexError) else INVALID_MATCHER
        yield Finding(code, str(error), path, 'write it as label="value", or with != =~ !~')
        return
    if note:
        yield Finding(
            AMBIGUOUS_MATCHER, f"`{text}`: {note}", path, "put the value in double quotes and double its backslashes"
        )


def _check_regex(text: str, path: Path) -> Iterator[Finding]:
    try:
        compile_regex(text, dot_all=False)
    except RegexError as error:
        yield Finding(INVALID_REGEX, str(error), path)


def _wrong_kind(value: object, expected: str, path: Path) -> Finding:
    is_list = isinstance(value, list | tuple)
    shown = "a list" if is_list else "a mapping" if isinstance(value, Mapping) else f"`{value}`"
    return Finding(WRONG_KIND, f"{shown} stands where {expected} is expected", path)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _reads(parse: Callable[[str], int], value: object) -> bool:
    try:
        parse(str(value))
    except DurationError:
        return False
    return True


def _is_url(value: object) -> bool:
    """Whether a value is an http(s) URL with a host."""
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _is_hostport(value: object) -> bool:
    host, colon, port = str(value).rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    return value == "" or (bool(colon) and bool(port) and (bracketed or ":" not in host))


_ACCEPTS: Mapping[str, Callable[[object], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "duration": lambda value: _reads(parse_duration, value),
    "float": lambda value: _is_int(value) or isinstance(value, float),
    "go_duration": lambda value: _is_int(value) or _reads(parse_go_duration, value),
    "hostport": _is_hostport,
    "int": _is_int,
    "proxy": lambda value: _PROXY.match(str(value)) is not None,
    "secret_url": lambda value: value == _REDACTED or _is_url(value),
    "template_url": lambda value: value in {"", _REDACTED} or "{{" in str(value) or _is_url(value),
    "text": lambda _: True,
    "uint": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "url": _is_url,
}
_EXPECTED: Mapping[str, str] = {
    "bool": "true or false",
    "duration": "a duration such as 30s, 5m or 1h30m",
    "float": "a number",
    "go_duration": "a duration such as 30s, 5m or 1h30m",
    "hostport": "an address such as mail.example.org:587",
    "int": "a whole number",
    "matcher": 'a matcher such as severity="page"',
    "proxy": "a URL",
    "regex": "a regular expression",
    "secret_url": "an http or https URL",
    "template_url": "an http or https URL",
    "text": "text",
    "uint": "a whole number that is not negative",
    "url": "an http or https URL",
}
