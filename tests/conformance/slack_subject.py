"""The channel slack for the conformance tests: the platform that posts, and the API that takes answers."""

import json
from typing import Any, Literal

from tests.fakes.slack import MARIA, SUPPORT, THEIRS, FakeSlack
from tests.memory_sources import MemorySources
from trunkline.adapters.slack.channel import SlackChannel
from trunkline.adapters.slack.settings import SlackSettings, app_token, bot_token
from trunkline.config.secret_store import Secret
from trunkline.normalizer.envelope import Assurance
from trunkline.queue.clock import ManualClock
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of

TOKEN, SECRET, APP = "xoxb-a-token-of-the-tests", "a signing secret of the tests", "xapp-of-the-tests"
NOW = 1_796_000_000_000


class SlackSubject(Subject):
    """One workspace, and somebody of another who writes in a channel of both."""

    account = "acme"
    sender_key = f"slack:{THEIRS}:{MARIA}"
    believed = Assurance.CHANNEL
    gives_files = True
    asks_for = 30
    stamp = str(NOW // 1000)
    secrets = (TOKEN, SECRET, APP)
    settings: dict[str, Any] = {}  # noqa: RUF012

    async def open(self) -> None:
        self._events: dict[tuple[str, str], dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.clock = ManualClock(NOW)
        self.slack = FakeSlack(TOKEN, SECRET, APP)
        self.slack.people[MARIA] = {"team_id": THEIRS, "profile": {"display_name": "Maria"}}
        await self.slack.__aenter__()
        self._channel = self._made(self.slack.base)
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, base: str) -> SlackChannel:
        settings = {self.account: {"api": f"{base}/api", "files": base, **self.settings}}
        return SlackChannel(
            SlackSettings.model_validate(settings),
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=self._secret,
            read_blob=self._blob,
            sources=MemorySources(),
            now=lambda: NOW,
        )

    def _secret(self, secret: Secret) -> str:
        return {bot_token(self.account): TOKEN, app_token(self.account): APP}.get(secret, SECRET)

    async def _blob(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    async def close(self) -> None:
        await self.adapter.stop()
        await self._channel.stop()
        await self._service.stop()
        await self.slack.__aexit__()

    async def deliver(self, identifier: str, text: str) -> Answer:
        return await self.post(self.slack.message(text, ts=_ts(identifier)))

    async def deliver_to_one(self, identifier: str, text: str) -> Answer:
        root = {} if identifier == "1" else {"thread_ts": _ts("1")}
        return await self.post(self.slack.message(text, ts=_ts(identifier), **root))

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.slack.contents["F0BILL"] = content
        self.slack.files["F0BILL"] = {"name": "bill.pdf", "mimetype": "application/pdf", "size": len(content)}
        files = [{"id": "F0BILL", "name": "bill.pdf", "mimetype": "application/pdf", "size": len(content)}]
        return await self.post(self.slack.message("", ts=_ts(identifier), subtype="file_share", files=files))

    async def post(self, body: dict[str, Any]) -> Answer:
        status = await self.slack.post(self.address_of(), body, str(NOW // 1000))
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        body = body or json.dumps(self.slack.message("Hello")).encode()
        headers = self.slack.signed(body, self.stamp if stamp is None else stamp)
        return Sealed(self.address_of(), headers, body, "X-Slack-Signature")

    async def deliver_change(self, kind: str, *, first: bool = False) -> None:
        said = self.slack.message("Hello", ts=_ts("1"))
        both = [said, self.slack.event(_change(kind, said["event"]))]
        for each in reversed(both) if first else both:
            assert await self.post(each) == "taken"

    def refuse_credentials(self) -> None:
        self.slack.token = "another token"

    def address_of(self, account: str = "acme") -> str:
        """Where Slack posts to."""
        return url_of(self._service, f"v1/slack/{account}")

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        if answer == "away":
            self.adapter = self._made("http://127.0.0.1:1")
        self.slack.breaks_off = answer == "silent"
        self.slack.pauses = {
            each: [self.asks_for]
            for each in ("chat.postMessage", "conversations.open", "files.info")
            if answer == "later"
        }
        error = {"chat.postMessage": ["channel_not_found"], "files.info": ["file_not_found"]}
        self.slack.refusals = error if answer == "never" else {}

    @property
    def given_id(self) -> str:  # type: ignore[override]
        return f"D0MARIA:{self.slack.posted[0]['ts']}"

    @property
    def arrived(self) -> list[bytes]:
        return [json.dumps(each).encode() for each in self.slack.posted]


def _change(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """The event that tells of a change of a message."""
    at = _ts("9")
    if kind == "reaction":
        item = {"type": "message", "channel": SUPPORT, "ts": said["ts"]}
        return {"type": "reaction_added", "user": MARIA, "reaction": "+1", "item": item, "event_ts": at}
    where = {"type": "message", "channel": SUPPORT, "channel_type": "channel", "ts": at, "event_ts": at}
    if kind == "delete":
        return where | {"subtype": "message_deleted", "deleted_ts": said["ts"], "previous_message": said}
    edited = said | {"text": "Again", "edited": {"user": MARIA, "ts": at}}
    return where | {"subtype": "message_changed", "message": edited, "previous_message": said}


def _ts(identifier: str) -> str:
    return f"{1_796_000_000 + int(identifier)}.000100"


SUBJECT = SlackSubject
