import argparse
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from generators.cli import main
from generators.cli.console import FORMATS, Console
from generators.cli.parser import COMMANDS, build_parser, load

ROOT = Path(__file__).parents[2]
HEAVY = {"pydantic", "yaml", "numpy", "grafanalib", "jsonschema"}


def run(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generators.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def ends(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command and return its exit code and everything that it printed."""
    try:
        code = main(words)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err
    return code, captured.out + captured.err


def test_help_lists_every_command_with_what_it_does(capsys):
    code, text = ends(["--help"], capsys)
    assert code == 0
    plain = " ".join(text.split())
    for name, summary in COMMANDS.items():
        assert name in plain
        assert summary in plain


def test_the_version_is_that_of_the_project(capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert ends(["--version"], capsys) == (0, f"watchspec {project['version']}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name, capsys):
    code, text = ends([name, "--help"], capsys)
    assert code == 0
    assert "--format" in text


def test_names_and_help_need_nothing_heavy():
    program = (
        "import sys; from generators.cli.parser import build_parser; build_parser().format_help();"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_command_is_usage_and_an_unknown_one_too(capsys):
    assert ends([], capsys)[0] == 2
    assert ends(["chekc"], capsys)[0] == 2


def test_all_options_of_all_commands_can_be_declared_at_once():
    assert build_parser(complete=True).format_help()


READING = (["check"], ["render"], ["diff"], ["cost"], ["explain", "model", "x"])


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_missing_folder_is_usage(words, tmp_path, capsys):
    code, text = ends([*words, "--specs", str(tmp_path / "none")], capsys)
    assert code == 2
    assert "init" in text


@pytest.mark.parametrize("words", READING, ids=" ".join)
@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe\x80",
        b"",
        b"%",
        b"---\n---\n",
        b"apiVersion: watchspec/v1\nkind: Platform\nmetadata: 3\nspec: []\n",
        b"a: &a [*a]\n",
        b"[" * 5000,
        "\ufeffkind: Model\u2028".encode(),
    ],
    ids=["bytes", "empty", "directive", "no-documents", "shapes", "alias", "deep", "unicode"],
)
def test_garbage_is_reported_and_never_a_traceback(words, data, tmp_path, capsys):
    specs = tmp_path / "specs"
    specs.mkdir()
    (specs / "bad.yaml").write_bytes(data)
    code, text = ends([*words, "--specs", str(specs)], capsys)
    assert code == 1
    assert text.strip()
    assert not (tmp_path / "rendered").exists()


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_file_that_cannot_be_read_is_named(words, tmp_path, capsys, monkeypatch):
    specs = tmp_path / "specs"
    specs.mkdir()
    (specs / "locked.yaml").write_text("")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    code, text = ends([*words, "--specs", str(specs)], capsys)
    assert code == 1
    assert "locked.yaml: Permission denied" in text


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_file_in_place_of_the_folder_is_usage(words, tmp_path, capsys):
    (tmp_path / "specs").write_text("")
    assert ends([*words, "--specs", str(tmp_path / "specs")], capsys)[0] == 2


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_an_absurdly_long_path_is_a_message(words, capsys):
    assert ends([*words, "--specs", "x" * 5000], capsys)[0] in {1, 2}


def test_output_is_plain_when_piped_and_survives_a_poor_encoding():
    done = run("explain", "code", "M018", PYTHONIOENCODING="ascii", FORCE_COLOR="1")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    poor = run("promql", "check", "caf\u00e9 +", PYTHONIOENCODING="ascii")
    assert poor.returncode == 1
    assert "Traceback" not in poor.stderr


def test_a_reader_that_goes_away_is_no_accident():
    command = f"'{sys.executable}' -m generators.cli schema | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_the_schema_of_a_kind_is_complete_and_that_of_an_unknown_kind_usage(tmp_path, capsys):
    from jsonschema import Draft202012Validator

    code, text = ends(["schema", "environment"], capsys)
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = {"apiVersion": "watchspec/v1", "kind": "Environment", "metadata": {"name": "a"}, "spec": {}}
    assert code == 0
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "spec": {"severity_cap": "loud"}})
    code, text = ends(["schema", "Modle"], capsys)
    assert (code, "`Model`" in text) == (2, True)
    assert ends(["schema", "--output", str(tmp_path / "s.json")], capsys)[0] == 0
    assert json.loads((tmp_path / "s.json").read_text())["title"] == "Watchspec"
    assert ends(["schema", "--output", str(tmp_path / "no" / "s.json")], capsys)[0] == 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "specs" / "models").mkdir(parents=True)
    (tmp_path / "specs" / "models" / "bad.yaml").write_text("kind: Modle\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.parametrize("below", ["", "specs", "specs/models"])
def test_specs_are_found_from_any_folder_below(below, project, capsys, monkeypatch):
    monkeypatch.chdir(project / below)
    code, text = ends(["check"], capsys)
    assert code == 1
    assert "specs/models/bad.yaml:1:" in text


def test_specs_are_not_looked_for_above_the_repository(project, capsys, monkeypatch):
    inner = project / "other"
    (inner / ".git").mkdir(parents=True)
    monkeypatch.chdir(inner)
    code, text = ends(["check"], capsys)
    assert code == 2
    assert "nor above" in text


@pytest.mark.parametrize("path", ["", "specs"])
def test_check_takes_the_folder_of_the_specs_or_the_one_that_holds_it(path, project, capsys):
    code, text = ends(["check", str(project / path)], capsys)
    assert code == 1
    assert "specs/models/bad.yaml:1:" in text
    assert ends(["check", str(project), "--specs", str(project)], capsys)[0] == 2


def test_quiet_prints_problems_and_nothing_else(project, capsys):
    code, text = ends(["check", "--quiet", str(project)], capsys)
    assert code == 1
    assert "Modle" in text
    assert "1 error" not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_in_an_action_annotations_are_printed_only_where_the_format_is_listed(name, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    listed = getattr(load(name), "FORMATS", FORMATS)
    console = Console.of(argparse.Namespace(format=None, formats=listed))
    assert console.format == ("github" if "github" in listed else "text")


def test_quiet_says_no_notes(tmp_path, capsys):
    """A model with features and no baseline is told of it, which is a note."""
    specs = str(tmp_path / "specs")
    assert (
        main(
            ["init", specs, "--yes", "--repository", "https://git.example.org/w", "--grafana", "https://g.example.org"]
        )
        == 0
    )
    model = tmp_path / "specs/models/my-model.yaml"
    model.write_text(model.read_text("utf-8") + "  features: {age: {type: number, range: [18, 100]}}\n", "utf-8")
    capsys.readouterr()
    assert main(["check", "--specs", specs]) == 0
    assert "R340" in "".join(capsys.readouterr())
    assert main(["check", "--specs", specs, "--quiet"]) == 0
    assert "".join(capsys.readouterr()) == ""
