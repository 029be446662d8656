"""The channel meta for the conformance tests: a page of Messenger, Meta that posts, and the API that takes answers."""

import json
from typing import Any, ClassVar, Literal

from tests.fakes.meta import OBJECTS, FakeMeta
from tests.memory_addresses import MemoryAddresses
from tests.memory_parts import MemoryParts
from trunkline.adapters.meta.channel import LARGEST, MetaChannel
from trunkline.adapters.meta.settings import MetaSettings
from trunkline.config.secret_store import Secret
from trunkline.normalizer.envelope import Assurance
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

MARIA = "7001002003004005"
TOKEN, SECRET, VERIFY = "an-access-token-of-the-tests", "an app secret of the tests", "a-verify-token"

Product = Literal["messenger", "instagram", "whatsapp"]


class MetaSubject(Subject):
    """One account and one person who writes to it."""

    account = "shop"
    product: ClassVar[Product] = "messenger"
    person: ClassVar[str] = MARIA
    believed = Assurance.CHANNEL
    gives_files = True
    largest = LARGEST
    secrets = (TOKEN, SECRET, VERIFY)
    receipts: ClassVar[tuple[str, ...] | None] = ("delivered", "read")
    more: ClassVar[dict[str, Any]] = {}

    async def open(self) -> None:
        self._entries: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.parts = MemoryParts[str]()
        self.meta = FakeMeta(TOKEN, SECRET, self.product)
        await self.meta.__aenter__()
        self._built: list[MetaChannel] = []
        self.rebuild()
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def rebuild(self, **more: Any) -> None:
        """Build the adapter, with these settings besides."""
        shop = {"product": self.product, "id": self.meta.owner, "api": self.meta.base, **self.more, **more}
        self._channel = MetaChannel(
            MetaSettings.model_validate({self.account: shop}),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=_secret,
            read_blob=self._blob,
            parts=self.parts,
            files=MemoryAddresses(),
        )
        self._built.append(self._channel)
        self.adapter = self._channel

    async def _blob(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    async def close(self) -> None:
        for channel in self._built:
            await channel.stop()
        await self._service.stop()
        await self.meta.__aexit__()

    @property
    def webhook(self) -> str:
        """Where Meta posts to."""
        return url_of(self._service, f"v1/meta/{self.account}")

    @property
    def sender_key(self) -> str:  # type: ignore[override]
        if self.product == "whatsapp":
            return f"whatsapp:+{self.person}"
        return f"{self.product}:{self.meta.owner}:{self.person}"

    async def deliver(self, identifier: str, text: str) -> Answer:
        entry = self._entries.setdefault(identifier, self.meta.text(self.person, "", id_=f"id.{identifier}"))
        again, at = json.loads(json.dumps(entry)), 1_796_000_000 + int(identifier)
        if self.product == "whatsapp":
            message = again["changes"][0]["value"]["messages"][0]
            message["text"]["body"], message["timestamp"] = text, str(at)
        else:
            again["messaging"][0]["message"]["text"] = text
            again["messaging"][0]["timestamp"] = at * 1000
        status = await self.meta.post(self.webhook, again)
        return "taken" if status == 200 else "later" if status == 503 else "never"

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.meta.files = {identifier: (content, "application/pdf")}
        if self.product == "whatsapp":
            entry = self.meta.text(self.person, "", id_=f"file.{identifier}")
            message = entry["changes"][0]["value"]["messages"][0]
            del message["text"]
            document = {"id": identifier, "mime_type": "application/pdf", "filename": "bill.pdf"}
            message |= {"type": "document", "document": document}
        else:
            url = f"{self.meta.base}/files/{identifier}"
            message = {"mid": f"file.{identifier}", "attachments": [{"type": "file", "payload": {"url": url}}]}
            entry = self.meta.event(self.person, message=message)
        return "taken" if await self.meta.post(self.webhook, entry) == 200 else "later"

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        entry = self.meta.text(self.person, "Hello")
        body = body or json.dumps({"object": OBJECTS[self.product], "entry": [entry]}).encode()
        return Sealed(self.webhook, self.meta.signed(body), body, "X-Hub-Signature-256")

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        if first:
            assert await self.meta.post(self.webhook, self._change(kind)) == 200
        assert await self.deliver("1", "Hello") == "taken"
        if not first:
            assert await self.meta.post(self.webhook, self._change(kind)) == 200

    async def deliver_receipt(self, state: str) -> None:
        mid = self.given_id
        if self.product == "whatsapp":
            about = {"biz_opaque_callback_data": self.meta.sent[-1].get("biz_opaque_callback_data")}
            status = {"id": mid, "status": state, "timestamp": "1796000900", "recipient_id": self.person, **about}
            told = self.meta.change("messages", statuses=[status])
        elif state == "delivered":
            told = self.meta.event(self.person, delivery={"mids": [mid], "watermark": 1_796_000_900_000})
        else:
            told = self.meta.event(self.person, read={"watermark": 1_796_000_900_000})
        assert await self.meta.post(self.webhook, told) == 200

    def _change(self, kind: str) -> dict[str, Any]:
        of = "id.1"
        if self.product == "whatsapp":
            said = {
                "edit": {"original_message_id": of, "message": {"type": "text", "text": {"body": "Again"}}},
                "delete": {"original_message_id": of},
                "reaction": {"message_id": of, "emoji": "👍"},
            }[kind]
            name = "revoke" if kind == "delete" else kind
            message = {"from": self.person, "id": "change", "timestamp": "1796000900", "type": name, name: said}
            return self.meta.change("messages", messages=[message])
        events: dict[str, dict[str, Any]] = {
            "edit": {"message_edit": {"mid": of, "text": "Again", "num_edit": 1}},
            "delete": {"message": {"mid": of, "is_deleted": True}},
            "reaction": {"reaction": {"mid": of, "action": "react", "reaction": "love", "emoji": "❤️"}},
        }
        return self.meta.event(self.person, **events[kind])

    def refuse_credentials(self) -> None:
        self.meta.token = "another token"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self.meta.breaks_off = answer in ("silent", "away")
        self.meta.gives_files = {"later": 503, "never": 404}.get(answer, 200)
        self.meta.refusals = {
            "later": [(400, {"code": 80007, "message": "(#80007) Rate limit issues"}, {})] * 3,
            "never": [(400, {"code": 551, "message": "(#551) This person isn't available right now."}, {})] * 3,
        }.get(answer, [])
        if answer == "away":
            self.rebuild(api="http://127.0.0.1:1")

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return str(self.meta.sent[-1]["mid"])

    @property
    def arrived(self) -> list[bytes]:
        return [json.dumps(each).encode() for each in self.meta.sent]


def _secret(secret: Secret) -> str:
    return TOKEN if secret.name.endswith("_token") else VERIFY if secret.name.endswith("_verify") else SECRET


SUBJECT = MetaSubject
