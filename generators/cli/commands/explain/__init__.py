"""The command ``explain``."""

from __future__ import annotations

import argparse
from typing import Final

from generators.cli.commands.explain.explanation import Explanation
from generators.cli.console import Console
from generators.cli.parser import add_specs_argument
from generators.cli.tables import plural
from generators.cli.unknown_names import UnknownNameError
from generators.cli.workspace import open_workspace
from generators.diagnostics import errors
from generators.diagnostics.text_report import visible
from generators.pipeline import compile_plan

FORMATS = ("text", "json")
SUBJECTS: Final = ("model", "alert", "rule", "metric", "route", "collector", "code")

_WHAT: Final = """\
what to explain:
  model NAME          the resolved spec, each value with the place that it comes from
  alert NAME          condition, labels, receivers, what it reads, which specs asked for it
  rule SERIES         the same for a recording rule
  metric NAME         by its OpenTelemetry name, Prometheus name or id
  route LABEL=VALUE…  who is told about an alert with these labels
  collector TIER [KEY…]
                      each key of `agent` or `gateway`, with the place that it comes from
  code CODE           what a problem means, such as R301
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _WHAT
    parser.add_argument("subject", choices=SUBJECTS, help="what kind of thing it is")
    parser.add_argument("names", nargs="+", metavar="NAME", help="its name")
    parser.add_argument("--model", help="only of this model, as `model` or `tenant/model`")
    parser.add_argument("--tenant", help="only of this tenant")
    parser.add_argument("--environment", help="only in this environment")
    add_specs_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Explain, or say which names there are."""
    if arguments.subject not in {"route", "collector"} and len(arguments.names) > 1:
        return console.fail(f"one {arguments.subject} at a time, please", code=2)
    try:
        found = _code(arguments) if arguments.subject == "code" else _of_specs(arguments, console)
    except UnknownNameError as error:
        return console.fail(str(error), code=2)
    if isinstance(found, int):
        return found
    if console.json:
        console.data(found.data)
    else:
        console.write("\n".join(visible(line) for line in found.text.split("\n")))
    return 0


def _code(arguments: argparse.Namespace) -> Explanation:
    from generators.cli.commands.explain.codes import explain_code  # noqa: PLC0415 - needs no specs

    return explain_code(arguments.names[0])


def _of_specs(arguments: argparse.Namespace, console: Console) -> Explanation | int:
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    console.progress(f"compiling {len(workspace.sources)} files")
    compiled = compile_plan(workspace.sources)
    console.progress("")
    if compiled.catalog is None or compiled.plan is None:
        workspace.report(compiled.problems, console)
        return console.fail("the specs have to be mended first")
    if wrong := errors(compiled.problems):
        console.err.write(
            f"watchspec: {plural(len(wrong), 'error')} in the specs, so something may be missing; see `check`\n"
        )
    from generators.cli.commands.explain.collectors import explain_collector  # noqa: PLC0415 - as below
    from generators.cli.commands.explain.metrics import explain_metric  # noqa: PLC0415 - after the quick exits
    from generators.cli.commands.explain.models import explain_model  # noqa: PLC0415 - as above
    from generators.cli.commands.explain.routes import explain_route  # noqa: PLC0415 - as above
    from generators.cli.commands.explain.rules import Choice, explain_alert, explain_rule  # noqa: PLC0415 - as above

    name, plan = arguments.names[0], compiled.plan
    choice = Choice(arguments.model, arguments.tenant, arguments.environment)
    match arguments.subject:
        case "model":
            sources = workspace.sources
            return explain_model(name, arguments.tenant, arguments.environment, sources, compiled.catalog)
        case "alert":
            return explain_alert(name, choice, plan)
        case "rule":
            return explain_rule(name, choice, plan)
        case "metric":
            return explain_metric(name, choice, plan)
        case "collector":
            return explain_collector(arguments.names, arguments.environment, plan)
    return explain_route(arguments.names, arguments.environment, plan)
