"""From the bytes of a mail to its envelope: who wrote, what joins, what is automatic, what waits for a person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.loops import HEADER, loop_mark
from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.adapters.mail.reply_token import make_token
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage
from trunkline.normalizer.outgoing import Parsed

KEY = b"a key of the tests"
OWN = OwnAddresses(["support@example.test", "billing@example.test"])
RAW_ID = "0193512e-0000-7000-8000-000000000001"
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"


def parsed(content: bytes | str, **transport: Any) -> Parsed:
    facts = {"mail_from": "maria@example.org", "rcpt_to": ["support@example.test"]} | transport
    raw = RawMessage(
        id=RAW_ID,
        channel="mail",
        account="support@example.test",
        external_id="1@example.org#abc",
        received_at=1_700_000_000_000,
        content=content if isinstance(content, bytes) else content.replace("\n", "\r\n").encode(),
        transport=facts,
        sequence=7,
    )
    return MailReader(OWN, KEY).read(raw)


def envelope(content: bytes | str, **transport: Any) -> Envelope:
    return parsed(content, **transport).envelopes[0]


def mail(*headers: str, sender: str | None = "From: Maria <maria@example.org>", body: str = "It does not work.") -> str:
    given = [sender] if sender is not None else []
    return "\n".join([*given, *headers, "", body, ""])


# What is in it


def test_a_plain_mail_becomes_an_envelope() -> None:
    read = envelope(
        mail(
            "To: Support <support@example.test>, friend@example.net",
            "Cc: boss@example.org, BILLING@example.test",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
            " again",
            "Date: Tue, 1 Jul 2003 10:52:37 +0200",
            "Message-ID: <1@example.org>",
        )
    )
    assert (read.kind, read.direction, read.order) == ("message", "in", "00000000000000000007")
    assert (read.account, read.recipients) == ("support@example.test", ("support@example.test",))
    assert read.copied == ("friend@example.net", "boss@example.org")
    assert read.subject == "Grüße again"
    assert read.text == "It does not work."
    assert read.sent_at == 1_057_049_557_000
    assert read.received_at == 1_700_000_000_000
    assert (read.sender.name, read.sender.identities[0].key) == ("Maria", "email:maria@example.org")
    assert read.announces == ("mail:1@example.org",)
    assert read.ext == {"message_id": "1@example.org", "references": [], "return_path": "maria@example.org"}
    assert (read.automation, read.suspend, read.reply_token, read.delivery) == ("none", "", None, None)


def test_others_whom_it_was_written_to_are_kept_with_their_names_but_no_machines_and_none_of_ours() -> None:
    read = envelope(
        mail(
            'To: "Lind, Bea" <Bea@Example.net>, support+x@example.test, noreply@shop.example, postmaster@example.test',
            "Cc: =?utf-8?q?J=C3=BCrgen?= <j@example.org>, bea@example.net, bounces+7@list.example, undisclosed:;",
        )
    )
    assert [(each.address, each.name) for each in read.addressees] == [
        ("bea@example.net", "Lind, Bea"),
        ("j@example.org", "Jürgen"),
    ]


def test_the_wide_blank_of_japanese_print_is_a_character() -> None:
    read = envelope(mail("Subject: 注文　番号　 確認", sender="From: 佐藤　花子 <sato@b.example>"))
    assert (read.subject, read.sender.name) == ("注文　番号　 確認", "佐藤　花子")


def test_the_same_bytes_give_the_same_envelope() -> None:
    assert parsed(mail("Subject: a")) == parsed(mail("Subject: a"))


def test_files_are_named_by_their_hash_and_their_bytes_come_along() -> None:
    content = (
        "From: maria@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\n\nsee the files\n"
        '--b\nContent-Type: image/png; name="../../\u200b.htaccess"\nContent-Transfer-Encoding: base64\n\niVBORw==\n'
        "--b\nContent-Type: application/ms-tnef\n\ntnef\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: the other mail\n\nbody\n"
        "--b\nContent-Type: image/gif\nContent-Disposition: inline\nContent-ID: <pic@x>\n\nGIF\n"
        "--b--\n"
    )
    read = parsed(content)
    picture, tnef, forwarded, inline = read.envelopes[0].attachments
    assert read.files[picture.sha256] == b"\x89PNG"
    assert (picture.media_type, picture.size, picture.inline) == ("image/png", 4, False)
    assert "/" not in picture.name
    assert not picture.name.startswith(".")
    assert (tnef.name, forwarded.name) == ("winmail.dat", "the other mail.eml")
    assert read.files[forwarded.sha256] == b"Subject: the other mail\r\n\r\nbody"
    assert (inline.content_id, inline.inline) == ("pic@x", True)
    assert read.envelopes[0].text == "see the files"


def test_plain_text_that_says_nothing_gives_way_to_the_html() -> None:
    read = envelope(
        "From: maria@example.org\nContent-Type: multipart/alternative; boundary=b\n\n"
        "--b\n\n \n--b\nContent-Type: text/html\n\n<p>It does <b>not</b> work</p>\n--b--\n"
    )
    assert read.text == "It does not work"
    assert read.html == "<p>It does <b>not</b> work</p>"


def test_a_mail_without_a_date_is_dated_by_its_first_hop() -> None:
    read = envelope(
        mail("Received: by b; Tue, 1 Jul 2003 10:53:00 +0200", "Received: by a; Tue, 1 Jul 2003 10:52:37 +0200")
    )
    assert read.sent_at == 1_057_049_557_000


def test_a_wall_of_text_and_of_people_is_cut() -> None:
    people = ", ".join(f"p{number}@example.net" for number in range(700))
    read = envelope(mail(f"Cc: {people}", body="word " * 400_000))
    assert len(read.copied) == 500
    assert len(read.text) <= 1024 * 1024


# Who wrote it


def test_the_author_is_the_from_and_nobody_else() -> None:
    read = envelope(mail("Reply-To: other@example.net", "Sender: third@example.net"), mail_from="fourth@example.net")
    assert [identity.value for identity in read.sender.identities] == ["maria@example.org"]
    assert read.ext["return_path"] == "fourth@example.net"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "no author"),
        (["From:"], "no author"),
        (["From: Maria"], "no author"),
        (["From: <>"], "no author"),
        (["From: undisclosed:;"], "no author"),
        (["From: maria@example.org", "From: ceo@example.com"], "several authors"),
        (["From: maria@example.org, ceo@example.com"], "several authors"),
        (["From: maria@example.org <ceo@example.com>, Maria <maria@example.org>"], "several authors"),
        (["From: maria@example.org ceo@example.com"], "several authors"),
        (["From: maria@example.org", "FROM : ceo@example.com"], "several authors"),
    ],
)
def test_a_mail_without_exactly_one_author_waits_and_proves_nothing(headers: list[str], reason: str) -> None:
    read = envelope(mail(*headers, sender=None), trusted=True)
    assert read.suspend == reason
    assert read.sender.identities[0].assurance is Assurance.CLAIMED


def test_a_mail_of_nobody_still_has_somebody_to_name() -> None:
    assert envelope(mail(sender=None), mail_from="").sender.identities[0].value == "unknown@sender.invalid"
    assert envelope(mail(sender=None), mail_from="m@example.org").sender.identities[0].value == "m@example.org"


def test_the_reader_believes_nobody() -> None:
    claims = "Authentication-Results: example.test; dmarc=pass header.from=example.org"
    assert envelope(mail(claims), trusted=True).sender.identities[0].assurance is Assurance.CLAIMED


# Reply tokens


def test_a_token_joins_and_proves_the_person_it_was_given_to() -> None:
    token = make_token(KEY, "T-1042", "maria@example.org")
    read = envelope(mail(), rcpt_to=[f"Support+{token.upper()}@example.test"])
    assert read.reply_token is not None
    assert (read.reply_token.number, read.reply_token.from_bound_address) == ("T-1042", True)
    assert read.sender.identities[0].assurance is Assurance.ORIGIN
    assert read.recipients == ("support@example.test",)


def test_a_token_in_other_hands_joins_and_proves_nothing() -> None:
    token = make_token(KEY, "T-1042", "maria@example.org")
    read = envelope(mail(sender="From: eve@example.net"), rcpt_to=[f"support+{token}@example.test"])
    assert read.reply_token is not None
    assert (read.reply_token.number, read.reply_token.from_bound_address) == ("T-1042", False)
    assert read.sender.identities[0].assurance is Assurance.CLAIMED


@given(position=st.integers(0, 31), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_any_letter_changed_is_no_token(position: int, letter: str) -> None:
    token = make_token(KEY, "T-1042", "maria@example.org")
    changed = token[:position] + letter + token[position + 1 :]
    read = envelope(mail(), rcpt_to=[f"support+{changed}@example.test"])
    assert (read.reply_token is None) == (changed != token)
    assert read.recipients == ("support@example.test",)
    assert (read.sender.identities[0].assurance is Assurance.CLAIMED) == (changed != token)


@pytest.mark.parametrize("tag", ["", "x", "a" * 32, "1" * 32, "ü" * 32, "T-1042", "=" * 32])
def test_anything_else_behind_the_plus_sign_is_the_plain_address(tag: str) -> None:
    read = envelope(mail(), rcpt_to=[f"support+{tag}@example.test"])
    assert read.reply_token is None
    assert read.recipients == ("support@example.test",)


def test_a_token_made_with_another_key_is_no_token() -> None:
    token = make_token(b"another key", "T-1042", "maria@example.org")
    assert envelope(mail(), rcpt_to=[f"support+{token}@example.test"]).reply_token is None


def test_a_token_is_found_in_the_headers_when_our_server_delivers_to_the_plain_address() -> None:
    token = make_token(KEY, "T-7", "maria@example.org")
    read = envelope(mail(f"To: Support <support+{token}@example.test>"))
    assert read.reply_token is not None
    assert read.reply_token.number == "T-7"
    assert read.copied == ()


def test_a_token_of_a_foreign_address_is_not_looked_at() -> None:
    token = make_token(KEY, "T-7", "maria@example.org")
    assert envelope(mail(f"To: support+{token}@example.org")).reply_token is None


def test_a_service_cannot_be_made_to_write_into_a_ticket() -> None:
    """The ticket trick: registering somewhere under a reply address, to be shown the confirmation."""
    token = make_token(KEY, "T-7", "eve@example.net")
    read = envelope(mail(sender="From: no-reply@shop.example"), rcpt_to=[f"support+{token}@example.test"])
    assert read.suspend == "a machine wrote to a reply address"


# Threads


def test_thread_keys_are_the_newest_first() -> None:
    read = envelope(
        mail(
            "Message-ID: <4@x>",
            "In-Reply-To: Your mail of yesterday <3@x>",
            "References: <1@x> <2@x>\n <3@x> <4@x>",
        )
    )
    assert read.conversation == ("mail:3@x", "mail:2@x", "mail:1@x")
    assert read.in_reply_to == "3@x"
    assert read.ext["references"] == ["1@x", "2@x", "3@x", "4@x"]


@pytest.mark.parametrize(
    "header", ["Message-ID: <<1@x>>", "Message-ID: <1@x", "Message-ID: 1@x", "Message-Id:\n <1@x>"]
)
def test_a_damaged_message_id_is_still_one(header: str) -> None:
    assert envelope(mail(header)).announces == ("mail:1@x",)


@pytest.mark.parametrize("header", ["Message-ID: <>", "Message-ID: <", "Message-ID:", "X: y"])
def test_a_mail_without_a_message_id_announces_nothing(header: str) -> None:
    assert envelope(mail(header)).announces == ()


def test_endless_references_are_cut_and_the_newest_kept() -> None:
    read = envelope(mail("References: " + " ".join(f"<{number}@x>" for number in range(1000))))
    assert len(read.conversation) == 100
    assert read.conversation[0] == "mail:999@x"


# Machines


@pytest.mark.parametrize(
    ("headers", "reverse_path", "kind"),
    [
        (["Auto-Submitted: auto-replied"], "m@example.org", "auto_reply"),
        (["Auto-Submitted: auto-replied (vacation)"], "m@example.org", "auto_reply"),
        (["Auto-Submitted: no"], "m@example.org", "none"),
        (["Auto-Submitted: auto-generated", "In-Reply-To: <1@x>"], "m@example.org", "auto_reply"),
        (["Auto-Submitted: auto-generated"], "m@example.org", "bulk"),
        (["X-Autoreply: yes", "Precedence: bulk"], "m@example.org", "auto_reply"),
        (["X-Autorespond: Out of office"], "m@example.org", "auto_reply"),
        (["Precedence: auto_reply"], "m@example.org", "auto_reply"),
        (["Precedence: Bulk"], "m@example.org", "bulk"),
        (["Precedence: list"], "m@example.org", "bulk"),
        (["Precedence: first-class"], "m@example.org", "none"),
        (["List-Id: <l.example.org>"], "m@example.org", "bulk"),
        (["List-Unsubscribe: <mailto:u@example.org>"], "m@example.org", "bulk"),
        (["X-Auto-Response-Suppress: OOF, AutoReply"], "m@example.org", "bulk"),
        ([], "", "auto_reply"),
        ([], "m@example.org", "none"),
    ],
)
def test_machines_are_known_by_what_they_say_of_themselves(headers: list[str], reverse_path: str, kind: str) -> None:
    assert envelope(mail(*headers), mail_from=reverse_path).automation == kind


@pytest.mark.parametrize("author", ["no-reply@shop.example", "noreply+7@shop.example", "DoNotReply@shop.example"])
def test_an_author_whom_nobody_can_answer_is_a_machine(author: str) -> None:
    assert envelope(mail(sender=f"From: {author}")).automation == "bulk"


@pytest.mark.parametrize("author", ["norah.reply@example.org", "replying@example.org", "alerta@example.org"])
def test_an_author_with_a_similar_name_is_a_person(author: str) -> None:
    assert envelope(mail(sender=f"From: {author}")).automation == "none"


# Loops


def test_our_own_mail_coming_back_waits() -> None:
    assert envelope(mail(f"{HEADER}: {loop_mark(KEY)}")).suspend == "loop"
    assert envelope(mail(f"{HEADER}: {loop_mark(b'another desk')}")).suspend == ""


@pytest.mark.parametrize("author", ["support@example.test", "Support+x@EXAMPLE.test", "billing@example.test"])
def test_mail_from_our_own_address_waits(author: str) -> None:
    assert envelope(mail(sender=f"From: {author}"), trusted=True).suspend == "loop"


def test_mail_that_goes_in_circles_waits() -> None:
    hops = ["Received: by a; Tue, 1 Jul 2003 10:52:37 +0200"] * 101
    assert envelope(mail(*hops)).suspend == "loop"
    assert envelope(mail(*hops[:100])).suspend == ""


# Bounces


def report(
    original: str, status: str = "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
) -> str:
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\n\nYour mail could not be delivered.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n{status}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {original}\nSubject: Re: x\n\ntext\n"
        "--b--\n"
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Action: failed\nStatus: 5.1.1", "failed"),
        ("Action: Delayed\nStatus: 4.4.1", "sent"),
        ("Action: delivered\nStatus: 2.0.0", "delivered"),
        ("Action: relayed", "sent"),
        ("Status: 5.0.0", "failed"),
        ("Action: exploded", "failed"),
    ],
)
def test_a_notice_about_a_mail_of_ours_is_a_receipt(status: str, state: str) -> None:
    read = envelope(report(f"<{ARTICLE}@example.test>", status), mail_from="")
    assert (read.kind, read.automation) == ("delivery", "bounce")
    assert read.delivery is not None
    assert (read.delivery.state, read.delivery.reference) == (state, f"{ARTICLE}@example.test")


def test_the_servers_words_are_kept() -> None:
    read = envelope(report(f"<{ARTICLE}@example.test>"), mail_from="")
    assert read.delivery is not None
    assert read.delivery.detail == "there is no such mailbox; ask for another address (5.1.1 550 no such user)"


@pytest.mark.parametrize(
    "original", ["<other@example.org>", f"<{ARTICLE}@example.test.evil.example>", f"<x{ARTICLE}@example.test>", ""]
)
def test_a_notice_about_any_other_mail_is_a_message(original: str) -> None:
    read = envelope(report(original), mail_from="")
    assert (read.kind, read.automation, read.delivery) == ("message", "bounce", None)


def test_a_notice_with_a_sender_is_no_receipt() -> None:
    read = envelope(report(f"<{ARTICLE}@example.test>"), mail_from="eve@example.net")
    assert (read.kind, read.delivery) == ("message", None)


def test_the_free_words_of_an_old_daemon_are_a_receipt() -> None:
    body = (
        f"Hi. This is the qmail-send program.\n\n--- Below this line is a copy.\n\nMessage-ID: <{ARTICLE}@example.test>"
    )
    read = envelope(mail(sender="From: MAILER-DAEMON@mx.example.org", body=body), mail_from="")
    assert read.delivery is not None
    assert (read.kind, read.delivery.state) == ("delivery", "failed")


@pytest.mark.parametrize(
    ("disposition", "state"),
    [
        ("manual-action/x; displayed", "read"),
        ("automatic-action/MDN-sent-automatically; Displayed/error", "read"),
        ("automatic-action/x; deleted", "delivered"),
        ("automatic-action/x; dispatched", "delivered"),
        ("", "delivered"),
    ],
)
def test_a_read_receipt_says_whether_it_was_shown_or_only_arrived(disposition: str, state: str) -> None:
    read = envelope(
        "From: maria@example.org\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\n"
        f"Original-Message-ID: <{ARTICLE}@example.test>\nDisposition: {disposition}\n--b--\n",
        mail_from="",
    )
    assert read.delivery is not None
    assert (read.kind, read.automation, read.delivery.state) == ("delivery", "auto_reply", state)


# Anything at all


def test_a_file_is_read_without_any_transport() -> None:
    settings = MailSettings(addresses=("support@example.test",))
    read = read_file(mail("To: Support+x@example.test").encode(), settings).envelopes[0]
    assert (read.account, read.recipients) == ("support@example.test", ("support@example.test",))
    assert read.sender.identities[0].assurance is Assurance.CLAIMED
    assert read_file(b"", settings).envelopes[0].suspend == "no author"


_HEADERS = st.sampled_from(
    ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Content-Type", "Received",
     "Content-Disposition", "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "Content-ID"]
)  # fmt: skip
_VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["multipart/mixed; boundary=b", "multipart/report; report-type=delivery-status; boundary=b", "text/html",
         "text/plain; charset=utf-7", "base64", "quoted-printable", "attachment; filename*0*=utf-8''%", "<<<",
         "a@b, c@d", "=?utf-8?b?", "((((", '"', "message/rfc822", "1 Jan 99999 99:99:99 +9999", "; ; 25:61:61"]
    ),
)  # fmt: skip


@given(
    st.lists(st.tuples(_HEADERS, _VALUES), max_size=12),
    st.lists(
        st.one_of(st.sampled_from([b"\r\n--b\r\n", b"\r\n--b--\r\n", b"\n\n"]), st.binary(max_size=80)), max_size=12
    ),
)
def test_no_mail_breaks_the_reader(headers: list[tuple[str, str]], body: list[bytes]) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    try:
        read = parsed(head + b"\r\n" + b"".join(body))
    except Unreadable:
        return
    again = Envelope.model_validate_json(read.envelopes[0].model_dump_json())
    assert again == read.envelopes[0]
    assert {attachment.sha256 for attachment in again.attachments} == set(read.files)


@given(st.binary(max_size=1500))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert parsed(raw).envelopes[0].model_dump_json()
