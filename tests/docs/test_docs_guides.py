"""Guides are run: every ``console`` block is a shell session, and what it shows is what the commands print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.guide

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OMITTED = "…"


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a guide with the lines that are shown below it; `>` continues a command."""
    for block in BLOCK.findall(text):
        command, shown = "", []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line[2:], []
            elif (line == ">" or line.startswith("> ")) and not shown:
                command += f"\n{line[2:]}"
            else:
                shown.append(line)
        yield command, shown


def pattern(shown: list[str]) -> re.Pattern[str]:
    """Return what output has to match: the lines themselves, and anything for an omission."""
    parts = [r"(?:.*\n)*?" if line.strip() == OMITTED else re.escape(line) + r"\n" for line in shown]
    return re.compile("".join(parts))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_shows_what_its_commands_print(guide: Path, tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_"))},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C.UTF-8",
    }
    ran = 0
    for command, shown in commands(guide.read_text(encoding="utf-8")):
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        printed = done.stdout + done.stderr
        assert "Traceback" not in printed
        assert pattern(shown).fullmatch(printed), f"$ {command}\n{printed}"
        ran += 1
    assert ran >= 3, "a guide has something to run"
