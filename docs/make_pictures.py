"""Take the README's pictures of the real app: ``python docs/make_pictures.py [folder]``.

Starts the app as `make run` does, opens each address in a light and in a dark page as the browser tests do, waits
until the animation that introduces a page has played, and writes one PNG each (docs/pictures, unless told otherwise).
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import browser, look, server  # noqa: E402

VIEWS = {"": browser.View(), "-dark": browser.View(dark=True)}
PICTURES = {
    name: f"/{name.removeprefix('unroll')}"
    for name in (
        *("unroll", "forward", "backward", "vanishing", "gates", "sequence_types"),
        *("applications", "papers", "build"),
    )
}
INTRODUCTION = 5_000  # milliseconds; no animation takes longer than four seconds


def main(folder: Path) -> int:
    """Write every picture into ``folder``; 1 if a page had something to complain about."""
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with server.running() as app, browser.opened() as chromium:
        for suffix, view in VIEWS.items():
            profile = look.context(chromium, view, app.url, scale=2)
            for name, address in PICTURES.items():
                page = profile.new_page()
                look.watch(page, app.url, problems)
                page.goto(address)
                look.settle(page)
                page.wait_for_timeout(INTRODUCTION)
                look.settle(page)
                problems += look.exceptions(page)
                path = folder / f"{name}{suffix}.png"
                page.screenshot(path=path)
                page.close()
                print(path)
            profile.close()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"))
