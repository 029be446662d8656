"""How a mail, its recipients and its lane are told apart, and how reply tokens hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.dates import parse_date
from trunkline.adapters.mail.fingerprint import dedup_key, external_id, lane
from trunkline.adapters.mail.recipients import OwnAddresses, Recipient
from trunkline.adapters.mail.reply_token import LENGTH, is_bound_to, make_token, read_token

KEY = b"a key of the tests"
OWN = OwnAddresses(["support@example.test", "billing@example.test", "a+b@example.test"])

# Reply tokens


@given(st.integers(0, 2**40 - 1), st.emails())
def test_a_token_says_what_was_put_in(number: int, recipient: str) -> None:
    token = make_token(KEY, f"T-{number}", recipient)
    assert len(token) == LENGTH
    assert token == token.lower()
    for spelling in (token, token.upper(), token.title()):
        claim = read_token(KEY, spelling)
        assert claim is not None
        assert claim.number == f"T-{number}"
        assert is_bound_to(KEY, claim, recipient)
        assert not is_bound_to(KEY, claim, f"x{recipient}")


@given(st.text(max_size=40))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    assert read_token(KEY, text) is None


def test_tokens_of_two_people_for_one_ticket_differ_and_so_do_those_of_two_tickets() -> None:
    tokens = {make_token(KEY, number, person) for number in ("T-1", "T-2") for person in ("a@x.example", "b@x.example")}
    assert len(tokens) == 4


def test_parts_of_two_tokens_make_no_third() -> None:
    one, two = make_token(KEY, "T-1", "a@x.example"), make_token(KEY, "T-2", "b@x.example")
    assert read_token(KEY, two[:8] + one[8:]) is None
    assert read_token(KEY, one[:16] + two[16:]) is None


# Recipients


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("support@example.test", Recipient("support@example.test")),
        ("SUPPORT@Example.Test", Recipient("support@example.test")),
        ("support+x@example.test", Recipient("support@example.test", "x")),
        ("support+x+y@example.test", Recipient("support@example.test", "x+y")),
        ("a+b@example.test", Recipient("a+b@example.test")),
        ("a+b+c@example.test", Recipient("a+b@example.test", "c")),
        ("a@example.test", None),
        ("a+c@example.test", None),
        ("+x@example.test", None),
        ("support@example.org", None),
        ("xsupport@example.test", None),
        ("", None),
        ("support", None),
    ],
)
def test_our_addresses_are_known_in_their_forms(address: str, found: Recipient | None) -> None:
    assert OWN.find(address) == found


@pytest.mark.parametrize("address", ["postmaster", "POSTMASTER", "Postmaster@Example.test", "postmaster@example.test"])
def test_the_postmaster_is_read_at_our_first_address_and_is_none_of_ours(address: str) -> None:
    assert OWN.recipient(address) == Recipient("support@example.test")
    assert OWN.found([address]) == [Recipient("support@example.test")]
    assert OWN.find(address) is None


@pytest.mark.parametrize("address", ["postmaster@example.org", "postmaster2@example.test", "abuse", "@postmaster", ""])
def test_other_postmasters_are_not_ours(address: str) -> None:
    assert OWN.recipient(address) is None


def test_a_configured_postmaster_is_an_address_like_any_other() -> None:
    own = OwnAddresses(["support@example.test", "postmaster@example.test"])
    assert own.recipient("postmaster@example.test") == Recipient("postmaster@example.test")


def test_the_account_is_the_first_in_the_configuration() -> None:
    assert OWN.account(OWN.found(["billing@example.test", "support+x@example.test"])) == "support@example.test"
    assert OWN.account([]) == ""


# One mail, one id

MAIL = b"Received: by a\r\nMessage-ID: <1@x>\r\nSubject: a\r\n\r\nbody\r\n"


BARE = b"From: a@x\r\nSubject: a\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nbody\r\n"


def test_a_mail_without_a_message_id_that_is_sent_again_is_the_same() -> None:
    again = b"Received: by mx2;\r\n later\r\nX-Queue-Id: 7\r\n" + BARE
    assert external_id(BARE) == external_id(again)
    assert external_id(BARE) != external_id(BARE.replace(b"10:00:00", b"10:00:01"))
    assert external_id(BARE) != external_id(BARE.replace(b"Subject: a", b"Subject: b"))
    assert external_id(BARE) != external_id(BARE.replace(b"body", b"Body"))
    undated = BARE.replace(b"Date:", b"X-Date:")
    assert external_id(undated) != external_id(b"Received: by mx2\r\n" + undated)


def test_hops_and_recipients_do_not_make_another_mail() -> None:
    assert external_id(MAIL) == external_id(b"Received: by b\r\nDelivered-To: z\r\n" + MAIL)
    assert external_id(MAIL).startswith("1@x#")


@pytest.mark.parametrize(
    "other",
    [
        MAIL + b"x",
        MAIL.replace(b"<1@x>", b"<2@x>"),
        MAIL.replace(b"Message-ID: <1@x>\r\n", b""),
        MAIL.replace(b"body", b"Body"),
    ],
)
def test_another_text_or_another_id_make_another_mail(other: bytes) -> None:
    assert external_id(MAIL) != external_id(other)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no headers, Message-ID: <1@x>",
        b"\r\nMessage-ID: <1@x>\r\n\r\nbody",
        b"Message-ID: <>\r\n\r\nbody",
        b"X-Message-ID: <1@x>\r\n\r\nbody",
        b"Subject: a\r\n\r\nMessage-ID: <1@x>\r\n\r\n",
        b"Subject: " + b"x" * 300_000 + b"\r\nMessage-ID: <1@x>\r\n\r\nbody",
    ],
)
def test_without_a_message_id_all_bytes_count(content: bytes) -> None:
    assert external_id(content).startswith("sha256:")
    assert external_id(content) != external_id(content + b" ")


@given(st.binary(max_size=500))
def test_any_bytes_have_a_short_printable_id(content: bytes) -> None:
    assert len(external_id(content)) <= 1100
    assert external_id(content).isascii()
    assert external_id(content).isprintable()


def test_a_long_message_id_is_cut() -> None:
    assert len(external_id(b"Message-ID: <" + b"x" * 5000 + b">\r\n\r\nb")) < 400


def test_repeats_are_known_by_their_recipients_in_any_order_and_case() -> None:
    assert dedup_key(BARE, "e", ["a@x", "B@x"], "192.0.2.1") == dedup_key(
        b"Received: by mx\r\n" + BARE, "e", ["b@X", "A@x", "a@x"], "192.0.2.1"
    )
    assert dedup_key(BARE, "e", ["a@x"], "192.0.2.1") != dedup_key(BARE, "e", ["b@x"], "192.0.2.1")


@pytest.mark.parametrize(
    "header", [b"From: b@x", b"From: a@x\r\nReply-To: b@x", b"From: a@x\r\nContent-Type: text/html"]
)
def test_a_mail_in_another_name_or_to_be_read_otherwise_is_no_repeat(header: bytes) -> None:
    assert dedup_key(BARE, "e", ["a@x"], "192.0.2.1") != dedup_key(
        BARE.replace(b"From: a@x", header), "e", ["a@x"], "192.0.2.1"
    )


@pytest.mark.parametrize("name", ["DKIM-Signature", "Authentication-Results", "ARC-Seal", "References", "In-Reply-To"])
def test_a_mail_that_lost_what_may_prove_it_or_what_it_answers_is_no_repeat(name: str) -> None:
    header = name.encode() + b": d=x;\r\n\tb=1\r\n"
    assert dedup_key(header + BARE, "e", ["a@x"], "192.0.2.1") != dedup_key(BARE, "e", ["a@x"], "192.0.2.1")
    assert external_id(header + BARE) == external_id(BARE)


def test_what_another_peer_delivers_is_no_repeat() -> None:
    assert dedup_key(BARE, "e", ["a@x"], "192.0.2.1") != dedup_key(BARE, "e", ["a@x"], "192.0.2.2")


def test_mails_of_one_sender_wait_in_one_line() -> None:
    assert lane("Maria@example.org", "1") == lane("maria@EXAMPLE.org", "2")
    assert lane("", "1") != lane("", "2")


# Dates that the public corpus reads otherwise, or not at all


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Fri Feb  7 10:18:12 2003 -0800", "2003-02-07T10:18:12-08:00"),
        ("Fri Sep 14 14:36:56 EDT 2018", "2018-09-14T14:36:56-04:00"),
        ("2003-07-01T10:52:37Z", "2003-07-01T10:52:37+00:00"),
        ("2003-07-01 10:52:37.123 +02:00", "2003-07-01T10:52:37+02:00"),
        ("Tuesday, 1-Jul-03 10:52:37 GMT", "2003-07-01T10:52:37+00:00"),
        ("1 July 2003 10:52:37 PM +0200", "2003-07-01T22:52:37+02:00"),
        ("31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00"),
        ("1 Jul 102 10:52 +0000", "2002-07-01T10:52:00+00:00"),
        ("31 Feb 2003 10:52:37 +0200", None),
        ("1 Jul 2003 25:52:37 +0200", None),
        ("1 Jul 2003", None),
        ("", None),
    ],
)
def test_dates_are_read_in_the_forms_that_mail_has(header: str, expected: str | None) -> None:
    found = parse_date(header)
    assert (found.isoformat() if found else None) == expected
