"""From the bytes of a mail to its envelope: pure, the same bytes give the same envelope.

Who wrote it is what the one From header says (module `author`): never Sender or the reverse path, which only say where
bounces should go. A mail with no author, or with several, waits for a person (`suspend`). From is proven here only by a
reply token that was given to this very author; what else proves it takes questions to the DNS, and comes later
(`origin/`). Whatever the mail says about its own checks is ignored.

Raises `Unreadable` for what goes over `limits`; anything else that goes wrong is for the sandbox to catch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...normalizer.addresses import Mailbox, normalise_address, parse_addresses
from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import (
    Assurance,
    Automation,
    Delivery,
    Envelope,
    Identity,
    Language,
    Original,
    RawMessage,
    ReplyToken,
    Sender,
    SpamVerdict,
    envelope_id,
)
from ...normalizer.language import detect
from ...normalizer.outgoing import Parsed
from ...normalizer.quoting import FirstMail
from . import limits
from .addressees import WRITTEN, Addressees, find_addressees
from .author import Author, read_author
from .automation import classify, is_nobody, report_type
from .contents import Contents, read_contents
from .dates import milliseconds, parse_date
from .loops import is_loop, is_returned
from .mail_headers import one_line
from .message_ids import Thread, read_thread
from .mime import Headers, Part, read_mail
from .receipts import read_receipt
from .recipients import OwnAddresses
from .reply_token import is_bound_to, read_token
from .sent_mails import SENT_FOLDER, as_answer
from .spam import read_spam

_UNKNOWN_AUTHOR = "unknown@sender.invalid"  # RFC 2606 section 2: a domain that nobody has
_LONGEST_SUBJECT = 998
_CASE = re.compile(r"\[(T-\d{1,12})\]")
_CASES = 5  # looked for


@dataclass(frozen=True)
class MailReader:
    """Reads mails for these addresses, with the key of their reply tokens."""

    own: OwnAddresses
    key: bytes

    def read(self, raw: RawMessage) -> Parsed:
        """The one envelope of a mail, and the bytes of its files."""
        mail = read_mail(raw.content)
        headers = mail.headers
        author = read_author(headers, self.own)
        addressees = self._addressees(raw, headers)
        token = self._token(addressees, author.key)
        reverse_path = raw.transport.get("mail_from")
        thread = read_thread(*(headers.get(name) for name in ("message-id", "in-reply-to", "references")))
        answers = thread.answers_article(self.own.domains) or (token is not None and token.from_bound_address)
        personal, answerable = answers or author.behind_ours, bool(author.reply_to)
        automation = classify(mail, author.local, reverse_path, personal=personal, answerable=answerable)
        receipt = self._receipt(mail, raw.content, automation, reverse_path, token)
        subject = one_line(decode_words(headers.get("subject")))[:_LONGEST_SUBJECT]
        first = None if token or self._answers_us(thread, subject) else self._first(author)
        content = read_contents(mail, subject=subject, author=author.name, first=first, automation=automation)
        copied = self._copied(headers)
        envelope = Envelope(
            id=envelope_id(raw.id, 0),
            channel=raw.channel,
            account=self.own.account(addressees.meant) or raw.account,
            kind="delivery" if receipt is not None else "reaction" if content.is_reaction else "message",
            external_id=raw.external_id,
            order=f"{raw.sequence:020d}",
            conversation=thread.conversation,
            cases=tuple(dict.fromkeys(_CASE.findall(subject)))[:_CASES],
            announces=thread.announces,
            sender=_sender(author, token, reverse_path),
            reply_to=author.reply_to,
            recipients=addressees.recipients,
            copied=tuple(copied),
            copied_names={address: name for address, name in copied.items() if name},
            subject=subject,
            **self._carried(content, headers),
            in_reply_to=thread.in_reply_to,
            sent_at=_sent_at(headers),
            received_at=raw.received_at,
            automation=content.automation,
            spam=_spam(raw, headers),
            reply_token=token,
            delivery=receipt,
            suspend=self._suspend(author, raw, headers, thread)
            or ("" if answers else _trick(author, token, content.automation)),
            ext={"message_id": thread.own, "references": thread.references, "return_path": reverse_path or ""},
            raw_id=raw.id,
        )
        parsed = Parsed(envelopes=(envelope,), files=content.files)
        if raw.transport.get(SENT_FOLDER) is True:
            from_us, from_here = self.own.find(author.key) is not None, is_loop(headers, self.key)
            own = {"account": raw.account, "message_id": thread.own}
            return as_answer(parsed, headers, **own, from_us=from_us, from_here=from_here)
        return parsed

    def _carried(self, content: Contents, headers: Headers) -> dict[str, Any]:
        """The fields of an envelope that its contents give."""
        return {
            "text": content.split.visible,
            "quoted": content.split.quoted,
            "signature": content.split.signature,
            "html": content.html,
            "language": _language(content.said, headers),
            "attachments": content.attachments,
            "originals": tuple(self._ours(original) for original in content.originals),
            "protection": content.protection,
            "event": content.event,
            "contacts": content.contacts,
        }

    def _answers_us(self, thread: Thread, subject: str) -> bool:
        return thread.answers(self.own.domains) or _CASE.search(subject) is not None

    def _first(self, author: Author) -> FirstMail:
        return FirstMail(writer=author.key, name=author.name, ours=self.own.domains)

    def _addressees(self, raw: RawMessage, headers: Headers) -> Addressees:
        trusted = raw.transport.get("trusted") is True
        return find_addressees(headers, raw.transport.get("rcpt_to") or (), self.own, trusted=trusted)

    def _ours(self, original: Original) -> Original:
        known = self.own.find(original.address) if original.address else None
        return original.model_copy(update={"ours": True}) if known else original

    def _token(self, addressees: Addressees, author: str) -> ReplyToken | None:
        """A token may also stand only in the headers, when a server of ours delivers to the plain address."""
        for tag in dict.fromkeys(recipient.tag for recipient in addressees.named):
            claim = read_token(self.key, tag) if tag else None
            if claim is not None:
                return ReplyToken(number=claim.number, from_bound_address=is_bound_to(self.key, claim, author))
        return None

    def _receipt(
        self, mail: Part, content: bytes, automation: Automation, reverse_path: str | None, token: ReplyToken | None
    ) -> Delivery | None:
        if reverse_path or (automation != "bounce" and report_type(mail) != "disposition-notification"):
            return None
        returned = automation == "bounce" and token is not None
        return read_receipt(mail, content, self.own.domains, returned=returned)

    def _copied(self, headers: Headers) -> dict[str, str]:
        """The people of To and Cc that are not ours, in their order, with the names that stand beside them."""
        found: dict[str, str] = {}
        for box in _boxes(headers, *WRITTEN):
            key = normalise_address(box.address)
            if key and self.own.recipient(key) is None and not is_nobody(key):
                found[key] = found.get(key) or one_line(box.name)[:200]
        return dict(list(found.items())[: limits.ADDRESSES])

    def _suspend(self, author: Author, raw: RawMessage, headers: Headers, thread: Thread) -> str:
        returned = not author.behind_ours and is_returned(thread.own, self.own.domains, author.key, headers)
        trusted = raw.transport.get("trusted") is True  # our own server gives its id to mails that have none
        if is_loop(headers, self.key) or self.own.find(author.key) is not None or (returned and not trusted):
            return "loop"
        return str(raw.transport.get("withheld") or "") or author.trouble


def _spam(raw: RawMessage, headers: Headers) -> SpamVerdict | None:
    """What a filter in front says; of a mail that lies in the provider's folder of spam it has said enough."""
    if given := raw.transport.get("spam"):
        return SpamVerdict.model_validate(given)
    told = read_spam(headers) if raw.transport.get("trusted") is True else None
    if raw.transport.get("spam_folder") is True:
        return SpamVerdict(verdict="spam", score=told.score if told else None, by="the provider of the mailbox")
    return told


def _trick(author: Author, token: ReplyToken | None, automation: Automation) -> str:
    """Somebody can register with a service under a reply address, to have its confirmation shown in their ticket."""
    strange = token is not None and not token.from_bound_address
    return "a machine wrote to a reply address" if strange and automation == "bulk" and is_nobody(author.key) else ""


def _sender(author: Author, token: ReplyToken | None, reverse_path: str | None) -> Sender:
    assurance, evidence = Assurance.CLAIMED, ""
    named = author.key and not author.trouble and not author.claimed
    if named and token is not None and token.from_bound_address:
        assurance, evidence = Assurance.ORIGIN, "answered to a reply address that was given to this address"
    value = author.key or normalise_address(reverse_path or "") or _UNKNOWN_AUTHOR
    identity = Identity(kind="email", value=value, assurance=assurance, evidence=evidence)
    return Sender(identities=(identity,), name=one_line(author.name)[:200])


def _boxes(headers: Headers, *names: str) -> Iterable[Mailbox]:
    found = [box for name in names for value in headers.all(name)[:10] for box in parse_addresses(value)]
    return [box for box in found if box.address][: limits.ADDRESSES]


def _language(said: str, headers: Headers) -> Language:
    return detect(said, [word.strip() for word in headers.get("content-language").split(",")[:3] if word.strip()])


def _sent_at(headers: Headers) -> int | None:
    """What Date says; without one, when the first server took the mail, which is hearsay and good enough to show."""
    moment = parse_date(headers.get("date"))
    if moment is None:
        moment = next((parse_date(way) for way in headers.all("received")[-1:] if ";" in way), None)
    return milliseconds(moment) if moment is not None else None
