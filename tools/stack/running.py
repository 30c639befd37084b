"""The stack as it runs: what is started, waited for, recorded and ended."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from stack import processes
from stack.certificates import client
from stack.layout import Layout
from stack.parts import Part
from stack.ports import check_free
from stack.processes import Process

SECONDS_TO_READY: Final = 60.0
LINES_OF_LOG: Final = 5
RECORD: Final = "processes.json"


class NotReadyError(Exception):
    """A part ended, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Parts in the order in which they start; ``say`` is told what happens."""

    layout: Layout
    parts: Mapping[str, Part]
    say: Callable[[str], None] = print

    def up(self) -> None:
        """Start what does not run yet and wait until all is ready; if that fails, end what was started."""
        absent = []
        for part in self.parts.values():
            if self.runs(part.name):
                self.say(f"{part.name:<28} {part.shown} (ran already)")
            else:
                absent.append(part)
        check_free(port for part in absent for port in part.ports)
        started: list[str] = []
        try:
            for part in absent:
                started.append(part.name)
                self._spawn(part)
                if part.awaited:
                    self._wait(part)
            for part in absent:
                if not part.awaited:
                    self._wait(part)
        except BaseException:
            for name in reversed(started):
                self.stop(name)
            raise

    def start(self, name: str, *, seconds: float = SECONDS_TO_READY) -> None:
        """Start one part and wait until it is ready."""
        self._spawn(self.parts[name])
        self._wait(self.parts[name], seconds)

    def stop(self, name: str, *, kill: bool = False) -> None:
        """End one part, if it runs."""
        recorded = self._recorded()
        found = recorded.pop(name, None)
        if found is not None:
            processes.end(found, kill=kill)
            self._record(recorded)

    def runs(self, name: str) -> bool:
        """Whether a part was started here and still is."""
        found = self._recorded().get(name)
        return found is not None and found.alive()

    def _spawn(self, part: Part) -> None:
        variables = {**processes.inherited(), **part.variables}
        found = processes.spawn(part.name, part.command, variables, part.folder, self.layout.log(part.name))
        self._record({**self._recorded(), part.name: found})

    def _wait(self, part: Part, seconds: float = SECONDS_TO_READY) -> None:
        context, process = client(self.layout.tls), self._recorded()[part.name]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not process.alive():
                raise NotReadyError(f"{part.name} ended at once:\n{self._end_of_log(part.name)}")
            if answers(part.ready, context):
                self.say(f"{part.name:<28} {part.shown}")
                return
            time.sleep(0.1)
        raise NotReadyError(f"{part.name} did not answer within {seconds:.0f} s:\n{self._end_of_log(part.name)}")

    def _end_of_log(self, name: str) -> str:
        file = self.layout.log(name)
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join((f"  {file}", *(f"  {line}" for line in lines[-LINES_OF_LOG:])))

    def _recorded(self) -> dict[str, Process]:
        return processes.read(self.layout.data / RECORD)

    def _record(self, found: Mapping[str, Process]) -> None:
        processes.write(self.layout.data / RECORD, found)


def end_all(layout: Layout) -> tuple[str, ...]:
    """End everything that is recorded, last started first; return the names of what ran."""
    file = layout.data / RECORD
    recorded = processes.read(file)
    ran = tuple(each.name for each in recorded.values() if each.alive())
    for each in reversed(list(recorded.values())):
        processes.end(each)
    processes.write(file, {})
    return ran


def states(layout: Layout, names: Iterable[str]) -> Mapping[str, str]:
    """Return `runs`, `ended` or `absent` for each part, with those that are recorded besides."""
    recorded = processes.read(layout.data / RECORD)
    return {
        name: "absent" if name not in recorded else "runs" if recorded[name].alive() else "ended"
        for name in dict.fromkeys((*names, *recorded))
    }


def answers(url: str, context: ssl.SSLContext) -> bool:
    """Whether a server answers; services may know nothing at the path that is asked for."""
    asked = context if url.startswith("https:") else None
    try:
        with urllib.request.urlopen(url, timeout=2, context=asked):
            return True
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code == http.client.NOT_FOUND
    except (OSError, http.client.HTTPException):
        return False
