"""What became of an answer whose request broke off: the list of messages tells, unless a receipt has told before.

It is the message with the same text, and as many files, to the same number that was made after the answer was written
and has not failed: one that failed is an earlier try, or has told so by its receipt. That there is none
is believed when it is seen twice, `SURE_SECONDS` apart, because messages may appear in the list late; then it is sent,
and so are the parts behind one that did arrive. Limits: a template is not known by its text, and two answers of one
text to one number that are under way at once are not told apart.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ...config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown
from ...normalizer.outgoing import Outgoing, Sent
from ..sent_parts import Parts
from .events import BAD
from .message_api import MessageApi
from .sending import Message, TwilioSender

SURE_SECONDS = 60
_MOST_MISSED = 1_000
_SLACK_MS = 2_000  # Twilio tells times by the second


class LookUp:
    """Asks for answers of one account."""

    def __init__(
        self,
        sender: TwilioSender,
        api: MessageApi,
        parts: Parts[str],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._api = api
        self._parts = parts
        self._monotonic = monotonic
        self._missed: dict[str, float] = {}

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """As `Adapter.look_up`. Raises DeliveryUnknown, DeliveryDeferred."""
        if outgoing.template is not None:
            raise DeliveryUnknown("Twilio does not tell whether a template was sent; its receipt may")
        try:
            messages = self._sender.messages(outgoing)
            ids = await self._parts.read(outgoing.article_id)
            sid = await self._found(messages[len(ids)], outgoing.created_at - _SLACK_MS)
        except (DeliveryFailed, IndexError) as error:
            raise DeliveryUnknown(f"Twilio cannot be asked whether it was sent ({error})") from error
        if sid is None:
            self._demand_sure(outgoing.article_id)
            return None
        self._missed.pop(outgoing.article_id, None)
        if len(ids) + 1 == len(messages):
            await self._parts.forget(outgoing.article_id)
            return Sent(reference=sid, also=tuple(ids), detail="Twilio has it, as its list of messages tells")
        await self._parts.write(outgoing.article_id, [*ids, sid])
        return None

    async def _found(self, wanted: Message, since: int) -> str | None:
        async for message in self._api.listed(since, to=wanted.fields["To"]):
            is_ours = str(message.get("direction", "")).startswith("outbound")
            if is_ours and str(message.get("status", "")) not in BAD and _is_same(message, wanted):
                return str(message.get("sid"))
        return None

    def _demand_sure(self, article: str) -> None:
        """Raises DeliveryDeferred while it may still appear."""
        now = self._monotonic()
        first = self._missed.setdefault(article, now)
        if len(self._missed) > _MOST_MISSED:
            del self._missed[next(iter(self._missed))]
        if now - first < SURE_SECONDS:
            raise DeliveryDeferred("the list of messages of Twilio does not have it yet", retry_after=SURE_SECONDS)
        self._missed.pop(article, None)


def _is_same(message: Mapping[str, Any], wanted: Message) -> bool:
    text = str(message.get("body") or "").strip()
    return text == wanted.fields.get("Body", "").strip() and str(message.get("num_media") or "0") == str(
        len(wanted.files)
    )
