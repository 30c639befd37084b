"""Random expressions against promtool, where it is installed; `tests/differential` does the same at length."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = os.environ.get("WATCHSPEC_TOOLS")
PROMTOOL = shutil.which("promtool", path=TOOLS or None)
PROGRAMS = Path(__file__).resolve().parents[1] / "differential"


@pytest.mark.oracle
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    ("program", "count", "said"),
    [
        ("compare_promql.py", "120", "120 expressions, 0 disagreements"),
        ("compare_alerts.py", "30", "samples of their states, 0 disagreements"),
    ],
)
def test_our_results_agree_with_promtools_on_random_data(program: str, count: str, said: str) -> None:
    command = [sys.executable, str(PROGRAMS / program), str(PROMTOOL), "7", "1", count]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROGRAMS.parents[1])
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert said in finished.stdout
