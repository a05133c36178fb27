"""Start the explorer: ``python -m explorer`` (or ``python path/to/explorer`` from anywhere).

Streamlit runs as a child process in the repository's root, so that it finds ``.streamlit/config.toml`` and the
package wherever the command was typed, and so that the number of BLAS threads is set before NumPy is loaded.
"""

from __future__ import annotations

import argparse
import errno
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUTER = Path("pages", "main.py")
EVERYWHERE = ("0.0.0.0", "::", "")
COMMANDS = ("train", "record")
"""What `explorer.commands` does, without a screen."""


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, serve until interrupted, and return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] and arguments[0] in COMMANDS:
        return _command(arguments)
    options = _parser().parse_args(arguments)
    if importlib.util.find_spec("streamlit") is None:
        return _refuse(
            f"Streamlit is not installed for {sys.executable}. Install what the explorer needs with:\n"
            f"    {sys.executable} -m pip install -r {ROOT / 'requirements.txt'}"
        )
    obstacle = _obstacle(options.address, options.port)
    if obstacle:
        return _refuse(obstacle)
    return _serve(options.address, options.port, options.watch)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m explorer",
        description="Serve the interactive explorer of recurrent networks.",
        epilog="Without a screen: python -m explorer train (lists what can be trained), python -m explorer record.",
    )
    parser.add_argument("--port", type=_port, default=8501, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s, this machine only; 0.0.0.0 lets others in)",
    )
    parser.add_argument("--watch", action="store_true", help="run a page again when its source changes")
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")


def _obstacle(address: str, port: int) -> str:
    """Why nothing can listen there and what to do about it, or an empty string."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # as the server itself does; on Windows the option would allow sharing a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)  # with the option above, only this notices another listener
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else port - 1
                return (
                    f"Port {port} of {address} is in use, perhaps by another explorer. Choose another:\n"
                    f"    python -m explorer --port {other}    (or: make run PORT={other})"
                )
            return (
                f"Cannot listen on port {port} of {address}: {(error.strerror or str(error)).lower()}. The address "
                "has to be one of this machine's own (127.0.0.1, or 0.0.0.0 for all), the port one that you may use."
            )
    return ""


def _command(arguments: list[str]) -> int:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(
        [sys.executable, "-m", "explorer.commands", *arguments], env={**_environment(), "PYTHONPATH": path}
    ) as command:
        while True:
            try:
                return command.wait()
            except KeyboardInterrupt:  # the command got it too; it saves and ends by itself
                continue


def _environment() -> dict[str, str]:
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ}


def _serve(address: str, port: int, watch: bool) -> int:
    command = [sys.executable, "-m", "streamlit", "run", str(ROUTER)]
    command += [f"--server.address={address}", f"--server.port={port}"]
    if watch:
        command += ["--server.fileWatcherType=auto", "--server.runOnSave=true"]
    with subprocess.Popen(command, cwd=ROOT, env=_environment()) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            if _answers(server, address, port):
                print(_greeting(address, port), flush=True)
            status = server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
            return 0
    return 0 if status in (0, -signal.SIGTERM) else status


def _answers(server: subprocess.Popen[bytes], address: str, port: int) -> bool:
    """Wait until the server is healthy; False if it ends before."""
    health = f"http://{_visible(address)}:{port}/_stcore/health"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None:
        try:
            with direct.open(health, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _greeting(address: str, port: int) -> str:
    lines = [f"Unroll is running at http://{_visible(address)}:{port}"]
    if address in EVERYWHERE:
        lines.append(f"From other machines:  http://{_own_address()}:{port}")
    return "\n".join([*lines, "Ctrl+C stops it."])


def _visible(address: str) -> str:
    """The address as this machine's browser has to write it."""
    if address in EVERYWHERE:
        return "127.0.0.1"
    return f"[{address}]" if ":" in address else address


def _own_address() -> str:
    """This machine's address in its own network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
