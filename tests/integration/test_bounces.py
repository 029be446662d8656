"""Answers that come back: the article says why, and the ticket that seemed to be done is somebody's again."""

import pytest

from trunkline.desk.views.feed_sentences import sentence
from trunkline.desk.views.timeline import receipt
from trunkline.router.articles import ArticleDelivery
from trunkline.router.records import Article, Ticket
from trunkline.router.ticket_requests import TicketChanges

from .mail_desk import ANN, BOB, Left, MailDesk, letter


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: that the script runs on a cluster, other tests tell."""
    return engine_url


def report(ours: Left, status: str, *, original: bool = True) -> bytes:
    """A delivery status notification about a mail of ours (RFC 3464)."""
    returned = b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + ours.content + b"\r\n" if original else b""
    return (
        b"From: MAILER-DAEMON@mx.a.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        + status.replace("\n", "\r\n").encode()
        + b"\r\n"
        + returned
        + b"--b--\r\n"
    )


GONE = "Final-Recipient: rfc822; ann@a.example\nAction: failed\nStatus: 5.1.1\n"
GONE += "Diagnostic-Code: smtp; 550 5.1.1 <ann@a.example>: user unknown"


def free(subject: str, body: str, author: str = "Mail Delivery System <noreply@mx.a.example>") -> str:
    return letter(body, From=author, Subject=subject, Message_ID="<d1@mx.a.example>")


QMAIL = (
    "Hi. This is the qmail-send program at mx.a.example.\n\n<ann@a.example>:\nRemote host said: 550 no such user here"
)
EXIM = "A message that you sent could not be delivered.\n\n  ann@a.example\n    550 5.2.2 mailbox full"
FREE = {
    "qmail": (free("failure notice", QMAIL, "MAILER-DAEMON@mx.a.example"), "550 no such user here"),
    "Exim": (free("Mail delivery failed: returning message to sender", EXIM), "the mailbox is full; try again later"),
    "German": (free("Unzustellbar: Re: Lamp", "550 5.7.1 rejected by policy"), "the server refuses it by its rules"),
    "Russian": (free("Недоставленное сообщение", "550 5.1.2 host not found"), "the domain does not exist"),
}


async def answered(post: MailDesk, **writing: object) -> tuple[Ticket, Left]:
    ticket = await post.opened()
    return ticket, await post.answer(ticket, **writing)


async def came_back(post: MailDesk, ours: Left, notice: str | bytes) -> None:
    await post.take(notice, to=ours.reverse_path, mail_from="", trusted=False)


async def newest(post: MailDesk, ticket: Ticket) -> Article:
    return [each for each in await post.articles(ticket, "reply") if each.author.kind == "agent"][-1]


async def test_an_answer_that_came_back_opens_its_solved_ticket_and_says_why(post: MailDesk) -> None:
    ticket, ours = await answered(post, status="solved")
    await came_back(post, ours, report(ours, GONE))
    now, article = await post.ticket(ticket), await newest(post, ticket)
    assert (now.status, now.reopened, now.undelivered) == ("open", 1, True)
    assert article.delivery is not None
    shown = receipt(article.delivery)
    assert (shown.state, shown.by_hand) == ("failed", True)
    assert shown.detail == (
        "ann@a.example: there is no such mailbox; ask for another address (550 5.1.1 <ann@a.example>: user unknown)"
    )
    kinds = [line.kind for line in await post.desk.lines()]
    assert kinds[-2:] == ["message.delivery_failed", "ticket.reopened"]
    assert "opened again: an answer did not arrive" in sentence((await post.desk.lines())[-1])
    assert len(await post.desk.tickets()) == 1
    assert await post.suspended() == []


@pytest.mark.parametrize("status", ["pending", "on_hold"])
async def test_a_parked_ticket_is_opened_too(post: MailDesk, status: str) -> None:
    ticket, ours = await answered(post, status=status)
    await came_back(post, ours, report(ours, GONE, original=False))
    now = await post.ticket(ticket)
    assert (now.status, now.reopened, now.undelivered) == ("open", 0, True)


@pytest.mark.parametrize(("notice", "why"), FREE.values(), ids=FREE)
async def test_a_notice_in_free_form_that_names_no_id_speaks_of_the_newest_answer(
    post: MailDesk, notice: str, why: str
) -> None:
    ticket, ours = await answered(post, status="solved")
    await came_back(post, ours, notice)
    assert (await post.ticket(ticket)).status == "open"
    delivery = (await newest(post, ticket)).delivery
    assert delivery is not None
    assert delivery.state == "failed"
    assert why in delivery.detail


DELAYS = {
    "a report": "Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 421 4.4.1 connection timed out",
    "free words": free(
        "Warning: could not send message for past 4 hours", "It will be retried until it is 5 days old."
    ),
}


@pytest.mark.parametrize("how", DELAYS)
async def test_a_delay_is_only_noted(post: MailDesk, how: str) -> None:
    ticket, ours = await answered(post, status="solved")
    await came_back(post, ours, report(ours, DELAYS[how]) if how == "a report" else DELAYS[how])
    assert (await post.ticket(ticket)).status == "solved"
    delivery = (await newest(post, ticket)).delivery
    assert delivery is not None
    shown = receipt(delivery)
    assert (shown.state, shown.words) == ("sent", "Sent, and not there yet")
    assert shown.detail.startswith("delayed, and tried again")


async def test_an_acknowledgement_that_came_back_wakes_nobody(post: MailDesk) -> None:
    ticket = await post.opened()
    acknowledgement = post.left[-1]
    await post.desk.actions.change(ticket.id, TicketChanges(status="solved", resolution="resolved"), actor="agent:ada")
    await post.take(report(acknowledgement, GONE), to=acknowledgement.reply_to, mail_from="", trusted=False)
    now = await post.ticket(ticket)
    assert (now.status, now.undelivered) == ("solved", False)
    (automatic,) = await post.articles(ticket, "reply")
    assert automatic.delivery is not None
    assert automatic.delivery.state == "failed"


async def test_a_notice_wakes_once_and_a_closed_ticket_stays_closed(post: MailDesk) -> None:
    ticket, ours = await answered(post, status="solved")
    for number in range(3):
        await came_back(post, ours, report(ours, f"{GONE} {number}"))
        await post.desk.actions.change(ticket.id, TicketChanges(status="solved"), actor="agent:ada")
    assert (await post.ticket(ticket)).reopened == 1
    await post.desk.actions.change(ticket.id, TicketChanges(status="closed"), actor="agent:ada")
    await ArticleDelivery(post.desk.engine, post.desk.clock).settle(
        (await newest(post, ticket)).id, "sent", "", came_from=["failed"], actor="agent:ada"
    )
    await came_back(post, ours, report(ours, f"{GONE} again"))
    now = await post.ticket(ticket)
    assert (now.status, now.undelivered) == ("closed", True)


async def test_what_the_server_refuses_at_once_wakes_too_and_the_next_answer_settles_it(post: MailDesk) -> None:
    ticket, _ = await answered(post, status="solved")
    articles = ArticleDelivery(post.desk.engine, post.desk.clock)
    await articles.settle((await newest(post, ticket)).id, "failed", "550", came_from=["sent"], actor="outbox")
    assert (await post.ticket(ticket)).undelivered
    await post.answer(ticket, "Another try.")
    now = await post.ticket(ticket)
    assert (now.status, now.undelivered) == ("open", False)


async def test_a_notice_about_strangers_mail_is_suspended_and_wakes_nobody(post: MailDesk) -> None:
    ticket, ours = await answered(post, status="solved")
    strange = report(ours, GONE).replace(ours.message_id.encode(), b"1@elsewhere.example")
    await post.take(strange, mail_from="", trusted=False)
    assert (await post.ticket(ticket)).status == "solved"


BOB_GONE = GONE.replace(ANN, BOB)
ANN_GOT_IT = f"Final-Recipient: rfc822; {ANN}\nAction: delivered\nStatus: 2.0.0"
OF_BOB = {
    "a report": lambda ours: report(ours, BOB_GONE),
    "a report about both": lambda ours: report(ours, f"{ANN_GOT_IT}\n\n{BOB_GONE}"),
    "a report about another mailbox behind his": lambda ours: report(
        ours, f"Original-Recipient: rfc822; {BOB}\n" + BOB_GONE.replace(f"rfc822; {BOB}", "rfc822; bob@phone.example")
    ),
    "qmail": lambda _: free("failure notice", QMAIL.replace(ANN, BOB), "MAILER-DAEMON@mx.a.example"),
    "Exim": lambda _: f"X-Failed-Recipients: {BOB}\n" + free("Mail delivery failed", EXIM.replace(ANN, BOB)),
}


@pytest.mark.parametrize("how", OF_BOB)
async def test_what_came_back_of_a_copy_says_whom_it_missed_and_the_answer_stands(post: MailDesk, how: str) -> None:
    ticket = await post.opened(letter(Cc=BOB))
    ours = await post.answer(ticket, status="solved")
    for _ in range(2):
        await came_back(post, ours, OF_BOB[how](ours))
    now, delivery = await post.ticket(ticket), (await newest(post, ticket)).delivery
    assert (now.status, now.undelivered) == ("solved", False)
    assert delivery is not None
    shown = receipt(delivery)
    assert (shown.state, shown.tone) == ("sent", "unsure")
    assert shown.detail.count(f"not taken for {BOB}: ") == 1


async def test_what_came_back_of_the_customer_and_of_a_copy_is_no_answer(post: MailDesk) -> None:
    ticket = await post.opened(letter(Cc=BOB))
    ours = await post.answer(ticket, status="solved")
    await came_back(post, ours, report(ours, f"{BOB_GONE}\n\n{GONE}"))
    now, delivery = await post.ticket(ticket), (await newest(post, ticket)).delivery
    assert (now.status, now.undelivered, delivery and delivery.state) == ("open", True, "failed")


async def test_that_a_copy_was_read_does_not_say_that_the_customer_read_it(post: MailDesk) -> None:
    ticket = await post.opened(letter(Cc=BOB))
    ours = await post.answer(ticket)
    read = f"Final-Recipient: rfc822;{BOB}\nDisposition: manual-action/MDN-sent-manually; displayed\n"
    read += f"Original-Message-ID: <{ours.message_id}>"
    notice = report(ours, read).replace(b"delivery-status", b"disposition-notification")
    await post.take(notice, to=ours.reply_to, mail_from="", trusted=False)
    delivery = (await newest(post, ticket)).delivery
    assert delivery is not None
    assert delivery.state == "sent"
