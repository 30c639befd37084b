"""The wheel: what is in it, and that somebody who has nothing else can start with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
UV = Path(sys.executable).with_name("uv")

pytestmark = pytest.mark.wheel


def run(*command: str | Path, folder: Path, **variables: str) -> str:
    """What a command prints, with an environment that knows nothing of this checkout."""
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH", "SSL_CERT_FILE"}}
    done = subprocess.run(command, cwd=folder, env=kept | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and what it asks for, without the extras of development."""
    place = tmp_path_factory.mktemp("environment")
    run(UV, "venv", "--quiet", "--python", sys.executable, place, "--clear", folder=place)
    python = place / "bin/python"
    lock = ROOT / "requirements-dev.txt"
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", lock, wheel, folder=place)
    return python.parent


def test_the_wheel_holds_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "otel", "generators"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    info = f"watchspec-{VERSION}.dist-info/"
    assert {name for name in names if not name.startswith(info)} == {name for name in listed if (ROOT / name).exists()}
    assert {"otel/py.typed", "generators/py.typed", f"{info}licenses/LICENSE"} <= names


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    (source,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, folder=next(tmp_path.iterdir()))
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(tmp_path / wheel.name) as theirs:
        assert {each.filename: each.CRC for each in ours.infolist()} == {
            each.filename: each.CRC for each in theirs.infolist()
        }


def test_from_an_empty_folder_to_rendered_files(installed: Path, tmp_path: Path) -> None:
    watchspec = installed / "watchspec"
    assert run(watchspec, "--version", folder=tmp_path) == f"watchspec {VERSION}\n"
    run(watchspec, "init", folder=tmp_path)
    assert "ok" in run(watchspec, "check", folder=tmp_path)
    run(watchspec, "render", folder=tmp_path)
    rules = sorted((tmp_path / "rendered").rglob("*.rules.yaml"))
    assert rules
    run(watchspec, "render", "--check", folder=tmp_path)
    run(watchspec, "lint", "rules", *rules, folder=tmp_path)
    assert run(watchspec, "explain", "model", "my-model", folder=tmp_path).startswith("# model my-model of tenant main")


def test_a_service_imports_the_runtime_and_only_that(installed: Path, tmp_path: Path) -> None:
    code = "import otel, sys; otel.monitor; print('pydantic' in sys.modules, 'yaml' in sys.modules, otel.__file__)"
    told = run(installed / "python", "-I", "-c", code, folder=tmp_path).split()
    assert told[:2] == ["False", "False"]
    assert Path(told[2]).is_relative_to(installed.parent)


def test_no_tool_of_development_is_installed(installed: Path, tmp_path: Path) -> None:
    listed = run(UV, "pip", "freeze", "--python", installed / "python", folder=tmp_path)
    names = {line.partition("==")[0].partition(" ")[0] for line in listed.splitlines()}
    assert names & {"pytest", "mypy", "ruff", "hypothesis", "fastapi", "uv", "scipy"} == set()
