"""All checks of a configuration: those of amtool check-config, and those that nobody else makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generators.alertmanager.checks.declared import AlertLabels, check_declared
from generators.alertmanager.checks.inhibition import check_inhibit_rules
from generators.alertmanager.checks.intervals import check_intervals
from generators.alertmanager.checks.reachability import check_reachability
from generators.alertmanager.checks.reading import mapping
from generators.alertmanager.checks.receivers import check_receivers
from generators.alertmanager.checks.routes import check_routes
from generators.alertmanager.checks.secrets import check_secrets
from generators.alertmanager.checks.settings import check_http, check_tls
from generators.alertmanager.checks.structure import check_structure
from generators.alertmanager.config import Config
from generators.alertmanager.emit import document
from generators.alertmanager.refusal import is_refused
from generators.diagnostics import Finding


def check(config: Config, carried: Iterable[AlertLabels] = ()) -> tuple[Finding, ...]:
    """Check a configuration; paths lead into the file that ``emit`` writes.

    ``carried`` holds the labels of every alert that exists, as a constant or None where the value varies;
    with it, inhibition rules and routes are checked against those alerts.
    """
    problems = check_document(document(config))
    if is_refused(problems):
        return problems
    return (*problems, *check_meaning(config, carried))


def check_document(plain: object) -> tuple[Finding, ...]:
    """Check a file given as plain values (a parsed YAML mapping), as far as no Config is needed."""
    return tuple(_check_document(plain))


def check_meaning(config: Config, carried: Iterable[AlertLabels] = ()) -> tuple[Finding, ...]:
    """Check what a well-formed configuration does. Its matchers have to be valid."""
    return (*check_reachability(config), *check_declared(config, tuple(carried)))


def _check_document(plain: object) -> Iterator[Finding]:
    yield from check_structure({} if plain is None else plain)
    if not isinstance(plain, Mapping | None):
        return
    file = mapping(plain)
    shared = mapping(file.get("global"))
    yield from check_http(mapping(shared.get("http_config")), ("global", "http_config"))
    yield from check_tls(mapping(shared.get("smtp_tls_config")), ("global", "smtp_tls_config"))
    for check_part in (check_routes, check_receivers, check_intervals, check_inhibit_rules, check_secrets):
        yield from check_part(file)
