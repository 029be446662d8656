"""A real browser, and pages that are watched: what a page should never do is written down and fails the test.

Chromium comes from the system (`.ci/run` installs it) and reaches the loopback only. A test gets a browser with nothing
in it; without Chromium it is skipped, and fails when CI=true.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from .scripted_chat import ScriptedChat, scripted_chat
from .watched import Watched

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


def chromium() -> str:
    """The path of the system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no chromium; .ci/run installs it")
        pytest.skip("there is no chromium; .ci/run installs it")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser for the tests of a module; each opens contexts of its own, which share nothing."""
    path = chromium()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """Opens pages and watches them; at the end nothing may have been noted that the test did not expect."""
    watching = Watched(browser)
    yield watching
    await watching.close()
    assert watching.noted() == []


@pytest_asyncio.fixture(loop_scope="module")
async def scripted() -> AsyncIterator[ScriptedChat]:
    """A server of chats that does what the test says, and a page of a shop, of another origin, with the widget."""
    async with scripted_chat() as served:
        yield served
