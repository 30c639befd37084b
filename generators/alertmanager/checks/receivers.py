"""Receivers as they stand in the file: names, and what each integration needs or excludes."""

from __future__ import annotations

from collections.abc import Iterator

from generators.alertmanager.checks.reading import Node, given, mapping, nodes, text
from generators.alertmanager.checks.settings import (
    SETTING_MISSING,
    SETTINGS_EXCLUDE,
    SLACK_APP_URL,
    VALUE_NOT_ALLOWED,
    check_settings,
)
from generators.alertmanager.integrations import INTEGRATIONS, IntegrationKind
from generators.alertmanager.refusal import Refusal
from generators.alertmanager.schema import GLOBAL_SECRETS
from generators.alertmanager.shapes import Need
from generators.diagnostics import Code, Finding, Path, Severity

NAME_MISSING = Refusal(
    "M030",
    "Name missing",
    "Receivers and time intervals are referred to by name.",
    "receivers: [{slack_configs: []}]",
    "receivers: [{name: growth, slack_configs: []}]",
)
NAME_USED_TWICE = Refusal(
    "M031",
    "Name used twice",
    "Names of receivers, and of time intervals, are unique.",
    "receivers: [{name: growth}, {name: growth}]",
    "receivers: [{name: growth}, {name: fraud}]",
)
RESOLVED_NOT_STATED = Code(
    "M036",
    "send_resolved is not stated",
    "Its default is false for e-mail, Slack, WeChat and Rocket.Chat and true for the others; say which you mean.",
    "slack_configs: [{channel: '#growth'}]",
    "slack_configs: [{channel: '#growth', send_resolved: true}]",
    Severity.WARNING,
)


def check_receivers(document: Node) -> Iterator[Finding]:
    """Check names of receivers and the settings of their integrations, with what ``global`` supplies."""
    shared = mapping(document.get("global"))
    yield from _check_global(shared)
    yield from check_names(document, "receivers", "receiver")
    for receiver, path in nodes(document, "receivers", ()):
        label = mapping(receiver.get("labels")).get("name")
        if label is not None and text(label) != text(receiver.get("name")):
            yield Finding(
                VALUE_NOT_ALLOWED, "the label `name` differs from the receiver's name", (*path, "labels", "name")
            )
        for key in receiver:
            kind = INTEGRATIONS.get(str(key).removesuffix("_configs"))
            if kind is not None:
                for settings, place in nodes(receiver, str(key), path):
                    yield from _check_integration(str(key), kind, settings, shared, place)


def check_names(document: Node, key: str, thing: str, taken: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Check that the entries of a list have names, all different and none of them ``taken``."""
    seen = set(taken)
    for node, path in nodes(document, key, ()):
        name = text(node.get("name"))
        if not name:
            yield Finding(NAME_MISSING, f"a {thing} has no name", path, "add `name:`")
        elif name in seen:
            yield Finding(NAME_USED_TWICE, f"{thing} `{name}` is defined twice", (*path, "name"))
        seen.add(name)


def _check_global(shared: Node) -> Iterator[Finding]:
    for name in GLOBAL_SECRETS:
        yield from _check_exclusive(shared, (name, f"{name}_file"), ("global",))
    tokens = [name for name in ("slack_app_token", "slack_app_token_file") if given(shared, name)]
    urls = [name for name in ("slack_api_url", "slack_api_url_file") if given(shared, name)]
    if tokens and urls and shared.get("slack_api_url") != shared.get("slack_app_url", SLACK_APP_URL):
        yield _exclusive((urls[0], tokens[0]), ("global", urls[0]))


def _check_integration(key: str, kind: IntegrationKind, settings: Node, shared: Node, path: Path) -> Iterator[Finding]:
    for need in kind.needs:
        if not _is_met(need, settings, shared):
            yield _missing(need, path)
    for names in kind.exclusive:
        yield from _check_exclusive(settings, names, path)
    if "send_resolved" not in settings:
        told, default = ("is", "true") if kind.send_resolved else ("is not", "false")
        message = f"`send_resolved` is not stated, so this receiver {told} told when an alert ends"
        yield Finding(RESOLVED_NOT_STATED, message, path, f"write `send_resolved: {default}` if that is meant")
    yield from check_settings(key.removesuffix("_configs"), settings, path)


def _is_met(need: Need, settings: Node, shared: Node) -> bool:
    return any(given(settings, name) for name in need.settings) or any(given(shared, name) for name in need.globals_)


def _missing(need: Need, path: Path) -> Finding:
    wanted = " or ".join(f"`{name}`" for name in need.settings)
    shared = " or ".join(f"`{name}`" for name in need.globals_)
    return Finding(SETTING_MISSING, f"{wanted} is missing", path, f"or set {shared} in `global`" if shared else "")


def _check_exclusive(settings: Node, names: tuple[str, ...], path: Path) -> Iterator[Finding]:
    if all(given(settings, name) for name in names):
        yield _exclusive(names, (*path, names[0]))


def _exclusive(names: tuple[str, ...], path: Path) -> Finding:
    return Finding(
        SETTINGS_EXCLUDE, f"{' and '.join(f'`{name}`' for name in names)} exclude one another", path, "keep one"
    )
