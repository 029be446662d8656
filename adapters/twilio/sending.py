"""Answers through Twilio: a text, in as many messages as it needs, to whom wrote, from what they wrote to.

A message takes 1600 characters; a longer text is parted where a reader pauses (an SMS of 1600 is itself sent in up to
24 segments, which phones join). The address for receipts names the article: one that comes before Twilio's answer, or
after an answer that was lost, finds it. Of several parts the last one tells of arrival, and each of failure. A reply in
several parts goes on where it stopped. A template goes by its ContentSid, with its values, and what it says is Twilio's
to write. Files cannot be sent: Twilio fetches them from an address in public.
"""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from ...config.errors import DeliveryFailed
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.rendering import messages_of
from ...normalizer.sending_limits import TextLimit
from ..sent_parts import Parts, send_parts
from .calls import CALL_SID
from .ends import Ends, ends_of
from .events import ARTICLE, PART
from .message_api import MessageApi
from .settings import CHANNEL, LONGEST_TEXT, MOST_PARTS, TwilioAccountSettings


class TwilioSender:
    """Sends from one account, whose name is `account`."""

    def __init__(self, account: str, settings: TwilioAccountSettings, api: MessageApi, parts: Parts[str]) -> None:
        self._settings = settings
        self._receipts = f"{settings.address}/v1/{CHANNEL}/{account}"
        self._api = api
        self._parts = parts

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send one reply. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        forms = self.forms(outgoing)

        async def send(form: Mapping[str, str], _: Sequence[str]) -> str:
            return await self._api.send(form)

        *also, reference = await send_parts(self._parts, outgoing.article_id, forms, send)
        told = f" in {len(forms)} messages" if also else ""
        return Sent(reference=reference, also=tuple(also), detail=f"Twilio took it{told}")

    def forms(self, outgoing: Outgoing) -> list[dict[str, str]]:
        """The messages that a reply becomes, as Twilio is given them. Raises DeliveryFailed."""
        where, contents = self._where(outgoing), _contents(outgoing)
        about = [{ARTICLE: outgoing.external_id, PART: str(number)} for number in range(1, len(contents))]
        about.append({ARTICLE: outgoing.external_id})
        callbacks = [f"{self._receipts}?{urlencode(each)}" for each in about]
        return [
            {**where, **content, "StatusCallback": callback}
            for content, callback in zip(contents, callbacks, strict=True)
        ]

    def _where(self, outgoing: Outgoing) -> dict[str, str]:
        """To whom, and from what of ours."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        ends = ends_of(outgoing.conversation) or Ends(self._settings.sender, outgoing.to)
        if CALL_SID.match(ends.theirs):
            raise DeliveryFailed("they called without showing a number; there is none to write to")
        service = self._settings.messaging_service
        if not ends.ours and not service:
            raise DeliveryFailed("no sender is set for this account of Twilio (sender), and no message says one")
        given = {"To": ends.theirs, "From": ends.ours, "MessagingServiceSid": service or ""}
        return {name: value for name, value in given.items() if value}


def _contents(outgoing: Outgoing) -> Sequence[Mapping[str, str]]:
    """What the messages say that a reply becomes. Raises DeliveryFailed for what Twilio does not take."""
    if outgoing.template is None:
        return [{"Body": text} for text in _texts(outgoing)]
    values = json.dumps(dict(outgoing.template.parameters))
    return [{"ContentSid": outgoing.template.vendor, "ContentVariables": values}]


def _texts(outgoing: Outgoing) -> Sequence[str]:
    """Its text in parts. Raises DeliveryFailed."""
    if outgoing.attachments:
        raise DeliveryFailed("files cannot be sent through Twilio from here; send a link to them instead")
    limit = TextLimit(most=LONGEST_TEXT, unit="utf16")
    texts = messages_of(outgoing.text, limit, "whatsapp_marks", formatted=outgoing.formatted)
    if not texts:
        raise DeliveryFailed("there is nothing to send")
    if len(texts) > MOST_PARTS:
        raise DeliveryFailed(f"it is longer than goes out at once ({MOST_PARTS} × {LONGEST_TEXT} characters)")
    return texts
