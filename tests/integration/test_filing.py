"""Messages become tickets: one customer, one ticket, one article each, whatever happens at the same time."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trunkline.queue.intake import unpack

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk


async def test_a_first_message_opens_a_ticket_in_the_fallback_queue(desk: "Desk") -> None:
    accepted = await desk.write("My lamp is broken", name="Maria", subject="Lamp")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (ticket.queue, ticket.status, ticket.number) == ("support", "new", "T-1")
    (article, acknowledgement) = await desk.reader.articles(ticket.id)
    assert article.text == "My lamp is broken"
    assert acknowledgement.author.kind == "system"
    assert "T-1" in acknowledgement.subject
    customer = await desk.reader.customer(str(ticket.customer))
    assert [identity.key for identity in customer.identities] == ["email:maria@example.org"]
    assert not accepted.duplicate


async def test_the_feed_tells_each_step_and_its_sequence_rises_by_one(desk: "Desk") -> None:
    await desk.write()
    await desk.settle()
    lines = await desk.lines()
    assert [line.kind for line in lines] == ["ticket.created", "message.received", "message.queued", "message.sent"]
    assert [line.sequence for line in lines] == [1, 2, 3, 4]
    assert [line.position for line in lines] == [1, 2, 3, 4]
    assert lines[-1].data["ticket"]["revision"] == 4


async def test_a_rule_places_a_refund_in_billing(desk: "Desk") -> None:
    await desk.write("I want a refund")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.queue == "billing"
    assert ticket.rules == ("refunds",)


async def test_200_simultaneous_first_messages_of_one_conversation_make_one_ticket_with_200_articles(
    desk: "Desk",
) -> None:
    await asyncio.gather(*(desk.write(f"line {n}", conversation="chat:1", lane=f"lane{n % 50}") for n in range(200)))
    await asyncio.gather(*(desk.filers.drain() for _ in range(8)))
    (ticket,) = await desk.tickets()
    articles = [article for article in await desk.reader.articles(ticket.id) if article.kind == "message"]
    assert len(articles) == 200
    assert [article.order for article in articles] == sorted(article.order for article in articles)
    assert len({line.data["ticket"]["customer"] for line in await desk.lines()}) == 1


async def test_200_unthreaded_mails_of_one_person_make_one_customer_and_200_tickets(desk: "Desk") -> None:
    await asyncio.gather(*(desk.write(f"mail {n}", channel="mail", lane=f"lane{n}") for n in range(200)))
    await asyncio.gather(*(desk.filers.drain() for _ in range(8)))
    while (await desk.intake.queue.counts())["entries"]:  # who lost three tries against the others comes again later
        desk.clock.advance(1_000)
        await desk.filers.drain()
    tickets = await desk.tickets()
    assert len(tickets) == 200
    assert len({ticket.customer for ticket in tickets}) == 1
    assert len({ticket.number for ticket in tickets}) == 200


async def test_a_message_delivered_again_is_the_same_message(desk: "Desk") -> None:
    first, again = await asyncio.gather(desk.write(external_id="x"), desk.write(external_id="x"))
    assert first.id == again.id
    assert {first.duplicate, again.duplicate} == {True, False}
    await desk.settle()
    assert len(await desk.tickets()) == 1


async def test_a_copy_to_another_of_our_addresses_adds_it_to_the_article_and_moves_nothing(desk: "Desk") -> None:
    await desk.write(channel="mail", external_id="x", recipients=["support@example.test"], dedup="x support")
    await desk.settle()
    await desk.write(channel="mail", external_id="x", recipients=["billing@example.test"], dedup="x billing")
    await desk.settle()
    (ticket,) = await desk.tickets()
    article = (await desk.reader.articles(ticket.id))[0]
    assert article.recipients == ("support@example.test", "billing@example.test")
    assert ticket.queue == "support"
    assert not (await desk.intake.queue.counts())["entries"]


async def test_others_whom_a_customer_wrote_to_are_kept_with_the_article_and_stand_in_the_feed(desk: "Desk") -> None:
    await desk.write(channel="mail", copied={"bea@b.example": "Bea Lind", "eve@b.example": ""})
    await desk.settle()
    (ticket,) = await desk.tickets()
    (article, *_) = await desk.reader.articles(ticket.id)
    others = [{"address": "bea@b.example", "name": "Bea Lind"}, {"address": "eve@b.example", "name": ""}]
    assert [each.model_dump() for each in article.copied] == others
    (line,) = [line for line in await desk.lines() if line.kind == "message.received"]
    assert line.data["article"]["copied"] == others


async def test_a_late_message_is_listed_where_the_provider_ordered_it(desk: "Desk") -> None:
    for order in ("1", "2", "5", "3", "4"):
        await desk.write(f"line {order}", conversation="chat:1", order=order, ext={"order_scope": "1"})
        await desk.settle()
    (ticket,) = await desk.tickets()
    texts = [article.text for article in await desk.reader.articles(ticket.id) if article.kind == "message"]
    assert texts == ["line 1", "line 2", "line 3", "line 4", "line 5"]
    late = [line for line in await desk.lines() if "after" in line.data]
    assert [line.data["article"]["text"] for line in late] == ["line 3", "line 4"]


async def test_a_claimed_sender_is_filed_unproven_and_never_acknowledged(desk: "Desk") -> None:
    await desk.write(assurance=0)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.unproven
    assert not ticket.acknowledged
    assert desk.sent == []


async def test_a_claim_does_not_change_the_data_of_the_person_it_names(desk: "Desk") -> None:
    await desk.write(name="Maria")
    await desk.settle()
    await desk.write(name="Mallory", assurance=0)
    await desk.settle()
    (first, second) = await desk.tickets()
    assert first.customer == second.customer
    assert (await desk.reader.customer(str(first.customer))).names == ("Maria",)


async def test_who_writes_for_everybody_to_see_is_not_acknowledged(desk: "Desk") -> None:
    await desk.write(ext={"public": True})
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert desk.sent == []
    assert (await desk.reader.ticket(ticket.id)).work.hears == ""


async def test_a_machine_is_not_acknowledged(desk: "Desk") -> None:
    await desk.write(automation="auto_reply")
    await desk.settle()
    assert desk.sent == []


async def test_an_answer_goes_to_the_address_that_a_form_names_which_is_not_acknowledged(desk: "Desk") -> None:
    await desk.write(sender="wordpress@shop.example", reply_to="ann@a.example")
    await desk.settle()
    assert desk.sent == []
    (ticket,) = await desk.tickets()
    pinned = (await desk.reader.ticket(ticket.id)).work.reply_to
    assert pinned is not None
    assert (pinned.to, pinned.claimed) == ("ann@a.example", True)
    customer = await desk.reader.customer(str(ticket.customer))
    assert [identity.key for identity in customer.identities] == ["email:wordpress@shop.example"]


async def test_answers_go_into_the_conversation_of_a_later_message_only_where_its_channel_says_so(desk: "Desk") -> None:
    ext = {"conversation": "post:1", "reply_there": True}
    await desk.write(conversation="public:maria", ext=ext)
    await desk.settle()
    (ticket,) = await desk.tickets()
    for number, more in (
        (2, {"ext": ext | {"conversation": "post:2"}}),
        (2, {"ext": {"conversation": "post:3"}}),
        (2, {"ext": ext | {"conversation": "post:4"}, "sender": "eve@example.org"}),
        (2, {"ext": ext | {"conversation": "post:5"}, "account": "another"}),
        (6, {"ext": ext | {"conversation": "post:6"}}),
    ):
        await desk.write(conversation="public:maria", **more)
        await desk.settle()
        pinned = (await desk.reader.ticket(ticket.id)).work.reply_to
        assert pinned is not None
        assert (pinned.conversation, pinned.to, pinned.account) == (f"post:{number}", "maria@example.org", "desk")
    assert len(await desk.tickets()) == 1


async def test_a_reaction_is_not_acknowledged(desk: "Desk") -> None:
    await desk.write(message_kind="reaction")
    await desk.settle()
    assert desk.sent == []


async def test_acknowledgements_to_one_address_are_capped_by_the_hour(desk: "Desk") -> None:
    desk.configure(SETTINGS | {"acknowledgement": {"again_after": "0s"}})
    cap = desk.policy.settings.acknowledgement.per_address_per_hour
    for _ in range(cap + 3):
        await desk.write()
        await desk.settle()
    assert len(desk.sent) == cap
    desk.clock.advance(3_600_000)
    await desk.write()
    await desk.settle()
    assert len(desk.sent) == cap + 1


async def test_a_reply_to_a_closed_ticket_opens_a_follow_up_and_the_next_one_joins_it(desk: "Desk") -> None:
    await desk.write(conversation="chat:1")
    await desk.settle()
    (first,) = await desk.tickets()
    from trunkline.router.actions import TicketChanges

    await desk.actions.change(first.id, TicketChanges(status="closed"), actor="test")
    await desk.write("one more thing", conversation="chat:1")
    await desk.settle()
    await desk.write("and another", conversation="chat:1")
    await desk.settle()
    (_, second) = await desk.tickets()
    assert second.follow_up_of == first.id
    assert [a.text for a in await desk.reader.articles(second.id) if a.kind == "message"] == [
        "one more thing",
        "and another",
    ]


async def test_an_unreadable_message_is_set_aside_whole_and_the_rest_flows(desk: "Desk") -> None:
    await desk.intake.accept(
        channel="gone", account="", external_id="1", kind="message", lane="x", content=b"raw", transport={}
    )
    await desk.write()
    await desk.settle()
    assert len(await desk.tickets()) == 1
    (letter,) = await desk.intake.queue.dead()
    assert "no channel 'gone'" in letter.cause
    assert letter.payload.endswith(b"\nraw")


async def test_a_suspended_message_waits_with_its_cause_until_it_is_released(desk: "Desk") -> None:
    accepted = await desk.write(suspend="two From headers")
    await desk.settle()
    assert await desk.tickets() == []
    (suspended,) = await desk.intake_handler.suspended.list()
    assert (suspended.id, suspended.cause) == (accepted.id, "two From headers")
    await desk.intake_handler.suspended.release(accepted.id)
    await desk.settle()
    assert len(await desk.tickets()) == 1
    assert await desk.intake_handler.suspended.count() == 0


async def test_a_long_text_lies_in_a_blob_and_is_read_whole(desk: "Desk") -> None:
    await desk.write("long " * 1000)
    await desk.settle()
    (ticket,) = await desk.tickets()
    article = (await desk.reader.articles(ticket.id))[0]
    assert article.text == "long " * 1000
    assert await desk.reader.original(article.id) == b"long " * 1000


async def test_tickets_are_found_by_words_sender_and_number_in_pages(desk: "Desk") -> None:
    await desk.write("My lamp is broken", subject="Lámpara", name="María")
    for n in range(5):
        await desk.write(f"other {n}", sender=f"c{n}@example.org")
    await desk.settle()
    for words in ("lampara", "maria broken", "maria@example.org", "t-1"):
        assert len(await desk.tickets(q=words)) == 1
    assert await desk.tickets(q="nothing like it") == []
    from trunkline.router.reader import TicketFilter

    seen, cursor = [], None
    while page := await desk.reader.tickets(TicketFilter(queue="support"), cursor=cursor, limit=2):
        seen += [ticket.number for ticket in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == [f"T-{n}" for n in range(1, 7)]
    assert seen == sorted(seen, reverse=True)


async def test_business_hours_are_asked_for_when_the_message_came_not_when_it_is_filed(desk: "Desk") -> None:
    office = {"zone": "UTC", "hours": {"monday-friday": "09:00-17:00"}}
    rules = [{"name": "late", "when": {"hours": {"office": "closed"}}, "then": {"queue": "billing"}}]
    desk.configure(SETTINGS | {"calendars": {"office": office}, "rules": rules})
    friday_evening = int(datetime(2027, 1, 15, 16, 59, tzinfo=UTC).timestamp() * 1000)
    desk.clock.advance(friday_evening - desk.clock.now())
    await desk.write("hello")
    desk.clock.advance(2 * 3_600_000)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.queue == "support"
    assert (await desk.reader.ticket(ticket.id)).work.facts["at"] == friday_evening


async def test_the_bytes_of_what_is_set_aside_lie_in_a_blob_and_come_back_whole(desk: "Desk") -> None:
    """Whoever can have mails set aside fills no memory with them."""
    text = "forged " * 8_000
    raw = (await desk.write(text, suspend="it looks forged")).id
    await desk.settle()
    suspended = desk.intake_handler.suspended
    assert unpack(await suspended.raw(raw))[1] == b""
    assert len(await desk.blobs.owned(raw)) == 1
    await suspended.release(raw)
    await desk.settle()
    (ticket,) = await desk.tickets()
    (article,) = await desk.reader.articles(ticket.id)
    assert await desk.reader.original(article.id) == text.encode()


async def test_the_bytes_of_copies_and_of_receipts_are_not_kept(desk: "Desk") -> None:
    """Nothing leads to them any more, not even an erasure."""
    text = "my lamp " * 10_000
    await desk.write(text, external_id="once", dedup="straight")
    copy = await desk.write(text, external_id="once", dedup="by a list")
    await desk.settle()
    (ticket,) = await desk.tickets()
    article, ours = await desk.reader.articles(ticket.id)
    receipt = await desk.write(text, receipts={ours.external_id: "delivered"})
    await desk.settle()
    assert [await desk.blobs.owned(each.id) for each in (copy, receipt)] == [[], []]
    assert await desk.reader.original(article.id) == text.encode()
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_what_is_for_nobody_ends_without_a_ticket_an_alarm_or_its_bytes(desk: "Desk") -> None:
    raw = await desk.write("a poll " * 20_000, nothing="the votes of a poll")
    await desk.write()
    await desk.settle()
    assert len(await desk.tickets()) == 1
    assert await desk.blobs.owned(raw.id) == []
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
