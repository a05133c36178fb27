"""What the launcher says before and instead of serving; `server` in conftest.py is the launcher at work."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "explorer", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = launch("--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in done.stderr
    assert "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8501.5", "http", ""])
def test_a_port_is_a_whole_number(port):
    done = launch(f"--port={port}")
    assert done.returncode == 2
    assert f"a port is a whole number from 1 to 65535, not {port!r}" in done.stderr


def test_an_address_that_is_not_this_machines():
    done = launch("--address", "192.0.2.77")
    assert done.returncode == 1
    assert "one of this machine's own" in done.stderr


def test_the_app_answers_and_keeps_to_itself(server):
    assert f"Unroll is running at {server.url}" in server.log
    assert "email" not in server.log.lower()
    assert "External URL" not in server.log
