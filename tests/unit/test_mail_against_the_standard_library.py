"""Well-formed mails, written by the standard library in every encoding it has, are read as they were meant."""

from email import policy
from email.message import EmailMessage
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.settings import MailSettings
from trunkline.normalizer.outgoing import Parsed

SETTINGS = MailSettings(addresses=("support@example.test",))

_LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd"], max_codepoint=0xFFFF)
_WORDS = st.lists(st.text(_LETTERS, min_size=1, max_size=12), min_size=1, max_size=30).map(" ".join)
# Longer subjects lose blanks where the library folds them (python/cpython#92081).
_SUBJECTS = st.text(_LETTERS, min_size=1, max_size=8)
_NAMES = st.text(_LETTERS, min_size=1, max_size=40).map(lambda text: normalize("NFC", f"x{text}.pdf"))
_FILES = st.lists(st.tuples(_NAMES, st.binary(max_size=300)), max_size=3)


def read(message: EmailMessage, line_end: str = "\r\n") -> Parsed:
    return read_file(message.as_bytes(policy=policy.SMTP.clone(linesep=line_end)), SETTINGS)


def written(text: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in ({"From": "Maria <maria@example.org>", "To": "support@example.test"} | headers).items():
        message[name] = value
    message.set_content(text)
    return message


@settings(deadline=None, max_examples=60)
@given(text=_WORDS, subject=_SUBJECTS, html=_WORDS, files=_FILES, line_end=st.sampled_from(["\r\n", "\n"]))
def test_text_subject_and_files_come_back(
    text: str, subject: str, html: str, files: list[tuple[str, bytes]], line_end: str
) -> None:
    message = written(f"x {text}", Subject=f"x {subject}")
    message.add_alternative(f"<p>x {html}</p>", subtype="html")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    parsed = read(message, line_end)
    envelope = parsed.envelopes[0]
    assert envelope.subject == f"x {subject}"
    assert envelope.html.strip() == f"<p>x {html}</p>"
    assert [parsed.files[attachment.sha256] for attachment in envelope.attachments] == [content for _, content in files]
    assert [attachment.name for attachment in envelope.attachments] == [name for name, _ in files]


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("us-ascii", "Plain words only"),
        ("utf-8", "Grüße, привет, 你好, مرحبا"),
        ("iso-8859-1", "Grüße"),
        ("iso-8859-15", "10 € für Öl"),
        ("windows-1251", "Привет, не работает"),
        ("koi8-r", "Привет, не работает"),
        ("iso-8859-9", "İşe yaramıyor"),
        ("gb18030", "你好世界"),
        ("big5", "你好世界"),
        ("shift_jis", "こんにちは"),
        ("iso-2022-jp", "こんにちは"),
        ("euc-kr", "안녕하세요"),
    ],
)
def test_every_character_set_comes_back_through_every_encoding(charset: str, text: str, encoding: str) -> None:
    message = written("")
    message.set_content(f"{text}\n", charset=charset, cte=encoding)
    assert read(message).envelopes[0].text == text


def test_pictures_in_html_and_forwarded_mails_come_back() -> None:
    inner = written("inner text", Subject="The inner mail")
    message = written("outer text")
    message.add_alternative('<img src="cid:pic@example.org">', subtype="html")
    body: Any = message.get_payload()
    body[1].add_related(b"GIF89a", maintype="image", subtype="gif", cid="<pic@example.org>")
    message.add_attachment(inner)
    parsed = read(message)
    picture, forwarded = parsed.envelopes[0].attachments
    assert (picture.content_id, picture.inline, parsed.files[picture.sha256]) == ("pic@example.org", True, b"GIF89a")
    assert (forwarded.name, forwarded.media_type) == ("The inner mail.eml", "message/rfc822")
    assert read_file(parsed.files[forwarded.sha256], SETTINGS).envelopes[0].text == "inner text"
