"""The command ``drift``."""

from __future__ import annotations

import argparse
from typing import Any

from generators.baseline.codes import NOTHING_TO_COMPARE
from generators.baseline.comparison import drift
from generators.baseline.engines import DataError
from generators.baseline.findings import label_findings
from generators.baseline.profiling import profile
from generators.baseline.roles import is_counted
from generators.cli.console import Console
from generators.cli.drift_report import add_question_arguments, print_report, question
from generators.cli.models_data import add_data_arguments, assigned, data_problem, names_of, opened, refused, watched
from generators.cli.parser import add_specs_argument
from generators.cli.workspace import open_workspace
from generators.diagnostics import Problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument("model", metavar="MODEL", help="NAME or TENANT/NAME")
    add_specs_argument(parser)
    add_data_arguments(parser)
    add_question_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Count the data in the bins of the baseline, compare, print."""
    if arguments.data is None:
        return console.fail("--data says what is compared with the baseline", code=2)
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    found = watched(arguments.model, workspace, "", console)
    if isinstance(found, int):
        return found
    model = found.model
    if model.baseline is None:
        help_ = f"watchspec baseline {arguments.model} --data FILE"
        return refused(
            (Problem(NOTHING_TO_COMPARE, "the model has no baseline", found.places[""], help_),), workspace, console
        )
    table = opened(arguments, workspace, console)
    if isinstance(table, int):
        return table
    roles, missing = assigned(found, table, names_of(arguments), model.baseline.features)
    if missing:
        return refused(missing, workspace, console)
    given = {name: each.bins for name, each in model.baseline.features.items()}
    if model.baseline.prediction is not None:
        given[""] = model.baseline.prediction.bins
    try:
        counted = profile(table, model, roles, given, console.progress)
    except DataError as error:
        return refused((data_problem(error, arguments.data),), workspace, console)
    strange = label_findings(counted.labels, model, found.places[""]) if counted.labels is not None else ()
    if wrong := tuple(strange):
        return refused(wrong, workspace, console)
    names = [each.name for each in model.features if is_counted(each)]
    ordered = [*roles.features, *(name for name in names if name not in roles.features)]
    report = drift(model.baseline, counted, ordered, question(arguments))
    facts: dict[str, Any] = {"model": f"{model.tenant}/{model.name}", "baseline": model.baseline.version}
    return print_report(report, {**facts, "rows": counted.rows}, console)
