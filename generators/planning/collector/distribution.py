"""The distribution: exactly the parts that the configurations use, in versions that compile together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.yaml.reader import load_plain
from generators.language.catalog.collector import Distribution
from generators.planning.collector.plan import CollectorPlan, Component, DistributionPlan

UNKNOWN_COMPONENT = Code(
    "C811",
    "Unknown part of the Collector",
    "Versions are set for parts that the distribution has.",
    "components: {tail_samplin: 0.157.0}",
    "components: {tail_sampling: 0.157.0}",
)

KINDS: Final = ("receivers", "processors", "exporters", "connectors", "extensions", "providers")
PROVIDERS: Final = ("env", "file")
"""What reads `${env:…}` and the configuration itself."""

_TAGGED = re.compile(r"[:@][^/]*$")


def distribution(plans: Iterable[CollectorPlan], stated: Distribution) -> DistributionPlan:
    """Return the distribution of all environments together; an image without a tag has that of the builder."""
    version = _version_of("core", stated)
    image = stated.image if _TAGGED.search(stated.image) else f"{stated.image}:{version}"
    return DistributionPlan(version, image, _components(plans, stated))


def _components(plans: Iterable[CollectorPlan], stated: Distribution) -> tuple[Component, ...]:
    """Return the components that configurations use, by kind and type; none without configurations.

    A type that there is not is left out: the review of its configuration says so.
    """
    used: set[tuple[str, str]] = set()
    for plan in plans:
        for configuration in plan.configurations:
            for kind in KINDS:
                section = configuration.document.get(kind)
                names = section if isinstance(section, Mapping) else {}
                used |= {(kind, str(name).partition("/")[0]) for name in names}
    if not used:
        return ()
    used |= {("providers", name) for name in PROVIDERS}
    ordered = sorted(used, key=lambda each: (KINDS.index(each[0]), each[1]))
    found = (_component(kind, name, stated) for kind, name in ordered)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def distribution_problems(stated: Distribution) -> Iterator[Problem]:
    """Yield versions of parts that there are not."""
    known = {name for kind in KINDS for name in _table()[kind]}
    for name, place in stated.positions.items():
        if name not in known:
            help_ = did_you_mean(name, known) or f"parts: {', '.join(sorted(known))}"
            yield Problem(UNKNOWN_COMPONENT, f"the Collector has no part `{name}`", place, help_)


def _component(kind: str, type_: str, stated: Distribution) -> Component | None:
    """Return a component by its current name; None where the table has none of the type."""
    entry = _entry(kind, type_)
    if entry is None:
        return None
    name, facts = entry
    source = facts["from"]
    version = stated.components.get(name) or _own_version(facts, source, stated)
    return Component(kind, name, f"{_table()['modules'][source]}/{facts['module']}", version)


def _own_version(facts: Mapping[str, str], source: str, stated: Distribution) -> str:
    """Return the version of a part: one that lags behind does so only in the set that we know."""
    return stated.versions.get(source) or facts.get("version") or _version_of(source, stated)


def _version_of(source: str, stated: Distribution) -> str:
    return str(stated.versions.get(source) or _table()["versions"][source])


def _entry(kind: str, type_: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the current name of a type, and what the table says of it."""
    named = _table()[kind].items()
    return next(((name, facts) for name, facts in named if type_ == name or type_ in facts.get("aliases", ())), None)


@lru_cache(maxsize=1)
def _table() -> Any:
    text = resources.files("generators").joinpath("library/collector-components.yaml").read_text("utf-8")
    return load_plain(text)
