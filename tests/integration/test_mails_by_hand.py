"""A mail that was written by hand, from a mailbox's folder of sent mails, answers those to whom it went."""

from typing import TYPE_CHECKING

import pytest

from trunkline.adapters.mail.imap.mailbox_settings import MailboxSettings
from trunkline.adapters.mail.mailbox_intake import MailboxIntake
from trunkline.router import echoes
from trunkline.router.echoes import EARLY_MS
from trunkline.router.stored_ticket import load_ticket

from .mail_desk import ANN, SUPPORT, MailDesk, letter

if TYPE_CHECKING:
    from trunkline.router.records import Ticket

LAWYER = "lawyer@law.example"


async def by_hand(post: MailDesk, text: str, *, id_: str = "hand1", **headers: str) -> None:
    """Somebody of ours answers Ann's first mail, or passes it on, in a mail program a minute later."""
    desk = post.desk
    settings = MailboxSettings.model_validate({"address": SUPPORT, "imap": "imap.a.example:993"})
    desk.clock.advance(60_000)
    thread = {"In_Reply_To": "<m1@a.example>", "References": "<m1@a.example>"}
    said = {"From": f"Bob <{SUPPORT}>", "Subject": "Re: Lamp", "Message_ID": f"<{id_}@phone.example>"}
    content = letter(text, **(said | thread | headers)).replace("\n", "\r\n").encode()
    await MailboxIntake("support", settings, desk.intake).take(content, "Sent", use="sent")
    await desk.settle()


async def waits(post: MailDesk, ticket: "Ticket") -> bool:
    """Whether the customer still waits for an answer."""
    stored = await load_ticket(post.desk.engine, ticket.id)
    return stored.work.customer_waits_since is not None and stored.record.first_response_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"To": f"Lawyer <{LAWYER}>", "Subject": "Fwd: Lamp"},
        {"To": LAWYER, "Cc": "stock@house.example"},
        {"To": "", "Bcc": LAWYER},
        {"To": f"Us <{SUPPORT}>"},
        {"To": ""},
    ],
    ids=["forwarded", "copied", "hidden", "to ourselves", "to nobody"],
)
async def test_what_goes_to_nobody_of_the_ticket_is_a_note_and_answers_nothing(
    post: MailDesk, headers: dict[str, str]
) -> None:
    ticket = await post.opened()
    await by_hand(post, "Our margin is 80 %.", **headers)
    (note,) = await post.articles(ticket, "note")
    assert note.author.name == "Bob"
    assert "Our margin is 80 %." in note.text
    assert "not to the customer" in note.text
    assert (LAWYER in note.text) is (LAWYER in "".join(headers.values()))
    assert await waits(post, ticket)
    assert "80" not in "".join(each.text for each in await post.articles(ticket, "reply"))


@pytest.mark.parametrize(
    "headers",
    [
        {"To": f"Ann <{ANN.upper()}>"},
        {"To": LAWYER, "Cc": ANN},
        {"To": "", "Bcc": f"Lawyer <{LAWYER}>, Ann <{ANN}>"},
        {"To": "friend@a.example"},
    ],
    ids=["to the customer", "as a copy", "hidden", "to whom she copied"],
)
async def test_what_goes_to_the_customer_or_to_whom_they_copied_is_an_answer(
    post: MailDesk, headers: dict[str, str]
) -> None:
    ticket = await post.opened(letter(Cc="friend@a.example"))
    await by_hand(post, "I have sent you another one.", **headers)
    assert not await waits(post, ticket)
    assert [each.text.strip() for each in await post.articles(ticket, "reply")][1:] == ["I have sent you another one."]
    assert await post.articles(ticket, "note") == []


async def test_an_answer_joins_the_ticket_of_whom_it_went_to(post: MailDesk) -> None:
    first = await post.opened()
    second = await post.opened(
        letter(From="Bea <bea@b.example>", Message_ID="<m2@b.example>"), mail_from="bea@b.example"
    )
    await by_hand(post, "Both are on their way.", To="bea@b.example", References="<m2@b.example> <m1@a.example>")
    assert (await waits(post, first), await waits(post, second)) == (True, False)


async def nothing_waits(post: MailDesk) -> bool:
    return await post.desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_an_answer_waits_for_the_ticket_of_the_mail_that_it_answers(post: MailDesk) -> None:
    await by_hand(post, "I have sent you another one.", To=ANN)
    assert (await post.desk.tickets(), await nothing_waits(post)) == ([], False)
    ticket = await post.opened(letter(Date="Fri, 15 Jan 2027 07:00:00 +0000"))
    assert await waits(post, ticket)
    post.desk.clock.advance(10_000)
    await post.desk.settle()
    assert not await waits(post, ticket)
    assert [each.author.name for each in await post.articles(ticket, "reply")][1:] == ["Bob"]
    assert await nothing_waits(post)


async def test_what_answers_nothing_that_comes_is_passed_over_after_an_hour(post: MailDesk) -> None:
    await by_hand(post, "What does it cost?", To="stock@house.example")
    looks = 0
    while not await nothing_waits(post):
        post.desk.clock.advance(360_000)
        await post.desk.settle()
        looks += 1
    assert EARLY_MS <= looks * 360_000 <= EARLY_MS + 360_000
    assert await post.desk.tickets() == []


async def test_what_answers_nothing_at_all_or_comes_when_much_waits_is_passed_over_at_once(
    post: MailDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await by_hand(post, "Good morning!", To=ANN, In_Reply_To="", References="")
    assert await nothing_waits(post)
    monkeypatch.setattr(echoes, "MOST_WAITING", 0)
    await by_hand(post, "I have sent you another one.", id_="hand2", To=ANN)
    assert await nothing_waits(post)
