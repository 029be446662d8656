"""Pages that are watched: errors on the console, exceptions, requests to other hosts, violations of the policy.

    page = await watched.open(url)                      # only the host of the url may be asked
    page = await watched.open(url, hosts=[desk.url])    # and this one
    watched.expect("WebSocket connection to")           # this test breaks connections, and browsers say so

Sizes, colour scheme, language and the like are the options of a browser context.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebSocket

LIMIT = 60_000  # milliseconds for anything that a test waits for in a page; only a failing test takes so long

_LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`);
});
"""
_INSIDE = ("data:", "blob:", "about:", "chrome-extension:")


class Watched:
    """Opens pages in contexts of their own, and keeps what they did that they should not."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []
        self._noted: list[str] = []
        self.requests: list[str] = []

    def expect(self, *patterns: str) -> None:
        """Things like these are part of the test."""
        self._expected += patterns

    def noted(self) -> list[str]:
        """What pages did that they should not have done, and that nobody expected."""
        return [note for note in self._noted if not any(re.search(pattern, note) for pattern in self._expected)]

    def note(self, what: str) -> None:
        """Something that a page should not have done."""
        self._noted.append(what)

    async def context(self, *, hosts: Sequence[str], **options: Any) -> BrowserContext:
        """A browser with nothing in it, whose pages may ask these hosts only."""
        context = await self._browser.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(LIMIT)
        allowed = {urlsplit(host).netloc for host in hosts}
        await context.add_init_script(_LISTEN)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._noted.append(f"exception: {error.error.message}"))
        context.on("request", lambda request: self._request(request, allowed))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._socket(socket, allowed)))
        return context

    async def open(self, url: str, *, hosts: Sequence[str] = (), **options: Any) -> Page:
        """A page in a context of its own."""
        context = await self.context(hosts=[url, *hosts], **options)
        return await self.also(context, url)

    async def also(self, context: BrowserContext, url: str) -> Page:
        """A further page of a context: another tab of the same browser."""
        page = await context.new_page()
        await page.goto(url)
        return page

    async def settled(self, page: Page) -> None:
        """Returns when what the page has done so far is known here."""
        async with page.expect_console_message(lambda message: message.text == "settled"):
            await page.evaluate("() => { setTimeout(() => console.log('settled'), 0) }")

    async def close(self) -> None:
        """Close all pages."""
        while self._contexts:
            await self._contexts.pop().close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._noted.append(f"console: {message.text}")

    def _request(self, request: Request, allowed: set[str]) -> None:
        self._asked("request", request.url, allowed)

    def _socket(self, socket: WebSocket, allowed: set[str]) -> None:
        self._asked("socket", socket.url, allowed)

    def _asked(self, what: str, url: str, allowed: set[str]) -> None:
        self.requests.append(url)
        if not url.startswith(_INSIDE) and urlsplit(url).netloc not in allowed:
            self._noted.append(f"{what} to another host: {url}")
