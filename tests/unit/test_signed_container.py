"""Opaque S/MIME: the content of a signed container, in every form that programs write, and what is none."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.signed_container import signed_content

from .test_mail_parsing import parsed

Write = Callable[..., bytes]
SIGNED, ENVELOPED, DATA, SHA256 = (
    bytes.fromhex(each)
    for each in ("2a864886f70d010702", "2a864886f70d010703", "2a864886f70d010701", "608648016503040201")
)
MAIL = "Content-Type: text/plain; charset=utf-8\r\n\r\nMy order – has not arrived.\r\n".encode()


def der(tag: int, *content: bytes) -> bytes:
    data = b"".join(content)
    size = len(data)
    if size < 128:
        return bytes((tag, size)) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + data


def ber(tag: int, *content: bytes) -> bytes:
    return der(tag, *content) if not tag & 0x20 else bytes((tag, 0x80)) + b"".join(content) + b"\0\0"


def pieces(data: bytes, size: int) -> bytes:
    return b"".join(der(4, data[at : at + size]) for at in range(0, len(data), size))


def container(content: bytes, write: Write = der, kind: bytes = SIGNED, *, size: int = 0) -> bytes:
    string = write(0x24, pieces(content, size)) if size else der(4, content)
    inner = write(0x30, der(6, DATA), write(0xA0, string))
    digests = write(0x31, write(0x30, der(6, SHA256), der(5)))
    signed = write(0x30, der(2, b"\1"), digests, inner, write(0xA0, der(4, b"certificate")), write(0x31))
    return write(0x30, der(6, kind), write(0xA0, signed))


@pytest.mark.parametrize("write", [der, ber])
@pytest.mark.parametrize("size", [0, 10, 100_000])
def test_the_content_comes_out_in_every_encoding(write: Write, size: int) -> None:
    for content in (MAIL, b"", b"x" * 70_000):
        assert signed_content(container(content, write, size=size)) == content


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no CMS",
        b"\x30",
        b"\x30\x80",
        container(MAIL, kind=ENVELOPED),
        container(MAIL)[:40],
        container(MAIL, ber, size=3)[:70],
        b"\x30\x80" * 100_000,
        container(b"a" * 300_000, ber, size=1),
    ],
)
def test_what_is_encrypted_or_damaged_has_no_content_to_show(data: bytes) -> None:
    assert signed_content(data) is None


@given(st.data())
def test_no_damage_breaks_it(data: st.DataObject) -> None:
    whole = container(MAIL, data.draw(st.sampled_from([der, ber])), size=data.draw(st.sampled_from([0, 7])))
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 3)) :]
    assert signed_content(damaged) is None or isinstance(signed_content(damaged), bytes)


HEAD = "From: ann@a.example\nTo: support@example.test\nSubject: Order\n"


def mail(content: bytes, media_type: str) -> str:
    encoded = base64.encodebytes(container(content)).decode()
    return f"{media_type}\nContent-Transfer-Encoding: base64\n\n{encoded}\n"


@pytest.mark.parametrize(
    "media_type",
    [
        'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        "Content-Type: application/x-pkcs7-mime\nContent-Disposition: attachment; filename=smime.p7m",
        "Content-Type: application/octet-stream; name=smime.p7m",
    ],
)
def test_a_signed_mail_is_read_as_if_it_were_open(media_type: str) -> None:
    read = parsed(HEAD + mail(MAIL, media_type)).envelopes[0]
    assert (read.text, read.attachments, read.subject) == ("My order – has not arrived.", (), "Order")


def test_files_and_html_inside_it_are_found() -> None:
    inside = (
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n<p>See <b>this</b>\r\n"
        b"--q\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nabc\r\n--q--\r\n"
    )
    read = parsed(HEAD + mail(inside, "Content-Type: application/pkcs7-mime"))
    assert read.envelopes[0].text == "See this"
    assert [attachment.name for attachment in read.envelopes[0].attachments] == ["a.pdf"]


def test_a_container_among_other_parts_and_one_in_another_are_opened() -> None:
    twice = mail(mail(MAIL, "Content-Type: application/pkcs7-mime").encode(), "Content-Type: application/pkcs7-mime")
    both = f"Content-Type: multipart/mixed; boundary=m\n\n--m\n{twice}\n--m\n\nScanned by gateway\n--m--\n"
    assert parsed(HEAD + both).envelopes[0].text == "My order – has not arrived.\n\nScanned by gateway"


def test_an_encrypted_mail_keeps_its_file() -> None:
    encoded = base64.encodebytes(container(MAIL, kind=ENVELOPED)).decode()
    head = "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"
    read = parsed(HEAD + head + encoded).envelopes[0]
    assert read.text.startswith("This mail is encrypted with S/MIME")
    assert [attachment.name for attachment in read.attachments] == ["smime.p7m"]
