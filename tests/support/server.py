"""The real app on a free port, started as a user starts it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds until the first answer; a cold, busy machine may need many


class ServerError(Exception):
    """The app did not start; the message carries its log."""


@dataclass(frozen=True)
class Server:
    """Where a running app answers and what it has printed."""

    url: str
    log_file: Path

    @property
    def log(self) -> str:
        """Everything printed so far, by the launcher and by Streamlit."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def running(*arguments: str, cwd: Path | None = None) -> Iterator[Server]:
    """Run the launcher with ``arguments``; leave when it has stopped."""
    port = free_port()
    # The path, not -m, so that any working directory will do.
    command = [sys.executable, str(ROOT / "explorer"), "--port", str(port), *arguments]
    with tempfile.TemporaryDirectory(prefix="unroll-") as folder:
        log_file = Path(folder, "server.log")
        with log_file.open("wb") as log:
            process = subprocess.Popen(command, cwd=cwd or folder, stdout=log, stderr=subprocess.STDOUT)
            server = Server(f"http://127.0.0.1:{port}", log_file)
            try:
                _wait(process, server)
                yield server
            finally:
                _stop(process)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.url in server.log:  # the launcher names the address once the app is healthy
            return
        if process.poll() is not None:
            raise ServerError(f"The app ended with status {process.returncode}. Its log:\n{server.log}")
        time.sleep(0.05)
    raise ServerError(f"The app did not answer within {PATIENCE:.0f} s. Its log:\n{server.log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
