"""Write ``docs/reference`` and the layers in ARCHITECTURE.md from code.

With ``--check``, compare instead and fail where a page is missing or stale.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent))

from reference import commands, kinds, layers, packs, problems, promql

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "docs" / "reference"
ARCHITECTURE: Final = ROOT / "ARCHITECTURE.md"
MARK: Final = "<!-- Written by tools/reference_pages.py; do not edit. -->\n\n"
PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "commands.md": commands.page,
        "kinds.md": kinds.page,
        "metrics.md": packs.metrics_page,
        "packs.md": packs.page,
        "problems.md": problems.page,
        "promql.md": promql.page,
    }
)


def render() -> dict[str, str]:
    """Return the text of each page by its file name."""
    return {name: MARK + page() for name, page in PAGES.items()}


def differences(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Return what is missing, stale, or has no page in code, one line each."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    missing = [f"missing: {name}" for name in pages if name not in there]
    stale = [f"stale: {name}" for name, text in pages.items() if name in there and there[name] != text]
    orphaned = [f"orphaned: {name}" for name in there if name not in pages]
    return sorted([*missing, *stale, *orphaned])


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them; return the exit code."""
    pages = render()
    found = differences(pages, FOLDER)
    written = ARCHITECTURE.read_text(encoding="utf-8")
    architecture = layers.within(written)
    if "--check" in arguments:
        found += ["stale: ../../ARCHITECTURE.md"] if architecture != written else []
        sys.stdout.write("".join(f"docs/reference: {line}\n" for line in found))
        return 1 if found else 0
    ARCHITECTURE.write_text(architecture, encoding="utf-8")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for line in found:
        kind, _, name = line.partition(": ")
        if kind == "orphaned":
            (FOLDER / name).unlink()
        else:
            (FOLDER / name).write_text(pages[name], encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
