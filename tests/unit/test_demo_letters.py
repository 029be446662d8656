"""The mails of simulated customers: what mail programs write, and the same for the same contact."""

import struct
import zlib
from dataclasses import replace
from email.message import EmailMessage
from itertools import islice

from trunkline.demo.simulation.contacts import Contact, contacts
from trunkline.demo.simulation.letters import first_letter, next_letter, reminder, text_of
from trunkline.demo.simulation.pictures import HEIGHT, WIDTH, broken_lamp

RUN = "r1"


def written() -> list[Contact]:
    return list(islice(contacts(4, 16, ("mail",)), 200))


def one_with(quirk: str) -> Contact:
    return next(contact for contact in written() if quirk in contact.quirks)


def answer_to(mail: EmailMessage) -> EmailMessage:
    answer = EmailMessage()
    answer["From"], answer["Reply-To"] = "Shop <support@example.test>", "support+token@example.test"
    answer["To"], answer["Subject"] = mail["From"], f"Re: {mail['Subject']} [T-1]"
    answer["Message-ID"], answer["References"] = "<ours@example.test>", mail["Message-ID"]
    answer.set_content("We look into it.\n\nAda\n" + "word " * 60)
    return answer


def test_the_same_visit_is_the_same_mail_to_the_byte() -> None:
    for contact in written():
        mails = [first_letter(contact, "support@example.test", run=RUN).as_bytes() for _ in range(2)]
        assert mails[0] == mails[1]


def test_a_mail_has_greeting_text_and_name() -> None:
    contact = written()[0]
    text = text_of(first_letter(contact, "support@example.test", run=RUN))
    assert any(text.startswith(greeting) for greeting in contact.talk.mail.greetings)
    assert "".join(contact.opening[0].split()) in "".join(text.split())
    assert contact.person.name.split()[0] in text


def test_an_answer_goes_to_the_reply_address_and_keeps_the_thread() -> None:
    contact = written()[0]
    first = first_letter(contact, "support@example.test", run=RUN)
    mail = next_letter(contact, answer_to(first), "Thank you!", run=RUN, turn=1)
    assert mail["To"] == "support+token@example.test"
    assert mail["In-Reply-To"] == "<ours@example.test>"
    assert str(mail["References"]) == f"{first['Message-ID']} <ours@example.test>"
    assert str(mail["Subject"]).startswith("Re: ")
    assert not str(mail["Subject"]).startswith("Re: Re: ")
    text = text_of(mail)
    assert text.startswith("Thank you!")
    assert "\n> We look into it." in text
    assert all(len(line) <= 80 for line in text.split("\n") if line.startswith(">"))


def test_a_reminder_belongs_to_the_first_mail() -> None:
    contact = written()[0]
    first = first_letter(contact, "support@example.test", run=RUN)
    again = reminder(contact, first, run=RUN)
    assert again["In-Reply-To"] == first["Message-ID"]
    assert again["Message-ID"] != first["Message-ID"]
    assert text_of(again).strip().startswith(tuple(contact.talk.angry))


def test_some_write_html_and_some_attach_a_photo() -> None:
    contact = one_with("file")
    mail = first_letter(
        replace(contact, person=contact.person.model_copy(update={"html": True})), "a@example.test", run=RUN
    )
    html = mail.get_body(("html",))
    assert html is not None
    assert "<p>" in str(html.get_content())
    (photo,) = mail.iter_attachments()
    assert photo.get_content_type() == "image/png"
    assert photo.get_payload(decode=True) == broken_lamp(contact.number % 4)


def test_the_photo_is_a_png_that_can_be_read() -> None:
    content = broken_lamp(1)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    at, data = 8, b""
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length) == (zlib.crc32(kind + body),)
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(data)) == HEIGHT * (1 + 3 * WIDTH)
    assert len(content) < 64 * 1024
    assert broken_lamp(1) == content
    assert broken_lamp(2) != content
