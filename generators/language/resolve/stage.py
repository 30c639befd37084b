"""The stage documents → Catalog: the platform, then who and where, then each model in each of its environments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

from generators.diagnostics import Code, Position, Problem, did_you_mean, errors, sort_problems
from generators.formats.yaml.nodes import NOTHING, Scalar, at
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Catalog, Deployment, Environment, Model, Platform, Team
from generators.language.documents import Document, Documents, load
from generators.language.resolve import collector, organisation
from generators.language.resolve.applicability import facts, unread_facts
from generators.language.resolve.baselines import by_model, without
from generators.language.resolve.collector import UNKNOWN_TENANT
from generators.language.resolve.deployments import SECTIONS, deployment
from generators.language.resolve.fairness import with_criteria
from generators.language.resolve.layering import layered
from generators.language.resolve.levels import more_than_is_labelled
from generators.language.resolve.models import model
from generators.language.resolve.noise import never_enough
from generators.language.resolve.organisation import UNKNOWN_RECEIVER
from generators.language.resolve.packs import (
    Pack,
    absent,
    chain,
    combined,
    is_complete,
    packs,
    undeclared,
    unknown_pack,
)
from generators.language.resolve.places import only_in, places
from generators.language.resolve.reading import Reading
from generators.language.resolve.tuning import tuned_in_vain
from generators.language.sources import COLLECTOR_BASES, Source, read_library

NOT_A_TASK = Code(
    "R314",
    "Not a task",
    "The pack adds to others but does not say how a kind of model is watched.",
    "task: resources",
    "task: regression",
)
UNKNOWN_ENVIRONMENT = Code(
    "R315",
    "Unknown environment",
    "There is no Environment of that name.",
    "environments: [prod]",
    "environments: [production]",
)
DECLARED_TWICE = Code(
    "R316",
    "Declared twice",
    "Names are unique among the documents of a kind, those of models within a tenant.",
    "name: churn  # twice",
    "name: churn-eu",
)
NO_PLATFORM = Code(
    "R317",
    "No platform",
    "One document of kind Platform describes the organisation.",
    "(no file)",
    "kind: Platform",
)
MORE_THAN_ONE_PLATFORM = Code(
    "R318",
    "More than one platform",
    "There is exactly one document of kind Platform.",
    "kind: Platform  # twice",
    "kind: Platform",
)
LARGE_FILE = Code(
    "S121",
    "File too large",
    "A file that takes minutes to read is no spec that people review.",
    "(a file of 5 MiB)",
    "(two files)",
)
UNREADABLE_NAME = Code(
    "S120",
    "Name of a file that is not UTF-8",
    "Artefacts name the files that they come from, in UTF-8.",
    r"specs/models/caf\xe9.yaml",
    "specs/models/café.yaml",
)
UNKNOWN_TEAM = Code(
    "R320",
    "Unknown team",
    "There is no Team of that name, so nobody would be paged.",
    "team: growht",
    "team: growth",
)


MOST_BYTES = 4 << 20
"""Size of a file that is read, in bytes: some seconds."""


def resolve(sources: Iterable[Source]) -> tuple[Catalog | None, tuple[Problem, ...]]:
    """Return the catalog that specs and the library mean; None where problems leave no catalog.

    ``sources`` are the organisation's files.  All problems are returned, sorted, each once.
    """
    given, misnamed = _named(sources)
    read = load(each for each in given if not each.file.startswith(COLLECTOR_BASES))
    problems = [*_library().problems, *misnamed, *read.problems]
    by_kind = _by_kind(read.loaded, problems)
    platform = _platform(by_kind["Platform"], problems)
    if platform is None:
        return None, sort_problems(problems)
    bases = collector.bases(given, problems)
    return _catalog(platform, by_kind, bases, read.broken, problems), sort_problems(problems)


def _named(sources: Iterable[Source]) -> tuple[tuple[Source, ...], list[Problem]]:
    """Return the files that can be read in seconds and whose names artefacts can name, and a problem for each other."""
    given: list[Source] = []
    problems = []
    for source in sources:
        try:
            source.file.encode()
            if len(source.data) <= MOST_BYTES:
                given.append(source)
            else:
                message = f"the file has {len(source.data) >> 20} MiB, and at most {MOST_BYTES >> 20} are read"
                place = Position(source.file, 1, 1, 1, 1)
                problems.append(
                    Problem(LARGE_FILE, message, place, "divide it; documents may stand in files of their own")
                )
        except UnicodeEncodeError:
            message, place = "the file's name is not UTF-8", Position(source.file, 1, 1, 1, 1)
            problems.append(
                Problem(UNREADABLE_NAME, message, place, "rename it; artefacts name the files they come from")
            )
    return tuple(given), problems


@lru_cache(maxsize=1)
def _library() -> Documents:
    return load(read_library())


def _catalog(
    platform: Platform,
    by_kind: Mapping[str, list[Document]],
    bases: collector.Bases,
    broken: frozenset[str],
    problems: list[Problem],
) -> Catalog:
    environments = {
        each.name: organisation.environment(each, platform, bases, problems) for each in by_kind["Environment"]
    }
    teams = {each.name: organisation.team(each, platform, problems) for each in by_kind["Team"]}
    prices = {each.name: organisation.price_list(each, problems) for each in by_kind["PriceList"]}
    available = packs(_library().loaded, by_kind["Pack"], broken, problems)
    _check_default_receiver(by_kind["Platform"][0], teams, broken, problems)
    if not broken:
        problems.extend(_tuned_in_vain(by_kind, available))
    profiles = by_model(by_kind["Baseline"], by_kind["Model"], broken, problems)
    layers = _Layers(by_kind, available)
    deployments: list[Deployment] = []
    said: set[str] = set()
    for document in by_kind["Model"]:
        _check_owners(document, platform, teams.keys() | broken, problems)
        owner = teams.get(_text(document, "team"))
        profile = profiles.get((document.tenant, document.name))
        resolved = model(document, owner or organisation.nobody(document), prices, broken, problems, profile)
        if not broken:
            problems.extend(without(document, resolved))
        names = _pack_names(document, available, broken, problems)
        where = _environment_names(document, environments, broken, problems)
        problems.extend(undeclared(names, available, platform, said))
        if names and _text_at(document, "llm", "prices") not in broken - prices.keys():
            found = _deployments(document, resolved, names, where, environments, platform, layers, problems)
            deployments += found if owner else ()
    return Catalog(
        platform=platform,
        environments=tuple(environments[name] for name in sorted(environments)),
        teams=dict(sorted(teams.items())),
        price_lists=dict(sorted(prices.items())),
        deployments=tuple(
            sorted(deployments, key=lambda each: (each.environment.name, each.model.tenant, each.model.name))
        ),
    )


def _tuned_in_vain(by_kind: Mapping[str, list[Document]], available: Mapping[str, Pack]) -> Iterator[Problem]:
    defaults = [each.spec.get("defaults") for kind in ("Platform", "Environment") for each in by_kind[kind]]
    tuning = [*(node for node in defaults if isinstance(node, MappingNode)), *(each.spec for each in by_kind["Pack"])]
    specs = [*(pack.monitoring for pack in available.values()), *(each.spec for each in by_kind["Model"])]
    return tuned_in_vain(tuning, (*specs, *tuning))


class _Layers:
    """What lies below a model: packs, platform and environment, merged once for each combination."""

    def __init__(self, by_kind: Mapping[str, list[Document]], available: Mapping[str, Pack]) -> None:
        self.available = available
        self._platform = by_kind["Platform"][0]
        self._environments = {each.name: each for each in by_kind["Environment"]}
        self._merged: dict[tuple[tuple[str, ...], str], tuple[MappingNode, tuple[str, ...], tuple[str, ...]]] = {}

    def below(
        self, names: tuple[Scalar, ...], environment: str, problems: list[Problem]
    ) -> tuple[MappingNode, tuple[str, ...], tuple[str, ...]]:
        """Return what packs and defaults say together, the packs' names, and the files that it comes from."""
        key = (tuple(name.text for name in names), environment)
        if key not in self._merged:
            ordered = chain(names, self.available, problems)
            defaults = [(each, each.spec.get("defaults")) for each in (self._platform, self._environments[environment])]
            stated = [(each, node) for each, node in defaults if isinstance(node, MappingNode)]
            merged = layered((combined(ordered), *(node for _, node in stated)), NOTHING)
            files = {file for pack in ordered for file in pack.files} | {each.file for each, _ in defaults}
            self._merged[key] = merged, tuple(pack.name for pack in ordered), tuple(sorted(files))
        return self._merged[key]


def _deployments(
    document: Document,
    resolved: Model,
    names: tuple[Scalar, ...],
    environment_names: Iterable[str],
    environments: Mapping[str, Environment],
    platform: Platform,
    layers: _Layers,
    problems: list[Problem],
) -> list[Deployment]:
    spec = with_criteria(document.spec)
    own = spec.holding(tuple(entry for entry in spec.entries if entry.key in SECTIONS))
    sample = Reading(document.spec, problems).child("labels").place("sample")
    traffic = Reading(document.spec, problems).place("traffic")
    unread = unread_facts(document.spec, facts(resolved))
    result = []
    for name in environment_names:
        below, ordered, files = layers.below(names, name, problems)
        sources = tuple(sorted({*files, document.file, resolved.team.position.file, *_further_files(resolved)}))
        stated = (below, own, only_in(document, name))
        missing = absent((layers.available[each] for each in ordered), platform.external)
        found = deployment(resolved, environments[name], stated, platform, ordered, sources, problems, unread, missing)
        problems.extend(more_than_is_labelled(found.alerts, resolved.label_sample, sample))
        problems.extend(never_enough(found.alerts, found.measures, resolved, traffic))
        result.append(found)
    return result


def _further_files(resolved: Model) -> tuple[str, ...]:
    prices = resolved.llm.prices if resolved.llm else None
    return tuple(each.position.file for each in (prices, resolved.baseline) if each)


def _pack_names(
    document: Document, available: Mapping[str, Pack], broken: frozenset[str], problems: list[Problem]
) -> tuple[Scalar, ...]:
    """Return the packs that a model names; none if one is missing, since what it says then cannot be told."""
    task, further = document.spec.get("task"), document.spec.get("packs")
    items = getattr(further, "items", ())
    names = tuple(each for each in (task, *items) if isinstance(each, Scalar))
    tasks = {name: pack for name, pack in available.items() if pack.task}
    for name in names:
        if name.text not in available and name.text not in broken:
            problems.append(unknown_pack(name, tasks if name is task else available))
        elif name is task and name.text in available and name.text not in tasks:
            help_ = did_you_mean(name.text, tasks) or f"tasks: {', '.join(sorted(tasks))}"
            problems.append(Problem(NOT_A_TASK, f"the pack `{name.text}` is not a task", name.position, help_))
            return ()
    return names if is_complete(names, available) else ()


def _environment_names(
    document: Document, environments: Mapping[str, Environment], broken: frozenset[str], problems: list[Problem]
) -> list[str]:
    names = places(document)
    if names is None:
        return sorted(environments)
    for name in names:
        _check_known(UNKNOWN_ENVIRONMENT, "environment", name, environments.keys() | broken, problems)
    return sorted({name.text for name in names if name.text in environments})


def _by_kind(documents: tuple[Document, ...], problems: list[Problem]) -> dict[str, list[Document]]:
    """Sort documents by kind; a name that occurs twice is a problem, and the first one counts."""
    first: dict[tuple[str, str, str], Document] = {}
    result: dict[str, list[Document]] = {
        kind: [] for kind in ("Model", "Team", "Environment", "Platform", "Pack", "PriceList", "Baseline")
    }
    for document in documents:
        key = (document.kind, document.tenant, document.name)
        earlier = first.setdefault(key, document)
        if earlier is document or document.kind == "Platform":  # of which there is one, whatever they are called
            result[document.kind].append(document)
        else:
            what = f"{document.kind.lower()} `{document.name}`" + (
                f" of tenant `{document.tenant}`" if document.tenant else ""
            )
            related = (("first declared here", earlier.position),)
            problems.append(
                Problem(
                    DECLARED_TWICE,
                    f"{what} is declared twice",
                    document.position,
                    "rename one of them",
                    related=related,
                )
            )
    return result


def _platform(documents: list[Document], problems: list[Problem]) -> Platform | None:
    if not documents:
        place = Position("specs/platform.yaml", 1, 1, 1, 1)
        told = (problem.position.file for problem in errors(problems))
        if not any(PurePosixPath(file).parts[1:] == ("platform.yaml",) for file in told):
            problems.append(
                Problem(NO_PLATFORM, "there is no document of kind Platform", place, "`watchspec init` writes one")
            )
        return None
    for other in documents[1:]:
        related = (("the first one", documents[0].position),)
        problems.append(
            Problem(
                MORE_THAN_ONE_PLATFORM,
                "there is more than one Platform",
                other.position,
                "keep one of them",
                related=related,
            )
        )
    return None if documents[1:] else organisation.platform(documents[0], problems)


def _check_owners(document: Document, platform: Platform, teams: Collection[str], problems: list[Problem]) -> None:
    tenant, team = document.metadata.get("tenant"), document.metadata.get("team")
    if isinstance(tenant, Scalar):
        _check_known(UNKNOWN_TENANT, "tenant", tenant, platform.tenants, problems)
    if isinstance(team, Scalar):
        _check_known(UNKNOWN_TEAM, "team", team, teams, problems)


def _check_default_receiver(
    document: Document, teams: Mapping[str, Team], broken: frozenset[str], problems: list[Problem]
) -> None:
    default = Reading(document.spec, problems).child("alertmanager").child("default")
    team, receiver = default.scalar("team"), default.scalar("receiver")
    if team is not None:
        _check_known(UNKNOWN_TEAM, "team", team, teams.keys() | broken, problems)
        if receiver is not None and team.text in teams:
            what = f"receiver of team `{team.text}` called"
            _check_known(UNKNOWN_RECEIVER, what, receiver, teams[team.text].receivers, problems)


def _check_known(code: Code, what: str, name: Scalar, known: Collection[str], problems: list[Problem]) -> None:
    if name.text not in known:
        help_ = did_you_mean(name.text, known) or f"declared: {', '.join(sorted(known)) or 'none'}"
        problems.append(Problem(code, f"there is no {what} `{name.text}`", name.position, help_))


def _text_at(document: Document, *path: str) -> str:
    value = at(document.spec, *path)
    return value.text if isinstance(value, Scalar) else ""


def _text(document: Document, key: str) -> str:
    value = document.metadata.get(key)
    return value.text if isinstance(value, Scalar) else ""
