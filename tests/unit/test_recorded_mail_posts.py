"""What providers post of a mail, in recorded shapes: every one is read, or says what to switch on there."""

import json
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from trunkline.adapters.mail.webhooks.arrived import Arrived
from trunkline.adapters.mail.webhooks.forms import Field
from trunkline.adapters.mail.webhooks.providers import read_mailgun, read_postmark, read_sendgrid, sendgrid_arrived
from trunkline.adapters.mail.webhooks.sns import read_ses
from trunkline.adapters.vendor_post import Post
from trunkline.config.errors import Unreadable

RECORDED = Path(__file__).parents[1] / "fixtures" / "mail"
READERS = {"postmark": read_postmark, "sendgrid": read_sendgrid, "mailgun": read_mailgun, "ses": read_ses}
NAMES = sorted(path.name for path in RECORDED.iterdir() if path.is_file() and "resend" not in path.name)

ODD = ("broken_", "unknown_", "nothing_", "pieces_")


def arrived(name: str) -> list[Arrived]:
    body = (RECORDED / name).read_bytes()
    boundary = body.partition(b"\r\n")[0].removeprefix(b"--").decode()
    kind = f"multipart/form-data; boundary={boundary}" if name.endswith(".form") else "application/json"
    headers = CIMultiDictProxy(CIMultiDict({"Content-Type": kind}))
    provider = next(each for each in READERS if each in name)
    return READERS[provider](Post("posted", "POST", "/v1/mail/posted", MultiDict[str](), headers, body))


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.startswith(("broken_", "unknown_", "nothing_", "pieces_"))]
)
def test_a_mail_is_had_as_it_was_written_with_whom_it_is_for(name: str) -> None:
    (mail,) = arrived(name)
    assert mail.content.startswith(b"Received: from mx.example.org")
    assert mail.content.endswith(b"\r\n\r\nWhere is my parcel? It has been a week.\r\n")
    assert mail.recipients == ("support@example.com",)
    assert mail.reverse_path in {None, "maria@example.org"}


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("broken_", "unknown_"))])
def test_what_has_no_mail_in_it_says_so(name: str) -> None:
    with pytest.raises(Unreadable):
        arrived(name)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("pieces_")])
def test_a_mail_that_comes_in_pieces_is_put_together_again(name: str) -> None:
    (mail,) = arrived(name)
    written = message_from_bytes(mail.content, policy=policy.default)
    assert parseaddr(written["From"])[1] == "maria@example.org"
    assert written["Subject"] == "Where is my parcel?"
    assert written.get_content().startswith("Where is my parcel?")
    assert mail.recipients == ("support@example.com",)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("nothing_")])
def test_what_is_about_the_subscription_is_no_mail(name: str) -> None:
    assert arrived(name) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("postmark.json", {"peer": "192.0.2.7", "helo": "mx.example.org", "spam": "ham", "score": -0.1}),
        ("postmark_spam.json", {"peer": "2001:db8::7", "helo": "bulk.example", "spam": "spam", "score": 7.9}),
        ("sendgrid.form", {"peer": "192.0.2.7", "spam": "ham", "score": 0.1}),
        ("mailgun.form", {"peer": "", "spam": "ham", "score": -0.1}),
        ("mailgun_spam.form", {"peer": "", "spam": "spam", "score": 8.4}),
        ("ses.json", {"spam": "ham", "authserv_id": "amazonses.com"}),
        ("ses_virus_in_utf8.json", {"spam": "spam", "authserv_id": "amazonses.com"}),
    ],
)
def test_what_the_provider_found_out_is_kept(name: str, told: dict[str, Any]) -> None:
    (mail,) = arrived(name)
    assert {each: getattr(mail, each) for each in told} == told


@pytest.mark.parametrize(
    ("charset", "told"),
    [
        ("punycode", "punycode"),  # a decoder that takes minutes for what a mail may hold
        ("utf-7", "utf-7"),
        ("ISO-2022-JP", "iso-2022-jp"),
        ('utf-8"; x="y\r\nBcc: a@b.example', "utf-8"),
        ("", "utf-8"),
    ],
)
def test_a_text_is_not_read_where_a_post_is_taken_but_where_mails_are(charset: str, told: str) -> None:
    said = b"\xfc-5ra" + b"a" * 400_000
    fields = {"from": b"maria@example.org", "charsets": json.dumps({"text": charset}).encode(), "text": said}
    (mail,) = sendgrid_arrived({name: Field(content) for name, content in fields.items()})
    part = message_from_bytes(mail.content)
    assert part.get_payload(decode=True) == said
    assert (part.get_content_charset(), part["Bcc"]) == (told, None)
