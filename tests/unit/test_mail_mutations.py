"""Mails that were damaged on their way: none breaks the reader, and nothing that is in them is lost.

A few whole mails, changed in up to six places: pieces of MIME and HTML set in, bytes changed, cut out or doubled, lines
exchanged, types and encodings named wrongly. Each must become an envelope, every part of it must be shown or be a file,
and where a part has words the envelope is not empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.mail.bodies import find_bodies
from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.mime import read_mail
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import Unreadable

SETTINGS = MailSettings(addresses=("support@example.test",))
WORD = b"parcel"  # stands in every text of every mail

SET_IN = (
    b"\r\n", b"\n", b"\r", b"\0", b"--", b"=", b"=3D", b"\xff\xfe", b"\xc3", b"\x1b$B", b"\r\n\r\n", b"> ", b"-- \r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: message/rfc822\r\n", b"From: x@y.example\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"; name*0*=",
    b"charset=utf-7", b"charset=nonsense", b"=?utf-8?b?", b"?=", b"begin 644 x\r\n", b"<!--", b"-->", b"<style>",
    b"</style>", b"<script>", b"<blockquote>", b"</div>", b"<head>", b"<title>", b"<", b"&", b" " * 300, b"A" * 2000,
)  # fmt: skip
RENAMED = (
    (b"\r\n", b"\n"), (b"\r\n", b"\r"), (b"utf-8", b"latin-1"), (b"base64", b"quoted-printable"),
    (b"quoted-printable", b"base64"), (b"7bit", b"base64"), (b"text/plain", b"text/html"),
    (b"text/html", b"text/plain"), (b"multipart/mixed", b"multipart/alternative"), (b"boundary=", b"bounday="),
    (b"Content-", b"X-Content-"), (b"MIME-Version", b"X-Version"),
)  # fmt: skip

CUTS = (1, 2, 5, 40, 200, 10_000)
SAID_TWICE = (3, 30, 200)


def written(text: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"From": "Maria <maria@example.org>", "Subject": "Where is it", **headers}.items():
        message[name] = value
    message.set_content(text)
    return message


def mails() -> list[bytes]:
    plain = "The parcel has not come.\n\nRegards\nMaria\n"
    answer = "No parcel.\n\nOn Mon, 23 Nov 2026 at 10:00, Support <support@example.test> wrote:\n> Has it come?\n"
    both = written(plain)
    both.add_alternative("<p>The <b>parcel</b></p><blockquote>Has the parcel come?</blockquote>", subtype="html")
    files = written(plain)
    files.add_alternative("<p>The parcel</p>", subtype="html")
    files.add_attachment(b"the parcel's paper", maintype="application", subtype="pdf", filename="käse.pdf")
    carrying = written(plain)
    carrying.add_attachment(written("The inner parcel", Subject="inner"))
    all_ = [written(plain), written("Grüße, no parcel käse " * 20, Subject="Grüße"), both, files, carrying]
    for message in all_:
        for number, part in enumerate(part for part in message.walk() if part.get_content_maintype() == "multipart"):
            part.set_boundary(f"===={number}====")
    return [message.as_bytes(policy=SMTP) for message in (*all_, written(answer))]


@dataclass(frozen=True, slots=True)
class Change:
    """One damage: its kind, two places as parts of the mail's length, and which piece, byte or name."""

    kind: int
    place: float
    other: float
    pick: int

    def applied(self, raw: bytes) -> bytes:
        match self.kind:
            case 0:
                return _spliced(raw, self.place, 0, _picked(SET_IN, self.pick))
            case 1:
                return _spliced(raw, self.place, _picked(CUTS, self.pick), b"")
            case 2:
                return _spliced(raw, self.place, 1, bytes([self.pick]))
            case 3:
                said = raw[int(self.place * len(raw)) :][: _picked(SAID_TWICE, self.pick)]
                return _spliced(raw, self.place, 0, said)
            case 4 | 5:
                return _lines(raw, self.place, self.other, twice=self.kind == 5)
        return raw.replace(*_picked(RENAMED, self.pick))


FRACTION = st.floats(0, 1, width=16)
CHANGES = st.builds(Change, st.integers(0, 6), FRACTION, FRACTION, st.integers(0, 255))


def _picked(choices: Sequence[Any], pick: int) -> Any:
    return choices[pick % len(choices)]


def _spliced(raw: bytes, place: float, cut: int, piece: bytes) -> bytes:
    at = int(place * len(raw))
    return raw[:at] + piece + raw[at + cut :]


def _lines(raw: bytes, place: float, other: float, *, twice: bool) -> bytes:
    """Two lines exchanged, or one said twice."""
    lines = raw.split(b"\n")
    here, there = int(place * (len(lines) - 1)), int(other * (len(lines) - 1))
    if twice:
        lines.insert(here, lines[there])
    else:
        lines[here], lines[there] = lines[there], lines[here]
    return b"\n".join(lines)


def survives(raw: bytes) -> None:
    """The mail is read, with everything that is in it."""
    try:
        parsed = read_file(raw, SETTINGS)
    except Unreadable as error:
        if "broke" in error.detail:
            raise
        return
    envelope, mail = parsed.envelopes[0], read_mail(raw)
    bodies = find_bodies(mail)
    sorted_ = {id(part) for part in (*bodies.text, *bodies.html, *bodies.files)}
    assert all(id(part) in sorted_ for part in mail.leaves() if part.raw.strip()), "a part is lost"
    told = "".join((envelope.text, envelope.quoted, envelope.signature, envelope.html))
    said = any(WORD in part.raw for part in (*mail.leaves(), *mail.containers()))
    assert told.strip() or parsed.files or not said, "the envelope is empty"


MAILS = mails()


@settings(max_examples=150, database=None, derandomize=True)
@given(st.sampled_from(MAILS), st.lists(CHANGES, min_size=1, max_size=6))
def test_a_damaged_mail_is_read_and_nothing_in_it_is_lost(raw: bytes, damage: list[Change]) -> None:
    for change in damage:
        raw = change.applied(raw)
        survives(raw)


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", range(4))
def test_of_a_hundred_thousand_damaged_mails_none_is_lost(seed: int) -> None:
    """The same mails wherever it runs: what Hypothesis draws depends on which modules the process has loaded."""
    chance = Random(seed)
    for _ in range(5_000):
        raw = chance.choice(MAILS)
        for _ in range(5):
            raw = Change(chance.randrange(7), chance.random(), chance.random(), chance.randrange(256)).applied(raw)
            survives(raw)
