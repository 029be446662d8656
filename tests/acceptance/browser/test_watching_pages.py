"""The watch itself: each thing that a page should not do is seen, so that its absence means something."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from playwright.async_api import Page

from ...ports import free_port
from .serving import served
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

POLICY = "default-src 'self'; script-src 'self' 'unsafe-eval'; connect-src *"


async def _page(_: web.Request) -> web.Response:
    html = "<!doctype html><title>A page</title><link rel=icon href=data:,>"
    return web.Response(
        text=html, content_type="text/html", headers={"Content-Security-Policy": POLICY + "; img-src data:"}
    )


async def seen(watched: Watched, deed: Callable[[Page], Awaitable[object]]) -> list[str]:
    application = web.Application()
    application.router.add_get("/", _page)
    async with served(application) as url:
        page = await watched.open(url)
        assert watched.noted() == []
        await deed(page)
        await watched.settled(page)
    found = watched.noted()
    watched.expect(".*")
    return found


async def test_an_error_on_the_console_is_seen(watched: Watched) -> None:
    assert await seen(watched, lambda page: page.evaluate("console.error('broken')")) == ["console: broken"]


async def test_an_exception_is_seen(watched: Watched) -> None:
    found = await seen(watched, lambda page: page.evaluate("() => { setTimeout(() => { throw new Error('thrown') }) }"))

    assert found == ["exception: thrown"]


async def test_a_request_to_another_host_is_seen(watched: Watched) -> None:
    other = f"http://127.0.0.1:{free_port()}/elsewhere"

    found = await seen(
        watched, lambda page: page.evaluate("url => fetch(url, {mode: 'no-cors'}).catch(() => 0)", other)
    )

    assert f"request to another host: {other}" in found


async def test_a_socket_to_another_host_is_seen(watched: Watched) -> None:
    other = f"ws://127.0.0.1:{free_port()}/elsewhere"

    found = await seen(
        watched,
        lambda page: page.evaluate("url => new Promise(done => new WebSocket(url).onclose = () => done())", other),
    )

    assert f"socket to another host: {other}" in found


async def test_a_violation_of_the_policy_is_seen(watched: Watched) -> None:
    found = await seen(
        watched, lambda page: page.evaluate("document.body.append(Object.assign(new Image(), {src: '/picture.png'}))")
    )

    assert any(note.startswith("console: policy violated: img-src") for note in found)
