"""The envelope: the one kind of record that every message of every channel becomes.

An adapter's parser is a pure function from stored bytes (`RawMessage`) to envelopes: the same bytes give the same
envelopes, so parsing can be repeated after any crash. Trust fields (assurance, automation, verified tokens) are set by
us and never taken from the wire. Records are frozen; a change makes a new one (`model_copy(update=…)`).

The JSON form has a published schema, `trunkline schema envelope`; `schema_version` rises when a field changes its
meaning, additions do not change it, and receivers ignore fields they do not know.
"""

import hashlib
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Literal, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .closing_words import Says

SCHEMA_VERSION = 1

Kind = Literal["message", "edit", "addition", "delete", "reaction", "delivery", "typing", "call"]
Direction = Literal["in", "out"]
Automation = Literal["none", "auto_reply", "bounce", "bulk"]
FileState = Literal["stored", "fetching", "missing"]
DeliveryState = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unknown"]


class Assurance(IntEnum):
    """How well it is proven that an identity wrote this (design, section 4)."""

    CLAIMED = 0  # claimed in text: an unproven From, an address typed into a form
    CHANNEL = 1  # bound by the channel: a signed provider event with a stable id
    ORIGIN = (
        2  # origin proven: aligned DKIM/DMARC, a trusted peer, a valid reply token from the address it was bound to
    )
    CONTROL = 3  # control proven: a one-time code or link, a signed widget token
    VOUCHED = 4  # vouched: an agent with a reason, the company's own directory


class Record(BaseModel):
    """Base of the frozen records."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Identity(Record):
    """One way in which a person is known on one channel."""

    kind: str = Field(description="email, phone, telegram, http:<source>, visitor, …")
    value: str = Field(
        description="The normalised key: the address with its domain in lower case, the number in E.164."
    )
    assurance: Assurance = Field(default=Assurance.CLAIMED, description="How well it is proven for this message.")
    evidence: str = Field(default="", description="What the assurance rests on, in a few words.")

    @property
    def key(self) -> str:
        """The key under which the record is found."""
        return f"{self.kind}:{self.value}"


class Sender(Record):
    """Who wrote."""

    identities: tuple[Identity, ...] = Field(description="Most telling first; the first is the address to answer to.")
    name: str = Field(default="", description="The display name as given; never evidence.")
    signed_in: bool = Field(
        default=False,
        description="The channel saw the first identity, a visitor, sign in as the others.",
    )


class Addressee(Record):
    """Somebody else whom a message was written to: a customer's To and Cc but for us, the Cc of a reply."""

    address: str = Field(description="Normalised.")
    name: str = Field(default="", description="The name that stood beside it; never evidence.")


class Reaction(Record):
    """A mark that somebody put below a message, or took away."""

    emoji: str = Field(default="", description="The mark, mostly one emoji; taken away without one: all of theirs.")
    removed: bool = Field(default=False, description="It is taken away.")
    alone: bool = Field(
        default=False, description="It takes the place of every other of theirs there: the channel allows each one."
    )


class Attachment(Record):
    """A file that came along; its bytes are a blob named by their hash, once they are there.

    Some channels name a file and give its bytes on demand. Its attachment is `fetching`, with a reference to fetch it
    by, until a worker has it (`stored`) or it is known that it cannot be had (`missing`, and why).
    """

    name: str = Field(description="The file name as given, made safe to show; data only, never a path.")
    media_type: str = Field(description="The media type as given, in lower case.")
    size: int = Field(default=0, description="Bytes; of one that is not there what the channel says, 0 if nothing.")
    sha256: str = Field(default="", description="Hex; the blob's name. Empty unless it is stored.")
    state: FileState = Field(default="stored", description="Whether the bytes are here, will be, or cannot be had.")
    fetch: str = Field(
        default="",
        description="By what its channel fetches it, where it does: a vendor's id or address, never a secret.",
    )
    problem: str = Field(default="", description="Why it is missing, or not here yet, in words for an agent.")
    content_id: str = Field(default="", description="The id by which an HTML part refers to it, without brackets.")
    inline: bool = Field(default=False, description="Shown inside the message rather than beside it.")


class Language(Record):
    """The language of the text as far as it could be told."""

    code: str = Field(default="unknown", description="ISO 639-1, or `unknown` when unsure.")
    confidence: float = Field(default=0.0, ge=0.0, le=1.0, description="0 to 1.")
    source: Literal["none", "hint", "detected"] = Field(default="none", description="Where it comes from.")


class ReplyToken(Record):
    """A reply token whose keyed check held: it names the ticket; it is bound to the address that it was given to."""

    number: str = Field(description="The ticket's number, `T-1042`.")
    from_bound_address: bool = Field(description="The sender's From is the very address that the token was given to.")


class Delivery(Record):
    """A receipt for something we sent: what became of it."""

    state: DeliveryState
    reference: str = Field(description="The provider's id of the message sent (for mail its Message-ID).")
    detail: str = Field(default="", description="The provider's words.")
    part: int = Field(
        default=0, description="Which of several messages of the answer it tells of, from 1; 0: the provider says not."
    )
    last: bool = Field(default=False, description="No message of the answer comes after that one: all of it has left.")
    recipients: tuple[str, ...] = Field(
        default=(), description="The addresses that it speaks of, of several that it was sent to; empty: of all."
    )
    until: int | None = Field(
        default=None, description="Milliseconds; it speaks of all that was sent in the conversation up to then."
    )
    mode: str = Field(
        default="", description="With `until`: only of what was sent in this way of the channel, or in the usual one."
    )
    shared: bool = Field(
        default=False,
        description="Other programs send from the account too: what is not ours need not astonish anybody.",
    )


class OriginCheck(Record):
    """One check of where a message comes from, and what it came to."""

    method: str = Field(description="spf, dkim, dmarc, arc, or peer for the word of a trusted peer.")
    result: str = Field(description="pass, fail, none, temperror, … as RFC 8601 has them.")
    domain: str = Field(default="", description="The domain that was checked.")
    detail: str = Field(default="", description="Why, in a few words.")
    by: str = Field(default="", description="Who checked, when it was not us: a server's authserv-id, a sealer.")


class OriginProof(Record):
    """Whether a message comes from the address that it names; found out once, and kept.

    `pending`: a question got no answer, so it is neither proven nor not, and will be asked again. `failed`: whoever
    owns the domain of the address says that such a message is not theirs.
    """

    state: Literal["proven", "unproven", "failed", "pending"]
    evidence: str = Field(description="What the state rests on, in a sentence.")
    checks: tuple[OriginCheck, ...] = ()


class Original(Record):
    """A message that was passed on inside this one; all of it is the word of whoever passed it on."""

    name: str = Field(default="", description="Who wrote it, as they are called there.")
    address: str = Field(default="", description="Their address, normalised; empty when none is told.")
    date: str = Field(default="", description="When, as it is written there.")
    sent_at: int | None = Field(default=None, description="The same in milliseconds, where it could be read.")
    subject: str = ""
    to: str = Field(default="", description="To whom, as it is written there.")
    text: str = Field(default="", description="What it says; on an article only its beginning.")
    attached: bool = Field(default=False, description="It is a file of the message, rather than part of its text.")
    ours: bool = Field(default=False, description="The address is one of ours.")


class Protection(Record):
    """How a message is protected. Signatures are not checked, nothing is decrypted, keys are not used."""

    scheme: Literal["S/MIME", "PGP"]
    kind: Literal["signed", "encrypted", "key"] = Field(description="key: the sender's public key came along.")


class Contact(Record):
    """A contact card that came along; all of it is the sender's word, and it may be about somebody else."""

    name: str = ""
    organisation: str = ""
    phones: tuple[str, ...] = Field(default=(), description="As written there.")
    emails: tuple[str, ...] = Field(default=(), description="As written there.")


class CalendarEvent(Record):
    """The first event of a calendar that came along; all of it is the sender's word."""

    method: Literal["invitation", "answer", "cancellation"] = "invitation"
    answer: str = Field(default="", description="accepted, declined or tentative, where it is an answer.")
    title: str = ""
    begin: str = Field(default="", description="As written there, with its zone: 2026-12-01 09:00 Europe/Paris.")
    end: str = ""
    place: str = ""
    organizer: str = Field(default="", description="Name, else address.")
    attendees: tuple[str, ...] = Field(default=(), description="Names, else addresses.")


class SpamVerdict(Record):
    """What the spam filter of a server that hands messages over says of one."""

    verdict: Literal["spam", "unsure", "ham"]
    score: float | None = Field(default=None, description="As the filter gives it; filters count differently.")
    by: str = Field(description="Which filter: rspamd, SpamAssassin, Microsoft, Amazon SES.")


class RawMessage(Record):
    """What an adapter verified and stored before it answered: bytes, and the facts that the transport knew."""

    id: str = Field(description="UUIDv7, chosen at intake.")
    channel: str = Field(description="The channel's name: mail, http, chat, …")
    account: str = Field(default="", description="Which of our addresses or sources it came to.")
    external_id: str = Field(description="The channel's own id of the message; with it a repeat is recognised.")
    received_at: int = Field(description="Milliseconds since 1970 by the engine's clock.")
    content: bytes = Field(default=b"", description="The bytes as received, when they are at most 64 KiB.")
    blob: str = Field(default="", description="sha256 of the blob that holds them otherwise.")
    size: int = Field(default=0, description="Bytes of the content.")
    transport: Mapping[str, Any] = Field(default_factory=dict, description="Peer, TLS, recipients, signature verdict.")
    sequence: int = Field(default=0, description="The intake sequence, set by the engine.")


def raw_from_file(content: bytes, channel: str, **facts: Any) -> RawMessage:
    """A message from a file, for the command line: from the same bytes the same one, whatever its transport was."""
    digest = hashlib.sha256(content).hexdigest()
    id_ = str(uuid5(NAMESPACE_OID, digest))
    known = {"external_id": digest, **facts}
    return RawMessage(id=id_, channel=channel, received_at=0, content=content, size=len(content), **known)


class Envelope(Record):
    """One message, one edit, one receipt …, whatever channel it came by."""

    id: str = Field(description="uuid5 of the raw id and the index of the envelope in it.")
    schema_version: int = SCHEMA_VERSION
    channel: str = Field(description="The channel's name.")
    account: str = Field(default="", description="Which of our addresses or sources it came to.")
    direction: Direction = "in"
    kind: Kind = "message"
    external_id: str = Field(description="The provider's id of this message.")
    order: str = Field(
        description="Sorts within the conversation, as text: from the provider, else the intake sequence. Of several "
        "changes of one message that with the highest holds, whenever it came."
    )
    conversation: tuple[str, ...] = Field(default=(), description="Thread keys to look for, strongest first.")
    cases: tuple[str, ...] = Field(
        default=(), description="Tickets that the subject names, `T-1042`; anybody can write that."
    )
    announces: tuple[str, ...] = Field(default=(), description="Thread keys by which later messages may mean this one.")
    sender: Sender
    reply_to: str = Field(
        default="",
        description="The address that answers should go to, where the mail names another than its sender's: a claim.",
    )
    recipients: tuple[str, ...] = Field(
        default=(), description="Our addresses that it was for, and those elsewhere that are forwarded to them."
    )
    copied: tuple[str, ...] = Field(
        default=(), description="The addresses of others whom it was written to: people, none of ours."
    )
    copied_names: Mapping[str, str] = Field(
        default_factory=dict, description="By address, the names that stood beside them; never evidence."
    )
    written_to: tuple[str, ...] | None = Field(
        default=None,
        description="All addresses that an answer written elsewhere went to, normalised; none: its conversation.",
    )
    subject: str = ""
    text: str = Field(default="", description="What the person wrote now.")
    quoted: str = Field(default="", description="What was cut because it repeats earlier messages.")
    signature: str = Field(default="", description="What was cut as a signature.")
    html: str = Field(default="", description="The HTML as received; for the archive, shown only sanitised.")
    language: Language = Language()
    attachments: tuple[Attachment, ...] = ()
    originals: tuple[Original, ...] = Field(default=(), description="The messages that it passes on.")
    protection: tuple[Protection, ...] = Field(default=(), description="Whether it is signed or encrypted, and how.")
    event: CalendarEvent | None = Field(default=None, description="What its calendar says.")
    contacts: tuple[Contact, ...] = Field(default=(), description="The contact cards that came along.")
    in_reply_to: str = Field(default="", description="The provider's id of the message that this one answers.")
    amends: str = Field(
        default="",
        description="The external id of the message of this channel and account that it changes: an edit, which "
        "has all of the new text, an addition, which has more of it, a delete, or a reaction.",
    )
    reaction: Reaction | None = Field(default=None, description="What a reaction to another message puts below it.")
    sent_at: int | None = Field(
        default=None, description="Milliseconds, by the provider's or sender's clock; display only."
    )
    received_at: int = Field(description="Milliseconds, by ours.")
    reply_by: int | None = Field(
        default=None, description="Milliseconds; when the channel's window for answers closes."
    )
    automation: Automation = Field(default="none", description="Written by a person or by which kind of machine.")
    says: Says = Field(default="", description="What a short text comes to: thanks alone, or that the matter is done.")
    spam: SpamVerdict | None = Field(default=None, description="What a filter of ours says, where there is one.")
    reply_token: ReplyToken | None = Field(default=None, description="Set when a reply token passed its keyed check.")
    delivery: Delivery | None = Field(default=None, description="The receipt, when `kind` is delivery.")
    origin: OriginProof | None = Field(
        default=None, description="What was checked of its origin, where a channel does."
    )
    suspend: str = Field(
        default="", description="Why this must wait for a person before it is filed; empty if it need not."
    )
    fields: Mapping[str, Any] = Field(
        default_factory=dict,
        description="What its source says for fields of the ticket and the customer, by name; a claim unless it is "
        "proven who wrote.",
    )
    ext: Mapping[str, Any] = Field(default_factory=dict, description="What only this channel has.")
    raw_id: str = Field(description="The raw message it was read from.")

    @model_validator(mode="after")
    def _names_what_it_amends(self) -> Self:
        """A change says of what it is one; a reaction that came as a message of its own, as by mail, changes none."""
        if self.kind in ("edit", "addition", "delete") and not self.amends:
            raise ValueError(f"an envelope of the kind {self.kind} names in `amends` the message that it changes")
        if self.amends and self.kind not in ("edit", "addition", "delete", "reaction"):
            raise ValueError(f"an envelope of the kind {self.kind} amends nothing")
        if bool(self.reaction) != (self.kind == "reaction" and bool(self.amends)):
            raise ValueError("`reaction` and the message that it `amends` come together, in the kind reaction")
        return self

    @property
    def is_spoken(self) -> bool:
        """A person said something; a machine did not, nor does a thumb below what we wrote."""
        return self.automation == "none" and self.kind != "reaction"

    @property
    def is_public(self) -> bool:
        """It was said where everybody sees it, and not to us alone: to its writer nothing is sent by itself."""
        return bool(self.ext.get("public"))

    @property
    def addressees(self) -> tuple[Addressee, ...]:
        """The others with their names."""
        return tuple(Addressee(address=each, name=self.copied_names.get(each, "")) for each in self.copied)


def envelope_id(raw_id: str, index: int) -> str:
    """The id of the envelope with this index in a raw message: the same for every parse of the same bytes."""
    return str(uuid5(UUID(raw_id), str(index)))
