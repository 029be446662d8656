"""The settings of mailboxes, and what stands in for a mail that is not fetched."""

from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.adapters.mail.card import CARD
from trunkline.adapters.mail.imap.withheld import stand_in
from trunkline.adapters.mail.mailbox_intake import return_path
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import Misconfigured
from trunkline.config.loader import loads


def mailbox(**settings: Any) -> MailSettings:
    return MailSettings.model_validate(
        {
            "addresses": ["support@example.com"],
            "mailboxes": {"support": {"address": "Support@Example.com", "provider": "google"} | settings},
        }
    )


def test_a_known_provider_needs_no_more_than_an_address() -> None:
    google = mailbox().mailboxes["support"]
    microsoft = mailbox(provider="microsoft").mailboxes["support"]

    assert (str(google.imap_server), google.login, google.believed) == (
        "imap.gmail.com:993",
        "support@example.com",
        "mx.google.com",
    )
    assert (str(microsoft.imap_server), microsoft.believed) == ("outlook.office365.com:993", "")


def test_nobody_is_believed_about_a_mail_where_no_server_is_named() -> None:
    assert mailbox(provider="other", imap="imap.example.net:993").mailboxes["support"].believed is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"address": "sales@example.com"}, "one of `addresses`"),
        ({"provider": "other"}, "an IMAP server"),
        ({"imap_tls": "none"}, "imap_tls: implicit or starttls"),
        ({"after": "delete"}, "nothing, seen, or move"),
        ({"after": "move: "}, "nothing, seen, or move"),
        ({"after": "move:INBOX"}, "another folder to move to"),
        ({"folders": ["INBOX", "INBOX"]}, "every folder once"),
        ({"folders": ["IN\r\nBOX"]}, "the name of a folder"),
        ({"poll": "29min"}, "at most 28min"),
        ({"username": "a\r\nb LOGOUT"}, "one line of text"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        mailbox(**settings)


def test_a_mailbox_is_not_named_as_the_smarthost_whose_secret_it_would_have() -> None:
    given = {"addresses": ["a@b.example"], "mailboxes": {"smarthost": {"address": "a@b.example", "provider": "google"}}}

    with pytest.raises(ValidationError, match="another name than smarthost"):
        MailSettings.model_validate(given)


def test_the_secret_of_a_mailbox_is_asked_for_and_never_made_up() -> None:
    [secret] = [each for each in CARD.secrets(mailbox()) if each.name == "mail_support"]

    assert secret.make is None


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (b"Return-Path: <Ann@A.example>\r\n", "ann@a.example"),
        (b"Received: x\r\nreturn-path:<>\r\n", ""),
        (b"Return-Path: <nobody>\r\n", None),
        (b"From: ann@a.example\r\n", None),
        (b"From: x\r\n\r\nReturn-Path: <ann@a.example>\r\n", None),
    ],
)
def test_the_reverse_path_is_what_the_last_server_wrote_down(header: bytes, path: str | None) -> None:
    assert return_path(header + b"\r\nHello") == path


def test_what_stands_in_for_a_mail_has_its_headers_and_says_where_it_lies() -> None:
    header = b"From: ann@a.example\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\nSubject: Lamp\r\n\r\n"

    content = stand_in(header, name="support", folder="INBOX", uid=7, why="it is too large")

    assert content.startswith(b"From: ann@a.example\r\nSubject: Lamp\r\nMIME-Version: 1.0\r\n")
    assert b"boundary" not in content
    assert b"\r\n\r\nThis mail was not fetched: it is too large.\r\nIt lies in the folder INBOX" in content


def test_a_mail_of_which_nothing_can_be_had_is_stood_in_for_as_well() -> None:
    assert stand_in(b"", name="s", folder="F", uid=7, why="no").startswith(b"MIME-Version: 1.0\r\n")


@pytest.mark.parametrize(
    ("webhooks", "words"),
    [
        ({"inbound": {"provider": "ses"}}, "a topic with ses"),
        ({"inbound": {"provider": "postmark", "topic": "arn:aws:sns:eu-west-1:123456789012:a"}}, "a topic with ses"),
        ({"inbound": {"provider": "ses", "topic": "inbound"}}, "the ARN of a topic"),
        ({"support": {"provider": "postmark"}}, "another name than support"),
        ({"support_client": {"provider": "postmark"}}, "another name than support_client"),
        ({"a": {"provider": "resend"}, "a_key": {"provider": "postmark"}}, "another name than a_key"),
    ],
)
def test_webhooks_that_cannot_be_meant_are_refused(webhooks: dict[str, Any], words: str) -> None:
    mailboxes = {"support": {"address": "a@b.example", "provider": "google"}}

    with pytest.raises(ValidationError, match=words):
        MailSettings.model_validate({"addresses": ["a@b.example"], "mailboxes": mailboxes, "webhooks": webhooks})


def test_an_address_that_is_none_of_ours_is_told_at_its_own_place() -> None:
    text = (
        "channels:\n  mail:\n    addresses: [support@b.example]\n    mailboxes:\n      support:\n"
        "        provider: google\n        address: suport@b.example\n"
    )
    with pytest.raises(Misconfigured) as refused:
        loads(f"queues: {{ a: {{ fallback: true }} }}\n{text}", "desk.yaml", {"mail": MailSettings}, {})
    place = 'desk.yaml:8:18: found "suport@b.example", expected one of `addresses` (support@b.example); '
    assert str(refused.value) == f"{place}did you mean support@b.example?"


def test_a_password_in_the_file_is_refused_with_the_name_that_the_secret_of_the_mailbox_has() -> None:
    text = (
        "channels:\n  mail:\n    addresses: [support@example.com]\n    mailboxes:\n"
        "      support: { address: support@example.com, provider: google, password: hunter2 }\n"
        "queues: { support: { fallback: true } }\nagents: { ada: { name: Ada, queues: [support] } }\n"
    )
    with pytest.raises(Misconfigured, match="set TRUNKLINE_SECRET_MAIL_SUPPORT in the environment") as refused:
        loads(text, "desk.yaml", {"mail": CARD.settings}, {})
    assert "hunter2" not in str(refused.value)
