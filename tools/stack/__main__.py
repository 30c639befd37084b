"""The command line of the stack: up, down, status, and certificates for Compose."""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from generators.targets.compose.containers import DATA
from stack.binaries import binaries
from stack.certificates import certificates, hash_key
from stack.grafana import grafana
from stack.layout import Layout, LayoutError, addresses, with_ports
from stack.parts import parts
from stack.ports import PortTakenError
from stack.processes import read
from stack.running import RECORD, NotReadyError, Stack, end_all, states
from stack.services import services, without_example


def stack(layout: Layout, *, replicas: int = 1, screen: bool = True, say: Callable[[str], None] = print) -> Stack:
    """Return the stack of an environment, with certificates made and programs built."""
    found = addresses(layout)
    certificates(layout.tls)
    wanted = [*parts(layout, found, binaries()), *services(layout, replicas)]
    shown = grafana(layout, found) if screen else None
    if shown:
        wanted.append(shown)
    elif screen:
        say("SKIP grafana: neither its program nor a running Docker was found")
    for model in without_example(layout):
        say(f"SKIP {model}: docs/examples has no service for it")
    return Stack(layout, {part.name: part for part in wanted}, say)


def up(layout: Layout) -> int:
    """Start what does not run, and say where it is."""
    stack(with_ports(layout, os.environ)).up()
    print(f"Certificates and logs are in {layout.data}. `make down` ends it.")
    return 0


def down(layout: Layout) -> int:
    """End exactly what was started."""
    ran = end_all(layout)
    print(f"ended {', '.join(ran)}" if ran else "nothing ran")
    return 0


def prepare(layout: Layout) -> int:
    """Make what Compose mounts: certificates, the key of the hash, and folders that belong to whoever runs this."""
    certificates(layout.tls)
    key = f"WATCHSPEC_HMAC_KEY={hash_key(layout.data / 'hash.key')}\n"
    (layout.data / "hash.env").write_text(key, encoding="utf-8")
    (layout.data / "hash.env").chmod(0o600)
    services = yaml.safe_load((layout.rendered / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for mount in (each for service in services.values() for each in service.get("volumes", ())):
        source = mount.partition(":")[0]
        if source.startswith(f"{DATA}/"):
            (layout.data / source.removeprefix(f"{DATA}/")).mkdir(parents=True, exist_ok=True)
    print(f"{layout.data} is prepared; Compose runs as you with WATCHSPEC_USER=$(id -u):$(id -g)")
    return 0


def status(layout: Layout) -> int:
    """Say what runs, with its process id; 1 if something does not that was started."""
    found = states(layout, ())
    recorded = read(layout.data / RECORD)
    for name, state in found.items():
        print(f"  {name:<28} {state:<6} {recorded[name].pid}")
    if not found:
        print("nothing was started")
    return int("ended" in found.values())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep two commands from changing the stack at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Run a command; 1 if it failed."""
    commands = {"up": up, "down": down, "status": status, "certificates": prepare}
    parser = argparse.ArgumentParser(prog="stack", description="Watchspec's stack on loopback.")
    parser.add_argument("command", choices=commands)
    layout = Layout()
    with alone(layout.data):
        try:
            return commands[parser.parse_args().command](layout)
        except (LayoutError, NotReadyError, PortTakenError) as error:
            print(f"stack: {error}", file=sys.stderr)
        except subprocess.CalledProcessError as error:
            print(f"stack: {error}\n{(error.stderr or b'').decode(errors='replace')}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
