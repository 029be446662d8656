"""Answers on Slack: messages in the thread of the customer, and files below them.

`chat.postMessage` knows no key by which it would recognise a repeat. So each message carries in its metadata the
article that it is and its part of it, and what became of one whose answer was lost is looked up in the thread. Found,
it is sent; not found, nobody knows, and it is flagged for a person, because it may still come. Where an answer takes
several calls, what of it is there is looked up first, so that a call that was put off repeats none before it. Nothing
in an answer is a mark of Slack: it calls nobody and hides no address. Previews of addresses are off, because Slack
would fetch them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ...config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, Gone, TrunklineError
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.splitting import pieces_of
from ..slack_api import SlackApi
from .events import message_id
from .marks import escaped
from .uploads import Uploads

LONGEST_TEXT = 4000
MOST_MESSAGES = 10
EVENT_TYPE = "trunkline_reply"

_BEFORE_SECONDS = 300  # by which our clock may be ahead of Slack's

ReadBlob = Callable[[str], Awaitable[bytes]]


class SlackSender:
    """Sends from one workspace's app."""

    def __init__(self, api: SlackApi, read_blob: ReadBlob, *, agent_names: bool = False) -> None:
        self._api = api
        self._read_blob = read_blob
        self._uploads = Uploads(api)
        self._agent_names = agent_names

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one answer. Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        user = outgoing.to.rpartition(":")[2]
        if not user:
            raise DeliveryFailed("there is nobody to send it to")
        parts = _parts(outgoing)
        files = [(each, await self._content(each)) for each in outgoing.attachments]
        place = await self._place(outgoing, user)
        several = len(parts) + bool(files) > 1
        there = await self._there(place, outgoing) if several else {}
        for number, part in enumerate(parts):
            if number not in there:
                there[number] = await self._post(place, outgoing, number, part)
        if files:
            await self._share(place, outgoing, files)
        first = message_id(place["channel"], there[0]) if parts else ""
        return Sent(reference=first, detail="Slack took it")

    async def close(self) -> None:
        """Close connections."""
        await self._uploads.close()

    async def _content(self, file: Attachment) -> bytes:
        try:
            return await self._read_blob(file.sha256)
        except Gone as error:
            raise DeliveryFailed(f"the file {file.name} is not kept any more") from error

    async def _place(self, outgoing: Outgoing, user: str) -> dict[str, str]:
        """Channel and thread; a direct message is opened to whoever has not written in a conversation that is known."""
        if outgoing.conversation:
            channel, _, thread = outgoing.conversation.partition(":")
            return {"channel": channel} | ({"thread_ts": thread} if thread else {})
        opened = await self._api.call("conversations.open", {"users": user}, repeatable=True)
        match opened.get("channel"):
            case {"id": str(found)}:
                return {"channel": found}
        raise DeliveryDeferred("Slack does not say where the direct message is")

    async def _post(self, place: Mapping[str, str], outgoing: Outgoing, number: int, part: str) -> str:
        """Post one message; its `ts`."""
        payload = {"article": outgoing.article_id, "part": number}
        shown = outgoing.author if self._agent_names and not outgoing.automatic else ""
        try:
            answer = await self._api.call(
                "chat.postMessage",
                {
                    **place,
                    "text": escaped(part),
                    "username": shown or None,
                    "unfurl_links": False,
                    "unfurl_media": False,
                    "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
                },
            )
            return str(answer["ts"])
        except DeliveryUnknown as error:
            found = await self._looked_up(place, outgoing, error)
            if number not in found:
                raise
            return found[number]

    async def _looked_up(self, place: Mapping[str, str], outgoing: Outgoing, unknown: TrunklineError) -> dict[int, str]:
        try:
            return await self._there(place, outgoing)
        except TrunklineError:
            raise unknown from None

    async def _there(self, place: Mapping[str, str], outgoing: Outgoing) -> dict[int, str]:
        """The parts of the answer that have been posted, by number, with their `ts`."""
        found: dict[int, str] = {}
        for message in await self._messages(place, outgoing):
            match message:
                case {
                    "ts": str(ts),
                    "metadata": {"event_type": kind, "event_payload": {"article": of, "part": int(part)}},
                }:
                    if (kind, of) == (EVENT_TYPE, outgoing.article_id):
                        found.setdefault(part, ts)
        return found

    async def _messages(self, place: Mapping[str, str], outgoing: Outgoing) -> Sequence[Any]:
        """What was written there since the answer was."""
        method = "conversations.replies" if "thread_ts" in place else "conversations.history"
        where = {"channel": place["channel"]} | ({"ts": place["thread_ts"]} if "thread_ts" in place else {})
        oldest = f"{outgoing.created_at // 1000 - _BEFORE_SECONDS}.000000"
        told: list[Any] = []
        cursor = None
        for _ in range(10):
            asked = {**where, "oldest": oldest, "limit": "200", "include_all_metadata": True, "cursor": cursor}
            answer = await self._api.call(method, asked, repeatable=True)
            messages = answer.get("messages")
            told += messages if isinstance(messages, list) else []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return told

    async def _share(
        self, place: Mapping[str, str], outgoing: Outgoing, files: Sequence[tuple[Attachment, bytes]]
    ) -> None:
        """Upload all, then share them in one message."""
        ids = [await self._uploads.upload(file, content) for file, content in files]
        try:
            await self._uploads.share(place, ids, [file.name for file, _ in files])
        except DeliveryUnknown as error:
            try:
                messages = await self._messages(place, outgoing)
            except TrunklineError:
                raise error from None
            shared = {str(file.get("id")) for each in messages for file in each.get("files") or ()}
            if not shared.issuperset(ids):
                raise


def _parts(outgoing: Outgoing) -> Sequence[str]:
    parts = pieces_of(outgoing.text, LONGEST_TEXT, lambda character: len(escaped(character)))
    if not parts and not outgoing.attachments:
        raise DeliveryFailed("there is nothing to send")
    if len(parts) > MOST_MESSAGES:
        raise DeliveryFailed(f"it is longer than {MOST_MESSAGES} messages of Slack ({LONGEST_TEXT} characters each)")
    return parts
