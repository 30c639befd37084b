"""The lock of development: whole, with hashes, for every Python that is supported, and from no index in particular."""

from __future__ import annotations

import re
import tomllib
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
