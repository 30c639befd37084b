"""A share of `make fuzz`: broken texts of every kind get an answer, in time."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "differential" / "fuzz_promql.py"


def test_broken_texts_are_answered_with_problems() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM), "2000", "7"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 7: 2000 inputs" in done.stdout
    assert done.stdout.rstrip().endswith(" 0 failures")
