"""The channel http on the real intake: what was answered 202 lies in the engine once, and can be read."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.normalizer.envelope import RawMessage
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.intake import Intake, unpack
from trunkline.queue.keys import Keys
from trunkline.web.service import WebService, new_application
from trunkline.web.webhook_signing import key_of, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = HttpSettings.model_validate(
    {"form": {"fields": {"email": "email", "message": "message", "conversation": "c"}, "form": {"burst": 200}}}
)


class Served:
    """The channel behind a web service, and a client."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.clock = ManualClock()
        self.blobs = Blobs(folder, engine)
        self.intake = Intake(engine, self.clock, self.blobs)
        self.channel = HttpChannel(SETTINGS, intake=self.intake, secret_of=lambda _: SECRET, clock=self.clock)
        application = new_application()
        self.channel.routes(application)
        self.service = WebService(application, "127.0.0.1", 0)

    async def start(self) -> None:
        await self.blobs.start()
        await self.service.start()
        self.client = ClientSession(f"http://127.0.0.1:{self.service.address[1]}")

    async def stop(self) -> None:
        await self.client.close()
        await self.service.stop()
        await self.channel.stop()
        await self.blobs.stop()

    async def post(self, webhook_id: str, message: str) -> tuple[int, str]:
        body = json.dumps({"email": "maria@example.org", "message": message, "c": "c-1"}).encode()
        headers = signed_headers(key_of(SECRET), webhook_id, self.clock.now() // 1000, body)
        async with self.client.post("/v1/inbound/form", data=body, headers=headers) as response:
            return response.status, (await response.json())["id"]

    async def stored(self) -> list[RawMessage]:
        """Every raw message in the queue, as a filer would get it."""
        batch = await self.intake.queue.claim(self.clock.now(), lanes=1000, per_lane=1000)
        raws = []
        for entry in (entry for lane in batch.lanes for entry in lane):
            header, content = unpack(entry.payload)
            content = content or await self.blobs.get(header["blob"])
            header.pop("kind")
            raws.append(RawMessage(**header, content=content, sequence=entry.sequence))
        return raws


@pytest.fixture
async def served(engine: Engine, tmp_path: Path) -> AsyncIterator[Served]:
    made = Served(engine, tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_hundred_simultaneous_repeats_are_one_message_with_one_id(served: Served) -> None:
    answers = await asyncio.gather(*(served.post("msg_1", "hello") for _ in range(100)))
    assert len(set(answers)) == 1
    (raw,) = await served.stored()
    assert answers[0] == (202, raw.id)
    assert (await served.channel.parse(raw)).envelopes[0].text == "hello"


async def test_what_was_accepted_is_read_back_in_order_whatever_its_size(served: Served) -> None:
    texts = ["short", "ü" * 40_000, "last"]
    for number, text in enumerate(texts):
        assert (await served.post(f"msg_{number}", text))[0] == 202
    envelopes = [(await served.channel.parse(raw)).envelopes[0] for raw in await served.stored()]
    assert [envelope.text for envelope in envelopes] == texts
    assert sorted(envelope.order for envelope in envelopes) == [envelope.order for envelope in envelopes]
    assert {envelope.conversation for envelope in envelopes} == {("http:form:c-1",)}


async def test_an_engine_that_is_gone_is_503_and_nothing_is_promised(keys: Keys, tmp_path: Path) -> None:
    served = Served(Engine("unix:///nowhere/redis.sock", keys), tmp_path)
    await served.service.start()
    body = json.dumps({"email": "maria@example.org", "message": "hello"}).encode()
    headers = signed_headers(key_of(SECRET), "msg_1", served.clock.now() // 1000, body)
    async with ClientSession() as client:
        address = f"http://127.0.0.1:{served.service.address[1]}/v1/inbound/form"
        response = await client.post(address, data=body, headers=headers)
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        assert "nowhere" not in await response.text()
    await served.service.stop()
    await served.blobs.stop()
