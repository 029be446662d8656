"""Makes the pictures of `docs/screenshots` anew: desk, board and chat of the demo, in a real browser.

    python docs/screenshots.py [--minutes 5]

Starts `trunkline demo` with a fixed seed on free ports, lets it play, lets it stand still (`--hold`), signs in with the
link that it prints, and looks at it through Debian's Chromium: desk and board light and dark, desk, board and chat on a
phone, the chat beside a page. Nothing outside this machine is contacted.
"""

import argparse
import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).parents[1]
TARGET = Path(__file__).with_name("screenshots")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
WIDE, PHONE = (1440, 900), (390, 844)
SEED, SPEED = 7, 4


@dataclass(frozen=True)
class Addresses:
    """What the demo printed."""

    chat: str
    desk: str
    board: str


@asynccontextmanager
async def demo(folder: Path, seconds: float, *more: str) -> AsyncIterator[Addresses]:
    """A demo that has played for so long and stands still; `more` options of it."""
    http, smtp, smarthost, telegram, twilio = free_ports(5)
    environment = os.environ | {
        "TRUNKLINE_DATA": str(folder),
        "TRUNKLINE_LISTEN__HTTP": f"127.0.0.1:{http}",
        "TRUNKLINE_LISTEN__SMTP": f"127.0.0.1:{smtp}",
        "TRUNKLINE_CHANNELS__MAIL__SMARTHOST": f"127.0.0.1:{smarthost}",
        "TRUNKLINE_CHANNELS__TELEGRAM__SHOP__API": f"http://127.0.0.1:{telegram}",
        "TRUNKLINE_CHANNELS__TWILIO__SHOP__API": f"http://127.0.0.1:{twilio}",
    }
    words = ["demo", "--seed", str(SEED), "--speed", str(SPEED), "--duration", str(seconds), "--hold", *more]
    trunkline = Path(sys.executable).with_name("trunkline")
    process = await asyncio.create_subprocess_exec(
        trunkline, *words, cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        addresses = await _addresses(process)
        await asyncio.sleep(seconds + 5)
        yield addresses
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _addresses(process: asyncio.subprocess.Process) -> Addresses:
    assert process.stderr is not None
    found: dict[str, str] = {}
    while len(found) < 3:
        line = (await process.stderr.readline()).decode()
        if not line:
            raise SystemExit("the demo ended before it said where it is")
        if match := re.search(r"(Chat|Work|See) .*?(http://\S+)", line):
            found[match[1]] = match[2]
    return Addresses(found["Chat"], found["Work"], found["See"])


def free_ports(number: int) -> Sequence[int]:
    """Ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


async def page_of(browser: Browser, size: tuple[int, int], scheme: str) -> Page:
    """A page in a browser profile of its own."""
    dark: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=dark, reduced_motion="reduce", locale="en-GB"
    )
    return await context.new_page()


async def take_desk_and_board(browser: Browser, where: Addresses, size: tuple[int, int], name: str) -> None:
    """Sign in, open what is first in hand, look; then the board."""
    page = await page_of(browser, size, name)
    await page.goto(where.desk)
    await page.click("#sign-in button")
    await page.wait_for_url("**/desk")
    mine = page.locator('[data-section="mine"], [data-key="section-mine"]').locator('a[href^="/desk/tickets/"]')
    await mine.first.click()
    await page.wait_for_url("**/desk/tickets/*")
    await page.mouse.move(size[0] / 2, 4)  # rows do not change their places under the pointer
    await shoot(page, f"desk-{name}")
    await page.goto(where.board)
    await shoot(page, f"board-{name}")
    await page.context.close()


async def take_chat(browser: Browser, where: Addresses, size: tuple[int, int], name: str) -> None:
    """The page with the widget, and a first question in it."""
    page = await page_of(browser, size, name)
    await page.goto(where.chat)
    field = page.get_by_role("textbox")
    await field.fill("Hello, is the brass reading lamp in stock again?")
    await field.press("Enter")
    await shoot(page, f"chat-{name}")
    await page.context.close()


async def shoot(page: Page, name: str) -> None:
    """One picture, when the page has come to rest."""
    await page.wait_for_load_state("load")
    await page.wait_for_timeout(1_500)
    await page.screenshot(path=TARGET / f"{name}.png")


async def main(minutes: float) -> None:
    """All pictures."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        async with demo(Path(folder) / "data", minutes * 60) as where, async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            for size, name in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "phone")):
                await take_desk_and_board(browser, where, size, name)
            for size, name in (((1200, 800), "light"), (PHONE, "phone")):
                await take_chat(browser, where, size, name)
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the pictures of docs/screenshots anew.")
    parser.add_argument("--minutes", type=float, default=5, help="how long the demo plays before it is looked at")
    asyncio.run(main(parser.parse_args().minutes))
