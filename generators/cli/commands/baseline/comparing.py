"""``baseline diff``: what changed from one baseline to another."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from generators.baseline.codes import NOTHING_TO_COMPARE
from generators.baseline.comparison import difference
from generators.baseline.reading import read_baseline
from generators.cli.console import Console
from generators.cli.drift_report import print_report, question
from generators.cli.reporting import as_data
from generators.diagnostics import NOWHERE, Problem
from generators.language.catalog import Baseline
from generators.language.sources import Source


def compare(old: Path, new: Path, arguments: argparse.Namespace, console: Console) -> int:
    """Compare two files, and return 1 where the newer one drifted away."""
    sources = [Source(str(path), path.read_bytes()) for path in (old, new)]
    read: list[Baseline] = []
    owners: list[str] = []
    for source in sources:
        baseline, owner, problems = read_baseline(source)
        if baseline is None:
            return _refused(problems, source, console)
        read.append(baseline)
        owners.append(owner)
    if owners[0] != owners[1]:
        place = replace(NOWHERE, file=str(new))
        message = f"{new} is of model {owners[1]}, and {old} of {owners[0]}"
        return _refused(
            (Problem(NOTHING_TO_COMPARE, message, place, "compare baselines of one model"),), sources[1], console
        )
    report = difference(read[0], read[1], question(arguments))
    facts = {"model": owners[0], "old": read[0].version, "new": read[1].version}
    if not console.json:
        console.say(f"{owners[0]}: version {read[0].version} → {read[1].version}\n")
    return print_report(report, facts, console)


def _refused(problems: tuple[Problem, ...], source: Source, console: Console) -> int:
    if console.json:
        console.data({"ok": False, "problems": as_data(problems)})
    console.problems(problems, {source.file: source.data.decode("utf-8", errors="replace")})
    return 1
