"""The example organisations compile with hints alone, and their rule tests hold over what is rendered of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

import generators
from generators.cli import main
from generators.diagnostics import Severity
from generators.language.sources import read_specs
from generators.pipeline import compile_artifacts

ORGANISATIONS = Path(generators.__file__).parents[1] / "docs" / "examples" / "organisations"
TESTS = sorted(ORGANISATIONS.glob("*/tests/*.yaml"))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the organisations with what is rendered of them."""
    copy = tmp_path_factory.mktemp("organisations")
    for each in sorted(ORGANISATIONS.iterdir()):
        shutil.copytree(each, copy / each.name, ignore=shutil.ignore_patterns("rendered"))
        assert main(["render", "--specs", str(copy / each.name / "specs"), "--quiet"]) == 0
    return copy


def test_they_compile_and_only_hints_are_left() -> None:
    for each in sorted(ORGANISATIONS.iterdir()):
        compiled = compile_artifacts(read_specs(each / "specs"))
        assert {problem.severity for problem in compiled.problems} <= {Severity.INFO}
        assert compiled.catalog is not None
        tasks = {deployment.model.task for deployment in compiled.catalog.deployments}
        assert tasks == {"binary-classification", "ranking", "forecasting", "rag"}
        assert len(compiled.catalog.teams) == 2


def test_each_model_has_a_failure_that_is_told_and_all_share_a_normal_hour() -> None:
    for each in sorted(ORGANISATIONS.iterdir()):
        models = {path.stem for path in (each / "specs" / "models").iterdir()}
        assert {path.stem for path in (each / "tests").iterdir()} == models | {"normal-hour"}
        for model in models:
            tests = yaml.safe_load((each / "tests" / f"{model}.yaml").read_text())["tests"]
            expected = [expr["exp_samples"] for test in tests for expr in test["promql_expr_test"]]
            assert any(expected), model
            assert [] in expected, model


@pytest.mark.parametrize("file", TESTS, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_rule_tests_hold(file: Path, rendered: Path) -> None:
    assert main(["test", str(rendered / file.relative_to(ORGANISATIONS))]) == 0
