"""Data of a model as commands take them: which model, which columns, which engine; problems with places in the spec."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from generators.baseline.engines import DataError, Table, duckdb, spark
from generators.baseline.roles import Names, Roles, assign
from generators.cli.console import Console
from generators.cli.reporting import as_data
from generators.cli.tables import plural
from generators.cli.unknown_names import UnknownNameError, unknown
from generators.cli.workspace import Workspace
from generators.diagnostics import NOWHERE, Position, Problem, errors, sort_problems
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Catalog, Model
from generators.language.documents import Document, load
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, texts

EPILOG: Final = """\
data:
  FILE or a glob in quotes    .parquet .csv .tsv (also .gz) .json .ndjson, and with pyarrow .arrow .feather
  catalog::TABLE              with --engine spark, a table of its catalogue
  FILE.duckdb::TABLE          a table of DuckDB; FILE.db::TABLE and postgresql://…::TABLE need DuckDB's extension

A feature's column has its name, apart from case and from what stands between words. Times without a zone are UTC.
"""


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which data, and which column is what."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    group = parser.add_argument_group("data")
    group.add_argument("--data", metavar="DATA", help="the data: a file, a glob, or DATABASE::TABLE")
    group.add_argument("--time", metavar="COLUMN", default="", help="when a row was seen")
    group.add_argument("--label", metavar="COLUMN", default="", help="what was right")
    group.add_argument("--score", metavar="COLUMN", default="", help="score of the positive class, from 0 to 1")
    group.add_argument("--prediction", metavar="COLUMN", default="", help="what the model said (default: by --score)")
    group.add_argument("--key", metavar="COLUMN", default="", help="whom rows are about, where some have several")
    group.add_argument("--id", metavar="COLUMN", default="", help="what is different in every row")
    help_ = "what codes of labels and predictions stand for, as 0=benign,1=malignant"
    group.add_argument("--classes", metavar="CODES", type=_classes, default={}, help=help_)
    help_ = "what reads the data (default: duckdb); spark takes the session that its environment names, or a local one"
    group.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help=help_)
    group.add_argument("--threads", metavar="N", type=int, default=None, help="threads of DuckDB (default: all cores)")


def _classes(text: str) -> dict[str, str]:
    """Return what codes stand for; raises an argparse error where a part has no `=`."""
    parts = [part.partition("=") for part in text.split(",")]
    if not all(sign and name for _, sign, name in parts):
        raise argparse.ArgumentTypeError(f"`{text}` is not CODE=CLASS,CODE=CLASS")
    return {code.strip(): name.strip() for code, _, name in parts}


@dataclass(frozen=True, slots=True)
class Watched:
    """A model as the specs have it, with the places of its features (under ``""`` its own)."""

    model: Model
    places: Mapping[str, Position]


def names_of(arguments: argparse.Namespace) -> Names:
    """Return the columns that the options name."""
    return Names(
        time=arguments.time,
        label=arguments.label,
        score=arguments.score,
        prediction=arguments.prediction,
        key=arguments.key,
        row=arguments.id,
        classes=arguments.classes,
    )


def watched(name: str, workspace: Workspace, without: str, console: Console) -> Watched | int:
    """Return a model by NAME or TENANT/NAME, or the exit code where specs are wrong or have none of that name.

    ``without`` is a file that is left out, since it is about to be written.
    """
    sources = tuple(each for each in workspace.sources if each.file != without)
    catalog, problems = resolve(sources)
    if wrong := errors(problems):
        workspace.report(wrong, console)
        return 1
    if catalog is None:
        return 1
    try:
        model = _by_name(name, catalog)
    except UnknownNameError as error:
        return console.fail(str(error), code=2)
    return Watched(model, _places(model, sources))


def _by_name(name: str, catalog: Catalog) -> Model:
    models = {(each.model.tenant, each.model.name): each.model for each in catalog.deployments}
    found = [model for (tenant, own), model in models.items() if name in (own, f"{tenant}/{own}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownNameError(f"several tenants have `{name}`: {', '.join(f'{each.tenant}/{name}' for each in found)}")
    raise unknown("model", name, (own for _, own in models))


def _places(model: Model, sources: Iterable[Source]) -> dict[str, Position]:
    documents = load(each for each in sources if each.file == model.position.file).loaded
    return {"": model.position, **{name: place for each in documents for name, place in _features(each, model)}}


def _features(document: Document, model: Model) -> list[tuple[str, Position]]:
    features = document.spec.get("features")
    if (document.kind, document.tenant, document.name) != ("Model", model.tenant, model.name):
        return []
    return [(each.key, each.key_position) for each in features.entries] if isinstance(features, MappingNode) else []


def opened(arguments: argparse.Namespace, workspace: Workspace, console: Console) -> Table | int:
    """Open the data, or print why not and return the exit code."""
    console.progress(f"reading {arguments.data}")
    try:
        return (
            spark.open_data(arguments.data)
            if arguments.engine == "spark"
            else duckdb.open_data(arguments.data, arguments.threads)
        )
    except DataError as error:
        return refused((data_problem(error, arguments.data),), workspace, console)


def refused(problems: Iterable[Problem], workspace: Workspace, console: Console, after: str = "") -> int:
    """Print problems, and what follows from them, and return the exit code."""
    ordered = sort_problems(problems)
    if console.json:
        console.data({"ok": False, "problems": as_data(ordered)})
        return 1
    console.problems(ordered, texts(workspace.sources))
    if console.format == "text" and after:
        console.write(f"{plural(len(ordered), 'problem')}, {after}")
    return 1


def data_problem(error: DataError, file: str) -> Problem:
    """Return a problem about data as a whole."""
    return Problem(error.kind, str(error), replace(NOWHERE, file=file if "://" not in file else ""), error.help)


def assigned(
    found: Watched, table: Table, names: Names, features: Iterable[str] | None = None
) -> tuple[Roles, tuple[Problem, ...]]:
    """Return the columns of a model in the order of the spec, and what is missing, at its place there."""
    roles, missing = assign(found.model, table.columns, names, features)
    problems = (replace(each, position=found.places.get(name, found.places[""])) for name, each in missing)
    ordered = sorted(roles.features, key=lambda name: (found.places.get(name, NOWHERE).line, name))
    return replace(roles, features={name: roles.features[name] for name in ordered}), sort_problems(problems)
