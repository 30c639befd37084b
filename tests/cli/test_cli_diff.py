import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generators.cli import main


@pytest.fixture
def repository(tmp_path, capsys):
    specs = tmp_path / "specs"
    assert (
        main(["init", str(specs), "--repository", "https://git.halden.example/w", "--grafana", "https://g.example"])
        == 0
    )
    assert main(["render", "--specs", str(specs)]) == 0
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    capsys.readouterr()
    return specs


def git(folder: Path, *words: str) -> None:
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(folder), *words], env={**os.environ, **identity}, check=True)


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_diff_compares_with_the_commit_whether_or_not_the_folder_on_disk_is_rendered(repository, capsys):
    edit(repository / "models" / "my-model.yaml", "99.5%", "99.9%")
    assert main(["diff", "--specs", str(repository)]) == 0
    first = capsys.readouterr().out
    assert "objective availability (production, staging): objective 99.5 % → 99.9 %" in first
    assert main(["render", "--specs", str(repository), "--quiet"]) == 0
    assert main(["diff", "--specs", str(repository), "--exit-code"]) == 1
    assert capsys.readouterr().out == first


def test_diff_compares_with_any_commit(repository, capsys):
    edit(repository / "models" / "my-model.yaml", "500ms", "600ms")
    assert main(["render", "--specs", str(repository), "--quiet"]) == 0
    git(repository.parent, "commit", "-q", "-a", "-m", "second")
    assert main(["diff", "--specs", str(repository), "--exit-code"]) == 0
    assert main(["diff", "HEAD~1", "--specs", str(repository), "--exit-code"]) == 1
    assert "buckets +0.6" in capsys.readouterr().out


def test_diff_prints_markdown_and_json(repository, capsys):
    edit(repository / "models" / "my-model.yaml", "99.5%", "99.9%")
    assert main(["diff", "--specs", str(repository), "--format", "markdown"]) == 0
    assert "<details>" in capsys.readouterr().out
    assert main(["diff", "--specs", str(repository), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["different"] is True


@pytest.mark.parametrize("ref", ["nonsense", "--output=/tmp/x", "-", "HEAD:specs", "a b", "^", "\u202e", "@{99}"])
def test_a_commit_that_is_none_is_usage(ref, repository, capsys):
    assert main(["diff", "--specs", str(repository), "--", ref]) == 2
    assert "git" in capsys.readouterr().err


def test_a_commit_outside_of_a_repository_is_usage(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["init", str(tmp_path / "specs")]) == 0
    assert main(["diff", "HEAD", "--specs", str(tmp_path / "specs")]) == 2
    assert "not in a git repository" in capsys.readouterr().err


def test_diff_works_without_git(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent / "nowhere"))
    assert main(["init", str(tmp_path / "specs")]) == 0
    assert main(["diff", "--specs", str(tmp_path / "specs")]) == 0
    assert "environment production" in capsys.readouterr().out


def test_diff_of_broken_specs_reports_their_problems(repository, capsys):
    edit(repository / "models" / "my-model.yaml", "objective:", "objektive:")
    assert main(["diff", "--specs", str(repository)]) == 1
    assert "objective" in capsys.readouterr().out
