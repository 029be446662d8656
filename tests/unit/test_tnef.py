"""Outlook's winmail.dat is opened: its text where there is no other, and its files; what is damaged stays a file."""

import base64
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.rich_text import read_rich_text
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.mail.tnef import open_tnef
from trunkline.normalizer.outgoing import Parsed

SETTINGS = MailSettings(addresses=("support@example.test",))


def attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def properties(*pairs: tuple[int, int, bytes], named: bool = False) -> bytes:
    """Of (type, name, value): strings and binaries, and numbers of four bytes."""
    out = [struct.pack("<I", len(pairs) + named)]
    if named:
        out.append(struct.pack("<HH", 0x1E, 0x8001) + b"G" * 16 + struct.pack("<II", 1, 4) + "ab".encode("utf-16-le"))
        out.append(struct.pack("<II", 1, 3) + b"xyz\0")
    for kind, name, value in pairs:
        out.append(struct.pack("<HH", kind, name))
        out.append(value if kind == 3 else struct.pack("<II", 1, len(value)) + padded(value))
    return b"".join(out)


def tnef(*attributes: bytes) -> bytes:
    page = attribute(1, 0x9007, struct.pack("<II", 1252, 0))
    return struct.pack("<IH", 0x223E9F78, 1) + page + b"".join(attributes)


def file(title: bytes, data: bytes, *known: tuple[int, int, bytes]) -> bytes:
    more = attribute(2, 0x9005, properties(*known)) if known else b""
    return attribute(2, 0x9002, b"\0" * 14) + attribute(2, 0x8010, title + b"\0") + attribute(2, 0x800F, data) + more


def rtf(text: bytes, *, compressed: bool = False) -> bytes:
    if not compressed:
        return struct.pack("<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text
    packed = b"".join(b"\0" + text[at : at + 8] for at in range(0, len(text), 8))
    return struct.pack("<IIII", len(packed) + 12, len(text), 0x75465A4C, 0) + packed


def parsed(data: bytes, *, text: str = "", kind: str = "application/ms-tnef", name: str = "winmail.dat") -> Parsed:
    body = base64.encodebytes(data).decode()
    mail = (
        "From: Maria <maria@example.org>\nSubject: Lamp\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{text}\n"
        f"--b\nContent-Type: {kind}; name={name}\nContent-Transfer-Encoding: base64\n\n{body}\n--b--\n"
    )
    return read_file(mail.encode(), SETTINGS)


def names(read: Parsed) -> list[tuple[str, str, bytes]]:
    return [(each.name, each.media_type, read.files[each.sha256]) for each in read.envelopes[0].attachments]


NAME = "Rechnung größer.pdf\0".encode("utf-16-le")
PDF = file(
    b"RECHNU~1.PDF",
    b"%PDF",
    (0x1F, 0x3707, "Rechnung größer.pdf\0".encode("utf-16-le")),
    (0x1E, 0x370E, b"application/pdf\0"),
)


@pytest.mark.parametrize(
    ("kind", "name"), [("application/ms-tnef", "winmail.dat"), ("application/octet-stream", "WinMail.dat")]
)
def test_the_files_come_out_with_their_names(kind: str, name: str) -> None:
    data = tnef(attribute(1, 0x800C, b"the same text\0"), PDF, file("Größe.txt".encode("cp1252"), b"2 m"))
    read = parsed(data, text="My lamp is broken.", kind=kind, name=name)
    assert names(read) == [
        ("Rechnung größer.pdf", "application/pdf", b"%PDF"),
        ("Größe.txt", "application/octet-stream", b"2 m"),
    ]
    assert read.envelopes[0].text == "My lamp is broken."


SAID = "Mein Gerät ist kaputt."
HTML = (3, 0x3FDE, struct.pack("<I", 65001)), (0x102, 0x1013, "<p>Mein Gerät ist <b>kaputt</b>.</p>".encode())
SIMPLE = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Mein Ger\'e4t ist kaputt.\par}"
UNICODE = rb"{\rtf1\ansi\uc1 Mein Ger\u228?t ist kaputt.\par}"
DISGUISED = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1{\*\htmltag64 <p>}\htmlrtf{\f0\htmlrtf0 Mein Ger\'e4t ist {\*\htmltag84 <b>}"
    rb"\htmlrtf\b\htmlrtf0 kaputt{\*\htmltag92 </b>}.\htmlrtf}\par\htmlrtf0{\*\htmltag72 </p>}}"
)


@pytest.mark.parametrize(
    "letter",
    [
        attribute(1, 0x800C, f"{SAID}\0".encode("cp1252")),
        attribute(1, 0x9003, properties((0x1E, 0x1000, f"{SAID}\0".encode("cp1252")), named=True)),
        attribute(1, 0x9003, properties((0x1F, 0x1000, f"{SAID}\0".encode("utf-16-le")))),
        attribute(1, 0x9003, properties(*HTML)),
        attribute(1, 0x9003, properties((0x102, 0x1009, rtf(SIMPLE)))),
        attribute(1, 0x9003, properties((0x102, 0x1009, rtf(UNICODE, compressed=True)))),
        attribute(1, 0x9003, properties((0x102, 0x1009, rtf(DISGUISED)))),
    ],
)
def test_the_text_stands_in_where_there_is_no_other(letter: bytes) -> None:
    read = parsed(tnef(letter, PDF))
    assert read.envelopes[0].text == SAID
    assert len(read.envelopes[0].attachments) == 1


def test_compressed_text_may_refer_to_what_came_before() -> None:
    # `ab`, then three times the six bytes from its place 207 on; MS-OXRTFCP section 2.2
    packed = bytes([0b00000000]) + b"abcdefgh" + bytes([0b00000001]) + struct.pack(">H", 207 << 4 | 6)
    data = struct.pack("<IIII", len(packed) + 12, 16, 0x75465A4C, 0) + packed
    assert read_rich_text(data) == (False, "abcdefghabcdefgh")


def test_a_picture_of_the_text_keeps_its_id() -> None:
    html = (0x102, 0x1013, b'<p>See <img src="cid:p1@x"></p>')
    picture = file(b"p.png", b"PNG", (0x1E, 0x3712, b"p1@x\0"), (0x1E, 0x370E, b"image/png\0"))
    (found,) = parsed(tnef(attribute(1, 0x9003, properties(html)), picture)).envelopes[0].attachments
    assert (found.name, found.content_id, found.inline) == ("p.png", "p1@x", True)


@pytest.mark.parametrize("data", [b"", b"tnef", tnef(PDF)[:-20], tnef(PDF)[:40], b"\x78\x9f\x3e\x22" + b"\xff" * 40])
def test_what_is_damaged_stays_a_file(data: bytes) -> None:
    read = parsed(data, text="hello")
    assert [each.name for each in read.envelopes[0].attachments] == ["winmail.dat"]


@given(st.binary(max_size=200))
def test_nothing_raises(tail: bytes) -> None:
    open_tnef(tnef(tail))
    open_tnef(tnef(attribute(1, 0x9003, tail)))
    read_rich_text(struct.pack("<IIII", len(tail), 5000, 0x75465A4C, 0) + tail)
    read_rich_text(rtf(b"{\\rtf1\\fromhtml1 " + tail))


def test_a_bomb_ends_at_the_limit() -> None:
    started = time.process_time()
    packed = (b"\xff" + struct.pack(">H", 206 << 4 | 15) * 8) * 200_000
    read_rich_text(struct.pack("<IIII", len(packed) + 12, 2**31, 0x75465A4C, 0) + packed)
    assert time.process_time() - started < 4


def test_one_that_holds_a_whole_message_stays_a_file_too() -> None:
    message = attribute(2, 0x9002, b"\0" * 14) + attribute(2, 0x9005, properties((0x0D, 0x3701, b"I" * 16 + tnef())))
    assert [name for name, _, _ in names(parsed(tnef(PDF, message)))] == ["Rechnung größer.pdf", "winmail.dat"]
