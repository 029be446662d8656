"""Answers through Twilio: to whom wrote, from what they wrote to, in as many messages as it needs (messages.py).

The address for receipts names the article: one that comes before Twilio's answer, or after an answer that was lost,
finds it. Who has opted out (STOP) is not written to. Of several messages the last one tells of arrival, and each of
failure. An answer in several goes on where it stopped. Files are named by addresses of ours that end after a day, at
which Twilio fetches them (public_files.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.sending_limits import Destination
from ..public_files import FileAddresses
from ..sent_parts import Parts, send_parts
from .ends import Ends, ends_of
from .error_words import IS_OUT, OPTED_OUT, words_of
from .events import ARTICLE, PART
from .message_api import MessageApi
from .messages import Content, contents_of
from .settings import CHANNEL, TwilioAccountSettings
from .sids import GIVEN
from .wishes import Wishes, whose


@dataclass(frozen=True)
class Message(Content):
    """One message, with the ends that it goes between and where its receipts go."""


class TwilioSender:
    """Sends from one account, whose name is `account`."""

    def __init__(
        self,
        account: str,
        settings: TwilioAccountSettings,
        api: MessageApi,
        *,
        parts: Parts[str],
        files: FileAddresses,
        wishes: Wishes,
    ) -> None:
        self._settings = settings
        self._receipts = f"{settings.address}/v1/{CHANNEL}/{account}"
        self._api = api
        self._parts = parts
        self._files = files
        self._wishes = wishes
        self._account = account

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one reply. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        messages = self.messages(outgoing)
        who = whose(self._ends(outgoing), self._settings.messaging_service)
        if await self._wishes.is_out(self._account, who):
            raise DeliveryFailed(words_of(OPTED_OUT))
        try:
            return await self._sent(outgoing, messages)
        except DeliveryFailed as error:
            if error.facts.get("code") == OPTED_OUT:
                await self._wishes.note(self._account, who, "STOP", outgoing.article_id)
            raise

    async def hindrance(self, to: Destination) -> str:
        """That they have opted out, if they have. Raises EngineUnavailable."""
        ends = ends_of(to.conversation) or Ends(self._settings.sender, to.to)
        is_out = await self._wishes.is_out(self._account, whose(ends, self._settings.messaging_service))
        return IS_OUT if is_out else ""

    async def _sent(self, outgoing: Outgoing, messages: Sequence[Message]) -> Sent:
        async def send(message: Message, _: Sequence[str]) -> str:
            return await self._one(outgoing.article_id, message)

        *also, reference = await send_parts(self._parts, outgoing.article_id, messages, send)
        told = f" in {len(messages)} messages" if also else ""
        return Sent(reference=reference, also=tuple(also), detail=f"Twilio took it{told}")

    def messages(self, outgoing: Outgoing) -> Sequence[Message]:
        """The messages that a reply becomes. Raises DeliveryFailed."""
        ends = self._ends(outgoing)
        contents = contents_of(outgoing, ends.ours)
        about = [{ARTICLE: outgoing.external_id, PART: str(number)} for number in range(1, len(contents))]
        about.append({ARTICLE: outgoing.external_id})
        where = {"To": ends.theirs, "From": ends.ours, "MessagingServiceSid": self._settings.messaging_service or ""}
        given = {name: value for name, value in where.items() if value}
        callbacks = [{"StatusCallback": f"{self._receipts}?{urlencode(each)}"} for each in about]
        return [
            Message({**given, **content.fields, **callback}, content.files)
            for content, callback in zip(contents, callbacks, strict=True)
        ]

    async def _one(self, article: str, message: Message) -> str:
        base = self._settings.address
        there = [await self._files.address(base, article, file.sha256) for file in message.files]
        return await self._api.send([*message.fields.items(), *(("MediaUrl", each) for each in there)])

    def _ends(self, outgoing: Outgoing) -> Ends:
        """To whom, and from what of ours. Raises DeliveryFailed."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        ends = ends_of(outgoing.conversation) or Ends(self._settings.sender, outgoing.to)
        if GIVEN.is_call(ends.theirs):
            raise DeliveryFailed("they called without showing a number; there is none to write to")
        if not ends.ours and not self._settings.messaging_service:
            raise DeliveryFailed("no sender is set for this account of Twilio (sender), and no message says one")
        return ends
