"""The committed specs, compiled once in each process that runs tests: whoever looks at all of them starts here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import generators
from generators.language.sources import read_specs
from generators.pipeline import Compiled, compile_artifacts
from generators.planning.plan import Plan

ROOT = Path(generators.__file__).parents[1]


@cache
def compiled() -> Compiled:
    """What all committed specs compile to; it is an error if they have problems."""
    found = compile_artifacts(read_specs(ROOT / "specs"))
    assert found.ok, found.problems
    return found


def plan() -> Plan:
    """Their plan."""
    found = compiled().plan
    assert found is not None
    return found


@cache
def texts() -> dict[str, str]:
    """The text of each artefact, by path."""
    return {each.path: each.text for each in compiled().artifacts}
