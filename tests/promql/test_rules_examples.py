"""Rule files as people have them, read, linted and tested, by us and, where it is installed, by promtool."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from generators.diagnostics import Severity
from generators.promql.rules import read_rules
from generators.promql.rules.lint import lint
from generators.promql.rules.testing.unit_tests import files_beside, run_unit_tests

EXAMPLES = Path(__file__).parent / "examples"
RULES = sorted(EXAMPLES.glob("*.rules.yaml"))
TESTS = sorted(EXAMPLES.glob("*_test.yaml"))
PROMTOOL = shutil.which("promtool", path=os.environ.get("WATCHSPEC_TOOLS"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_examples_have_no_problems_worth_a_warning(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    file, problems = read_rules(text, path.name)
    assert file is not None
    assert problems == ()
    found = lint(file, text=text)
    assert [each for each in found if each.severity is not Severity.INFO] == []


def test_a_resource_holds_the_same_rules_as_its_groups_alone() -> None:
    resource, _ = read_rules((EXAMPLES / "cluster.rules.yaml").read_text(encoding="utf-8"))
    alone, _ = read_rules((EXAMPLES / "cluster-groups.rules.yaml").read_text(encoding="utf-8"))
    assert resource == alone
    assert resource is not None
    assert len(list(resource.rules())) == 6


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_examples_pass_their_tests(path: Path, compat: bool) -> None:
    report = run_unit_tests(path.read_text(encoding="utf-8"), path.name, files_beside(path), compat=compat)
    assert report.problems == ()
    assert [str(failure) for case in report.cases for failure in case.failures] == []
    assert len(report.cases) >= 2


@pytest.mark.oracle
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_promtool_takes_the_examples_and_passes_their_tests() -> None:
    plain = [str(path) for path in RULES if path.stem != "cluster.rules"]
    for command in (["check", "rules", *plain], ["test", "rules", *map(str, TESTS)]):
        done = subprocess.run([str(PROMTOOL), *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
