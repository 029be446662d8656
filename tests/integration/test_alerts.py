"""Alerts are mailed and posted, signed, again until they are heard; what is refused for good is kept."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from trunkline.adapters.alerts import Alerts
from trunkline.adapters.contract import Adapter
from trunkline.adapters.outgoing_mail import MailOut
from trunkline.config.webhook_settings import WebhookSettings
from trunkline.queue.worker import Worker
from trunkline.router.alert import Alert
from trunkline.web.signed_posts import SignedPosts
from trunkline.web.webhook_signing import keys_of, verify

from ..acceptance.browser.serving import served

if TYPE_CHECKING:
    from .conftest import Desk

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def alert(**to: str) -> Alert:
    return Alert(id="a1", subject="[T-1] due", text="It is due.", content={"clock": "resolution"}, at=1, **to)  # type: ignore[arg-type]


@asynccontextmanager
async def working(desk: "Desk", hooks: dict[str, str], sent: list[Any]) -> AsyncIterator[Worker]:
    mail = cast(
        "Adapter", SimpleNamespace(send=_into(sent), outgoing_id=lambda article, account: f"{article}@{account}")
    )
    out = MailOut(channel="mail", account="desk.example", adapter=lambda: mail)
    settings = {name: WebhookSettings(url=url, allow_private=True) for name, url in hooks.items()}
    posts = SignedPosts("the webhook", desk.clock.now)
    made = Alerts(desk.offers._keys.alerts, posts, webhooks=lambda: settings, secret=lambda _: SECRET, out=out)
    yield Worker(made.queue, desk.clock, made.handle)
    await made.close()


def _into(sent: list[Any]) -> Any:
    async def send(outgoing: Any) -> None:
        sent.append(outgoing)

    return send


async def push(desk: "Desk", given: Alert) -> None:
    await desk.offers._keys.alerts.push(given.lane, given.model_dump_json().encode())


async def test_a_post_is_signed_and_sent_again_under_its_id_until_it_is_taken(desk: "Desk") -> None:
    heard: list[tuple[str, Any]] = []

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        heard.append((verify(request.headers, body, keys_of(SECRET), desk.clock.now() / 1000), json.loads(body)))
        return web.Response(status=503 if len(heard) == 1 else 204)

    application = web.Application()
    application.router.add_post("/alerts", hook)
    async with served(application) as url, working(desk, {"oncall": f"{url}/alerts"}, []) as worker:
        await push(desk, alert(webhook="oncall"))
        await worker.run_once()
        await worker.drain()
        desk.clock.advance(5_000)
        await worker.run_once()
        await worker.drain()
    assert heard == [("a1", {"clock": "resolution"})] * 2
    assert (await desk.offers._keys.alerts.counts())["entries"] == 0


async def test_a_mail_goes_to_its_address_as_an_automatic_one(desk: "Desk") -> None:
    sent: list[Any] = []
    async with working(desk, {}, sent) as worker:
        await push(desk, alert(address="duty@example.org"))
        await worker.run_once()
        await worker.drain()
    (mail,) = sent
    assert (mail.to, mail.subject, mail.text, mail.automatic) == ("duty@example.org", "[T-1] due", "It is due.", True)


async def test_what_has_no_way_any_more_is_kept_with_the_cause(desk: "Desk") -> None:
    async with working(desk, {}, []) as worker:
        await push(desk, alert(webhook="oncall"))
        await worker.run_once()
        await worker.drain()
    assert await desk.offers._keys.alerts.counts() == {"entries": 1, "later": 0, "dead": 1}
