"""What is installed: pyproject.toml names all that is imported, and the lock of development pins it with hashes."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINES = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
LOCKED = [line.partition(" --hash=") for line in LINES if line and not line.startswith("#")]
PINS = [Requirement(pin) for pin, _, _ in LOCKED]
WANTED = [
    Requirement(each)
    for each in (
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["dev"],
        *PROJECT["build-system"]["requires"],
    )
]


def imported(file: Path) -> Iterator[tuple[str, bool]]:
    """The modules of others that a file of ours imports, and whether it does so wherever it is imported itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [each.value for each in node.args[:1] if isinstance(each, ast.Constant)]
        for name in (str(each).partition(".")[0] for each in names):
            if name not in sys.stdlib_module_names and name not in {"otel", "generators"}:
                yield name, node in tree.body


def test_all_that_is_imported_is_declared() -> None:
    needed = {canonicalize_name(Requirement(each).name) for each in PROJECT["project"]["dependencies"]}
    extras = PROJECT["project"]["optional-dependencies"].values()
    optional = needed | {canonicalize_name(Requirement(each).name) for extra in extras for each in extra}
    makers = {**packages_distributions(), "pydantic_core": ["pydantic"]}  # of which pydantic wants one release exactly
    for package in ("otel", "generators"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for module, always in imported(file):
                distributions = {canonicalize_name(each) for each in makers.get(module, [module])}
                assert distributions & (needed if always else optional), f"{file} imports {module}"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_dependency_is_locked_once_at_a_release_that_is_allowed(python: str) -> None:
    machine = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    here = [pin for pin in PINS if pin.marker is None or pin.marker.evaluate(machine)]
    releases = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in here}
    assert len(here) == len(releases)
    for wanted in WANTED:
        release = releases[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(release, prereleases=True), f"`make lock`: {wanted} is locked at {release}"


def test_every_pin_has_its_hashes() -> None:
    for pin, _, hashes in LOCKED:
        assert re.fullmatch(r"==[^=*]+", str(Requirement(pin).specifier)), pin
        assert re.fullmatch(r"sha256:[0-9a-f]{64}( +--hash=sha256:[0-9a-f]{64})*", " ".join(hashes.split())), pin


def test_the_lock_names_no_index() -> None:
    assert [line for line in LINES if "//" in line or line.startswith("-")] == []
