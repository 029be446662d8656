"""From an outgoing article to the bytes of a mail: pure, the same article gives the same bytes.

Replies carry the customer's own subject with the number behind it, the thread in In-Reply-To and References (and in
Thread-Topic, which Outlook goes by), and an address to answer to with a reply token for this ticket and this person.
Automatic mail says so (RFC 3834 section 5.1) and has no return path, so that nothing can answer it. Where the subject
is empty the number stands alone.

The marker above which people answer is set only where the mail answers a mail. Below the answer stands what it quotes:
the messages that it answers (`last`), or the conversation as far as whoever gets it saw it (`all`).
A reply with formatting goes as text and HTML.
"""

import binascii
import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from ...config.errors import DeliveryFailed
from ...normalizer.addresses import normalise_address
from ...normalizer.envelope import Attachment
from ...normalizer.formatted_text import has_marks
from ...normalizer.outgoing import Outgoing
from ...normalizer.quotations import quotation, quotation_html
from ...normalizer.quoting import REPLY_MARKER
from ...normalizer.rendering import messages_of
from ...normalizer.safe_names import OCTETS, safe_media_type, safe_name
from ...normalizer.sending_limits import Dialect
from ...normalizer.subjects import answer_subject, bare_subject, without_numbers
from .loops import HEADER, loop_mark
from .mail_headers import address_header, addresses_header, ids_header, one_line, parameter_header, text_header
from .reply_token import SEVERAL, make_token
from .settings import Quote
from .signing import Signer

_KEPT_REFERENCES = 20
_LINE = 998  # RFC 5322 section 2.1.1
_NUMBER = re.compile(r"T-\d{1,12}\Z")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail ready to be handed to a server."""

    reverse_path: str
    recipients: tuple[str, ...]  # the first is whom it is written to, the others get copies
    content: bytes

    @property
    def needs_utf8(self) -> bool:
        """An address beyond ASCII needs a server that knows SMTPUTF8 (RFC 6531)."""
        return not all(address.isascii() for address in (self.reverse_path, *self.recipients))


@dataclass(frozen=True, kw_only=True)
class Composer:
    """Writes mails from these addresses, with the key of the reply tokens.

    The case number stands in their subjects where these are `numbered`.
    """

    addresses: Sequence[str]
    name: str
    key: bytes
    numbered: bool = True
    quote: Quote = "last"
    signer: Signer = field(default_factory=Signer)

    def compose(self, outgoing: Outgoing, files: Sequence[tuple[Attachment, bytes]] = ()) -> Mail:
        """The mail. Raises DeliveryFailed when there is nobody to send it to."""
        recipient = normalise_address(outgoing.to)
        if recipient is None or not outgoing.to.isprintable():
            raise DeliveryFailed(f"not a mail address: {outgoing.to!r}")
        outgoing = _rendered(outgoing)
        account = outgoing.account if outgoing.account in self.addresses else self.addresses[0]
        copied = {
            key: each.name for each in outgoing.copied if (key := normalise_address(each.address)) and key != recipient
        }
        reply_to = self._reply_address(account, outgoing.number, SEVERAL if copied else recipient)
        answered = [one for one in (*outgoing.references, outgoing.in_reply_to) if "@" in one]
        headers = [
            f"Date: {format_datetime(datetime.fromtimestamp(outgoing.created_at / 1000, UTC))}",
            address_header("From", account, self.name),
            address_header("To", recipient, outgoing.to_name),
            addresses_header("Cc", copied.items()),
            address_header("Reply-To", reply_to, self.name),
            text_header("Subject", _subject(outgoing, numbered=self.numbered)),
            ids_header("Message-ID", [outgoing.external_id]),
            ids_header("In-Reply-To", answered[-1:] if "@" in outgoing.in_reply_to else []),
            ids_header("References", _shortened(answered or self._root(outgoing, account))),
            text_header("Thread-Topic", bare_subject(outgoing.subject)) if answered else "",
            *_AUTOMATIC * outgoing.automatic,
            f"{HEADER}: {loop_mark(self.key)}",
            "MIME-Version: 1.0",
        ]
        body = _body(_with_quotation(outgoing, self.quote, marked=bool(answered)), files)
        content = "\r\n".join(header for header in headers if header).encode() + b"\r\n" + body
        return Mail(
            reverse_path="" if outgoing.automatic else reply_to,
            recipients=(recipient, *copied),
            content=self.signer.sign(content, account.rpartition("@")[2], outgoing.created_at // 1000),
        )

    def _root(self, outgoing: Outgoing, account: str) -> list[str]:
        """What all our mails of a ticket refer to where none of theirs is known, so that they stand together."""
        return [f"{outgoing.ticket_id}@{account.rpartition('@')[2]}"] if outgoing.number else []

    def _reply_address(self, account: str, number: str, recipient: str) -> str:
        if _NUMBER.match(number) is None:
            return account
        local, _, domain = account.rpartition("@")
        return f"{local}+{make_token(self.key, number, recipient)}@{domain}"


def _rendered(outgoing: Outgoing) -> Outgoing:
    """A formatted reply in both forms; where nothing is marked the plain one says it all."""
    if not outgoing.formatted or not has_marks(outgoing.text):
        return outgoing
    forms = {
        name: "".join(messages_of(outgoing.text, None, dialect, formatted=True)) for name, dialect in _FORMS.items()
    }
    return outgoing.model_copy(update=forms)


_FORMS: Mapping[str, Dialect] = {"text": "plain", "html": "html"}
_AUTOMATIC = ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]


def _subject(outgoing: Outgoing, *, numbered: bool) -> str:
    """With the number behind it; where it is not wanted, only what would be nothing without it has it."""
    given, number = one_line(outgoing.subject), outgoing.number if numbered else ""
    if not outgoing.automatic:
        return answer_subject(given, number) or answer_subject("", outgoing.number)
    mark = f"[{number}]" if number else ""
    return f"{without_numbers(given)} {mark}".strip()


def _shortened(ids: Sequence[str]) -> list[str]:
    """The first of a long thread and the newest: RFC 5322 section 3.6.4 wants all, header limits do not."""
    unique = list(dict.fromkeys(ids))
    return unique if len(unique) <= _KEPT_REFERENCES else [unique[0], *unique[1 - _KEPT_REFERENCES :]]


def _with_quotation(outgoing: Outgoing, quote: Quote, *, marked: bool) -> Outgoing:
    """The message with our marker above and what it quotes below; both only where it is no automatic one."""
    if outgoing.automatic:
        return outgoing
    quoted = [each for each in outgoing.quoted if quote == "all" or (quote == "last" and each.answered)]
    marker = REPLY_MARKER if marked else ""
    text = "\n\n".join(filter(None, (marker, outgoing.text, quotation(quoted))))
    if not outgoing.html:
        return outgoing.model_copy(update={"text": text})
    above = f"<p>{marker}</p>" if marker else ""
    return outgoing.model_copy(update={"text": text, "html": f"{above}{outgoing.html}{quotation_html(quoted)}"})


def _body(outgoing: Outgoing, files: Sequence[tuple[Attachment, bytes]]) -> bytes:
    body = _text_part("text/plain", outgoing.text)
    if outgoing.html:
        body = _container("alternative", outgoing.article_id, [body, _text_part("text/html", outgoing.html)])
    if files:
        parts = [_file_part(attachment, content) for attachment, content in files]
        body = _container("mixed", outgoing.article_id, [body, *parts])
    return body


def _container(kind: str, article_id: str, parts: Sequence[bytes]) -> bytes:
    # Encoded text never has a line that begins with `--=_`: quoted-printable and base64 write no bare `=`.
    boundary = f"=_{kind}_{re.sub(r'[^0-9A-Za-z]', '', article_id)[:40]}"
    head = parameter_header("Content-Type", f"multipart/{kind}", {"boundary": boundary}).encode() + b"\r\n\r\n"
    pieces = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return head + pieces + b"--%s--\r\n" % boundary.encode()


def _text_part(media_type: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").rstrip("\n").split("\n")
    data = "\n".join(lines).encode("utf-8", "replace") + b"\n"
    plain = data.isascii() and all(len(line) <= _LINE and not line.startswith("--=_") for line in lines)
    if not plain:
        data = binascii.b2a_qp(data, istext=True)
    head = (
        parameter_header("Content-Type", media_type, {"charset": "utf-8"}),
        f"Content-Transfer-Encoding: {'7bit' if plain else 'quoted-printable'}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data.replace(b"\n", b"\r\n")


def _file_part(attachment: Attachment, content: bytes) -> bytes:
    name = safe_name(attachment.name)
    media_type = safe_media_type(attachment.media_type)
    if media_type.startswith(("multipart/", "message/")):
        media_type = OCTETS  # RFC 2046 section 5.2.1: these must not be encoded
    head = (
        parameter_header("Content-Type", media_type, {"name": name}),
        "Content-Transfer-Encoding: base64",
        parameter_header("Content-Disposition", "attachment", {"filename": name}),
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + encodebytes(content).replace(b"\n", b"\r\n")
