"""Makes the pictures of two records that may be one person's, and of two tickets that are one case: what is proposed and
why, what merging would change, and where it is undone.

    python docs/merge_screenshots.py

Starts `trunkline serve` with the example configuration on free ports, writes to it as a customer would from
three addresses, and looks at the desk through Debian's Chromium. Nothing outside this machine is contacted.
"""

import asyncio
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import aiosmtplib
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from playwright.async_api import Page, async_playwright
from screenshots import CHROMIUM, QUIET, ROOT, free_ports, page_of, shoot

WIDE = (1440, 900)
MARIA, AT_WORK, IN_FULL = "maria@example.org", "m.lee@work.example", "maria.lee@work.example"


class Desk:
    """A gateway with its API."""

    def __init__(self, session: aiohttp.ClientSession, smtp: int) -> None:
        self._session = session
        self._smtp = smtp

    async def mail(self, sender: str, subject: str, text: str) -> None:
        """What a customer writes by mail."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"Maria Lee <{sender}>", "support@example.test", subject
        message.set_content(text)
        await aiosmtplib.send(message, hostname="127.0.0.1", port=self._smtp)

    async def tickets(self, count: int) -> list[dict[str, Any]]:
        """The tickets, the oldest first, when there are so many."""
        while True:
            async with self._session.get("/v1/tickets") as response:
                found = (await response.json())["items"]
            if len(found) >= count:
                return sorted(found, key=lambda ticket: int(ticket["number"].removeprefix("T-")))
            await asyncio.sleep(0.2)


@asynccontextmanager
async def desk(folder: Path, token: str) -> AsyncIterator[tuple[Desk, str, str]]:
    """A gateway that serves, where its pages are, and an agent's token for them."""
    http, smtp, sink = free_ports(3)
    smarthost = Controller(Sink(), hostname="127.0.0.1", port=sink)
    smarthost.start()
    where = f"http://127.0.0.1:{http}"
    environment = os.environ | {
        "TRUNKLINE_CONFIG": str(ROOT / "config/example.yaml"),
        "TRUNKLINE_DATA": str(folder / "data"),
        "TRUNKLINE_LISTEN__HTTP": f"127.0.0.1:{http}",
        "TRUNKLINE_LISTEN__SMTP": f"127.0.0.1:{smtp}",
        "TRUNKLINE_CHANNELS__MAIL__SMARTHOST": f"127.0.0.1:{sink}",
        "TRUNKLINE_ADMIN_TOKEN": token,
    }
    quiet = asyncio.subprocess.DEVNULL
    words = [str(Path(sys.executable).with_name("trunkline")), "serve"]
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=quiet, stderr=quiet)
    try:
        async with aiohttp.ClientSession(where, headers={"Authorization": f"Bearer {token}"}) as session:
            await _until_ready(session)
            yield Desk(session, smtp), where, await agent_token(environment)
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        smarthost.stop()


async def _until_ready(session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get("/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.2)


async def write(house: Desk) -> tuple[str, str]:
    """Maria from home, and from work by two addresses; the tickets of her first two mails."""
    await house.mail(MARIA, "Reading lamp", "Hello, my reading lamp flickers. What can I do?\n\nMaria")
    await house.tickets(1)
    await house.mail(AT_WORK, "Reading lamp, again", "Hello, is there news about the lamp?\n\nMaria Lee")
    first, second = await house.tickets(2)
    await house.mail(IN_FULL, "Invoice for the lamp", "Hello, where do I find the invoice?\n\nMaria Lee")
    await house.tickets(3)
    return first["number"], second["number"]


async def agent_token(environment: Mapping[str, str]) -> str:
    """A token of Ada's."""
    words = [str(Path(sys.executable).with_name("trunkline")), "token", "create", "ada", "--agent", "ada"]
    process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return said.decode().strip()


async def look(page: Page, where: str, token: str, first: str, second: str) -> None:
    """Sign in, and take the pictures in the order in which one works."""
    await page.goto(f"{where}/desk/sign-in")
    await page.fill("input[name=token]", token)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk")
    await page.goto(f"{where}/desk/proposals")
    await shoot(page, "proposal")
    await page.goto(f"{where}/desk/tickets/{second}/merge?into={first}")
    await shoot(page, "merge-preview")
    await page.fill("#merge-reason", "the same lamp")
    await page.click("button.primary")
    await page.wait_for_url(f"**/desk/tickets/{first}**")
    await shoot(page, "merged-undo")


async def main() -> None:
    """All pictures."""
    token = f"tlk_{secrets.token_urlsafe(32)}"
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        async with desk(Path(folder), token) as (house, where, agent), async_playwright() as driver:
            first, second = await write(house)
            browser = await driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = await page_of(browser, WIDE, "light")
            await look(page, where, agent, first, second)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
