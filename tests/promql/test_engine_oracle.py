"""Random expressions against promtool, where it is installed; `tests/differential` does the same at length."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROMTOOL = shutil.which("promtool")
PROGRAM = Path(__file__).resolve().parents[1] / "differential" / "compare_promql.py"


@pytest.mark.oracle
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_the_engine_agrees_with_promtool_on_random_expressions() -> None:
    command = [sys.executable, str(PROGRAM), str(PROMTOOL), "7", "1", "120"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROGRAM.parents[2])
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "120 expressions, 0 disagreements" in finished.stdout
