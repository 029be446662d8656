"""What is written to customers, read back with the standard library's reader and with our own."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.composing import Composer, Mail
from trunkline.adapters.mail.loops import HEADER, is_loop, loop_mark
from trunkline.adapters.mail.mime import read_mail
from trunkline.adapters.mail.reply_token import is_bound_to, read_token
from trunkline.config.errors import DeliveryFailed
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Outgoing
from trunkline.normalizer.quoting import REPLY_MARKER
from trunkline.normalizer.subjects import answer_subject

KEY = b"a key of the tests"
COMPOSER = Composer(addresses=("support@example.test", "billing@example.test"), name="Example Support", key=KEY)
PDF = b"%PDF-1.7 " + bytes(range(256)) * 3


def outgoing(**changes: Any) -> Outgoing:
    given: dict[str, Any] = {
        "article_id": "0193512e-aaaa-7000-8000-000000000002",
        "external_id": "0193512e-aaaa-7000-8000-000000000002@example.test",
        "ticket_id": "t",
        "number": "T-1042",
        "channel": "mail",
        "account": "billing@example.test",
        "to": "Maria@Example.org",
        "to_name": "Мария Петрова",
        "subject": "AW: Re: Grüße",
        "text": "Dear Maria,\n\nit works again.\n\n-- \nAda",
        "in_reply_to": "2@example.org",
        "references": ("1@example.org", "2@example.org"),
        "created_at": 1_700_000_000_000,
    }
    return Outgoing(**(given | changes))


def composed(**changes: Any) -> Mail:
    return COMPOSER.compose(outgoing(**changes))


def read(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_reply_stands_in_its_thread() -> None:
    mail = composed()
    message = read(mail)
    assert message["From"] == "Example Support <billing@example.test>"
    assert message["To"].addresses[0].addr_spec == "maria@example.org"
    assert message["To"].addresses[0].display_name == "Мария Петрова"
    assert message["Subject"] == "Re: Grüße [T-1042]"
    assert message["Message-ID"] == "<0193512e-aaaa-7000-8000-000000000002@example.test>"
    assert message["In-Reply-To"] == "<2@example.org>"
    assert message["References"].split() == ["<1@example.org>", "<2@example.org>"]
    assert message["Date"].datetime == datetime.fromtimestamp(1_700_000_000, UTC)
    assert message["Auto-Submitted"] is None
    assert message.get_content_type() == "text/plain"
    content = message.get_content().replace("\r\n", "\n")
    assert content == f"{REPLY_MARKER}\n\nDear Maria,\n\nit works again.\n\n-- \nAda\n"


def test_the_answer_goes_to_an_address_bound_to_ticket_and_person() -> None:
    mail = composed()
    address = read(mail)["Reply-To"].addresses[0].addr_spec
    local, domain = address.split("@")
    name, token = local.split("+")
    claim = read_token(KEY, token)
    assert (name, domain) == ("billing", "example.test")
    assert claim is not None
    assert claim.number == "T-1042"
    assert is_bound_to(KEY, claim, "maria@example.org")
    assert not is_bound_to(KEY, claim, "eve@example.net")
    assert mail.reverse_path == address, "so that a bounce finds its ticket, too"
    assert len(local) <= 64


def test_those_who_get_copies_are_seen_and_the_reply_address_proves_none_of_them() -> None:
    people = [
        {"address": "bea@b.example", "name": "Bea Lind"},
        {"address": "maria@example.org"},
        {"address": "j@c.example"},
    ]
    mail = composed(copied=people)
    message = read(mail)
    assert [str(each) for each in message["Cc"].addresses] == ["Bea Lind <bea@b.example>", "j@c.example"]
    assert mail.recipients == ("maria@example.org", "bea@b.example", "j@c.example")
    claim = read_token(KEY, message["Reply-To"].addresses[0].username.partition("+")[2])
    assert claim is not None
    assert claim.number == "T-1042"
    assert not any(is_bound_to(KEY, claim, each) for each in (*mail.recipients, ""))


def test_automatic_mail_says_so_and_has_no_return_path() -> None:
    mail = composed(automatic=True, subject="We have received your message")
    message = read(mail)
    assert mail.reverse_path == ""
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Subject"] == "We have received your message [T-1042]"
    assert REPLY_MARKER not in message.get_content()


def test_our_mail_would_be_known_again() -> None:
    headers = read_mail(composed().content).headers
    assert headers.get(HEADER.lower()).strip() == loop_mark(KEY)
    assert is_loop(headers, KEY)


def test_nothing_is_echoed_to_somebody_who_sent_no_mail() -> None:
    message = read(composed(subject="", in_reply_to="form-3f9c", references=("form-3f9c",)))
    assert message["Subject"] == "[T-1042]"
    assert message["In-Reply-To"] is None
    assert REPLY_MARKER not in message.get_content()


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Hello", "Re: Hello [T-1042]"),
        ("re: RE: Hello", "Re: Hello [T-1042]"),
        ("Re[2]: Hello", "Re: Hello [T-1042]"),
        ("Ответ: Привет", "Re: Привет [T-1042]"),
        ("Re: Hello [T-1042]", "Re: Hello [T-1042]"),
        ("Regarding: Hello", "Re: Regarding: Hello [T-1042]"),
        ("Re: AW: Sv: RE[2]: Antw : Ynt：Hello", "Re: Hello [T-1042]"),
        ("Re: Lamp [T-7]", "Re: Lamp [T-1042]"),
        ("Re: [T-1042] Re: Hello", "Re: Hello [T-1042]"),
        ("Fwd: Hello", "Re: Fwd: Hello [T-1042]"),
        ("Ref: 17", "Re: Ref: 17 [T-1042]"),
        ("x" * 500, f"Re: {'x' * 200} [T-1042]"),
        (f"Re: {'long ' * 100}[T-1042]", f"Re: {('long ' * 40).strip()} [T-1042]"),
        (f"[T-1042] {'x' * 300}", f"Re: {'x' * 200} [T-1042]"),
        ("   ", "[T-1042]"),
        ("[T-1042]", "[T-1042]"),
        ("=?utf-8?q?fake?=", "Re: =?utf-8?q?fake?= [T-1042]"),
    ],
)
def test_the_subject_carries_the_number_once(subject: str, expected: str) -> None:
    assert read(composed(subject=subject))["Subject"] == expected


def test_a_subject_of_blanks_takes_no_longer_than_another() -> None:
    assert answer_subject(f"x{' ' * 500_000}y", "T-1042") == "Re: x [T-1042]"


def test_the_number_can_be_left_out_where_a_subject_is_left() -> None:
    composer = Composer(addresses=COMPOSER.addresses, name="", key=KEY, numbered=False)
    given = (outgoing(), outgoing(subject=""), outgoing(subject="Received [T-1042]", automatic=True))
    subjects = [read(composer.compose(each))["Subject"] for each in given]
    assert subjects == ["Re: Grüße", "[T-1042]", "Received"]


def test_outlook_is_told_the_topic_of_the_thread() -> None:
    assert read(composed(subject="AW: Lamp"))["Thread-Topic"] == "Lamp"
    assert read(composed(subject="Lamp", in_reply_to="", references=()))["Thread-Topic"] is None


def test_our_mails_about_what_came_by_no_mail_refer_to_one_id() -> None:
    form = {"in_reply_to": "form-3f9c", "references": ("form-3f9c",)}
    found = {read(composed(external_id=f"{number}@example.test", **form))["References"] for number in range(2)}
    assert found == {"<t@example.test>"}


def test_the_same_article_gives_the_same_bytes() -> None:
    assert composed(html="<p>x</p>") == composed(html="<p>x</p>")


def test_html_and_files_come_along() -> None:
    attachment = Attachment(
        name="Rechnung für März.pdf", media_type="application/pdf", size=len(PDF), sha256=sha256(PDF).hexdigest()
    )
    mail = COMPOSER.compose(outgoing(html="<p>It works — again.</p>"), [(attachment, PDF)])
    message = read(mail)
    assert message.get_content_type() == "multipart/mixed"
    body = message.get_body(("html",))
    assert body is not None
    assert body.get_content() == f"<p>{REPLY_MARKER}</p><p>It works — again.</p>\r\n"
    (file,) = message.iter_attachments()
    assert file.get_filename() == "Rechnung für März.pdf"
    assert file.get_content() == PDF
    leaves = [(part.content.value, part.body) for part in read_mail(mail.content).leaves()]
    assert [kind for kind, _ in leaves] == ["text/plain", "text/html", "application/pdf"]
    assert leaves[2][1] == PDF


@pytest.mark.parametrize("media_type", ["message/rfc822", "multipart/mixed", "no type", "text/plain\r\nX-Evil: 1", ""])
def test_a_file_of_an_odd_type_is_only_bytes(media_type: str) -> None:
    attachment = Attachment(name="a", media_type=media_type, size=3, sha256="0" * 64)
    (file,) = read(COMPOSER.compose(outgoing(), [(attachment, b"abc")])).iter_attachments()
    assert (file.get_content_type(), file.get_content()) == ("application/octet-stream", b"abc")


def test_an_account_that_is_not_ours_gives_way_to_the_first_address() -> None:
    assert read(composed(account="form"))["From"] == "Example Support <support@example.test>"


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nRCPT TO:<c@d.example>", "visitor-7"]
)
def test_without_an_address_nothing_is_sent(to: str) -> None:
    with pytest.raises(DeliveryFailed):
        composed(to=to)


def test_a_long_thread_is_shortened_to_its_beginning_and_its_end() -> None:
    ids = read(composed(references=tuple(f"{number}@x" for number in range(100)), in_reply_to="99@x"))["References"]
    assert ids.split()[0] == "<0@x>"
    assert ids.split()[-1] == "<99@x>"
    assert len(ids.split()) == 20


_ANY = st.text(st.characters(), max_size=300)
_LINE_BREAKS = st.sampled_from(
    [
        "\r\nBcc: evil@example.net",
        "\nX: y",
        "\r\r\n\r\nbody",
        "\u2028Z: y",
        "\x0b\x0c\x85\x00\x7f",
        "=?utf-8?q?=0D=0AX:?=",
    ]
)
_HOSTILE = st.builds(lambda a, b, c: a + b + c, _ANY, _LINE_BREAKS, _ANY)


@given(text=_HOSTILE, subject=_HOSTILE, name=_HOSTILE, ids=st.lists(_HOSTILE, max_size=3), file_name=_HOSTILE)
def test_no_text_begins_a_header(text: str, subject: str, name: str, ids: list[str], file_name: str) -> None:
    attachment = Attachment(name=file_name, media_type="text/plain", size=1, sha256="0" * 64)
    article = outgoing(
        text=text, subject=subject, to_name=name, references=tuple(ids), html=text, in_reply_to="@".join(ids)
    )
    mail = COMPOSER.compose(article, [(attachment, b"x")])
    top = read_mail(mail.content)
    allowed = {
        "date", "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references",
        "x-trunkline-loop", "thread-topic", "mime-version", "content-type",
    }  # fmt: skip
    assert {key for key, _ in top.headers.fields} <= allowed
    assert len(list(top.leaves())) == 3
    head = mail.content.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"")
    assert min(head) >= 0x20
    assert 0x7F not in head
    assert all(len(line) <= 998 for line in mail.content.split(b"\r\n"))
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    assert b"\r" not in mail.content.replace(b"\r\n", b"")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=3000))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    mail = composed(text=text, in_reply_to="", references=())
    (leaf,) = read_mail(mail.content).leaves()
    assert leaf.body.decode().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


def test_a_formatted_reply_goes_as_text_and_as_html_and_one_without_marks_as_text_alone() -> None:
    both = read(composed(text="**Hello** <x>", formatted=True))
    parts = [(part.get_content_type(), part.get_content().strip()) for part in both.walk() if not part.is_multipart()]
    assert [kind for kind, _ in parts] == ["text/plain", "text/html"]
    assert "Hello <x>" in parts[0][1]
    assert "<b>Hello</b> &lt;x&gt;" in parts[1][1]
    assert read(composed(text="Hello <x>", formatted=True)).get_content_type() == "text/plain"
