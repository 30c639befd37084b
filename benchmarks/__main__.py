"""``python -m benchmarks [NAME…]``: run all measurements, or those of the named modules, and print one table."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.rows import Row

MARKS = {True: "yes", False: "NO", None: ""}


def main() -> int:
    """Print the table; the exit code is 0, since a slow machine is not a fault."""
    wanted = sys.argv[1:]
    print("| measurement | result | aim | met | peer |\n|---|---|---|---|---|", flush=True)  # noqa: T201
    for info in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda each: each.name):
        if wanted and info.name not in wanted:
            continue
        module = importlib.import_module(f"benchmarks.{info.name}")
        if hasattr(module, "measure"):
            for row in module.measure():
                print(_line(row), flush=True)  # noqa: T201
    return 0


def _line(row: Row) -> str:
    sign = "≥" if row.at_least else "≤"
    aim = "" if row.aim is None else f"{sign} {row.aim:g} {row.unit}"
    return f"| {row.name} | {row.value:.3g} {row.unit} | {aim} | {MARKS[row.met]} | {row.peer} |"


if __name__ == "__main__":
    sys.exit(main())
