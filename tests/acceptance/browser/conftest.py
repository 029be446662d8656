"""A real browser, and pages that are watched: what a page should never do is written down and fails the test.

Chromium comes from the system and reaches the loopback only. A test process has one, and a test gets contexts with
nothing in them. Without Chromium it is skipped, and without any font, for then Chromium ends at its first field; when
CI=true, it fails.
"""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from playwright.async_api import Error as BrowserError

from ...programs import missing, program
from .scripted_chat import ScriptedChat, scripted_chat
from .watched import LIMIT, Watched

expect.set_options(timeout=LIMIT)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A browser for all tests of a process; each opens contexts of its own, which share nothing."""
    path = program("chromium-headless-shell", "chromium", "chromium-browser")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        await _shows_fields(launched)
        yield launched
        await launched.close()


async def _shows_fields(browser: Browser) -> None:
    """Where there is not a single font, Chromium ends at a field to type in: here and not in somebody's test."""
    try:
        page = await browser.new_page()
        await page.set_content("<input>")
        await page.close()
    except BrowserError as error:
        missing(f"chromium shows no page, perhaps for want of any font: {error.message.splitlines()[0]}")


@pytest_asyncio.fixture(loop_scope="session")
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """Opens pages and watches them; at the end nothing may have been noted that the test did not expect."""
    watching = Watched(browser)
    yield watching
    await watching.close()
    assert watching.noted() == []


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(watched: Watched) -> AsyncIterator[ScriptedChat]:
    """A server of chats that does what the test says, and a page of a shop, of another origin, with the widget."""
    async with scripted_chat() as served:
        yield served
        await watched.close()  # before the server goes, of which a page would say so
