"""The channel twilio for the conformance tests: the platform that posts, and the API that takes answers."""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode, urlsplit

from tests.fakes.twilio import MARIA, OURS, SID, FakeTwilio
from tests.memory_addresses import MemoryAddresses
from tests.memory_parts import MemoryParts
from tests.memory_wishes import MemoryWishes
from trunkline.adapters.twilio.channel import TwilioChannel
from trunkline.adapters.twilio.settings import TwilioSettings
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

TOKEN = "an auth token of the tests"
ADDRESS = "https://desk.example"
PATH = "v1/twilio/support"
HEADER = "X-Twilio-Signature"


class TwilioSubject(Subject):
    """One account with one number, and one person who writes to it by SMS."""

    account = "support"
    sender_key = f"phone:{MARIA}"
    gives_files = True
    secrets = (TOKEN,)
    asks_for = 30

    async def open(self) -> None:
        self.wishes = MemoryWishes()
        self.parts = MemoryParts[str]()
        self.twilio = FakeTwilio(TOKEN)
        await self.twilio.__aenter__()
        self._channel = self._made(self.twilio.base)
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, api: str, **more: str) -> TwilioChannel:
        given = {"sid": SID, "address": ADDRESS, "api": api} | (more or {"sender": OURS})
        return TwilioChannel(
            TwilioSettings.model_validate({self.account: given}),
            engine=Engine("redis://127.0.0.1:1", Keys("test")),
            clock=ManualClock(),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=lambda _: TOKEN,
            parts=self.parts,
            files=MemoryAddresses(),
            wishes=self.wishes,
        )

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self.twilio.__aexit__()

    async def deliver(self, identifier: str, text: str) -> Answer:
        return await self._taken(self.twilio.message(text, id_=f"SM{int(identifier):032x}"))

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        return await self._taken(self.twilio.with_file(content, "application/pdf", id_=f"MM{int(identifier):032x}"))

    async def post(self, fields: Mapping[str, str], query: str = "") -> tuple[int, str]:
        """Status and body of what a post is answered with."""
        path = f"{PATH}{query}"
        return await self.twilio.post(url_of(self._service, path), fields, public=f"{ADDRESS}/{path}")

    async def _taken(self, fields: Mapping[str, str]) -> Answer:
        status, _ = await self.post(fields)
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        fields = {} if body else self.twilio.message("Hello")
        path = f"{PATH}?bodySHA256={hashlib.sha256(body).hexdigest()}" if body else PATH
        kind = "application/json" if body else "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, HEADER: self.twilio.signature(f"{ADDRESS}/{path}", fields)}
        return Sealed(url_of(self._service, path), headers, body or urlencode(fields).encode(), HEADER)

    async def deliver_receipt(self, state: str) -> None:
        query = urlsplit(self.twilio.sent[-1]["StatusCallback"]).query
        assert (await self.post(self.twilio.receipt(-1, state), f"?{query}"))[0] == 200

    async def deliver_windowed(self) -> Answer:
        ends = {"From": f"whatsapp:{MARIA}", "To": f"whatsapp:{OURS}"}
        return await self._taken(self.twilio.message("Hello", **ends))

    def refuse_credentials(self) -> None:
        self.twilio.token = "another token"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self.twilio.breaks_off = answer in ("away", "silent")
        self.twilio.refusals = {
            "later": [(429, 20429, "Too Many Requests", {"Retry-After": str(self.asks_for)})],
            "never": [(404, 20404, "The requested resource was not found", {})],
        }.get(answer, [])
        if answer == "away":
            self._channel = self._made("http://127.0.0.1:1")
            self.adapter = self._channel

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return self.twilio.sent[-1]["sid"]

    @property
    def arrived(self) -> list[bytes]:
        return [json.dumps(each).encode() for each in self.twilio.sent]


SUBJECT = TwilioSubject
