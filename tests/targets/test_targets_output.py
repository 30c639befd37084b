from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.artifact import Artifact
from generators.output import staging
from generators.output.locking import locked
from generators.output.staging import sibling
from generators.output.writing import Changes, compare, write

OLD = {"index.json": "{}", "a/keep.txt": "same", "a/change.txt": "old", "b/c/gone.txt": "gone"}
NEW = {"index.json": "{}", "a/keep.txt": "same", "a/change.txt": "new", "d/fresh.txt": "ü"}


def artifacts(files: dict[str, str]) -> list[Artifact]:
    return [Artifact(path, text, ()) for path, text in files.items()]


def tree(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    changes, problems = write(artifacts(OLD), tmp_path / "rendered")
    assert problems == ()
    assert len(changes.added) == len(OLD)
    return tmp_path / "rendered"


def test_a_comparison_names_every_file_once(root: Path) -> None:
    changes = compare(artifacts(NEW), root)
    assert changes == Changes(
        added=("d/fresh.txt",),
        changed=("a/change.txt",),
        removed=("b/c/gone.txt",),
        unchanged=("a/keep.txt", "index.json"),
        foreign=("b/c/gone.txt",),
    )
    assert tree(root) == OLD


def test_a_write_makes_the_tree_equal_and_leaves_nothing_else(root: Path) -> None:
    changes, problems = write(artifacts(NEW), root)
    assert problems == ()
    assert changes
    assert tree(root) == NEW
    assert names(root.parent) == ["rendered"]
    assert not (root / "b").exists()
    assert not compare(artifacts(NEW), root)


def test_unchanged_files_stay_the_same_files(root: Path) -> None:
    before = (root / "a/keep.txt").stat()
    write(artifacts(NEW), root)
    after = (root / "a/keep.txt").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_without_links_unchanged_files_keep_their_times(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    before = (root / "a/keep.txt").stat()
    write(artifacts(NEW), root)
    assert (root / "a/keep.txt").stat().st_mtime_ns == before.st_mtime_ns
    assert tree(root) == NEW


def test_a_write_without_changes_touches_nothing(root: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (root.parent, root, *root.rglob("*"))}
    time.sleep(0.01)
    changes, problems = write(artifacts(OLD), root)
    assert (bool(changes), problems) == (False, ())
    assert {path: path.stat().st_mtime_ns for path in (root.parent, root, *root.rglob("*"))} == before


@settings(derandomize=True, deadline=None)
@given(
    st.dictionaries(st.sampled_from(("a", "b/a", "b/b", "c/d/e")), st.text(max_size=3)),
    st.dictionaries(st.sampled_from(("a", "b/a", "b/b", "c/d/e")), st.text(max_size=3)),
)
def test_any_tree_becomes_any_other(tmp_path_factory: pytest.TempPathFactory, old: dict, new: dict) -> None:
    root = tmp_path_factory.mktemp("any") / "rendered"
    index = {"index.json": "[]"}
    for files in (old | index, new | index):
        assert write(artifacts(files), root)[1] == ()
        assert {path: (root / path).read_bytes().decode() for path in tree(root)} == files


CRASHING = """
import os, sys
from pathlib import Path
from generators.artifact import Artifact
from generators.output.writing import write

EVENTS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "open", "os.chmod"}
left = int(sys.argv[2])

def crash(event, arguments):
    global left
    if event in EVENTS and str(arguments[0]).startswith(ROOT):
        left -= 1
        if left < 0:
            os._exit(9)

ROOT = str(Path(sys.argv[1]).parent)
files = eval(sys.argv[3])
sys.addaudithook(crash)
changes, problems = write([Artifact(path, text, ()) for path, text in files.items()], Path(sys.argv[1]))
sys.exit(1 if problems else 0)
"""


def test_a_crash_at_any_step_leaves_the_old_tree_whole_and_the_next_render_mends_it(tmp_path: Path) -> None:
    steps = 0
    while True:
        root = tmp_path / str(steps) / "rendered"
        root.parent.mkdir()
        write(artifacts(OLD), root)
        command = [sys.executable, "-c", CRASHING, str(root), str(steps), repr(NEW)]
        code = subprocess.run(command, check=False).returncode
        whole = tree(staging.current_tree(root))
        assert whole in (OLD, NEW)
        assert bool(compare(artifacts(NEW), root)) == (whole == OLD)
        assert write(artifacts(NEW), root)[1] == ()
        assert tree(root) == NEW
        assert names(root.parent) == ["rendered"]
        if code == 0:
            break
        assert code == 9
        steps += 1
    assert steps > 15


@pytest.mark.parametrize("step", ["os.mkdir", "os.rename", "shutil.copymode"])
@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_failure_at_any_step_is_a_problem_and_puts_the_old_tree_back(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    module, _, name = step.partition(".")
    original = getattr(sys.modules[module], name)
    calls = []

    def fail(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        if len(calls) == nth + 1:
            raise OSError(28, "No space left on device", str(arguments[0]))
        return original(*arguments, **options)

    monkeypatch.setattr(sys.modules[module], name, fail)
    changes, problems = write(artifacts(NEW), root)
    if len(calls) <= nth:
        assert tree(root) == NEW
        return
    assert not changes
    assert [problem.code for problem in problems] == ["T713"]
    assert "No space left on device" in problems[0].message
    assert tree(root) == OLD
    assert names(root.parent) == ["rendered"]


def test_an_interrupt_puts_the_old_tree_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(staging, "_link", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(artifacts(NEW), root)
    assert tree(root) == OLD
    assert names(root.parent) == ["rendered"]


def test_two_renders_do_not_write_at_once(root: Path) -> None:
    with locked(sibling(root, "lock")):
        changes, problems = write(artifacts(NEW), root)
    assert not changes
    assert [problem.code for problem in problems] == ["T712"]
    assert tree(root) == OLD
    assert write(artifacts(NEW), root)[1] == ()


def test_a_lock_is_free_again_after_its_holder_died(root: Path) -> None:
    lock = sibling(root, "lock")
    script = (
        "import os, sys, pathlib\nfrom generators.output.locking import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(lock)], check=False).returncode == 9
    assert lock.exists()
    assert write(artifacts(NEW), root)[1] == ()
    assert not lock.exists()


def test_a_link_as_root_is_refused(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    _, problems = write(artifacts(NEW), link)
    assert [problem.code for problem in problems] == ["T711"]
    assert tree(root) == OLD


@pytest.mark.parametrize("stranger", ["notes.txt", ".git", ".bashrc"])
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, stranger: str) -> None:
    root = tmp_path / "home"
    root.mkdir()
    (root / stranger).write_text("mine")
    _, problems = write(artifacts(NEW), root)
    assert [problem.code for problem in problems] == ["T711"]
    assert tree(root) == {stranger: "mine"}


@pytest.mark.parametrize("path", [".", "..", "/", "missing/rendered", "file"])
def test_paths_that_cannot_be_a_tree_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    _, problems = write(artifacts(NEW), Path(path))
    assert [problem.code for problem in problems] == ["T711"]
    assert tree(tmp_path) == {"file": "mine"}


def test_an_empty_folder_and_one_with_a_placeholder_are_ours(tmp_path: Path) -> None:
    for name, placeholders in (("one", []), ("two", [".gitkeep"])):
        root = tmp_path / name
        root.mkdir()
        for placeholder in placeholders:
            (root / placeholder).touch()
        assert write(artifacts(NEW), root)[1] == ()
        assert tree(root) == NEW


def test_links_inside_the_tree_are_replaced_and_never_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("mine")
    (root / "a/keep.txt").unlink()
    (root / "a/keep.txt").symlink_to(outside / "precious.txt")
    (root / "d").symlink_to(outside)
    changes, problems = write(artifacts(NEW), root)
    assert problems == ()
    assert "a/keep.txt" in changes.changed
    assert "d" in changes.removed
    assert tree(root) == NEW
    assert not (root / "a/keep.txt").is_symlink()
    assert tree(outside) == {"precious.txt": "mine"}


def test_files_that_no_render_wrote_are_told_apart_from_those_that_one_wrote(tmp_path: Path) -> None:
    root = tmp_path / "rendered"
    index = Artifact("index.json", '{"artifacts": {"a.txt": {}, "b.txt": {}}}', ())
    write([index, Artifact("a.txt", "a", ()), Artifact("b.txt", "b", ())], root)
    (root / "notes.txt").write_text("mine")
    changes, problems = write([index, Artifact("a.txt", "a", ())], root)
    assert problems == ()
    assert changes.removed == ("b.txt", "notes.txt")
    assert changes.foreign == ("notes.txt",)
