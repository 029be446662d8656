"""The desk page in a browser, as agents use it, and customers who write to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from aiohttp import ClientSession
from playwright.async_api import BrowserContext, Page, expect

from ..conftest import Running
from ..gateway import Gateway
from ..mails import deliver, written
from ..tokens import agent_token
from .watched import Watched

SESSION = "trunkline_session"

_tokens: WeakKeyDictionary[Gateway, dict[str, str]] = WeakKeyDictionary()
_sessions: WeakKeyDictionary[Gateway, dict[str, str]] = WeakKeyDictionary()


async def token_of(running: Running, agent: str) -> str:
    """A token of this agent's own, always the same one."""
    known = _tokens.setdefault(running.gateway, {})
    if agent not in known:
        known[agent] = await agent_token(running.gateway, agent)
    return known[agent]


async def sign_in(context: BrowserContext, gateway: Gateway, token: str) -> None:
    """Sign in this browser without the form; all that sign in with a token share one session."""
    known = _sessions.setdefault(gateway, {})
    if token not in known:
        url = f"{gateway.url}/desk/sign-in"
        async with ClientSession() as client, client.post(url, data={"token": token}, allow_redirects=False) as answer:
            known[token] = answer.cookies[SESSION].value
    await context.add_cookies([{"name": SESSION, "value": known[token], "url": gateway.url, "httpOnly": True}])


async def signed_in(watched: Watched, running: Running, agent: str, **options: Any) -> BrowserContext:
    """A browser in which an agent has signed in."""
    context = await watched.context(hosts=[running.gateway.url], **options)
    await sign_in(context, running.gateway, await token_of(running, agent))
    return context


@asynccontextmanager
async def desk(
    watched: Watched, running: Running, agent: str = "ada", path: str = "/desk", **options: Any
) -> AsyncIterator[Page]:
    """The desk of an agent, live; behind it the agent is offline and no ticket is left to be worked on."""
    context = await signed_in(watched, running, agent, **options)
    page = await watched.also(context, f"{running.gateway.url}{path}")
    try:
        await live(page)
        yield page
        await watched.settled(page)
    finally:
        await context.close()
        await cleared(running, agent)


async def cleared(running: Running, agent: str) -> None:
    """The agent is offline, and nobody has or waits for anything: what was left, offered or not, is solved."""
    await running.api.presence(agent, "offline")
    for status in ("new", "open"):
        for ticket in await running.api.tickets(status=status, limit="100"):
            await running.api.do("PATCH", f"/v1/tickets/{ticket['id']}", {"status": "solved"}, If_Match="*")


async def live(page: Page) -> None:
    """Returns when the page hears what happens."""
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")


async def mail(running: Running, text: str, *, sender: str = "", name: str = "Maria", subject: str = "My lamp") -> str:
    """A customer writes; the number of the ticket."""
    address = sender or f"{uuid4().hex[:8]}@example.org"
    after = await running.api.position()
    await deliver(running.gateway, written(text, sender=f"{name} <{address}>", subject=subject))
    created = await running.api.until("ticket.created", after=after)
    return str(created["data"]["ticket"]["number"])


async def mine(running: Running, agent: str, text: str = "My lamp is broken", **facts: Any) -> str:
    """A ticket that the agent has; its number."""
    number = await mail(running, text, **facts)
    await running.api.do("POST", f"/v1/tickets/{number}/assign", {"agent": agent, "force": True})
    return number


@asynccontextmanager
async def desk_without_script(watched: Watched, running: Running, agent: str = "ada") -> AsyncIterator[Page]:
    """The desk of an agent whose browser runs no script."""
    context = await watched.context(hosts=[running.gateway.url], java_script_enabled=False)
    page = await watched.also(context, f"{running.gateway.url}/desk/sign-in")
    await page.fill("#token", await token_of(running, agent))
    await page.press("#token", "Enter")
    await page.wait_for_selector("nav.places")
    yield page
    await context.close()
