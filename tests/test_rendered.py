from __future__ import annotations

import shutil
from pathlib import Path

from committed import compiled

import generators
from generators.output.writing import compare

ROOT = Path(generators.__file__).parents[1]


def test_the_committed_specs_have_no_problem() -> None:
    assert compiled().problems == ()


def test_the_committed_artefacts_are_those_that_the_specs_make() -> None:
    changes = compare(compiled().artifacts, ROOT / "rendered")
    found = {"missing": changes.added, "stale": changes.changed, "orphaned": changes.removed}
    assert found == {"missing": (), "stale": (), "orphaned": ()}, "run `make render`"


def test_missing_stale_and_orphaned_artefacts_are_found(tmp_path: Path) -> None:
    tree = tmp_path / "rendered"
    for artifact in compiled().artifacts:
        path = tree / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8", newline="")
    assert not compare(compiled().artifacts, tree)
    first, second = (compiled().artifacts[index].path for index in (0, -1))
    (tree / first).unlink()
    (tree / second).write_text("other", encoding="utf-8")
    shutil.copy(tree / second, tree / "left-behind.yaml")
    changes = compare(compiled().artifacts, tree)
    assert (changes.added, changes.changed, changes.removed) == ((first,), (second,), ("left-behind.yaml",))
