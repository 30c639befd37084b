"""The command ``init``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generators.cli.commands.init.first_specs import ADDRESS, NAME, Start, collector_bases, files, secret
from generators.cli.console import GREEN, Console
from generators.cli.unknown_names import unknown
from generators.language.sources import COLLECTOR_BASES, read_library

FORMATS = ("text", "json")
NONE: Final = "none"
QUESTIONS: Final = {
    "organisation": ("name of the organisation", "Example"),
    "tenant": ("tenant that the first model belongs to", "main"),
    "team": ("team that owns it", "ml"),
    "model": ("name of the model", "my-model"),
    "task": ("what it does", "binary-classification"),
    "service": ("service that serves it", ""),
    "repository": ("address of the Git repository that these files are kept in, for links to runbooks", NONE),
    "grafana": ("address of Grafana, for links to dashboards", NONE),
}
"""What is asked, with the answer that is taken where there is none; the service is named like the model."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    help_ = "folder to make (default: specs)"
    parser.add_argument("folder", nargs="?", type=Path, default=Path("specs"), metavar="FOLDER", help=help_)
    for name, (question, default) in QUESTIONS.items():
        parser.add_argument(f"--{name}", metavar="NAME", help=f"{question} (default: {default or 'the model'})")
    parser.add_argument("--yes", "-y", action="store_true", help="ask nothing, take defaults")
    help_ = "write only the Collectors' bases beside FOLDER, those that are missing"
    parser.add_argument("--collector", action="store_true", help=help_)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Ask, check the answers, and write."""
    folder: Path = arguments.folder
    # The folder `.` has nothing beside it that would not be inside it too.
    bases = {folder.parent / name: text for name, text in collector_bases().items() if folder.name}
    missing = {path: text for path, text in bases.items() if not path.exists()}
    if arguments.collector:
        return _written(missing, f"{folder.parent / COLLECTOR_BASES} is complete", console)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return console.fail(f"{folder} is there already and not empty; nothing was written", code=2)
    start = _answers(arguments, console)
    if wrong := _wrong(start):
        return console.fail(wrong, code=2)
    specs = {folder / name: text for name, text in files(start).items()}
    return _written(specs | missing, _next_steps(start, folder, console), console)


def _written(texts: Mapping[Path, str], after: str, console: Console) -> int:
    """Write files and say so; ``after`` is said at the end."""
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    if console.json:
        console.data({"ok": True, "files": [str(path) for path in texts]})
        return 0
    for path in texts:
        console.say(f"+ {path}")
    console.say(after)
    return 0


def _answers(arguments: argparse.Namespace, console: Console) -> Start:
    """Take options, ask for the rest on a terminal, and else take defaults."""
    asks = sys.stdin.isatty() and console.err.isatty() and not arguments.yes and not console.json
    found: dict[str, str] = {}
    for name, (question, default) in QUESTIONS.items():
        usual = default or found["model"]
        given: str | None = getattr(arguments, name)
        found[name] = (_ask(question, usual, console) if asks else usual) if given is None else given
    return Start(**{name: "" if answer == NONE else answer for name, answer in found.items()})


def _ask(question: str, default: str, console: Console) -> str:
    console.err.write(f"{question} [{default}]: ")
    console.err.flush()
    return sys.stdin.readline().strip() or default


def _wrong(start: Start) -> str:
    """Return what is wrong with the answers, with a remedy; nothing where they are fine."""
    if not start.organisation.strip():
        return "--organisation is empty"
    for name in ("tenant", "team", "model", "service"):
        if not NAME.fullmatch(getattr(start, name)):
            return f"--{name} `{getattr(start, name)}` is not a name: use up to 63 of a-z, 0-9 and `-`"
    for name in ("repository", "grafana"):
        address = getattr(start, name)
        if address and not ADDRESS.fullmatch(address):
            return f"--{name} `{address}` is not an address: write one such as `https://git.example.com/watch`"
    tasks = _tasks()
    if start.task not in tasks:
        return str(unknown("task", start.task, tasks))
    return ""


def _tasks() -> tuple[str, ...]:
    """Return the tasks that the library has packs for."""
    from generators.formats.yaml.nodes import at, plain  # noqa: PLC0415 - as above
    from generators.language.documents import load  # noqa: PLC0415 - slow to import, and needed only here

    packs = load(read_library()).loaded
    named = {each.name for each in packs if (task := at(each.spec, "task")) is not None and plain(task) is True}
    return tuple(sorted(named))


def _next_steps(start: Start, folder: Path, console: Console) -> str:
    option = "" if folder == Path("specs") else f" --specs {folder}"
    kept = (folder, folder.parent / COLLECTOR_BASES, folder.parent / "rendered")
    return "\n".join(
        (
            console.paint("next:", GREEN),
            f"  watchspec check{option}",
            f"  watchspec render{option}    then commit {', '.join(map(str, kept[:-1]))} and {kept[-1]}",
            f"  put the URL of your chat or pager into {secret(start)} where Alertmanager runs",
            f"  add features, labels and segments to {folder / 'models' / start.model}.yaml",
            f"  say in {folder / 'platform.yaml'} where pipelines get watchspec from (ci.install), for examples",
            f"  watchspec explain model {start.model}{option}    shows everything that is watched already",
        )
    )
