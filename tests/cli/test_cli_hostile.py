"""Whatever the command line, the streams and the names of files are: a command ends with a sentence, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.cli import main
from generators.cli.parser import COMMANDS

ROOT = Path(__file__).parents[2]
SURROGATES = "".join(chr(code) for code in range(0xDC80, 0xDD00))
"""What bytes that are not UTF-8 become in arguments and names of files."""

WORDS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from(SURROGATES), max_size=8),
    st.sampled_from(("-", "--", "--specs", "--format", "json", "--quiet", "--base", "-q", "--colour=always", "rules")),
    st.sampled_from(("check", "format", "alertmanager", "collector", "dashboards", "code", "route", "bash", "--file")),
)
OF_SPECS = ("check", "cost", "diff", "explain")
READING = sorted(set(COMMANDS) - {"init", "render", "schema"})
"""Commands that write no file, wherever they are called."""


@given(command=st.sampled_from(READING), words=st.lists(WORDS, max_size=5))
def test_no_command_line_ends_in_a_traceback(command: str, words: list[str]) -> None:
    try:
        code = main([command, "--specs", "/nonexistent", *words] if command in OF_SPECS else [command, *words])
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 0
    assert code in (0, 1, 2)


def run(words: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = f'exec "{sys.executable}" -m generators.cli {words}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-", "<&-", "> /dev/full"])
@pytest.mark.parametrize("words", ["lint alertmanager good.yaml bad.yaml none.yaml", "promql check 'sum('", "--help"])
def test_streams_that_are_closed_or_full_cost_no_traceback(words: str, streams: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("route: {receiver: a}\nreceivers: [{name: a}]\n")
    (tmp_path / "bad.yaml").write_text("route: {receiver: b}\nreceivers: [{name: a}]\n")
    done = run(f"{words} {streams}", tmp_path)
    assert b"Traceback" not in done.stdout + done.stderr
    assert done.returncode in (0, 1, 2, 120)


def test_a_name_that_is_not_utf8_is_read_and_shown_with_escapes(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/a\xff.yaml"
    try:
        Path(os.fsdecode(name)).write_text("route: {receiver: b}\nreceivers: [{name: a}]\n")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    for format_ in ("text", "json", "github"):
        done = run(f"lint alertmanager --format {format_} $'a\\xff.yaml' $'none\\xff.yaml'", tmp_path)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert b"M013" in done.stdout
        assert b"No such file" in done.stderr
