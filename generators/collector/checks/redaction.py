"""The redaction processor: what it does at random, what it empties, what it gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generators.collector.checks.variables import VARIABLE
from generators.collector.view import Component, View, items, mapping, texts
from generators.diagnostics import Code, Finding, Severity
from generators.formats.re2 import RegexError, search_regex

REDACTION_EMPTIES_DATA = Code(
    "C911",
    "Redaction empties data",
    "The list of allowed keys holds for resources, spans and bodies alike, and an empty one allows none.",
    "redaction: {}",
    "redaction: {allow_all_keys: true}",
)
SEVERAL_PATTERNS = Code(
    "C912",
    "Several patterns",
    "They are tried in random order; where two match, the result differs from span to span.",
    "blocked_values: ['\\d{16}', '\\+\\d+']",
    "blocked_values: ['\\d{16}|\\+\\d+']",
    Severity.WARNING,
)
REDACTION_THAT_TALKS = Code(
    "C913",
    "Redaction that talks",
    "Its summary becomes attributes, which on metrics are labels.",
    "redaction: {summary: info}",
    "redaction: {summary: silent}",
)
KEY_THAT_CAN_BE_KNOWN = Code(
    "C919",
    "Key that can be known",
    "The key of a hash comes from the environment, and the Collector does not start without it.",
    "hmac_key: ${env:KEY:-secret}",
    "hmac_key: ${env:KEY}",
)
HASH_WITHOUT_A_KEY = Code(
    "C931",
    "Hash without a key",
    "Whoever has a list of names hashes it and looks them up.",
    "hash_function: sha3",
    "hash_function: hmac-sha256",
)
PATTERN_THAT_RE2_DOES_NOT_KNOW = Code(
    "C932",
    "Pattern that RE2 does not know",
    "It has no lookaround and no references.",
    "(?=\\d)",
    "\\d",
)

_KEY = re.compile(r"\$\{env:[A-Za-z_][A-Za-z0-9_]*\}")


def redaction(view: View) -> Iterator[Finding]:
    """Yield what is wrong with redaction, and hashes that anybody can undo."""
    for component in view.of("processors", "redaction"):
        yield from _values(component)
        yield from _keys(component)
        yield from _summary(component, view)
        yield from _hash(component)
    for component in view.of("processors", "attributes", "resource"):
        for index, action in enumerate(items(component.settings.get("actions"))):
            if mapping(action).get("action") == "hash":
                message = "this hash has no key: whoever has a list of names can undo it"
                help_ = "use redaction with `hash_function: hmac-sha256`"
                yield Finding(HASH_WITHOUT_A_KEY, message, (*component.path, "actions", index), help_)


def _values(component: Component) -> Iterator[Finding]:
    patterns = texts(component.settings.get("blocked_values"))
    path = (*component.path, "blocked_values")
    if len(patterns) > 1:
        message = "several patterns are tried in random order, so that overlapping ones mask differently each time"
        yield Finding(SEVERAL_PATTERNS, message, path, "write one pattern: `(?:…)|(?:…)`, the most specific first")
    for key in ("blocked_values", "allowed_values", "blocked_key_patterns", "ignored_key_patterns"):
        for index, pattern in enumerate(texts(component.settings.get(key))):
            if reason := _refused(pattern):
                yield Finding(
                    PATTERN_THAT_RE2_DOES_NOT_KNOW, reason, (*component.path, key, index), "write it in RE2's dialect"
                )


def _refused(pattern: str) -> str:
    """Why Go refuses a pattern; nothing for one that is known only where the Collector runs."""
    text = pattern.replace("$$", "$")  # the Collector reads `$$` as `$` in every value
    if VARIABLE.search(pattern):
        return ""
    try:
        search_regex(text)
    except RegexError as error:
        return "" if error.unsupported else str(error)
    return ""


def _keys(component: Component) -> Iterator[Finding]:
    settings = component.settings
    if settings.get("allow_all_keys") is True:
        return
    if not items(settings.get("allowed_keys")):
        message = "no key is allowed: it empties all attributes, those that name the service included"
        yield Finding(
            REDACTION_EMPTIES_DATA, message, component.path, "list `allowed_keys`, or write `allow_all_keys: true`"
        )
    elif "service.name" not in texts(settings.get("allowed_keys")):
        message = "the list holds for resources too, and drops `service.name`"
        help_ = "list the keys of resources as well"
        yield Finding(REDACTION_EMPTIES_DATA.as_(Severity.WARNING), message, (*component.path, "allowed_keys"), help_)


def _summary(component: Component, view: View) -> Iterator[Finding]:
    if component.settings.get("summary") == "silent":
        return
    path = (*component.path, "summary") if "summary" in component.settings else component.path
    if any(pipeline.signal == "metrics" for pipeline in view.through(component.name)):
        message = "on metrics the summary becomes labels, and splits series"
        yield Finding(REDACTION_THAT_TALKS, message, path, "write `summary: silent`")
    elif component.settings.get("summary") == "debug":
        message = "the summary names the keys that were masked, and adds attributes"
        yield Finding(REDACTION_THAT_TALKS.as_(Severity.WARNING), message, path, "write `summary: silent`")


def _hash(component: Component) -> Iterator[Finding]:
    function = component.settings.get("hash_function")
    if function is None:
        return
    if not str(function).startswith("hmac-"):
        message = f"`{function}` has no key: whoever has a list of names can undo it"
        yield Finding(HASH_WITHOUT_A_KEY, message, (*component.path, "hash_function"), "write `hmac-sha256`")
        return
    key = component.settings.get("hmac_key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        message = "the key must come from the environment, and nothing may stand in for it"
        path = (*component.path, "hmac_key") if key is not None else component.path
        yield Finding(KEY_THAT_CAN_BE_KNOWN, message, path, "write `hmac_key: ${env:NAME}`, without a default")
