"""Replies leave once, in order, and what became of them can be seen and acted on."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, DeliveryDeferred, DeliveryFailed, DeliveryUnknown
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.normalizer.quotations import quotation
from trunkline.queue.work import LEASE_MS
from trunkline.router.open_ticket import NewTicket
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk


async def opened(desk: "Desk") -> str:
    """A ticket that Ada has; its acknowledgement is sent."""
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.write("my lamp is broken", subject="Lamp", name="Maria", ext={"message_id": "1@example.org"})
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.accept(ticket.id, "ada", actor="ada")
    desk.sent.clear()
    return ticket.id


async def states(desk: "Desk", ticket: str) -> list[str]:
    return [a.delivery.state for a in await desk.reader.articles(ticket) if a.delivery and a.author.kind == "agent"]


async def test_a_reply_goes_to_the_address_that_wrote_and_refers_to_its_message(desk: "Desk") -> None:
    ticket = await opened(desk)
    await desk.actions.reply(ticket, Writing(text="Try another bulb", agent="ada", actor="ada"))
    await desk.settle()
    (outgoing,) = desk.sent
    assert (outgoing.to, outgoing.to_name, outgoing.subject) == ("maria@example.org", "Maria", "Re: Lamp [T-1]")
    assert outgoing.in_reply_to == "1@example.org"
    assert outgoing.references == ("1@example.org",)
    assert not outgoing.automatic
    assert await states(desk, ticket) == ["sent"]
    assert (await desk.reader.ticket(ticket)).record.first_response_at == desk.clock.now()


async def test_a_reply_quotes_what_it_answers_and_its_answer_is_read_without_it(desk: "Desk") -> None:
    mail: dict[str, Any] = {"channel": "mail", "name": "Maria"}
    await desk.write("my lamp is broken", ext={"message_id": "1@x"}, **mail)
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.note(ticket.id, Writing(text="she is angry", agent="ada", actor="ada"))
    for text in ("Which model?", "Are you there?"):
        await desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="ada"))
    await desk.settle()
    *_, first, second = desk.sent
    assert [(each.author, each.text, each.answered) for each in first.quoted] == [("Maria", "my lamp is broken", True)]
    assert [each.text for each in second.quoted] == ["Which model?", "my lamp is broken"]
    assert second.quoted[0].address == second.account
    between = f"Are you there?\nYes, I am.\n\n{quotation(second.quoted)}"
    joins = {"token": {"number": "T-1", "from_bound_address": True}}
    await desk.write("Hello,", quoted=between, in_reply_to=second.external_id, **joins, **mail)
    await desk.settle()
    *_, answer = await desk.reader.articles(ticket.id)
    assert answer.text == "Hello,\n\n> Are you there?\nYes, I am."


async def test_answers_between_the_lines_of_our_reply_are_what_the_customer_says(desk: "Desk") -> None:
    ticket = await opened(desk)
    more = "It matters to us. " * 100
    question = f"Hello Maria,\n\nwhich model is it?\nWhen did you buy it?\n{more}"
    await desk.actions.reply(ticket, Writing(text=question, agent="ada", actor="ada"))
    await desk.settle()
    (outgoing,) = desk.sent
    answers = "which model is it?\nModel L-7\nWhen did you buy it?\nIn May"
    quoted = f"From: Desk\nSent: today\n\nHello Maria,\n\n{answers}\n\n{more}"
    joins = {"token": {"number": "T-1", "from_bound_address": True}}
    await desk.write("Hello,", quoted=quoted, in_reply_to=outgoing.external_id, channel="test", **joins)
    await desk.write("Thanks", quoted=question, in_reply_to=outgoing.external_id, channel="test", **joins)
    await desk.settle()
    *_, answered, thanked = await desk.reader.articles(ticket)
    assert answered.text == "Hello,\n\n> which model is it?\nModel L-7\n> When did you buy it?\nIn May"
    assert (answered.quoted, thanked.text) == (quoted, "Thanks")


async def test_of_what_an_unproven_sender_wrote_an_agents_answer_repeats_the_subject_alone(desk: "Desk") -> None:
    await desk.write("buy cheap watches", subject="cheap watches", assurance=0)
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.reply(ticket.id, Writing(text="How can I help?", agent="ada", actor="ada"))
    await desk.settle()
    (outgoing,) = desk.sent
    assert outgoing.subject == "Re: cheap watches [T-1]"
    assert "buy" not in outgoing.model_dump_json()


async def test_what_we_send_by_ourselves_to_an_unproven_address_repeats_nothing(desk: "Desk") -> None:
    await desk.write("buy cheap watches", subject="cheap watches", assurance=0)
    await desk.settle()
    (ticket,) = await desk.tickets()
    forwarded = Writing(text="How can I help?", actor="test")
    await desk.actions.forward_by_mail(ticket.id, forwarded, "maria@example.org", repeats=[], proven=False)
    await desk.settle()
    (outgoing,) = desk.sent
    assert outgoing.subject == "[T-1]"
    assert "watches" not in outgoing.model_dump_json()


async def test_the_acknowledgement_stands_under_the_customers_own_subject(desk: "Desk") -> None:
    await desk.write("it is broken", subject="AW: Lamp", channel="mail", ext={"message_id": "1@example.org"})
    await desk.settle()
    await desk.write("broken, too", sender="bob@b.example", channel="mail", ext={"message_id": "2@example.org"})
    await desk.settle()
    assert sorted((each.subject, each.in_reply_to) for each in desk.sent) == [
        ("Re: Lamp [T-1]", "1@example.org"),
        ("We have received your message [T-2]", "2@example.org"),
    ]


async def test_a_channel_that_cannot_be_reached_keeps_the_reply_queued_with_its_cause(desk: "Desk") -> None:
    ticket = await opened(desk)
    reachable = False

    async def send(outgoing: Outgoing) -> Sent:
        if not reachable:
            raise DeliveryDeferred("connection refused")
        desk.sent.append(outgoing)
        return Sent()

    desk.delivery._senders = {"test": send}
    await desk.actions.reply(ticket, Writing(text="first", agent="ada", actor="ada"))
    await desk.actions.reply(ticket, Writing(text="second", agent="ada", actor="ada"))
    await desk.settle()
    (first, second) = [a for a in await desk.reader.articles(ticket) if a.author.kind == "agent"]
    assert first.delivery is not None
    assert (first.delivery.state, first.delivery.detail) == ("queued", "connection refused")
    assert second.delivery is not None
    assert second.delivery.state == "queued"
    reachable = True
    for _ in range(4):
        desk.clock.advance(5_000)
        await desk.settle()
    assert [outgoing.text for outgoing in desk.sent] == ["first", "second"]
    assert await states(desk, ticket) == ["sent", "sent"]


@pytest.mark.parametrize(
    ("error", "state"), [(DeliveryFailed("550 no such user"), "failed"), (DeliveryUnknown("cut off"), "unknown")]
)
async def test_a_failed_or_uncertain_reply_is_not_repeated_until_a_person_says_so(
    desk: "Desk", error: Exception, state: str
) -> None:
    ticket = await opened(desk)
    tried = 0

    async def send(outgoing: Outgoing) -> Sent:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise error
        desk.sent.append(outgoing)
        return Sent()

    desk.delivery._senders = {"test": send}
    article = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    await desk.settle()
    assert await states(desk, ticket) == [state]
    desk.clock.advance(86_400_000)
    await desk.settle()
    assert tried == 1
    await desk.actions.resend(article, actor="ada")
    await desk.settle()
    assert await states(desk, ticket) == ["sent"]
    with pytest.raises(Conflict):
        await desk.actions.resend(article, actor="ada")
    assert len(desk.sent) == 1


async def test_when_the_sender_dies_while_it_sends_the_message_is_flagged_and_not_sent_twice(desk: "Desk") -> None:
    ticket = await opened(desk)
    await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada"))
    (lane,) = (await desk.senders.queue.claim(desk.clock.now(), lanes=1)).lanes
    keys = desk.delivery._keys
    from trunkline.router.delivery import _BEGIN

    names = json.loads(lane[0].payload)
    begun = {**lane[0].arguments, "now": desk.clock.now(), "ticket": names["ticket"], "harmless": False}
    (go, _, _) = await desk.engine.run(
        _BEGIN,
        {
            "article": keys.article(names["article"]),
            "outbox": keys.outgoing,
            "settling": keys.outbox.settling,
            "parking": desk.delivery.parking.keys,
        },
        {**begun, "account": "test", "probe": 0, "longest": 0, "spread": 0},
    )
    assert go == b"GO"
    desk.clock.advance(LEASE_MS + 1)
    await desk.settle()
    assert await states(desk, ticket) == ["unknown"]
    assert desk.sent == []
    await desk.actions.mark_sent(names["article"], actor="ada")
    assert await states(desk, ticket) == ["sent"]


async def test_a_note_is_seen_by_colleagues_only(desk: "Desk") -> None:
    ticket = await opened(desk)
    await desk.actions.note(ticket, Writing(text="grumpy today", agent="ada", actor="ada"))
    await desk.settle()
    assert desk.sent == []
    assert [a.kind for a in await desk.reader.articles(ticket)][-1] == "note"


async def test_whoever_answers_a_ticket_that_nobody_has_takes_it(desk: "Desk") -> None:
    await desk.write()
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.reply(ticket.id, Writing(text="on it", agent="ada", actor="ada", status="pending"))
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (ticket.assignee, ticket.status) == ("ada", "pending")
    assert [agent.load for agent in await desk.agents.all(desk.policy.settings)] == [0, 0, 0]


async def test_the_same_reply_sent_again_with_its_key_is_one_article_and_one_message(desk: "Desk") -> None:
    ticket = await opened(desk)
    first = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada", key="k1"))
    again = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada", key="k1"))
    other = await desk.actions.reply(ticket, Writing(text="hello", agent="ada", actor="ada", key="k2"))
    await desk.settle()
    assert first == again != other
    assert len(desk.sent) == 2


async def test_a_ticket_opened_by_hand_again_with_its_key_is_one_ticket(desk: "Desk") -> None:
    new = NewTicket(text="called about a lamp", email="maria@example.org", name="Maria")
    tickets = [await desk.actions.open(new, actor="ada", key="k") for _ in range(2)]
    assert tickets[0] == tickets[1]
    (ticket,) = await desk.tickets()
    assert (ticket.channel, ticket.unproven) == ("api", False)


async def test_neither_the_name_nor_the_references_of_an_unproven_sender_leave_again(desk: "Desk") -> None:
    thread = {"message_id": "1@example.org", "references": ["win-a-prize@evil.example"]}
    await desk.write("hello", name="You won! evil.example", assurance=0, ext=thread)
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.actions.reply(ticket.id, Writing(text="How can I help?", agent="ada", actor="ada"))
    await desk.settle()
    assert "evil" not in desk.sent[0].model_dump_json()
    assert desk.sent[0].in_reply_to == "1@example.org"


async def test_an_unproven_message_that_joins_by_token_does_not_steer_our_replies(desk: "Desk") -> None:
    ticket = await opened(desk)
    token = {"number": "T-1", "from_bound_address": False}
    other = {"message_id": "evil@evil.example", "references": []}
    await desk.write("me too", sender="mallory@evil.example", assurance=0, token=token, ext=other)
    await desk.settle()
    await desk.actions.reply(ticket, Writing(text="Try another bulb", agent="ada", actor="ada"))
    await desk.settle()
    assert (desk.sent[-1].to, desk.sent[-1].in_reply_to) == ("maria@example.org", "1@example.org")
    assert len([a for a in await desk.reader.articles(ticket) if a.kind == "message"]) == 2
