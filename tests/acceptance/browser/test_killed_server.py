"""The gateway is killed while both sides of a chat write: every line is there once and in order, wherever one looks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

from trunkline.queue.server_binary import ServerBinary

from ...ports import free_port
from ..conftest import Running
from ..gateway import Gateway, gateway
from ..mails import listening_sink
from .agent import Agent
from .desk import desk, live
from .visitor import Visitor
from .watched import Watched

pytestmark = [
    pytest.mark.long,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
]

LIMIT = 90_000
BROKEN = ("Failed to load resource", "ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY_RESPONSE", "WebSocket")
OURS = ".line.visitor > .bubble > p:first-child, .line.agent > .bubble > p:first-child"


@pytest_asyncio.fixture(loop_scope="session")
async def own(server_binary: ServerBinary) -> AsyncIterator[Running]:
    """A gateway that the test may kill."""
    settings = {"channels__mail__smarthost": f"127.0.0.1:{(port := free_port())}", "undo__chat": "10s"}
    async with listening_sink(port) as sink, gateway(**settings) as made:
        process = await made.start()
        async with made.api() as api:
            yield Running(made, process, sink, api)


async def killed(own: Running) -> None:
    """The process that serves ends with SIGKILL."""
    (serving,) = [each for each in own.gateway.processes if each.alive]
    await serving.kill()


async def restarted(own: Running, agent: Agent, visitor: Visitor) -> None:
    """It runs again, on the same data and port; returns when both pages have found it by themselves."""
    await own.gateway.start()
    await live(agent.page)
    await expect(visitor.page.locator(".notice")).to_be_hidden(timeout=LIMIT)


async def logged(made: Gateway, token: str) -> list[dict[str, Any]]:
    """All lines of the conversation, as the server tells them to a visitor who knows none yet."""
    async with aiohttp.ClientSession(made.url) as session, session.ws_connect("/chat/web/socket") as socket:
        await socket.send_json({"type": "hello", "token": token, "after": 0})
        lines: list[dict[str, Any]] = []
        last = -1
        while last < 0 or len(lines) < last:
            frame = await socket.receive_json(timeout=30)
            last = frame["position"] if frame["type"] == "welcome" else last
            lines += [frame] if frame["type"] == "line" else []
        return lines


async def sent(visitor: Visitor) -> set[str]:
    """What the widget shows as sent."""
    rows: list[list[str]] = await visitor.page.locator(".line.visitor").evaluate_all(
        "lines => lines.map(line => ['.bubble p', '.meta'].map(part => line.querySelector(part).textContent))"
    )
    return {text for text, state in rows if "Sent" in state or "Read" in state}


async def resent(agent: Agent) -> None:
    """Send what stands in the box until the desk has taken it, as a person does who is told that it was not sent."""
    async with asyncio.timeout(LIMIT / 1000):
        while await agent.box.input_value():
            await agent.box.focus()
            await agent.page.keyboard.press("Control+Enter")
            with suppress(AssertionError):
                await expect(agent.box).to_have_value("", timeout=3_000)


def of(lines: list[str], writer: str) -> list[str]:
    """The lines of one writer."""
    return [line for line in lines if line.startswith(writer)]


async def test_every_line_is_there_once_and_in_order_wherever_one_looks(watched: Watched, own: Running) -> None:
    watched.expect(*BROKEN)
    async with desk(watched, own) as page:
        agent = Agent(page)
        context = await watched.context(hosts=[own.gateway.url])
        visitor = Visitor(await watched.also(context, f"{own.gateway.url}/chat/web"))
        await own.api.presence("ada")
        await visitor.write("visitor 1")
        number = await agent.accepts()
        shown: set[str] = set()

        # While a message of the visitor is under way, and a reply waits for its ten seconds to pass.
        await agent.replies("agent 1")
        await visitor.box.fill("visitor 2")
        await visitor.box.press("Enter")
        shown |= await sent(visitor)
        await killed(own)
        await visitor.write("visitor 3", "visitor 4")
        await agent.types("agent 2")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#alarms .toast")).to_contain_text("The desk cannot be reached", timeout=LIMIT)
        await expect(agent.box).to_have_value("agent 2")
        await restarted(own, agent, visitor)
        await resent(agent)
        await visitor.all_sent()

        # While a reply is on its way to the desk.
        shown |= await sent(visitor)
        await agent.types("agent 3")
        await page.keyboard.press("Control+Enter")
        await killed(own)
        await visitor.write("visitor 5")
        await restarted(own, agent, visitor)
        await resent(agent)

        # While both write, and the agent's page is loaded anew before it is over.
        await visitor.box.press_sequentially("half")
        await agent.types("half a draft")
        shown |= await sent(visitor)
        await killed(own)
        await visitor.write("visitor 6")
        await restarted(own, agent, visitor)
        await expect(agent.box).to_have_value("half a draft")
        await page.reload()
        await live(page)
        await expect(agent.box).to_have_value("half a draft")
        await page.keyboard.press("r")
        await page.keyboard.press("Control+a")
        await agent.replies("agent 4")
        await visitor.write("visitor 7")

        said = [f"visitor {n}" for n in range(1, 8)]
        told = [f"agent {n}" for n in range(1, 5)]
        for lines in (agent.said, visitor.page.locator(OURS)):
            await expect(lines).to_have_count(11, timeout=LIMIT)
            texts = await lines.all_text_contents()
            assert of(texts, "visitor") == said
            assert of(texts, "agent") == told
        await visitor.all_sent()
        await expect(agent.held).to_have_count(0)

        token = await visitor.page.evaluate("JSON.parse(localStorage['trunkline:web:token'])")
        log = await logged(own.gateway, token)
        texts = [line["text"] for line in log if line["from"] != "system"]
        assert [line["position"] for line in log] == list(range(1, len(log) + 1))
        assert (of(texts, "visitor"), of(texts, "agent"), len(texts)) == (said, told, 11)
        assert {"visitor 1", "visitor 4"} <= shown <= set(texts)
        assert await visitor.page.locator(OURS).all_text_contents() == texts, "the widget shows the order of the log"

        (ticket,) = await own.api.tickets()
        assert ticket["number"] == number
        articles = (await own.api.get(f"/v1/tickets/{ticket['id']}"))["articles"]
        texts = [
            each["text"]
            for each in articles
            if each["kind"] in ("message", "reply") and each["author"]["kind"] != "system"
        ]
        assert (of(texts, "visitor"), of(texts, "agent"), len(texts)) == (said, told, 11)
        assert await agent.said.all_text_contents() == texts
