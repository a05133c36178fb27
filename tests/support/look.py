"""Opening pages and waiting for them: what the tests and the picture maker share."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, WebSocket

from tests.support.browser import View

PATIENCE = 30_000  # milliseconds
STILLNESS = 300  # a click takes a moment to reach the server and to come back as "running"

_IDLE = """stillness => {
  const app = document.querySelector('[data-testid="stApp"]');
  const busy = !app
    || app.getAttribute('data-test-script-state') !== 'notRunning'
    || app.getAttribute('data-test-connection-state') !== 'CONNECTED'
    || document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]') !== null
    || document.fonts.status !== 'loaded';
  const now = performance.now();
  if (busy || window.unrollIdleSince === undefined) window.unrollIdleSince = now;
  return !busy && now - window.unrollIdleSince >= stillness;
}"""


def context(browser: Browser, view: View, origin: str, *, scale: float = 1) -> BrowserContext:
    """A fresh profile that looks at the pages of ``origin`` as ``view`` says."""
    fresh = browser.new_context(
        base_url=origin,
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=scale,
        color_scheme="dark" if view.dark else "light",
        reduced_motion="reduce" if view.still else "no-preference",
        has_touch=view.touch,
        locale="en-GB",
    )
    fresh.set_default_timeout(PATIENCE)
    return fresh


def settle(page: Page, *, stillness: int = STILLNESS) -> None:
    """Wait until Streamlit is connected, has run, and has stayed idle for ``stillness`` milliseconds."""
    page.evaluate("() => { window.unrollIdleSince = undefined }")
    page.wait_for_function(_IDLE, arg=stillness, polling=50, timeout=PATIENCE)


def watch(page: Page, origin: str, problems: list[str]) -> None:
    """Add a sentence to ``problems`` for whatever goes wrong on ``page`` or leaves ``origin``."""
    host = urlsplit(origin).netloc

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not _probe(message.location.get("url", "")):
            problems.append(f"console: {message.text}")

    def foreign(url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != host:
            problems.append(f"asked another host: {url}")

    def request(sent: Request) -> None:
        foreign(sent.url)

    def socket(channel: WebSocket) -> None:
        foreign(channel.url)

    def failed(sent: Request) -> None:
        if "ERR_ABORTED" not in (sent.failure or ""):  # a page left before everything had arrived
            problems.append(f"not loaded: {sent.url} ({sent.failure})")

    def response(answer: Response) -> None:
        if answer.status >= 400 and not _probe(answer.url):
            problems.append(f"status {answer.status}: {answer.url}")

    page.on("console", console)
    page.on("request", request)
    page.on("requestfailed", failed)
    page.on("response", response)
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("websocket", socket)


def exceptions(page: Page) -> list[str]:
    """The text of every exception that Streamlit has drawn on the page."""
    return page.locator('[data-testid="stException"]').all_inner_texts()


def _probe(url: str) -> bool:
    """Streamlit looks for its own server beside a deep link first, finds nothing there, and goes on."""
    path = urlsplit(url).path
    return "/_stcore/" in path and not path.startswith("/_stcore/")
