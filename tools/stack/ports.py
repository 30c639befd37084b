"""Who listens on a port of loopback, as far as the operating system says."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from stack.layout import HOST

_LISTENING: Final = "0A"
"""State of a listening socket in Linux's tables."""


class PortTakenError(Exception):
    """Somebody else listens where a part of the stack has to."""


def check_free(ports: Iterable[int]) -> None:
    """Raise an error that names each taken port and, where it is known, its owner."""
    taken = [f"port {port} is taken by {owner(port) or 'an unknown process'}" for port in ports if is_taken(port)]
    if taken:
        raise PortTakenError("; ".join(taken))


def is_taken(port: int) -> bool:
    """Whether binding to the port fails."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            return True
    return False


def owner(port: int) -> str:
    """Return the process that listens on a port, as `name (pid)`; empty where only root may know."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else ():
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    for process in Path("/proc").glob("[0-9]*"):
        if inodes & set(_sockets(process)):
            return f"{(process / 'comm').read_text(encoding='utf-8').strip()} ({process.name})"
    return ""


def _sockets(process: Path) -> Iterator[str]:
    """Yield the sockets that a process holds, as far as it may be looked into and still is there."""
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                if found := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink())):
                    yield found[1]
