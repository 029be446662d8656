"""The messages that one answer becomes at Twilio: its text in parts, its files with it or behind it. Pure.

    SMS, MMS    the text; all files go with its last part, or alone
    WhatsApp    the text, then each file as a message; one picture or film has a short text below it
    RCS         the text, then each file as a message

A template goes by its ContentSid, with its values, and what it says is Twilio's to write.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...config.errors import DeliveryFailed
from ...normalizer.envelope import Attachment
from ...normalizer.outgoing import Outgoing
from ...normalizer.rendering import messages_of, taken_by
from ...normalizer.sending_limits import Destination, TextLimit
from ...normalizer.sending_plan import sending_plan
from .limits import LONGEST_CAPTION, LONGEST_TEXT, Way, sends, way_of

Files = Sequence[Attachment]

_CAPTIONED = ("image/jpeg", "image/jpg", "image/png", "video/mp4")


@dataclass(frozen=True)
class Content:
    """What one message says, as Twilio is given it, and the files with it."""

    fields: Mapping[str, str]
    files: Files = ()


def contents_of(outgoing: Outgoing, ours: str) -> Sequence[Content]:
    """All of them, in their order; `ours` is the end that speaks. Raises DeliveryFailed for what is not taken."""
    if outgoing.template is not None:
        values = json.dumps(dict(outgoing.template.parameters))
        return [Content({"ContentSid": outgoing.template.vendor, "ContentVariables": values})]
    _demand_fit(outgoing, ours)
    limit = TextLimit(most=LONGEST_TEXT, unit="utf16")
    texts = messages_of(outgoing.text, limit, "whatsapp_marks", formatted=outgoing.formatted)
    return _arranged(texts, outgoing.attachments, way_of(ours))


def _demand_fit(outgoing: Outgoing, ours: str) -> None:
    """Raises DeliveryFailed."""
    if not outgoing.text.strip() and not outgoing.attachments:
        raise DeliveryFailed("there is nothing to send")
    there = Destination(account=outgoing.account, to=outgoing.to, conversation=ours)
    plan = sending_plan(outgoing.text, outgoing.attachments, sends(there), formatted=outgoing.formatted)
    if plan.refusals:
        raise DeliveryFailed("; ".join(each.words for each in plan.refusals))


def _arranged(texts: Sequence[str], files: Files, way: Way) -> Sequence[Content]:
    said = [Content({"Body": text}) for text in texts]
    if not files:
        return said
    if way == "sms":
        return [*said[:-1], Content(said[-1].fields if said else {}, files)]
    if way == "whatsapp" and len(files) == 1 and _is_caption(texts, files[0]):
        return [Content(said[0].fields, files)]
    return [*said, *(Content({}, (file,)) for file in files)]


def _is_caption(texts: Sequence[str], file: Attachment) -> bool:
    return len(texts) == 1 and taken_by(texts[0], "utf16") <= LONGEST_CAPTION and file.media_type in _CAPTIONED
