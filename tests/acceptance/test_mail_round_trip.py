"""The main job by mail: a customer writes, an agent is asked, accepts and answers, the customer answers back."""

import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from .conftest import Running
from .mails import deliver, plain, written

Marks = Mapping[str, Mapping[str, str]]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_mail_becomes_a_ticket_is_offered_answered_and_the_customers_answer_joins_it(running: Running) -> None:
    api, sink = running.api, running.sink
    await api.presence("ada")
    first = written("Hello, my lamp is broken. Could you please help me?", sender="Maria <maria@example.org>")
    await deliver(running.gateway, first)

    offered = await api.until("ticket.offered", lambda event: event["data"]["ticket"]["subject"] == "My lamp")
    ticket = offered["data"]["ticket"]
    assert (ticket["queue"], ticket["offer"]["agent"], ticket["language"]) == ("support", "ada", "en")
    acknowledgement = await sink.mail(lambda mail: mail["To"] == "Maria <maria@example.org>")
    assert ticket["number"] in acknowledgement["Subject"]
    assert acknowledgement["Auto-Submitted"] == "auto-replied"

    accepted = await api.do("POST", f"/v1/tickets/{ticket['number']}/accept", {"agent": "ada"})
    assert (accepted["assignee"], accepted["status"]) == ("ada", "open")
    article = await api.do(
        "POST", f"/v1/tickets/{ticket['id']}/messages", {"kind": "reply", "text": "It is on its way."}
    )
    reply = await sink.mail(lambda mail: "on its way" in plain(mail))

    assert parseaddr(str(reply["From"]))[1] == "support@example.test"
    assert reply["In-Reply-To"] == first["Message-ID"]
    assert str(first["Message-ID"]) in reply["References"]
    assert reply["Message-ID"] == f"<{article['external_id']}>"
    assert reply["Subject"] == f"Re: My lamp [{ticket['number']}]"
    assert "Auto-Submitted" not in reply
    answer_to = parseaddr(str(reply["Reply-To"]))[1]
    assert answer_to.startswith("support+")
    assert sink.envelopes[sink.mails.index(reply)] == (answer_to, "maria@example.org")
    await api.until("message.sent", lambda event: event["data"]["article"]["id"] == article["id"])

    answer = written("Thank you, that is kind.", subject=str(reply["Subject"]), to=answer_to)
    answer["In-Reply-To"] = reply["Message-ID"]
    await deliver(running.gateway, answer)
    joined = await api.until(
        "message.received",
        lambda event: event["subject"] == ticket["id"] and "kind" in event["data"]["article"]["text"],
    )
    assert joined["data"]["ticket"]["assignee"] == "ada"
    detail = await api.get(f"/v1/tickets/{ticket['id']}")
    assert [one["author"]["kind"] for one in detail["articles"]] == ["customer", "system", "agent", "customer"]
    assert len(await api.tickets(customer=detail["customer"])) == 1


GATEWAYS: Marks = {  # what gateways, lists and mail programs put on what people write
    "a list": {"List_Unsubscribe": "<mailto:leave@corp.example>", "List_Id": "<all.corp.example>"},
    "bulk": {"Precedence": "bulk"},
    "suppress": {"X_Auto_Response_Suppress": "All"},
    "feedback": {"Feedback_ID": "1:2:3:corp"},
    "no return path": {},
}
MACHINES: Marks = {
    "an absence": {"Auto_Submitted": "auto-replied", "Subject": "Automatic reply: My lamp"},
    "one told by Exchange": {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: My lamp"},
    "one told by an old server": {"X_Autoreply": "yes", "Precedence": "bulk", "Subject": "Out of office: My lamp"},
    "another desk": {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"},
}


async def solved(running: Running, author: str) -> tuple[str, EmailMessage]:
    """A ticket of this person that Ada has answered and solved: its id, and the answer."""
    api = running.api
    await deliver(running.gateway, written("My lamp is broken.", sender=author))
    first = await api.until("message.received", lambda event: author in str(event["data"]["article"]["author"]))
    ticket: str = first["subject"]
    await api.do("POST", f"/v1/tickets/{ticket}/assign", {"agent": "ada", "force": True})
    answer = {"kind": "reply", "text": "Try another bulb.", "status": "solved", "agent": "ada"}
    await api.do("POST", f"/v1/tickets/{ticket}/messages", answer)
    mails = running.sink.envelopes
    reply = await running.sink.mail(
        lambda mail: "another bulb" in plain(mail) and mails[running.sink.mails.index(mail)][1] == author
    )
    return ticket, reply


@pytest.mark.parametrize("kind", [*GATEWAYS, *MACHINES])
async def test_what_a_person_answers_wakes_a_solved_ticket_and_its_agent_whatever_is_marked_on_it_and_no_machine_does(
    running: Running, kind: str
) -> None:
    api, wakes, author = running.api, kind in GATEWAYS, f"{kind.lower().replace(' ', '.')}@corp.example"
    await api.presence("ada")
    ticket, reply = await solved(running, author)
    answer_to = parseaddr(str(reply["Reply-To"]))[1]
    marks = {"Subject": str(reply["Subject"])} | dict((GATEWAYS | MACHINES)[kind])
    mail = written("It is dark again.", sender=author, to=answer_to, subject=marks.pop("Subject"), **marks)
    mail["In-Reply-To"] = mail["References"] = reply["Message-ID"]
    await deliver(running.gateway, mail, sender="<>" if kind == "no return path" else "")
    await api.until(
        "message.received",
        lambda event: event["subject"] == ticket and event["data"]["article"]["text"] == "It is dark again.",
    )
    detail = await api.get(f"/v1/tickets/{ticket}")
    assert (detail["status"], detail["reopened"], detail["assignee"]) == (
        "open" if wakes else "solved",
        int(wakes),
        "ada",
    )
    held = await api.tickets(assignee="ada", status="open")
    assert (ticket in [each["id"] for each in held]) is wakes
    await api.do("PATCH", f"/v1/tickets/{ticket}", {"status": "closed"}, If_Match="*")


async def test_a_file_that_is_uploaded_goes_along_with_the_reply(running: Running) -> None:
    api, sink = running.api, running.sink
    await deliver(running.gateway, written("Where is the plan?", sender="vera@example.org", subject="The plan"))
    created = await api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "The plan")
    content = b"%PDF" + bytes(range(256)) * 1000
    async with api.session.post("/v1/attachments", params={"name": "Plan für März.pdf"}, data=content) as response:
        assert response.status == 201
        file = await response.json()
    body = {"kind": "reply", "text": "See the plan.", "agent": "ada", "attachments": [file]}
    await api.do("POST", f"/v1/tickets/{created['data']['ticket']['id']}/messages", body)
    mail = await sink.mail(lambda mail: "See the plan." in plain(mail))
    (part,) = mail.iter_attachments()
    assert (part.get_filename(), part.get_payload(decode=True)) == ("Plan für März.pdf", content)


async def test_a_mail_to_billing_goes_to_billing(running: Running) -> None:
    await deliver(
        running.gateway, written("Where is the invoice?", sender="igor@example.org", to="billing@example.test")
    )
    created = await running.api.until(
        "ticket.created", lambda event: event["data"]["ticket"]["account"] == "billing@example.test"
    )
    assert created["data"]["ticket"]["queue"] == "billing"
    assert created["data"]["ticket"]["rules"] == ["mail to billing goes to billing"]


async def test_a_refund_in_spanish_goes_to_billing_and_is_acknowledged_in_spanish(running: Running) -> None:
    text = "Buenos días, quisiera la devolución de mi dinero porque el paquete nunca llegó a mi casa."
    await deliver(running.gateway, written(text, sender="lucia@lucia.example", subject="Devolución"))
    acknowledgement = await running.sink.mail(lambda mail: mail["To"] == "lucia@lucia.example")
    assert acknowledgement["Subject"].startswith("Re: Devolución [T-")
    assert "Hemos recibido" in acknowledgement.get_content()
    created = await running.api.until("ticket.created", lambda event: "refund" in event["data"]["ticket"]["tags"])
    assert created["data"]["ticket"]["queue"] == "billing"


async def test_the_same_mail_again_is_one_article(running: Running) -> None:
    mail = written("Only once, please.", sender="olga@example.org", subject="Once")
    for _ in range(3):
        await deliver(running.gateway, mail)
    await deliver(running.gateway, written("The next one.", sender="olga@example.org", subject="Next"))
    await running.api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "Next")
    found = [ticket for ticket in await running.api.tickets() if ticket["subject"] == "Once"]
    assert len(found) == 1
    assert await running.api.metric('trunkline_intake_total{channel="mail",outcome="duplicate"}') >= 2


async def test_an_unknown_recipient_is_refused_with_550(running: Running) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await deliver(running.gateway, written("Hello?"), to="nobody@example.test")
    assert refused.value.recipients["nobody@example.test"][0] == 550


async def test_a_recipient_with_a_token_that_fails_its_check_is_taken_as_the_plain_address(running: Running) -> None:
    to = f"support+{'a' * 32}@example.test"
    await deliver(running.gateway, written("Guessed.", sender="eve@example.org", to=to, subject="A guess"))
    await running.api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "A guess")


async def test_a_mail_over_the_size_is_refused_with_552(running: Running) -> None:
    huge = written("x" * 76 * 400_000)
    with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as refused:
        await deliver(running.gateway, huge)
    assert refused.value.smtp_code == 552
