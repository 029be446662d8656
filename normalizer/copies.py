"""Copies: which messages are one message that came twice.

A mail comes by the list and directly, to two of our addresses, through a gateway that encodes it anew, breaks its lines
elsewhere or adds a footer. It is one message when the author, as From claims, where answers should go, and the id of
the message are the same and nothing is said that was not said before. A Message-ID alone proves nothing: anybody can
send another text, or the same in another name, under a known one; that is another message, and both are kept.

    own       this very message: the bytes of its body, under its id and in its author's name
    former    the same without the author, or with the account, as it was in an earlier Trunkline
    shared    what copies have in common, whatever became of their bytes; which of them are one, `likeness` tells
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .channel_facts import ChannelFacts
from .envelope import Attachment, Envelope
from .folding import letters

MOST_ADDED = 2_000
"""Letters that a gateway or a list adds, at most."""

_GAP = re.compile(r"\n[\W_]*\n")  # an empty or a drawn line

Likeness = Literal["same", "alike", "further", "other"]
"""The same in all that is shown · alike: nothing new but a footer · further: new files · other: another text."""


@dataclass(frozen=True, kw_only=True)
class FilingKeys:
    """Under which keys a message is known once it is filed; empty ones it has not."""

    own: str
    former: str = ""
    shared: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a message says, as far as copies are told by it."""

    subject: str
    text: str
    hidden: Sequence[str] = ()  # quotation, signature, HTML
    attachments: Sequence[Attachment] = ()

    @property
    def files(self) -> frozenset[str]:
        """The files by their content, without pictures of the text."""
        return frozenset(each.sha256 or each.fetch for each in self.attachments if not each.inline)


def filing_keys(envelope: Envelope, channel: ChannelFacts) -> FilingKeys:
    """The keys, by the facts of the channel: whether what is said tells copies, or else what an id counts within."""
    if not channel.one_article:
        by_account = _key(envelope.channel, envelope.account, envelope.external_id, envelope.kind)
        if channel.ids_by_account:
            return FilingKeys(own=by_account)
        return FilingKeys(own=_key(envelope.channel, "", envelope.external_id, envelope.kind), former=by_account)
    author = [identity.key for identity in envelope.sender.identities[:1]]
    name = (envelope.channel, "", envelope.external_id, envelope.kind)
    message_id = str(envelope.ext.get("message_id", ""))
    shared = _key(envelope.channel, message_id, envelope.kind, *author, envelope.reply_to) if message_id else ""
    return FilingKeys(own=_key(*name, *author, envelope.reply_to), former=_key(*name), shared=shared)


def said_by(envelope: Envelope) -> Said:
    """What the message says."""
    hidden = (envelope.quoted, envelope.signature, envelope.html)
    return Said(subject=envelope.subject, text=envelope.text, hidden=hidden, attachments=envelope.attachments)


def likeness(said: Said, before: Said) -> Likeness:
    """How a message stands to one of the same author and id that came before."""
    if _compact(said) == _compact(before) and said.attachments == before.attachments:
        return "same"
    subjects = sorted((letters(said.subject), letters(before.subject)), key=len)
    if subjects[0] not in subjects[1] or not (_holds(said.text, before.text) or _holds(before.text, said.text)):
        return "other"
    return "alike" if said.files <= before.files else "further"


def _key(*parts: str) -> str:
    return "\x1f".join(parts)


def _compact(said: Said) -> Sequence[str]:
    """Without line breaks and blanks, which differ between encodings of one text."""
    return ["".join(text.split()) for text in (said.subject, said.text, *said.hidden)]


def _holds(long: str, short: str) -> bool:
    """Whether the one text is the other with whole paragraphs above or below it that are no more than a footer."""
    paragraphs = [letters(each) for each in _GAP.split(long)]
    inner, all_of_it = letters(short), "".join(paragraphs)
    at = all_of_it.find(inner)
    if not inner or at < 0 or len(all_of_it) - len(inner) > MOST_ADDED:
        return inner == all_of_it
    borders = {0, *itertools.accumulate(map(len, paragraphs))}
    return {at, at + len(inner)} <= borders
