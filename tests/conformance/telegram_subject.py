"""The channel telegram for the conformance tests: a bot, its webhook, and the fake Bot API."""

import json
from io import BytesIO
from typing import Any, Literal

from aiohttp import ClientSession

from tests.fakes.telegram import RETRY_AFTER, FakeTelegram, Meeting
from tests.memory_parts import MemoryParts
from trunkline.adapters.telegram.channel import TelegramChannel
from trunkline.adapters.telegram.receiving import HEADER, LARGEST
from trunkline.adapters.telegram.settings import TelegramSettings
from trunkline.normalizer.envelope import Assurance
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

TOKEN = "4711:a-token-of-the-tests"
SECRET = "a-secret-of-the-tests"
MARIA = 1001


class TelegramSubject(Subject):
    """Telegram: updates posted to us, replies by the Bot API."""

    account = "support"
    sender_key = f"telegram:{MARIA}"
    believed = Assurance.CHANNEL
    gives_files = True
    secrets = (TOKEN, SECRET)
    largest = LARGEST
    asks_for = RETRY_AFTER

    async def open(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.parts = MemoryParts[int]()
        self.fake = FakeTelegram(TOKEN)
        await self.fake.start()
        self.fake.bots[TOKEN].chats.add(MARIA)
        self._channel = self._made(self.fake.url)
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, api: str, token: str = TOKEN) -> TelegramChannel:
        return TelegramChannel(
            TelegramSettings.model_validate({self.account: {"api": api}}),
            engine=Engine("redis://127.0.0.1:1", Keys("test")),
            clock=ManualClock(),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=lambda secret: SECRET if secret.name.endswith("_webhook") else token,
            read_blob=self._blob,
            parts=self.parts,
        )

    async def _blob(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self.fake.stop()

    async def deliver(self, identifier: str, text: str) -> Answer:
        status = await self.post(json.dumps(update(int(identifier), text)).encode())
        return "taken" if status == 200 else "later" if status == 503 else "never"

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.fake.bots[TOKEN].files["BQAD"] = content
        document = {"file_id": "BQAD", "file_unique_id": "u", "file_name": "bill.pdf", "file_size": len(content)}
        told = update(int(identifier), text=None, document=document)
        return "taken" if await self.post(json.dumps(told).encode()) == 200 else "never"

    async def post(self, body: bytes, secret: str | None = SECRET, bot: str = "support") -> int:
        """What a post is answered with."""
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        address = url_of(self._service, f"v1/telegram/{bot}")
        async with ClientSession() as session, session.post(address, data=BytesIO(body), headers=headers) as response:
            return response.status

    async def answered(self, body: bytes) -> Any:
        """What Telegram hears in the answer to a post."""
        headers, address = {"X-Telegram-Bot-Api-Secret-Token": SECRET}, url_of(self._service, "v1/telegram/support")
        async with ClientSession() as session, session.post(address, data=body, headers=headers) as response:
            return await response.json()

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        headers = {"Content-Type": "application/json", HEADER: SECRET}
        body = body or json.dumps(update(1)).encode()
        return Sealed(url_of(self._service, "v1/telegram/support"), headers, body, HEADER)

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        both = [update(1) if kind != "delete" else _business(update(1)), {"update_id": 102} | _change(kind)]
        for each in reversed(both) if first else both:
            assert await self.post(json.dumps(each).encode()) == 200

    def refuse_credentials(self) -> None:
        self._channel = self._made(self.fake.url, token="4711:another-token-of-the-tests")
        self.adapter = self._channel

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        meets: dict[str, Meeting] = {"taken": "taken", "later": "flood", "never": "blocked", "silent": "lost"}
        if answer == "away":
            self._channel = self._made("http://127.0.0.1:1")
            self.adapter = self._channel
        else:
            self.fake.bots[TOKEN].meets = meets[answer]

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return f"{MARIA}:{self.fake.bots[TOKEN].numbers}"

    @property
    def arrived(self) -> list[bytes]:
        bot = self.fake.bots[TOKEN]
        return [] if bot.meets == "lost" else [json.dumps(each, default=repr).encode() for each in bot.sent]


def update(number: int, text: str = "It does not work.", **more: Any) -> dict[str, Any]:
    """What Telegram tells of a message of Maria's."""
    person = {"id": MARIA, "is_bot": False, "first_name": "Maria"}
    chat = {"id": MARIA, "type": "private", "first_name": "Maria"}
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": 100 + number, "message": message | more}


def _business(told: dict[str, Any]) -> dict[str, Any]:
    """The same to the account of a business, of whose chats Telegram tells what is deleted."""
    return {"update_id": told["update_id"], "business_message": told["message"] | {"business_connection_id": "b"}}


def _change(kind: str) -> dict[str, Any]:
    """What Telegram tells of a change of the first message."""
    message = update(1)["message"]
    if kind == "edit":
        return {"edited_message": message | {"edit_date": 1_700_000_009, "text": "It works."}}
    where = {"chat": message["chat"], "message_id": 1, "user": message["from"], "date": 1_700_000_009}
    if kind == "reaction":
        return {"message_reaction": where | {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}}
    gone = {"business_connection_id": "b", "chat": message["chat"], "message_ids": [1]}
    return {"deleted_business_messages": gone}


SUBJECT = TelegramSubject
