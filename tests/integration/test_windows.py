"""Windows for free answers, templates, and what a channel does not take of a reply."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import Invalid, WindowShut
from trunkline.config.vendor_templates import TemplateSettings
from trunkline.normalizer.channel_facts import Channels
from trunkline.normalizer.outgoing import Outgoing
from trunkline.normalizer.sending_limits import FileLimits, Sends, TextLimit
from trunkline.router.due_tickets import DueTickets
from trunkline.router.reader import TicketFilter
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TemplateChoice, TicketChanges, Writing

from .desk.conftest import board_service

if TYPE_CHECKING:
    from .conftest import Desk

DAY = 86_400_000
HOUR = 3_600_000
PARCEL = TemplateSettings(
    vendor="HX1", text="Hello {{1}}, news of {{2}}: {{3}}", parameters={"1": "{customer}", "2": "{number}", "3": ""}
)
REPLY = Writing(text="Try another bulb.", agent="ada", actor="ada")


async def written(desk: "Desk", reply_by: int | None = None, **facts: object) -> Ticket:
    """The ticket of Maria, who wrote in her conversation."""
    given = {"name": "Maria", "conversation": "c", **facts}
    await desk.write("my lamp is broken", reply_by=reply_by or desk.clock.now() + DAY, **given)
    await desk.settle()
    (ticket,) = await desk.tickets()
    return ticket


def with_templates(desk: "Desk") -> None:
    desk.policy = replace(desk.policy, templates={("test", "desk"): {"parcel": PARCEL}})


def takes(desk: "Desk", sends: Sends) -> None:
    facts = replace(desk.policy.channels["test"], sends=lambda _: sends)
    desk.policy = replace(desk.policy, channels=Channels({**desk.policy.channels, "test": facts}))


def agents_words(desk: "Desk") -> list[Outgoing]:
    return [each for each in desk.sent if not each.automatic]


async def test_the_ticket_knows_until_when_it_can_be_answered_and_each_message_opens_the_window_anew(
    desk: "Desk",
) -> None:
    now = desk.clock.now()
    assert (await written(desk, now + DAY)).reply_by == now + DAY
    assert (await written(desk, now + 2 * DAY)).reply_by == now + 2 * DAY
    assert (await written(desk, now + HOUR)).reply_by == now + 2 * DAY, "an older message that comes late shuts nothing"


async def test_a_message_by_another_way_does_not_open_the_window(desk: "Desk") -> None:
    now = desk.clock.now()
    await written(desk, now + DAY)
    assert (await written(desk, now + 2 * DAY, account="other")).reply_by == now + DAY


async def test_an_answer_in_time_leaves_and_one_after_is_refused_with_what_can_be_done(desk: "Desk") -> None:
    ticket = await written(desk)
    with_templates(desk)
    await desk.actions.reply(ticket.id, REPLY)
    desk.clock.advance(DAY)
    with pytest.raises(WindowShut) as refused:
        await desk.actions.reply(ticket.id, REPLY)
    assert "send a template (parcel)" in refused.value.detail
    assert refused.value.facts == {"reply_by": ticket.reply_by, "templates": ("parcel",)}
    await desk.settle()
    (sent,) = agents_words(desk)
    assert sent.reply_by == ticket.reply_by


async def test_a_template_leaves_when_the_window_is_shut_with_its_values_filled_in(desk: "Desk") -> None:
    ticket = await written(desk)
    with_templates(desk)
    desk.clock.advance(DAY)
    choice = TemplateChoice(name="parcel", parameters={"3": "it is here"})
    await desk.actions.reply(ticket.id, Writing(text="", agent="ada", actor="ada", template=choice))
    await desk.settle()
    (sent,) = agents_words(desk)
    assert sent.text == f"Hello Maria, news of {ticket.number}: it is here"
    assert sent.template is not None
    assert (sent.template.vendor, list(sent.template.parameters.values())) == (
        "HX1",
        ["Maria", ticket.number, "it is here"],
    )
    assert [each.template for each in await desk.reader.articles(ticket.id) if each.kind == "reply"][-1] == "parcel"


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (TemplateChoice(name="no"), "there is no template no for the account; it has parcel"),
        (TemplateChoice(name="parcel"), "the template parcel needs a value for 3"),
        (TemplateChoice(name="parcel", parameters={"4": "x"}), "the template parcel has no place 4"),
    ],
)
async def test_a_template_that_cannot_be_sent_is_refused(desk: "Desk", choice: TemplateChoice, words: str) -> None:
    ticket = await written(desk)
    with_templates(desk)
    with pytest.raises(Invalid, match=words):
        await desk.actions.reply(ticket.id, replace(REPLY, text="", template=choice))


async def test_a_held_reply_keeps_its_formatting_its_template_and_its_way(desk: "Desk") -> None:
    ticket = await written(desk)
    with_templates(desk)
    takes(desk, Sends(modes={"direct": "Direct message", "public": "In public"}))
    choice = TemplateChoice(name="parcel", parameters={"3": "here"})
    await desk.held.hold(
        ticket.id,
        replace(REPLY, text="Try **another** bulb.", formatted=True, mode="public"),
        undo=timedelta(seconds=10),
    )
    await desk.held.hold(ticket.id, replace(REPLY, text="", template=choice), undo=timedelta(seconds=10))
    desk.clock.advance(10_000)
    for _ in range(3):
        await desk.settle()
        desk.clock.advance(2_000)
    first, second = agents_words(desk)
    assert (first.text, first.formatted, first.mode, first.template) == ("Try another bulb.", False, "public", None)
    assert second.text.endswith("here")


async def test_a_held_reply_whose_window_shuts_before_it_leaves_is_kept_as_a_note_with_the_reason(desk: "Desk") -> None:
    ticket = await written(desk, desk.clock.now() + 5_000)
    await desk.held.hold(ticket.id, REPLY, undo=timedelta(seconds=10))
    desk.clock.advance(10_000)
    await desk.settle()
    note = (await desk.reader.articles(ticket.id))[-1]
    assert note.kind == "note"
    assert "This reply was not sent: the channel takes free answers only" in note.text


@pytest.mark.parametrize(
    ("sends", "changes", "field"),
    [
        (Sends(text=TextLimit(most=20)), {"text": "word " * 10}, "text"),
        (Sends(files=FileLimits(count=0)), {"attachments": True}, "attachments"),
        (Sends(), {"mode": "public"}, "mode"),
    ],
)
async def test_what_the_channel_does_not_take_is_refused_before_anything_is_written(
    desk: "Desk", sends: Sends, changes: dict[str, object], field: str
) -> None:
    ticket = await written(desk)
    takes(desk, sends)
    if changes.get("attachments"):
        changes = {"attachments": [await desk.actions.upload(b"x", name="a.txt", media_type="text/plain")]}
    with pytest.raises(Invalid) as refused:
        await desk.actions.reply(ticket.id, replace(REPLY, **changes))
    assert refused.value.facts["field"] == field
    await desk.settle()
    assert agents_words(desk) == []


async def shutting(desk: "Desk", **asked: int) -> list[str]:
    page = await DueTickets(desk.engine, desk.reader).page(TicketFilter(), order="window", **asked)
    return [each.number for each in page.items]


async def test_where_somebody_waits_the_window_that_shuts_first_is_listed_first_until_they_are_answered(
    desk: "Desk",
) -> None:
    now = desk.clock.now()
    for number, hours in enumerate((5, 2, 9), 1):
        await desk.write("hello", sender=f"a{number}@example.org", reply_by=now + hours * HOUR)
        await desk.settle()
    await desk.write("by a channel without a window", sender="a4@example.org")
    await desk.settle()
    assert await shutting(desk) == ["T-2", "T-1", "T-3"]
    assert await shutting(desk, since=now + 3 * HOUR, before=now + 6 * HOUR) == ["T-1"]
    await desk.actions.change("T-1", TicketChanges(status="on_hold"), actor="ada")
    await desk.actions.reply("T-2", REPLY)
    await desk.actions.change("T-3", TicketChanges(status="solved"), actor="ada")
    assert await shutting(desk) == ["T-1"], "what is on hold waits still; what is answered or over does not"


async def test_the_board_counts_the_windows_that_shut_within_an_hour(desk: "Desk") -> None:
    now = desk.clock.now()
    for number, minutes in enumerate((59, 61), 1):
        await desk.write("hello", sender=f"a{number}@example.org", reply_by=now + minutes * 60_000)
    await desk.settle()
    board = (await board_service(desk).see()).board
    assert sum(queue.shutting for queue in board.queues) == 1
    sentence = "1 customer can be answered freely for less than an hour in support"
    assert sentence in (board.verdict.sentence, *board.verdict.also)
    desk.clock.advance(HOUR)
    assert sum(queue.shutting for queue in (await board_service(desk).see()).board.queues) == 1
