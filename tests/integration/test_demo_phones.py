"""The vendors of the demo, spoken to by the adapters' own clients, and what they post judged by the adapters."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import MultiDict

from trunkline.adapters.telegram.bot_api import BotApi
from trunkline.adapters.telegram.receiving import contract
from trunkline.adapters.telegram.updates import read_update
from trunkline.adapters.twilio.events import fields_of_form
from trunkline.adapters.twilio.message_api import MessageApi
from trunkline.adapters.twilio.signature import verify
from trunkline.adapters.vendor_post import Post
from trunkline.config.errors import CredentialsRefused
from trunkline.demo.simulation.background_tasks import BackgroundTasks
from trunkline.demo.simulation.pace import Pace
from trunkline.demo.simulation.people import Person
from trunkline.demo.simulation.phones.bot_platform import BotPlatform
from trunkline.demo.simulation.phones.gateway_door import GatewayDoor
from trunkline.demo.simulation.phones.number_platform import NumberPlatform
from trunkline.demo.simulation.phones.phone_line import PhoneFile

TOKEN, SECRET, SID, AUTH = "4711:a-token", "a-secret", "AC" + 32 * "0", "auth"
PUBLIC = "https://shop.example.test/v1/twilio/shop"
SHOP = "whatsapp:+447700900000"
KOFI = Person(
    name="Kofi Mensah",
    email="kofi@example.com",
    language="en",
    habit="terse",
    patience=30,
    ways=("whatsapp",),
    phone="+447700900102",
)
PHOTO = PhoneFile(name="IMG_1.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n")


class Gateway:
    """What is posted here; the first `busy` posts are answered 503."""

    def __init__(self) -> None:
        self.posts = asyncio.Queue[Post]()
        self.busy = 0
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        if self.busy:
            self.busy -= 1
            self.refused += 1
            return web.Response(status=503)
        post = Post("shop", "POST", request.path_qs, MultiDict(request.query), request.headers, await request.read())
        self.posts.put_nowait(post)
        return web.Response()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    application = web.Application()
    application.router.add_post("/{path:.+}", made.take)
    async with TestServer(application) as serving:
        made.url = str(serving.make_url("")).rstrip("/")  # type: ignore[attr-defined]
        yield made


@pytest.fixture
async def tasks() -> AsyncIterator[BackgroundTasks]:
    made = BackgroundTasks()
    yield made
    await made.stop()


@pytest.fixture
async def pace() -> Pace:
    return Pace(1.0, sleep=lambda _: asyncio.sleep(0))


@pytest.fixture
async def door(gateway: Gateway, pace: Pace) -> AsyncIterator[GatewayDoor]:
    made = GatewayDoor(lambda: gateway.url, pace)  # type: ignore[attr-defined]
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def telegram(door: GatewayDoor, pace: Pace, tasks: BackgroundTasks) -> BotPlatform:
    return BotPlatform(TOKEN, door, pace, tasks, now=lambda: 1_796_035_000_000)


async def update_of(gateway: Gateway) -> dict[str, Any]:
    """The next one, as the gateway reads it; it was posted as Telegram's."""
    post = await gateway.posts.get()
    contract(lambda _: SECRET).verify(post)
    return dict(read_update(post.body))


async def test_telegram_posts_what_is_written_and_takes_the_answer(telegram: BotPlatform, gateway: Gateway) -> None:
    async with TestServer(telegram.application) as serving:
        base = str(serving.make_url("")).rstrip("/")
        api = BotApi(base, TOKEN)
        line = telegram.line(KOFI)
        saying = asyncio.create_task(line.say("my lamp flikcers"))
        url = "https://shop.example.test/v1/telegram/shop"
        await api.raw("setWebhook", {"url": url, "secret_token": SECRET})
        assert (await api.raw("getWebhookInfo", {}))["url"] == url
        written = await update_of(gateway)
        message = await saying
        assert written["message"]["from"]["first_name"] == "Kofi"
        await line.correct(message, "my lamp flickers")
        edited = await update_of(gateway)
        assert edited["edited_message"]["message_id"] == int(message)
        assert edited["update_id"] > written["update_id"]
        chat = written["message"]["chat"]["id"]
        async with api.fate() as bot:
            sent = await bot.send_message(chat, "Try another bulb.")
        answer = await line.heard.get()
        assert (answer.id, answer.text) == (str(sent.message_id), "Try another bulb.")
        await line.like(answer)
        assert (await update_of(gateway))["message_reaction"]["message_id"] == sent.message_id
        await api.close()


async def test_telegram_gives_out_the_file_that_was_sent_to_whoever_knows_the_token(
    telegram: BotPlatform, gateway: Gateway
) -> None:
    async with TestServer(telegram.application) as serving, aiohttp.ClientSession() as session:
        base = str(serving.make_url("")).rstrip("/")
        api = BotApi(base, TOKEN)
        await api.raw("setWebhook", {"url": "https://x.example.test/v1/telegram/shop", "secret_token": SECRET})
        await telegram.line(KOFI).show(PHOTO, "Here:")
        document = (await update_of(gateway))["message"]["document"]
        path = (await api.raw("getFile", {"file_id": document["file_id"]}))["file_path"]
        async with session.get(f"{base}/file/bot{TOKEN}/{path}") as response:
            assert (await response.read(), response.content_type) == (PHOTO.content, "image/png")
        async with session.get(f"{base}/file/bot4711:other/{path}") as response:
            assert response.status == 404
        await api.close()


async def test_telegram_knows_its_bot(telegram: BotPlatform) -> None:
    async with TestServer(telegram.application) as serving:
        api = BotApi(str(serving.make_url("")).rstrip("/"), "4711:other")
        with pytest.raises(CredentialsRefused):
            await api.raw("getMe", {})
        await api.close()


async def test_twilio_posts_signed_forms_and_tells_what_became_of_the_answer(
    gateway: Gateway, door: GatewayDoor, pace: Pace, tasks: BackgroundTasks
) -> None:
    twilio = NumberPlatform(SID, AUTH, PUBLIC, "http://127.0.0.1:1", door, pace, tasks, now=lambda: 1_796_035_000_000)
    async with TestServer(twilio.application) as serving:
        api = MessageApi(str(serving.make_url("")).rstrip("/"), SID, AUTH)
        line = twilio.line(KOFI, SHOP)
        gateway.busy = 2
        await line.say("hi, no refund of the €104 yet")
        assert gateway.refused == 2
        written = await signed(gateway)
        assert (written["Body"], written["ProfileName"]) == ("hi, no refund of the €104 yet", "Kofi Mensah")
        asked = [
            ("To", written["From"]),
            ("From", SHOP),
            ("Body", "Released."),
            ("StatusCallback", f"{PUBLIC}?article=a"),
        ]
        sid = await api.send(asked)
        told = [await signed(gateway) for _ in range(3)]
        assert [each["MessageStatus"] for each in told] == ["sent", "delivered", "read"]
        assert {each["MessageSid"] for each in told} == {sid}
        assert (await line.heard.get()).text == "Released."
        listed = [each async for each in api.listed(0, to=written["From"])]
        assert [(each["sid"], each["body"]) for each in listed] == [(sid, "Released.")]
        await api.close()


async def signed(gateway: Gateway) -> dict[str, str]:
    """The next form, which Twilio's own package says is signed."""
    post = await gateway.posts.get()
    parts = urlsplit(PUBLIC)
    verify(post, f"{parts.scheme}://{parts.netloc}", AUTH.encode())
    return dict(fields_of_form(post.body))


async def test_a_gateway_that_takes_nothing_is_given_up(gateway: Gateway, door: GatewayDoor) -> None:
    gateway.busy = 100
    with pytest.raises(ConnectionError, match="503"):
        await door.post("/v1/telegram/shop", b"{}", {})
