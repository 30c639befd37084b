"""Receivers as they stand in the file: names, and what each integration needs or excludes."""

from __future__ import annotations

from collections.abc import Iterator

from generators.alertmanager.checks.reading import Node, given, mapping, nodes, text
from generators.alertmanager.checks.settings import SLACK_APP_URL, check_settings
from generators.alertmanager.integrations import INTEGRATIONS, IntegrationKind
from generators.alertmanager.problems import Path, Problem, problem
from generators.alertmanager.schema import GLOBAL_SECRETS
from generators.alertmanager.shapes import Need


def check_receivers(document: Node) -> Iterator[Problem]:
    """Check names of receivers and the settings of their integrations, with what ``global`` supplies."""
    shared = mapping(document.get("global"))
    yield from _check_global(shared)
    yield from check_names(document, "receivers", "receiver")
    for receiver, path in nodes(document, "receivers", ()):
        label = mapping(receiver.get("labels")).get("name")
        if label is not None and text(label) != text(receiver.get("name")):
            yield problem("M037", "the label `name` differs from the receiver's name", (*path, "labels", "name"))
        for key in receiver:
            kind = INTEGRATIONS.get(str(key).removesuffix("_configs"))
            if kind is not None:
                for settings, place in nodes(receiver, str(key), path):
                    yield from _check_integration(str(key), kind, settings, shared, place)


def check_names(document: Node, key: str, thing: str, taken: frozenset[str] = frozenset()) -> Iterator[Problem]:
    """Check that the entries of a list have names, all different and none of them ``taken``."""
    seen = set(taken)
    for node, path in nodes(document, key, ()):
        name = text(node.get("name"))
        if not name:
            yield problem("M030", f"a {thing} has no name", path, "add `name:`")
        elif name in seen:
            yield problem("M031", f"{thing} `{name}` is defined twice", (*path, "name"))
        seen.add(name)


def _check_global(shared: Node) -> Iterator[Problem]:
    for name in GLOBAL_SECRETS:
        yield from _check_exclusive(shared, (name, f"{name}_file"), ("global",))
    tokens = [name for name in ("slack_app_token", "slack_app_token_file") if given(shared, name)]
    urls = [name for name in ("slack_api_url", "slack_api_url_file") if given(shared, name)]
    if tokens and urls and shared.get("slack_api_url") != shared.get("slack_app_url", SLACK_APP_URL):
        yield _exclusive((urls[0], tokens[0]), ("global", urls[0]))


def _check_integration(key: str, kind: IntegrationKind, settings: Node, shared: Node, path: Path) -> Iterator[Problem]:
    for need in kind.needs:
        if not _is_met(need, settings, shared):
            yield _missing(need, path)
    for names in kind.exclusive:
        yield from _check_exclusive(settings, names, path)
    if "send_resolved" not in settings:
        default = "true" if kind.send_resolved else "false"
        yield problem("M036", "`send_resolved` is not stated", path, f"the default here is {default}")
    yield from check_settings(key.removesuffix("_configs"), settings, path)


def _is_met(need: Need, settings: Node, shared: Node) -> bool:
    return any(given(settings, name) for name in need.settings) or any(given(shared, name) for name in need.globals_)


def _missing(need: Need, path: Path) -> Problem:
    wanted = " or ".join(f"`{name}`" for name in need.settings)
    shared = " or ".join(f"`{name}`" for name in need.globals_)
    return problem("M033", f"{wanted} is missing", path, f"or set {shared} in `global`" if shared else "")


def _check_exclusive(settings: Node, names: tuple[str, ...], path: Path) -> Iterator[Problem]:
    if all(given(settings, name) for name in names):
        yield _exclusive(names, (*path, names[0]))


def _exclusive(names: tuple[str, ...], path: Path) -> Problem:
    return problem("M034", f"{' and '.join(f'`{name}`' for name in names)} exclude one another", path, "keep one")
