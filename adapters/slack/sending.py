"""Answers on Slack: messages in the thread of the customer, and files below them.

`chat.postMessage` knows no key by which it would recognise a repeat. So each message carries in its metadata the
article that it is and its part of it, and one whose answer was lost is looked up in the thread: at once, and once
more by the house a little later. What is found is sent; what is not is sent again by then. Where an answer takes
several calls, what of it is there is looked up first, so that a call that was put off repeats none before it. Files
are known by their names. What the agent marked is shown so; nothing else in an answer is a mark of Slack: it calls
nobody and hides no address. Previews of addresses are off, because Slack would fetch them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ...config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, Gone, TrunklineError
from ...normalizer.envelope import Attachment
from ...normalizer.formatted_text import has_marks
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.rendering import messages_of
from ...web.slack_api import SlackApi
from .events import message_id
from .limits import LARGEST_FILE, MOST_MESSAGES, SENDS, TEXT
from .uploads import Uploads

MOST_PAGES = 10
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
        parts = _parts(outgoing)
        files = [(each, await self._content(each)) for each in outgoing.attachments]
        place = await self._place(outgoing)
        there = await self._messages(place, outgoing) if len(parts) + bool(files) > 1 else ()
        posted = parts_in(there, outgoing.article_id)
        for number, part in enumerate(parts):
            if number not in posted:
                posted[number] = await self._post(place, outgoing, number, part)
        if files and not _has_files(there, outgoing):
            await self._share(place, outgoing, files)
        return _sent(place, posted)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """What became of one whose send broke off: None, when not all of it is there. Raises DeliveryDeferred."""
        place = await self._place(outgoing)
        there = await self._messages(place, outgoing)
        posted = parts_in(there, outgoing.article_id)
        if posted.keys() != set(range(len(_parts(outgoing)))) or not _has_files(there, outgoing):
            return None
        return _sent(place, posted)

    async def close(self) -> None:
        """Close connections."""
        await self._uploads.close()

    async def _content(self, file: Attachment) -> bytes:
        try:
            return await self._read_blob(file.sha256)
        except Gone as error:
            raise DeliveryFailed(f"the file {file.name} is not kept any more") from error

    async def _place(self, outgoing: Outgoing) -> dict[str, str]:
        """Channel and thread; a direct message is opened to whoever has not written in a conversation that is known."""
        user = outgoing.to.rpartition(":")[2]
        if not user:
            raise DeliveryFailed("there is nobody to send it to")
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
                    "text": part,
                    "mrkdwn": outgoing.formatted and has_marks(outgoing.text),
                    "username": shown or None,
                    "unfurl_links": False,
                    "unfurl_media": False,
                    "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
                },
            )
            return str(answer["ts"])
        except DeliveryUnknown as error:
            found = parts_in(await self._looked_up(place, outgoing, error), outgoing.article_id)
            if number not in found:
                raise
            return found[number]

    async def _looked_up(
        self, place: Mapping[str, str], outgoing: Outgoing, unknown: TrunklineError
    ) -> Sequence[Mapping[str, Any]]:
        try:
            return await self._messages(place, outgoing)
        except TrunklineError:
            raise unknown from None

    async def _messages(self, place: Mapping[str, str], outgoing: Outgoing) -> Sequence[Mapping[str, Any]]:
        """What was written there since the answer was."""
        method = "conversations.replies" if "thread_ts" in place else "conversations.history"
        where = {"channel": place["channel"]} | ({"ts": place["thread_ts"]} if "thread_ts" in place else {})
        oldest = f"{outgoing.created_at // 1000 - _BEFORE_SECONDS}.000000"
        told: list[Mapping[str, Any]] = []
        cursor = None
        for _ in range(MOST_PAGES):
            asked = {**where, "oldest": oldest, "limit": "200", "include_all_metadata": True, "cursor": cursor}
            answer = await self._api.call(method, asked, repeatable=True)
            messages = answer.get("messages")
            told += [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
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
            if not _has_files(await self._looked_up(place, outgoing, error), outgoing):
                raise


def parts_in(messages: Sequence[Mapping[str, Any]], article: str) -> dict[int, str]:
    """The parts of an answer among messages, by number, with their `ts`."""
    found: dict[int, str] = {}
    for message in messages:
        match message:
            case {"ts": str(ts), "metadata": {"event_type": kind, "event_payload": {"article": of, "part": int(part)}}}:
                if (kind, of) == (EVENT_TYPE, article):
                    found.setdefault(part, ts)
    return found


def _has_files(messages: Sequence[Mapping[str, Any]], outgoing: Outgoing) -> bool:
    """Whether the app has shared the files of an answer since it was written."""
    ours = (each for each in messages if "bot_id" in each)
    shared = {str(file.get("title") or file.get("name")) for each in ours for file in each.get("files") or ()}
    return shared.issuperset(file.name for file in outgoing.attachments)


def _sent(place: Mapping[str, str], posted: Mapping[int, str]) -> Sent:
    reference, *also = [message_id(place["channel"], posted[each]) for each in sorted(posted)] or [""]
    return Sent(reference=reference, also=tuple(also), detail="Slack took it")


def _parts(outgoing: Outgoing) -> Sequence[str]:
    parts = messages_of(outgoing.text, TEXT, SENDS.dialect, formatted=outgoing.formatted)
    if any(file.size > LARGEST_FILE for file in outgoing.attachments):
        raise DeliveryFailed(f"Slack takes files of up to {LARGEST_FILE // 1024**3} GiB")
    if not parts and not outgoing.attachments:
        raise DeliveryFailed("there is nothing to send")
    if len(parts) > MOST_MESSAGES:
        raise DeliveryFailed(f"it is longer than {MOST_MESSAGES} messages of Slack ({TEXT.most} characters each)")
    return parts
