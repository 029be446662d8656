"""Who wrote a mail when From is not the whole truth, where the answer goes, and which marks of machines count."""

import pytest

from trunkline.adapters.mail.reply_token import make_token
from trunkline.normalizer.envelope import Assurance

from .test_mail_parsing import ARTICLE, KEY, envelope, mail

TOKEN = make_token(KEY, "T-7", "maria@example.org")
ANNS = make_token(KEY, "T-7", "ann@a.example")


@pytest.mark.parametrize(
    "headers",
    [
        ["X-Original-From: Ann Lee <ann@a.example>", "Reply-To: support@example.test", "List-ID: <s.example.test>"],
        ["X-Original-Sender: ann@a.example", "Reply-To: list@lists.example", "Precedence: list"],
        ["Reply-To: Ann Lee <ann@a.example>"],
        ["Reply-To: Ann Lee <ann@a.example>", "Message-ID: <form7@example.test>"],
        ["X-Original-From: support@example.test", "Reply-To: ann@a.example"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("sender", ['"Ann Lee" <support@example.test>', "'Ann Lee' via Support <billing@example.test>"])
def test_the_person_behind_an_address_of_ours_is_the_author_and_claimed(sender: str, headers: list[str]) -> None:
    read = envelope(mail(*headers, sender=f"From: {sender}"), rcpt_to=[f"support+{ANNS}@example.test"])
    (identity,) = read.sender.identities
    assert (identity.value, identity.assurance, read.sender.name) == ("ann@a.example", Assurance.CLAIMED, "Ann Lee")
    assert (read.suspend, read.automation, read.reply_to) == ("", "none", "")


@pytest.mark.parametrize(
    "headers", [[], ["Reply-To: billing@example.test"], ["Reply-To: a@a.example, b@b.example"], ["Reply-To:"]]
)
def test_an_address_of_ours_with_nobody_behind_it_waits(headers: list[str]) -> None:
    assert envelope(mail(*headers, sender="From: support@example.test")).suspend == "loop"


@pytest.mark.parametrize(
    ("sender", "headers", "reply_to"),
    [
        ("wordpress@shop.example", ["Reply-To: Ann Lee <ANN@a.example>"], "ann@a.example"),
        ("noreply@shop.example", ["Reply-To: ann@a.example"], "ann@a.example"),
        ("maria@example.org", ["Reply-To: maria@example.org"], ""),
        ("maria@example.org", ["Reply-To: Maria <Maria@Example.org>, ann@a.example"], ""),
        ("maria@example.org", ["Reply-To: support+x@example.test"], ""),
        ("maria@example.org", ["Reply-To: no-reply@a.example"], ""),
        ("maria@example.org", ["Reply-To: nobody"], ""),
        ("maria@example.org", [], ""),
    ],
)
def test_answers_go_where_the_mail_asks_and_the_author_stays(sender: str, headers: list[str], reply_to: str) -> None:
    read = envelope(mail(*headers, sender=f"From: {sender}"))
    assert (read.reply_to, read.automation) == (reply_to, "none")
    assert [identity.value for identity in read.sender.identities] == [sender]


def test_an_answer_to_a_list_goes_to_its_writer() -> None:
    assert envelope(mail("Reply-To: <l@lists.example>", "List-Post: <mailto:l@lists.example>")).reply_to == ""


def test_a_newsletter_that_can_be_answered_is_bulk_all_the_same() -> None:
    headers = ["Reply-To: shop@a.example", "List-Unsubscribe: <mailto:u@a.example>"]
    assert envelope(mail(*headers, sender="From: noreply@a.example")).automation == "bulk"


@pytest.mark.parametrize(
    "value", ["=?utf-8?B?QW5uIExlZSA8YW5uQGEuZXhhbXBsZT4=?=", "=?utf-8?Q?Ann_Lee_<ann@a.example>?="]
)
def test_a_from_that_is_encoded_as_a_whole_is_read_and_proves_nothing(value: str) -> None:
    read = envelope(mail(sender=f"From: {value}"), rcpt_to=[f"support+{ANNS}@example.test"])
    (identity,) = read.sender.identities
    assert (identity.value, identity.assurance, read.suspend) == ("ann@a.example", Assurance.CLAIMED, "")


# Marks of machines on the answers of people

MARKS = [
    "X-Auto-Response-Suppress: DR, OOF, AutoReply",
    "X-Auto-Response-Suppress: All",
    "List-Unsubscribe: <mailto:u@a.example>",
    "List-Id: <staff.a.example>",
    "Feedback-ID: 1:a:b",
    "Precedence: bulk",
    "Precedence: list",
    "Auto-Submitted: auto-generated",
    "X-Loop: staff@a.example",
]


@pytest.mark.parametrize("mark", MARKS)
def test_an_answer_to_us_is_a_persons_whatever_its_gateway_marks(mark: str) -> None:
    answer = f"In-Reply-To: <{ARTICLE}@example.test>"
    assert envelope(mail(mark, answer, "Subject: Re: Lamp [T-7]")).automation == "none"
    assert envelope(mail(mark), rcpt_to=[f"support+{TOKEN}@example.test"]).automation == "none"
    assert envelope(mail(mark, "In-Reply-To: <1@example.org>")).automation != "none"
    assert envelope(mail(mark, f"In-Reply-To: <{ARTICLE}@example.net>")).automation != "none"


def test_so_is_one_without_a_return_path() -> None:
    assert envelope(mail(f"References: <{ARTICLE}@example.test>"), mail_from="").automation == "none"


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: auto-replied"],
        ["X-Autoreply: yes"],
        ["Precedence: auto_reply"],
        ["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"],
        ["X-MS-Exchange-Inbox-Rules-Loop: a@a.example", "X-Auto-Response-Suppress: All"],
        ["Subject: Automatic reply: Lamp", "X-Auto-Response-Suppress: DR, OOF"],
        ["Subject: Abwesenheitsnotiz: Lamp", "Precedence: bulk"],
        ["Subject: =?utf-8?q?R=C3=A9ponse_automatique=C2=A0:?= Lampe", "Auto-Submitted: auto-generated"],
        ["Subject: Автоответ: Лампа", "Auto-Submitted: auto-generated"],
        ["X-MS-Exchange-Inbox-Rules-Loop: a@a.example", "X-Auto-Response-Suppress: DR, OOF, AutoReply"],
        ["Subject: Out of Office: x", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent"],
        ["Subject: 自動応答: lamp", "X-Auto-Response-Suppress: OOF"],
    ],
)
def test_what_a_machine_answers_us_is_no_persons(headers: list[str]) -> None:
    read = envelope(mail(f"In-Reply-To: <{ARTICLE}@example.test>", *headers))
    assert (read.automation, read.suspend) == ("auto_reply", "")


def test_an_absence_told_without_a_return_path_is_an_automatic_answer() -> None:
    headers = (f"In-Reply-To: <{ARTICLE}@example.test>", "Subject: Out of office: Lamp")
    assert envelope(mail(*headers), mail_from="").automation == "auto_reply"
    assert envelope(mail(*headers)).automation == "none"


def test_a_person_at_notifications_may_answer_us() -> None:
    sender = "From: Ann Lee <notifications@a.example>"
    to = [f"support+{TOKEN}@example.test"]
    read = envelope(mail(f"In-Reply-To: <{ARTICLE}@example.test>", sender=sender), rcpt_to=to)
    assert (read.automation, read.suspend) == ("none", "")
    assert envelope(mail(sender=sender), rcpt_to=to).suspend == "a machine wrote to a reply address"


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON (Mail Delivery System)",
        "Mailer-Daemon",
        "MAILER-DAEMON@",
        "MAILER-DAEMON@mx.a.example",
        "<postmaster>",
    ],
)
def test_a_daemon_is_known_without_a_domain(sender: str) -> None:
    assert envelope(mail(sender=f"From: {sender}"), mail_from="").automation == "bounce"


# Our own mail coming back


@pytest.mark.parametrize("name", ["12345", ARTICLE])
def test_a_mail_with_an_id_of_ours_from_elsewhere_waits(name: str) -> None:
    header = f"Message-ID: <{name}@example.test>"
    assert envelope(mail(header)).suspend == "loop"
    assert envelope(mail(header, sender="From: colleague@example.test")).suspend == ""
    assert envelope(mail(f"Message-ID: <{name}@sub.example.test>")).suspend == ""


def test_a_server_or_a_form_of_ours_gives_its_ids_to_others_mails() -> None:
    header = "Message-ID: <20261129.1@example.test>"
    assert envelope(mail(header), trusted=True).suspend == ""
    assert envelope(mail(header, "X-Mailer: PHPMailer 6.9.1")).suspend == ""
