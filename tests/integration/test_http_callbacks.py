"""Replies by callback: signed, recognisable when they come twice, and never to an address inside."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.abc import AbstractResolver, ResolveResult

from trunkline.adapters.http_source.sending import Callbacks, callback_body
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.adapters.http_source.source import sources_of
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed
from trunkline.config.field_settings import OwnFields
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Outgoing
from trunkline.web import signed_posts
from trunkline.web.service import WebService, new_application
from trunkline.web.webhook_signing import key_of, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_800_000_000
REPLY = Outgoing(
    article_id="0199e8a0-1c2d-7f00-8000-0123456789ab",
    external_id="0199e8a0-1c2d-7f00-8000-0123456789ab",
    ticket_id="t-1",
    number="T-1042",
    channel="http",
    account="shop",
    to="maria@example.org",
    conversation="c-1",
    subject="Re: Order",
    text="It is on its way. Grüße",
    created_at=NOW * 1000,
)


class Always(AbstractResolver):
    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, *_: object, **__: object) -> list[ResolveResult]:
        self.asked.append(host)
        return [ResolveResult(hostname=host, host=self.address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def callbacks(url: str, *, allow_private: bool = True, address: str = "127.0.0.1") -> AsyncIterator[Callbacks]:
    shop = {
        "fields": {"message": "text"},
        "reply": "callback",
        "callback": {"url": url, "allow_private": allow_private},
    }
    settings = HttpSettings.model_validate({"shop": shop, "form": {"fields": {"message": "m"}}})
    made = Callbacks(sources_of(settings, lambda _: SECRET, OwnFields), lambda: NOW * 1000, Always(address))
    try:
        yield made
    finally:
        await made.close()


Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def shop(handler: Handler) -> AsyncIterator[str]:
    """The source's system; its address."""
    application = new_application()
    application.router.add_post("/hooks", handler)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    try:
        yield f"http://shop.example:{service.address[1]}/hooks"
    finally:
        await service.stop()


async def test_a_reply_is_posted_signed_and_the_same_each_time() -> None:
    seen: list[tuple[str, bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        seen.append((verify(request.headers, body, (key_of(SECRET),), NOW), body))
        assert request.content_type == "application/json"
        return web.Response(status=201, text="taken\n")

    async with shop(hook) as url, callbacks(url) as ours:
        first, second = await ours.send(REPLY), await ours.send(REPLY)
    assert first == second
    assert (first.reference, first.detail) == (REPLY.article_id, "201 taken")
    assert seen[0] == seen[1]
    assert seen[0][0] == REPLY.article_id
    content = json.loads(seen[0][1])
    assert content["ticket"] == {"id": "t-1", "number": "T-1042"}
    assert (content["article_id"], content["conversation"]) == (REPLY.article_id, "c-1")
    assert (content["text"], content["to"]) == ("It is on its way. Grüße", "maria@example.org")


async def test_files_and_the_author_of_a_reply_are_named() -> None:
    file = Attachment(name="bill.pdf", media_type="application/pdf", size=4, sha256="0" * 64)
    content = json.loads(callback_body(REPLY.model_copy(update={"attachments": (file,), "author": "Ada"})))
    named = {"sha256": "0" * 64, "name": "bill.pdf", "media_type": "application/pdf", "size": 4}
    assert (content["attachments"], content["author"]) == ([named], "Ada")


@pytest.mark.parametrize(
    ("status", "headers", "error", "retry_after"),
    [
        (429, {"Retry-After": "120"}, DeliveryDeferred, 120),
        (503, {"Retry-After": "99999999"}, DeliveryDeferred, 3600),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, DeliveryDeferred, 5),
        (500, {}, DeliveryDeferred, 5),
        (408, {}, DeliveryDeferred, 5),
        (400, {}, DeliveryFailed, None),
        (401, {}, DeliveryFailed, None),
        (404, {}, DeliveryFailed, None),
        (410, {}, DeliveryFailed, None),
        (302, {"Location": "http://127.0.0.1:1/"}, DeliveryFailed, None),
    ],
)
async def test_each_answer_means_sent_later_or_never(
    status: int, headers: dict[str, str], error: type[Exception], retry_after: int | None
) -> None:
    async def hook(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers, text="because\x07")

    async with shop(hook) as url, callbacks(url) as ours:
        with pytest.raises(error, match=f"{status} because") as caught:
            await ours.send(REPLY)
    assert getattr(caught.value, "retry_after", None) == retry_after


async def test_nobody_there_means_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with callbacks(f"http://shop.example:{port}/") as ours:
        with pytest.raises(DeliveryDeferred, match="not reached"):
            await ours.send(REPLY)


async def test_no_answer_means_later_because_a_repeat_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_posts, "_TIMEOUT", ClientTimeout(total=0.1))
    leave = asyncio.Event()

    async def hook(_: web.Request) -> web.Response:
        await leave.wait()
        return web.Response()

    async with shop(hook) as url, callbacks(url) as ours:
        with pytest.raises(DeliveryDeferred, match="in time"):
            await ours.send(REPLY)
        leave.set()


async def test_an_answer_that_breaks_off_means_later() -> None:
    async def hook(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with shop(hook) as url, callbacks(url) as ours:
        with pytest.raises(DeliveryDeferred):
            await ours.send(REPLY)


@pytest.mark.parametrize(
    ("url", "address", "allow_private"),
    [
        ("https://shop.example/", "127.0.0.1", False),
        ("https://shop.example/", "10.0.0.1", False),
        ("https://shop.example/", "169.254.169.254", True),
        ("https://127.0.0.1/", "", False),
        ("https://[::ffff:127.0.0.1]/", "", False),
        ("https://169.254.169.254/", "", True),
        ("https://127.1/", "", False),
        ("https://2130706433/", "", False),
    ],
)
async def test_an_address_inside_is_refused_for_good(url: str, address: str, allow_private: bool) -> None:
    async with callbacks(url, allow_private=allow_private, address=address) as ours:
        with pytest.raises(DeliveryFailed):
            await ours.send(REPLY)


async def test_a_source_without_callback_takes_no_replies() -> None:
    async with callbacks("https://shop.example/") as ours:
        for account in ("form", "gone"):
            with pytest.raises(DeliveryFailed, match=account):
                await ours.send(REPLY.model_copy(update={"account": account}))
