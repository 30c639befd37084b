"""Values of settings that only certain kinds of integration have, and of HTTP clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from generators.alertmanager.checks.reading import Node, given, mapping, nodes, text
from generators.alertmanager.refusal import Refusal
from generators.diagnostics import Finding, Path

SETTING_MISSING = Refusal(
    "M033",
    "Setting missing",
    "The integration cannot work without this setting, and `global` does not supply it either.",
    "email_configs: [{html: hello}]",
    "email_configs: [{to: on-call@example.org}]",
)
SETTINGS_EXCLUDE = Refusal(
    "M034",
    "Settings that exclude one another",
    "Of these settings at most one may be given.",
    "slack_configs: [{api_url: https://a.example, api_url_file: /etc/slack}]",
    "slack_configs: [{api_url_file: /etc/slack}]",
)
VALUE_NOT_ALLOWED = Refusal(
    "M037",
    "Setting with a value that is not allowed",
    "The setting takes one of a few values.",
    "telegram_configs: [{chat_id: 1, parse_mode: markdown}]",
    "telegram_configs: [{chat_id: 1, parse_mode: Markdown}]",
)

SLACK_APP_URL = "https://slack.com/api/chat.postMessage"
"""Where messages of an app token go unless ``slack_app_url`` says otherwise."""

_CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("telegram", "parse_mode"): ("HTML", "Markdown", "MarkdownV2", ""),
    ("jira", "api_type"): ("auto", "cloud", "datacenter"),
    ("wechat", "message_type"): ("text", "markdown", ""),
}
_ENTRIES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("slack", "fields"): ("title", "value"),
    ("slack", "actions"): ("type", "text"),
    ("mattermost", "fields"): ("title", "value"),
}
"""What every entry of these lists needs."""

_RESPONDER_TYPES = ("team", "teams", "user", "escalation", "schedule")
_VICTOROPS_FIELDS = (
    "routing_key", "message_type", "state_message", "entity_display_name", "monitoring_tool", "entity_id",
    "entity_state",
)  # fmt: skip
_AUTHORISATIONS = ("basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file")


def check_settings(kind: str, settings: Node, path: Path) -> Iterator[Finding]:
    """Check what a kind asks of its settings beyond their shape, and its HTTP client."""
    for (owner, key), choices in _CHOICES.items():
        if owner == kind and key in settings and text(settings[key]) not in choices:
            wanted = ", ".join(choice for choice in choices if choice)
            yield Finding(
                VALUE_NOT_ALLOWED, f"`{key}` is `{text(settings[key])}`", (*path, key), f"use one of {wanted}"
            )
    for (owner, key), wanted_keys in _ENTRIES.items():
        if owner == kind:
            yield from _check_entries(settings, key, wanted_keys, path)
    if kind in _SPECIAL:
        yield from _SPECIAL[kind](settings, path)
    yield from check_http(mapping(settings.get("http_config")), (*path, "http_config"))
    yield from check_tls(mapping(settings.get("tls_config")), (*path, "tls_config"))


def _check_entries(settings: Node, key: str, wanted: tuple[str, ...], path: Path) -> Iterator[Finding]:
    for entry, place in nodes(settings, key, path):
        for name in wanted:
            if not given(entry, name):
                yield Finding(SETTING_MISSING, f"`{name}` is missing", place)


def _slack(settings: Node, path: Path) -> Iterator[Finding]:
    for action, place in nodes(settings, "actions", path):
        if not (given(action, "url") or given(action, "name")):
            yield Finding(SETTING_MISSING, "`name` or `url` is missing", place)
        if isinstance(action.get("confirm"), Mapping) and not given(mapping(action["confirm"]), "text"):
            yield Finding(SETTING_MISSING, "`text` is missing", (*place, "confirm"))
    if settings.get("update_message") is True and text(settings.get("api_url")) != SLACK_APP_URL:
        yield Finding(
            VALUE_NOT_ALLOWED, f"`update_message` needs `api_url: {SLACK_APP_URL}`", (*path, "update_message")
        )
    if given(settings, "app_token") or given(settings, "app_token_file"):
        yield from _check_no_authorisation(settings, "an app token", path)


def _check_no_authorisation(settings: Node, other: str, path: Path) -> Iterator[Finding]:
    if isinstance(mapping(settings.get("http_config")).get("authorization"), Mapping):
        place = (*path, "http_config", "authorization")
        yield Finding(SETTINGS_EXCLUDE, f"`authorization` and {other} exclude one another", place, "keep one")


def _incidentio(settings: Node, path: Path) -> Iterator[Finding]:
    token = given(settings, "alert_source_token") or given(settings, "alert_source_token_file")
    http = settings.get("http_config")
    if token:
        yield from _check_no_authorisation(settings, "an alert source token", path)
    elif isinstance(http, Mapping) and not isinstance(http.get("authorization"), Mapping):
        yield Finding(SETTING_MISSING, "`alert_source_token_file` or `http_config.authorization` is missing", path)


def _webex(settings: Node, path: Path) -> Iterator[Finding]:
    if not isinstance(mapping(settings.get("http_config")).get("authorization"), Mapping):
        yield Finding(SETTING_MISSING, "`http_config.authorization` is missing", path)


def _opsgenie(settings: Node, path: Path) -> Iterator[Finding]:
    for responder, place in nodes(settings, "responders", path):
        if not any(given(responder, name) for name in ("id", "username", "name")):
            yield Finding(SETTING_MISSING, "`id`, `username` or `name` is missing", place)
        kind = text(responder.get("type"))
        if "{{" not in kind and kind.lower() not in _RESPONDER_TYPES:
            yield Finding(VALUE_NOT_ALLOWED, f"`type` is `{kind}`", place, f"use one of {', '.join(_RESPONDER_TYPES)}")


def _victorops(settings: Node, path: Path) -> Iterator[Finding]:
    for name in mapping(settings.get("custom_fields")):
        if name in _VICTOROPS_FIELDS:
            yield Finding(VALUE_NOT_ALLOWED, f"`{name}` is a field of its own", (*path, "custom_fields", str(name)))


def _pushover(settings: Node, path: Path) -> Iterator[Finding]:
    if settings.get("html") is True and settings.get("monospace") is True:
        yield Finding(SETTINGS_EXCLUDE, "`html` and `monospace` exclude one another", (*path, "monospace"), "keep one")


def _email(settings: Node, path: Path) -> Iterator[Finding]:
    names = Counter(str(name).title() for name in mapping(settings.get("headers")))
    for name, count in names.items():
        if count > 1:
            yield Finding(
                VALUE_NOT_ALLOWED, f"header `{name}` is given twice; case does not matter", (*path, "headers")
            )
    threading = mapping(settings.get("threading"))
    if threading.get("enabled") is True:
        for name in ("References", "In-Reply-To"):
            if name in names:
                yield Finding(
                    SETTINGS_EXCLUDE, f"threading and the header `{name}` exclude one another", (*path, "threading")
                )
        if text(threading.get("thread_by_date")) not in {"none", "daily"}:
            yield Finding(VALUE_NOT_ALLOWED, "`thread_by_date` is neither `none` nor `daily`", (*path, "threading"))


_SPECIAL: Mapping[str, Callable[[Node, Path], Iterator[Finding]]] = {
    "email": _email,
    "incidentio": _incidentio,
    "opsgenie": _opsgenie,
    "pushover": _pushover,
    "slack": _slack,
    "victorops": _victorops,
    "webex": _webex,
}


def check_http(client: Node, path: Path) -> Iterator[Finding]:
    """Check an HTTP client: one way to authorise, complete OAuth 2, no contradictory proxy."""
    used = [name for name in _AUTHORISATIONS if client.get(name) not in (None, "")]
    if len(used) > 1:
        yield Finding(
            SETTINGS_EXCLUDE, f"{' and '.join(f'`{name}`' for name in used)} exclude one another", path, "keep one"
        )
    for block, names in (("basic_auth", ("username", "password")), ("authorization", ("credentials",))):
        for name in names:
            yield from _check_sources(mapping(client.get(block)), name, (*path, block))
    if text(mapping(client.get("authorization")).get("type")).strip().lower() == "basic":
        yield Finding(VALUE_NOT_ALLOWED, "`type` is `basic`", (*path, "authorization", "type"), "use `basic_auth`")
    if isinstance(client.get("oauth2"), Mapping):
        yield from _check_oauth2(mapping(client["oauth2"]), (*path, "oauth2"))
    if given(client, "proxy_from_environment") and (given(client, "proxy_url") or given(client, "no_proxy")):
        yield Finding(
            SETTINGS_EXCLUDE, "`proxy_from_environment` and a written proxy exclude one another", path, "keep one"
        )
    elif not given(client, "proxy_url"):
        for name in ("no_proxy", "proxy_connect_header"):
            if client.get(name) and not (name == "proxy_connect_header" and given(client, "proxy_from_environment")):
                yield Finding(SETTING_MISSING, f"`proxy_url` is missing, but there is `{name}`", path)
    yield from check_tls(mapping(client.get("tls_config")), (*path, "tls_config"))


def _check_oauth2(oauth2: Node, path: Path) -> Iterator[Finding]:
    for name in ("client_id", "token_url"):
        if not given(oauth2, name):
            yield Finding(SETTING_MISSING, f"`{name}` is missing", path)
    bearer = text(oauth2.get("grant_type")).endswith(":jwt-bearer")
    yield from _check_sources(oauth2, "client_certificate_key" if bearer else "client_secret", path)


def check_tls(tls: Node, path: Path) -> Iterator[Finding]:
    """Check TLS settings: one source for each part, and a certificate together with its key."""
    for name in ("ca", "cert", "key"):
        yield from _check_sources(tls, name, path)
    has = {name: any(given(tls, f"{name}{suffix}") for suffix in ("", "_file", "_ref")) for name in ("cert", "key")}
    if has["cert"] != has["key"]:
        yield Finding(SETTING_MISSING, f"`{'key' if has['cert'] else 'cert'}_file` is missing", path)
    for name in ("min_version", "max_version"):
        if given(tls, name) and text(tls[name]) not in {"TLS10", "TLS11", "TLS12", "TLS13"}:
            yield Finding(VALUE_NOT_ALLOWED, f"`{name}` is `{text(tls[name])}`", (*path, name), "use TLS12 or TLS13")


def _check_sources(node: Node, name: str, path: Path) -> Iterator[Finding]:
    sources = [key for key in (name, f"{name}_file", f"{name}_ref") if given(node, key)]
    if len(sources) > 1:
        shown = " and ".join(f"`{key}`" for key in sources)
        yield Finding(SETTINGS_EXCLUDE, f"{shown} exclude one another", (*path, sources[0]), "keep one")
