"""How soon an agent sees something: desk, ticket, board and chat page in a real browser, beside an empty page.

    python benchmarks/pages.py [--tickets 500] [--loads 15]

Starts an engine with fsync always and the gateway, opens tickets, and loads each page in Debian's Chromium, on this
machine: `first` in a browser that has nothing in its cache, `again` in one that has been there. `paint` is the first
contentful paint, `server` the time from the request to the first byte, both medians of the loads in milliseconds; the
bytes are those of the page itself and of all that it brings along, as they come over the wire. The empty page is what
the browser needs for one line of text from aiohttp.
"""

import argparse
import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, BrowserContext, async_playwright
from processes import Bench, machine, request

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
CONFIG = """
channels:
  chat: {web: {}}
acknowledgement: {enabled: false}
"""
TIMES = """async () => {
  await new Promise((done) => new PerformanceObserver(() => {
    if (performance.getEntriesByName("first-contentful-paint").length) done();
  }).observe({type: "paint", buffered: true}));
  const [page] = performance.getEntriesByType("navigation"), along = performance.getEntriesByType("resource");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return {paint: paint.startTime, server: page.responseStart - page.requestStart, page: page.transferSize,
    along: along.reduce((sum, each) => sum + each.transferSize, 0)};
}"""


@asynccontextmanager
async def empty_page() -> AsyncIterator[str]:
    """The address of a page with one line."""
    application = web.Application()
    text = '<!doctype html><html lang="en"><title>Empty</title><link rel="icon" href="data:,"><p>Hello'
    application.router.add_get("/", lambda _: web.Response(text=text, content_type="text/html"))  # type: ignore[arg-type, return-value]
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def load(context: BrowserContext, url: str) -> dict[str, Any]:
    """The figures of one load."""
    page = await context.new_page()
    await page.goto(url, wait_until="load")
    found = await page.evaluate(TIMES)
    await page.close()
    return dict(found)


async def signed_in(browser: Browser, base: str) -> Any:
    """The cookies of an agent who has signed in."""
    context = await browser.new_context()
    answer = await context.request.post(
        f"{base}/desk/sign-in", form={"token": "bench", "next": ""}, headers={"Origin": base}
    )
    found = re.search(r'name="csrf" (?:value|content)="([^"]+)"', await answer.text())
    assert found
    form = {"agent": "agent0", "csrf": found[1]}
    chosen = await context.request.post(f"{base}/desk/as", form=form, headers={"Origin": base})
    assert chosen.ok
    return await context.storage_state()


async def measured(browser: Browser, cookies: Any, url: str, loads: int) -> tuple[list[dict[str, Any]], ...]:
    """What first loads and loads again gave."""
    first, again = list[dict[str, Any]](), list[dict[str, Any]]()
    for _ in range(loads):
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=cookies)
        first.append(await load(context, url))
        again.append(await load(context, url))
        await context.close()
    return first, again


def told(name: str, kind: str, found: Sequence[dict[str, Any]]) -> str:
    """One line of the table."""
    paint, server, page, along = (median(each[what] for each in found) for what in ("paint", "server", "page", "along"))
    worst = max(each["paint"] for each in found)
    times = f"paint {paint:5.0f} (worst {worst:4.0f})  server {server:5.1f}"
    return f"{name:10} {kind:6} {times}  {page / 1e3:6.1f} + {along / 1e3:5.1f} kB"


async def run(bench: Bench, loads: int) -> None:
    """Load everything."""
    base = f"http://127.0.0.1:{bench.ports['http']}"
    places = {"desk": "/desk", "ticket": "/desk/tickets/T-1", "board": "/board", "chat page": "/chat/web"}
    async with empty_page() as empty, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        cookies = await signed_in(browser, base)
        for name, url in {"empty": empty, **{name: base + path for name, path in places.items()}}.items():
            first, again = await measured(browser, cookies, url, loads)
            print(told(name, "first", first))
            print(told("", "again", again))
        await browser.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How soon an agent sees something.")
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--loads", type=int, default=15)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        bench = Bench(Path(folder), CONFIG, {})
        with bench.engine(), bench.gateway("serve"):
            for number in range(given.tickets):
                ticket = {"text": f"My lamp {number} is broken", "email": f"c{number}@example.org", "subject": "A lamp"}
                assert request(bench.ports["http"], "POST", "/v1/tickets", ticket) == 201
            asyncio.run(run(bench, given.loads))


if __name__ == "__main__":
    main()
