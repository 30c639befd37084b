"""Processes that outlive the command that started them, and are ended by it alone.

Each is recorded with its start time: an id that now belongs to another process is left alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

GRACE_SECONDS: Final = 10.0
GONE: Final = ""
_START_FIELD: Final = 19
"""Of `/proc/<pid>/stat` behind the name in parentheses: when the process started, in clock ticks after boot."""

_children: Final[dict[int, subprocess.Popen[bytes]]] = {}
"""Those of this process, which have to be waited for once they ended."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process by name, id and start time."""

    name: str
    pid: int
    started: str

    def alive(self) -> bool:
        """Whether it still runs, and is the same."""
        child = _children.get(self.pid)
        if self.started == GONE or (child is not None and child.poll() is not None):
            return False
        return _started(self.pid) == self.started


def spawn(name: str, command: Sequence[str | Path], variables: Mapping[str, str], folder: Path, log: Path) -> Process:
    """Start a process in a session of its own; its output goes to the end of a log."""
    for each in (folder, log.parent):
        each.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [str(part) for part in command],
            env=dict(variables),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Process(name, child.pid, _started(child.pid))


def end(process: Process, *, kill: bool = False) -> None:
    """End a process and what it started, at once or after a grace of ten seconds."""
    if process.alive():
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        while process.alive() and time.monotonic() < until:
            time.sleep(0.05)
        if process.alive():
            os.killpg(process.pid, signal.SIGKILL)
    child = _children.pop(process.pid, None)
    if child is not None:
        child.wait(GRACE_SECONDS)


def read(file: Path) -> dict[str, Process]:
    """Return what was recorded, by name."""
    if not file.is_file():
        return {}
    return {each["name"]: Process(**each) for each in json.loads(file.read_text(encoding="utf-8"))}


def write(file: Path, processes: Mapping[str, Process]) -> None:
    """Record processes, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps([asdict(each) for each in processes.values()], indent=1), encoding="utf-8")
    new.replace(file)


def inherited() -> dict[str, str]:
    """Return the few variables of the caller that every program may need."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def _started(pid: int) -> str:
    """Return a text that no other process with this id has; `GONE` where there is none, or only its remains."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return GONE
        return GONE if fields[0] in "ZX" else fields[_START_FIELD]
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip()
