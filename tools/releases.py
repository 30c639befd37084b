"""The tests that depend most on others' code, run on other releases of it than the locked ones.

`newest` installs what somebody gets who installs today; it fails only where our own code has to change, and not where a
tool of development does. `oldest` installs the oldest releases that pyproject.toml allows, on the oldest Python.
`spark` adds PySpark to what is locked, and runs the tests that need it.
Usage: tools/releases.py newest|oldest|spark
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements-dev.txt"
LIMIT: Final = 600
"""Seconds after which the tests are ended, and have failed."""

SUITE: Final = (
    "tests/baseline",  # numpy and scipy
    "tests/formats",  # PyYAML
    "tests/grafana",  # grafanalib
    "tests/language",  # pydantic and jsonschema
    "tests/otel",  # OpenTelemetry, requests, frameworks and clients
    "tests/promql/test_engine_aggregations.py",  # numpy
    "tests/promql/test_engine_data.py",
    "tests/promql/test_engine_functions.py",
    "tests/promql/test_engine_parquet.py",  # pyarrow
    "tests/promql/test_promql_agreement.py",  # promql-parser
    "tests/test_rendered.py",  # all of the above that renders
)


def newest() -> int:
    """Try the newest releases of everything, then, where that fails, of what users install alone."""
    python = _installed("newest", sys.executable, "highest")
    _say(python)
    if _passes(python):
        print("newest: passed")
        return 0
    pins = ROOT / "build/releases/newest.constraints"
    pins.write_text("".join(f"{line}\n" for line in _tools_as_locked()), encoding="utf-8")
    python = _installed("newest-dependencies", sys.executable, "highest", "--constraint", str(pins))
    if _passes(python):
        print("newest: passed, apart from newer tools of development (above); `make lock` takes them over")
        return 0
    print("newest: FAILED with what a user gets who installs today")
    return 1


def oldest() -> int:
    """Try the oldest releases that are allowed."""
    python = _installed("oldest", _project()["requires-python"].removeprefix(">="), "lowest-direct")
    _say(python)
    passed = _passes(python)
    print("oldest: passed" if passed else "oldest: FAILED; mend it, or raise the bound in pyproject.toml")
    return int(not passed)


def spark() -> int:
    """Run what needs PySpark, with everything else as locked."""
    python = _installed("spark", sys.executable, "highest", "--constraint", str(LOCK), extras="dev,spark")
    return subprocess.run([str(python), "-m", "pytest", "-m", "spark", "tests/baseline"], check=False).returncode


def _installed(name: str, python: str, resolution: str, *more: str, extras: str = "dev") -> Path:
    """Return the interpreter of a new environment. Raises CalledProcessError where it cannot be had."""
    folder = ROOT / "build/releases" / name
    shutil.rmtree(folder, ignore_errors=True)
    _output("uv", "venv", "--quiet", "--python", python, str(folder))
    interpreter = folder / "bin/python"
    chosen = ("--resolution", resolution, "--python", str(interpreter), *more)
    _output("uv", "pip", "install", "--quiet", *chosen, "--editable", f"{ROOT}[{extras}]")
    return interpreter


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def _passes(python: Path) -> bool:
    command = (str(python), "-m", "pytest", "--numprocesses", "auto", "--dist", "worksteal", *SUITE)
    try:
        return subprocess.run(command, check=False, cwd=ROOT, timeout=LIMIT).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"the tests did not end within {LIMIT} seconds")
        return False


def _say(python: Path) -> None:
    """Print the interpreter, and which releases are not those of the lock."""
    version = _output(str(python), "-c", "import platform; print(platform.python_version())").strip()
    listed = _output("uv", "pip", "freeze", "--quiet", "--python", str(python)).splitlines()
    locked = {pin.split()[0] for pin in _pins()}
    others = ", ".join(line for line in listed if "==" in line and line not in locked)
    print(f"{python.parents[1].name}: Python {version}; not as locked: {others or 'nothing'}", flush=True)


def _project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def _pins() -> Iterator[str]:
    """Yield the pins of the lock, with their markers and without hashes."""
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith(("#", " ")):
            yield line.rstrip(" \\")


def _tools_as_locked() -> Iterator[str]:
    """Yield the pins of what only development installs."""
    names = {_name(each) for each in _project()["optional-dependencies"]["dev"]}
    return (pin for pin in _pins() if _name(pin) in names)


def _name(requirement: str) -> str:
    """Return the normalised name of a distribution."""
    name = requirement
    for sign in "[=<>!~; ":
        name = name.partition(sign)[0]
    return name.lower().replace("_", "-")


if __name__ == "__main__":
    commands = {"newest": newest, "oldest": oldest, "spark": spark}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
