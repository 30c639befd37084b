"""Writes each notification of Alertmanager as a line of JSON, with the time at which it came.

Usage: ``python webhook.py PORT FILE``. It needs nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_writing = threading.Lock()


class Recorder(BaseHTTPRequestHandler):
    """Takes notifications at any path, and says by GET that it is there."""

    protocol_version = "HTTP/1.1"
    file: Path

    def do_GET(self) -> None:
        """Answer that it runs."""
        self._answer()

    def do_POST(self) -> None:
        """Write a notification down before it is acknowledged."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with _writing, self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"received": time.time(), **said}) + "\n")
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing: the file says it."""


def main() -> None:
    """Serve until it is ended."""
    Recorder.file = Path(sys.argv[2])
    host = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
    ThreadingHTTPServer((host, int(sys.argv[1])), Recorder).serve_forever()


if __name__ == "__main__":
    main()
