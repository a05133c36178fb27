"""One browser for every test, picture and measurement: find it, or install it, and open it.

``python -m tests.support.browser`` says which browser is used; with ``--install`` it gets one where it can.
Looked for, in this order: the executable named by the environment variable UNROLL_BROWSER, an installed
Chromium, Chrome or Edge, and the browser Playwright keeps for itself.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

VARIABLE = "UNROLL_BROWSER"
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "~/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles(x86)%/Google/Chrome/Application/chrome.exe",
    "%LocalAppData%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles%/Microsoft/Edge/Application/msedge.exe",
    "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
)
# The pages come from this machine, and a container has no sandbox to offer. The rest keeps the browser from
# calling its makers and from drawing differently where there is a graphics card.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)
OWN = None  # Playwright's own browser has no path of ours
QUARTER_OF_AN_HOUR = 900


@dataclass(frozen=True)
class View:
    """How somebody looks at a page."""

    width: int = 1280
    height: int = 720
    dark: bool = False
    still: bool = False  # asks for reduced motion
    touch: bool = False


PROJECTOR = View()
DARK = View(dark=True)
STILL = View(still=True)
PHONE = View(width=390, height=844, touch=True)


class NoBrowserError(Exception):
    """No browser can be opened; the message says what to do."""


@contextlib.contextmanager
def opened() -> Iterator[Browser]:
    """The first browser of this machine that really opens."""
    with sync_playwright() as playwright:
        browser, _ = _open_first(playwright)
        try:
            yield browser
        finally:
            browser.close()


def candidates() -> Iterator[Path | None]:
    """Executables worth trying, best first; ``OWN`` stands for the one Playwright keeps."""
    named = os.environ.get(VARIABLE)
    if named:
        yield Path(named).expanduser()
        return
    seen = set()
    for path in (*map(shutil.which, COMMANDS), *(os.path.expanduser(os.path.expandvars(p)) for p in PLACES)):
        if path and path not in seen and Path(path).is_file():
            seen.add(path)
            yield Path(path)
    yield OWN


def _open_first(playwright: Playwright) -> tuple[Browser, str]:
    reasons = []
    for path in candidates():
        name = "Playwright's own Chromium" if path is OWN else str(path)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES), timeout=60_000)
            return browser, f"{name} ({browser.version})"
        except PlaywrightError as error:
            reasons.append(f"  {name}: {error.message.strip().splitlines()[0]}")
    raise NoBrowserError("No browser could be opened. Tried:\n" + "\n".join(reasons) + "\n" + advice())


def advice() -> str:
    """The one line that gets a browser on this system."""
    if os.environ.get(VARIABLE):
        return f"{VARIABLE} has to name the executable of a Chromium, Chrome or Edge; unset it to search for one."
    if shutil.which("apt-get") and not _is_ubuntu():
        line = "sudo apt-get install chromium"
    else:
        line = f"{sys.executable} -m playwright install --with-deps chromium"
    return f"The tests need a Chromium, Chrome or Edge. This line installs one:\n    {line}"


def found() -> str:
    """The browser that opens, with its version; raises `NoBrowserError`."""
    with sync_playwright() as playwright:
        browser, name = _open_first(playwright)
        browser.close()
    return name


def install() -> str:
    """The browser that opens, installed first if there is none; raises `NoBrowserError`."""
    try:
        return found()
    except NoBrowserError as missing:
        if os.environ.get(VARIABLE):
            raise
        refusal = missing
    for explanation, commands in _ways():
        print(f"No browser found; {explanation} ...", flush=True)
        if all(_run(command) for command in commands):
            try:
                return found()
            except NoBrowserError as missing:
                refusal = missing
    raise refusal


def _ways() -> Iterator[tuple[str, list[list[str]]]]:
    root = _as_root()
    own = [sys.executable, "-m", "playwright", "install"]
    apt = shutil.which("apt-get")
    if apt and root is not None:
        if not _is_ubuntu():  # there the package only points to another shop
            packages = ["chromium", "fonts-dejavu-core", "fonts-liberation"]
            get = [*root, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
            yield (
                "installing the system's Chromium package",
                [[*get, "update"], [*get, "install", "-y", "--no-install-recommends", *packages]],
            )
        yield "downloading Playwright's own, with its libraries", [[*own, "--with-deps", "chromium"]]
    else:
        yield "downloading Playwright's own", [[*own, "chromium"]]


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root without being asked; None if that is impossible."""
    if getattr(os, "geteuid", lambda: 1)() == 0:
        return []
    if shutil.which("sudo") and _run(["sudo", "-n", "true"], quiet=True):
        return ["sudo", "-n"]
    return None


def _is_ubuntu() -> bool:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return "ubuntu" in f"{release.get('ID', '')} {release.get('ID_LIKE', '')}"


def _run(command: list[str], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=QUARTER_OF_AN_HOUR,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", file=sys.stderr)
        return False
    return finished.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Print the browser's name, or why there is none and the line that gets one."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.browser", description=main.__doc__)
    parser.add_argument("--install", action="store_true", help="install a browser if none is found")
    options = parser.parse_args(arguments)
    try:
        print(f"Browser: {install() if options.install else found()}")
    except NoBrowserError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
