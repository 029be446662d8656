"""The channel x for the conformance tests: the platform that posts, and the API that takes answers."""

import json
from typing import Any, Literal

from tests.fakes.x import KEY, KEY_SECRET, OWNER, TOKEN, TOKEN_SECRET, FakeX
from tests.memory_parts import MemoryParts
from trunkline.adapters.x.channel import XChannel
from trunkline.adapters.x.settings import XSettings
from trunkline.config.secret_store import Secret
from trunkline.normalizer.envelope import Assurance
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

MARIA = "1590231456789012345"


class XSubject(Subject):
    """One account and one person who writes to it."""

    account = "shop"
    sender_key = f"x:{MARIA}"
    believed = Assurance.CHANNEL
    gives_files = True
    secrets = (KEY_SECRET, TOKEN, TOKEN_SECRET)

    async def open(self) -> None:
        self._events: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.parts = MemoryParts[str]()
        self.x = FakeX()
        await self.x.__aenter__()
        self._built: list[XChannel] = []
        self.rebuild()
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def rebuild(self, **more: Any) -> None:
        """Build the adapter, with these settings besides."""
        shop = {"id": OWNER, "api": self.x.base, **more}
        self._channel = XChannel(
            XSettings.model_validate({self.account: shop}),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=secret_of,
            read_blob=self._blob,
            parts=self.parts,
        )
        self._built.append(self._channel)
        self.adapter = self._channel

    async def _blob(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    async def close(self) -> None:
        for channel in self._built:
            await channel.stop()
        await self._service.stop()
        await self.x.__aexit__()

    @property
    def webhook(self) -> str:
        """Where X posts to."""
        return url_of(self._service, f"v1/x/{self.account}")

    async def deliver(self, identifier: str, text: str) -> Answer:
        body = self._events.setdefault(identifier, self.x.direct(MARIA, "", id_=identifier))
        again = json.loads(json.dumps(body))
        event = again["direct_message_events"][0]
        event["message_create"]["message_data"]["text"] = text
        event["created_timestamp"] = str(1_796_000_000_000 + 1000 * int(identifier))
        return await self._post(again)

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.x.files = {identifier: (content, "application/pdf")}
        media = {"id_str": identifier, "type": "photo", "media_url_https": f"{self.x.base}/dm_media/{identifier}"}
        attachment = {"type": "media", "media": media}
        return await self._post(self.x.direct(MARIA, "", id_=f"9{identifier}", attachment=attachment))

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        body = body or json.dumps(self.x.direct(MARIA, "Hello")).encode()
        return Sealed(self.webhook, self.x.signed(body), body, "x-twitter-webhooks-signature")

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        assert kind == "edit"
        post = self.x.public(MARIA, "@examplelamps my lampp is broken", id_="2080")
        again = self.x.public(
            MARIA,
            "@examplelamps my lamp is broken",
            id_="2081",
            edit_history={"initial_tweet_id": "2080", "edit_tweet_ids": ["2080", "2081"]},
        )
        for each in (again, post) if first else (post, again):
            assert await self._post(each) == "taken"

    async def deliver_receipt(self, state: str) -> None:
        assert state == "read"
        read = {"created_timestamp": "1796000900000", "sender_id": MARIA, "target": {"recipient_id": OWNER}}
        events = [{**read, "last_read_event_id": self.x.messages[-1]["id"]}]
        assert await self._post({"for_user_id": OWNER, "direct_message_mark_read_events": events}) == "taken"

    def refuse_credentials(self) -> None:
        self.x.token_secret = "another"

    async def _post(self, body: dict[str, Any]) -> Answer:
        status = await self.x.post(self.webhook, body)
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self.x.breaks_off = answer == "silent"
        self.x.gives_files = {"later": 503, "never": 404}.get(answer, 200)
        self.x.strangers = {MARIA} if answer == "never" else set()
        limit = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1796000900"}
        self.x.refusals = [(429, {"title": "Too Many Requests", "status": 429}, limit)] if answer == "later" else []
        if answer == "away":
            self.x.gives_files = 503
            self.rebuild(api="http://127.0.0.1:1")

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return f"{OWNER}:{self.x.messages[-1]['id']}"

    @property
    def arrived(self) -> list[bytes]:
        return [json.dumps(each).encode() for each in self.x.sent]


def secret_of(secret: Secret) -> str:
    """The secrets of the tests, by the ends of their names."""
    known = {"_key": KEY, "_token": TOKEN, "_token_secret": TOKEN_SECRET}
    return next((given for end, given in known.items() if secret.name.endswith(end)), KEY_SECRET)


SUBJECT = XSubject
