"""Makes the pictures of a what-if report, and of a board on a bad day.

    python docs/what_if_pictures.py [--minutes 4]

Starts `trunkline demo` with a fixed seed and far more customers than its agents can bear, lets it play, looks at the
board; then asks `trunkline simulate` what a queue of two seniors for whoever is angry would have made of these minutes,
and looks at its page. Nothing outside this machine is contacted.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from screenshots import CHROMIUM, QUIET, ROOT, TARGET, demo, page_of, shoot

WIDE = (1440, 900)
CUSTOMERS = "40"  # a minute
PROMISE = """
sla:
  - { name: soon, targets: { first_response: 90s, next_response: 90s, assignment: 1min } }
"""
"""What is promised on that day; the demo's own promises are hours."""
SENIORS = {
    "agents:\n  ada: { name: Ada Lind, email: ada@example.test, queues: [support, orders]": "agents:\n"
    "  ada: { name: Ada Lind, email: ada@example.test, queues: [seniors, support, orders]",
    "mei: { name: Mei Lin, email: mei@example.test, queues: [support": "mei: { name: Mei Lin, email: mei@example.test, "
    "queues: [seniors, support",
    "\nagents:": "  seniors:\n    description: Whoever is angry\n    language_wait: 20s\n\nagents:",
    "then: { priority: 2, tags: [angry] }": "then: { queue: seniors, priority: 2, tags: [angry] }",
    "expect: { priority: 2, tags: [angry] }": "expect: { queue: seniors, priority: 2, tags: [angry] }",
}
"""What is changed in the demo's configuration."""


def configuration(folder: Path, name: str, changes: Mapping[str, str]) -> Path:
    """The demo's configuration with that promise, and with changes."""
    text = (ROOT / "config" / "demo.yaml").read_text(encoding="utf-8") + PROMISE
    for before, after in changes.items():
        if before not in text:
            raise SystemExit(f"config/demo.yaml does not say {before!r} any more")
        text = text.replace(before, after)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


async def simulate(folder: Path, begun: datetime, environment: Mapping[str, str]) -> Path:
    """The page of what the change would have made."""
    page, changed = folder / "report.html", configuration(folder, "new.yaml", SENIORS)
    trunkline = Path(sys.executable).with_name("trunkline")
    span = ("--from", f"{begun:%Y-%m-%dT%H:%M:%S}", "--to", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}")
    words = ("simulate", "--config", str(changed), "--html", str(page), *span)
    process = await asyncio.create_subprocess_exec(trunkline, *words, cwd=ROOT, env=os.environ | environment)
    if await process.wait():
        raise SystemExit("the simulation failed")
    return page


async def take(browser: Browser, address: str, name: str, *, tall: bool, sign_in: str = "") -> None:
    """One picture."""
    page = await page_of(browser, WIDE, "light")
    if sign_in:
        await page.goto(sign_in)
        await page.click("#sign-in button")
        await page.wait_for_url("**/desk")
    await page.goto(address)
    if tall:
        await page.set_viewport_size({"width": WIDE[0], "height": 1500})
    await shoot(page, name)
    await page.context.close()


async def main(minutes: float) -> None:
    """Both."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tl-") as place:
        folder = Path(place)
        words = ("--customers", CUSTOMERS, "--config", str(configuration(folder, "demo.yaml", {})))
        begun = datetime.now(UTC) + timedelta(seconds=5)
        async with demo(folder / "data", minutes * 60, *words) as where, async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            await take(browser, where.board, "board-bad-day", tall=False, sign_in=where.desk)
            report = await simulate(folder, begun, {"TRUNKLINE_DATA": str(folder / "data")})
            await take(browser, report.as_uri(), "what-if", tall=True)
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the pictures of docs/what_if.md anew.")
    parser.add_argument("--minutes", type=float, default=4, help="how long the demo plays before it is looked at")
    asyncio.run(main(parser.parse_args().minutes))
