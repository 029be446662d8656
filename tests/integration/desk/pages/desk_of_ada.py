"""What the tests of the desk page do again and again: a ticket that is offered to Ada, and what a script asks for."""

import json
from typing import Any

from trunkline.router.records import Ticket

from .conftest import BY_SCRIPT, Browser, Page, Site


async def offered(site: Site, text: str = "My lamp is broken", **facts: Any) -> Ticket:
    """A ticket that is offered to Ada, who alone is available."""
    await site.desk.actions.presence("ada", "available", actor="test")
    return await opened(site, text, **facts)


async def opened(site: Site, text: str = "My lamp is broken", **facts: Any) -> Ticket:
    """A ticket, offered to whoever is available."""
    ticket = await site.face.ticket(text, **facts)
    await site.desk.settle()
    return await now(site, ticket)


async def mine(site: Site, text: str = "My lamp is broken", **facts: Any) -> Ticket:
    """A ticket that Ada has."""
    ticket = await opened(site, text, **facts)
    await site.desk.actions.assign(ticket.id, "ada", actor="agent:ada", force=True)
    return await now(site, ticket)


async def now(site: Site, ticket: Ticket) -> Ticket:
    """The ticket as it is."""
    return (await site.desk.reader.ticket(ticket.id)).record


async def part(browser: Browser, path: str, **headers: str) -> Page:
    """What a script fetches."""
    return await browser.open(f"/desk/parts/{path}", headers={**BY_SCRIPT, **headers})


async def by_script(browser: Browser, path: str, fields: dict[str, Any] | None = None) -> Page:
    """What a script sends; a list is one field several times."""
    headers = {**BY_SCRIPT, "X-CSRF-Token": await browser.csrf()}
    pairs = [
        (name, each)
        for name, value in (fields or {}).items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return await browser.request("POST", path, headers=headers, data=pairs)


def problem(page: Page, status: int) -> str:
    """The detail of the problem document that it must be."""
    assert (page.status, page.headers["Content-Type"]) == (status, "application/problem+json"), page.text
    return str(json.loads(page.text)["detail"])
