"""The channel line for the conformance tests: the platform that posts, and the API that takes answers."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, BinaryIO, Literal

from tests.fakes.line import FakeLine
from tests.memory_addresses import MemoryAddresses
from tests.memory_pushes import MemoryPushes
from trunkline.adapters.line.channel import LineChannel
from trunkline.adapters.line.settings import LineSettings, access_token
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance
from trunkline.web.downloads import Result
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

MARIA = "U" + "a1" * 16
ADDRESS = "https://desk.example"
TOKEN, SECRET = "an access token of the tests", "a channel secret of the tests"


class MemoryBlobs:
    """The files of answers, by sha256."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    async def open(self, sha: str) -> BinaryIO:
        if sha not in self.contents:
            raise Unreadable("there is no such blob")
        return BytesIO(self.contents[sha])

    async def in_thread(self, work: Callable[..., Result], *args: object) -> Result:
        return work(*args)


class LineSubject(Subject):
    """One official account and one person who writes to it; `reached` says that the account has an address."""

    reached = True
    account = "shop"
    sender_key = f"line:{MARIA}"
    believed = Assurance.CHANNEL
    gives_files = True
    secrets = (TOKEN, SECRET)

    async def open(self) -> None:
        self._events: dict[str, dict[str, Any]] = {}
        self.line = FakeLine(TOKEN, SECRET)
        await self.line.__aenter__()
        self.blobs, self.pushes, self.now = MemoryBlobs(), MemoryPushes(), 1_796_000_000_000
        given = {"api": self.line.base, "data_api": self.line.base, **({"address": ADDRESS} if self.reached else {})}
        self._channel = LineChannel(
            LineSettings.model_validate({self.account: given}),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=lambda secret: TOKEN if secret == access_token(self.account) else SECRET,
            files=MemoryAddresses(),
            blobs=self.blobs,
            pushes=self.pushes,
            now=lambda: self.now,
        )
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self.line.__aexit__()

    async def deliver(self, identifier: str, text: str) -> Answer:
        at = {"timestamp": 1_796_000_000_000 + int(identifier)}
        first = self._events.setdefault(identifier, self.line.text(MARIA, text, id_=identifier) | at)
        again = {"message": first["message"] | {"text": text}, "deliveryContext": {"isRedelivery": True}}
        return await self._post(first | again)

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.line.files = {identifier: (content, "application/pdf")}
        message = {"id": identifier, "type": "file", "fileName": "bill.pdf", "fileSize": len(content)}
        return await self._post(self.line.event("message", MARIA, message=message))

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        body = body or json.dumps({"destination": "U", "events": [self.line.text(MARIA, "Hello")]}).encode()
        return Sealed(url_of(self._service, "v1/line/shop"), self.line.signed(body), body, "x-line-signature")

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        assert kind == "delete"
        unsend = self.line.event("unsend", MARIA, unsend={"messageId": "1"})
        if first:
            assert await self._post(unsend) == "taken"
        assert await self.deliver("1", "Hello") == "taken"
        if not first:
            assert await self._post(unsend) == "taken"

    def refuse_credentials(self) -> None:
        self.line.token = "another token"

    async def _post(self, event: Mapping[str, Any]) -> Answer:
        status = await self.line.post(url_of(self._service, "v1/line/shop"), event)
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self.line.breaks_off = answer in ("away", "silent")
        self.line.refusals = {
            "later": [(500, "Internal server error", {})],
            "never": [(400, "The request body has 1 error(s)", {})],
        }.get(answer, [])

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return self.line.pushes[-1].sent[0]["id"]

    @property
    def arrived(self) -> list[bytes]:
        return [json.dumps([push.key, push.to, push.texts]).encode() for push in self.line.pushes]


SUBJECT = LineSubject
