"""A row of the table of measurements, and how times are taken."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: ``value`` against ``aim`` in ``unit``; ``peer`` says what another tool needed in this run."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    at_least: bool = False
    peer: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim was met; None where there is none."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim


def fastest(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the shortest wall time of several runs in seconds: the others were disturbed."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


@cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """A folder for compiled modules, which goes away with the process."""
    return tempfile.TemporaryDirectory()


def _environment() -> dict[str, str]:
    """Return an environment in which Python's modules are compiled once, as they are where a program is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": _compiled().name}


def process(command: Sequence[str], repeats: int = 3) -> tuple[float, float]:
    """Return the shortest wall time of a whole process in seconds, and the peak memory of any child in MiB."""

    def run() -> None:
        subprocess.run(  # noqa: S603 - our own commands
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment()
        )

    return fastest(run, repeats), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@dataclass(frozen=True, slots=True)
class Process:
    """What a process took: wall and processor time in seconds, peak memory in MiB; and what it printed."""

    seconds: float
    processor: float
    memory: float
    output: str


def measured(command: Sequence[str], repeats: int = 3) -> Process:
    """Run a process several times and return the run that took the least processor time.

    Processor time hardly depends on what else the machine does. Raises RuntimeError where the process fails.
    """
    return min((_measured(command) for _ in range(repeats)), key=lambda run: run.processor)


def peak_memory(command: Sequence[str], every: float = 0.25) -> float:
    """Return the most memory in MiB that a process and all below it took together; shared pages count once.

    Linux only: it is looked at ``every`` so many seconds. Raises RuntimeError where the process fails.
    """
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    most = 0.0
    while started.poll() is None:
        most = max(most, sum(map(_share, _family(started.pid))))
        time.sleep(every)
    if started.returncode:
        raise RuntimeError(f"{command[0]} ended with {started.returncode}")
    return most


def _family(process_id: int) -> Iterator[int]:
    yield process_id
    with suppress(OSError):
        for task in Path(f"/proc/{process_id}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _share(process_id: int) -> float:
    """Return a process' share of the memory that it maps, in MiB; nothing for one that is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _measured(command: Sequence[str]) -> Process:
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        started = subprocess.Popen(  # noqa: S603 - our own commands
            command, stdout=output, stderr=subprocess.STDOUT, env=_environment()
        )
        _, status, used = os.wait4(started.pid, 0)
        seconds = time.perf_counter() - start
        started.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if started.returncode:
        raise RuntimeError(f"{command[0]} ended with {started.returncode}: {text[-500:]}")
    return Process(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)
