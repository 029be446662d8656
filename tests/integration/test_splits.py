"""Articles are split out of a ticket into a new one, later answers follow them, and the split can be undone."""

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, Invalid, PreconditionFailed
from trunkline.router.cases import Cases
from trunkline.router.records import Article, Ticket
from trunkline.router.split_plan import SplitRequest
from trunkline.router.splits import Splits
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk

ACTOR = "agent:ada"


def splits(desk: "Desk") -> Splits:
    return Splits(desk.engine, desk.clock, lambda: desk.policy)


async def mails(desk: "Desk", id_: str, text: str, *, answers: str = "", **facts: Any) -> None:
    """Maria writes a mail with this Message-ID."""
    desk.clock.advance(1_000)
    await desk.write(
        text,
        channel="mail",
        announces=[f"mail:{id_}"],
        conversation=f"mail:{answers}" if answers else "",
        in_reply_to=answers,
        ext={"message_id": id_},
        lane=id_,
        **facts,
    )
    await desk.settle()


async def articles(desk: "Desk", number: str) -> list[Article]:
    ticket = (await desk.reader.ticket(number)).record
    return [await desk.reader.article(id_) for id_ in await desk.reader.case_article_ids(ticket)]


async def texts(desk: "Desk", number: str) -> list[str]:
    return [each.text for each in await articles(desk, number) if each.author.kind != "system"]


async def three(desk: "Desk") -> list[Article]:
    """T-1 with three mails; the second is about something else."""
    await mails(desk, "a@x", "The lamp is broken", subject="Lamp")
    await mails(desk, "b@x", "By the way, my chair too", answers="a@x", subject="Re: Lamp")
    await mails(desk, "c@x", "The lamp is green", answers="a@x")
    return [each for each in await articles(desk, "T-1") if each.author.kind == "customer"]


async def split(desk: "Desk", chosen: list[Article], **asked: Any) -> Ticket:
    request = SplitRequest(articles=[each.id for each in chosen], **asked)
    return await splits(desk).split("T-1", request, actor=ACTOR)


async def test_an_article_becomes_a_ticket_of_the_same_customer_and_leaves_a_mark(desk: "Desk") -> None:
    lamp, chair, _ = await three(desk)
    made = await split(desk, [chair], subject="Chair", queue="billing", priority=2, reason="another thing")
    old = await desk.reader.ticket("T-1")
    assert (made.number, made.subject, made.queue, made.priority, made.status) == ("T-2", "Chair", "billing", 2, "new")
    assert (made.customer, made.split_from) == (old.record.customer, old.record.id)
    assert await texts(desk, "T-2") == ["By the way, my chair too"]
    assert await texts(desk, "T-1") == ["The lamp is broken", "The lamp is green"]
    assert (await desk.reader.article(chair.id)).ticket == made.id
    (mark,) = old.work.moved
    assert (mark.number, mark.at, mark.by, mark.articles) == ("T-2", chair.created_at, ACTOR, 1)
    new = await desk.reader.ticket("T-2")
    assert (new.work.arrived_at, new.work.customer_waits_since) == (chair.created_at, chair.created_at)
    assert old.work.customer_waits_since == lamp.created_at
    assert new.work.reply_to == old.work.reply_to
    told = [line for line in await desk.lines() if line.kind == "ticket.split"]
    assert [(line.subject, line.data["other"]["number"], line.data["articles"]) for line in told] == [
        (old.record.id, "T-2", [chair.id])
    ]
    assert await desk.reader.index.count_waiting("billing") == 1


async def test_later_answers_to_what_has_moved_go_to_the_new_ticket_and_others_do_not(desk: "Desk") -> None:
    _, chair, _ = await three(desk)
    await split(desk, [chair])
    await mails(desk, "d@x", "about the chair", answers="b@x")
    await mails(desk, "e@x", "about the lamp", answers="c@x")
    assert await texts(desk, "T-2") == ["By the way, my chair too", "about the chair"]
    assert (await texts(desk, "T-1"))[-1] == "about the lamp"


async def test_an_answer_to_our_reply_that_has_moved_follows_it_although_its_token_names_the_old_ticket(
    desk: "Desk",
) -> None:
    _, chair, _ = await three(desk)
    await desk.actions.reply("T-1", Writing(text="We send a new chair", actor=ACTOR, agent="ada"))
    await desk.settle()
    reply = next(each for each in await articles(desk, "T-1") if each.kind == "reply" and each.author.kind == "agent")
    made = await split(desk, [chair, reply])
    assert made.first_response_at == reply.created_at
    given = {"number": "T-1", "from_bound_address": True}
    await mails(desk, "d@x", "thanks for the chair", answers=reply.external_id, token=given)
    await mails(desk, "e@x", "and my lamp?", answers="c@x", token=given)
    assert (await texts(desk, "T-2"))[-1] == "thanks for the chair"
    assert (await texts(desk, "T-1"))[-1] == "and my lamp?"


async def test_answers_to_an_article_that_was_filed_without_its_keys_follow_it_too(desk: "Desk") -> None:
    digest = "#" + "0" * 64
    await mails(desk, "a@x", "The lamp is broken", external_id=f"a@x{digest}")
    await mails(desk, "b@x", "My chair too", answers="a@x", external_id=f"b@x{digest}")
    _, chair = [each for each in await articles(desk, "T-1") if each.author.kind == "customer"]
    await desk.engine.call("HDEL", desk.offers._keys.article(chair.id), "_announces")
    made = await split(desk, [chair])
    await mails(desk, "c@x", "It creaks", answers="b@x")
    assert await texts(desk, made.number) == ["My chair too", "It creaks"]


async def test_a_repeat_of_what_has_moved_is_known_where_it_is(desk: "Desk") -> None:
    again = {"external_id": "same", "recipients": ["support@example.test"], "conversation": "c:1", "lane": "x"}
    await desk.write("The lamp is broken", conversation="c:1")
    await desk.write("My chair too", **again)
    await desk.settle()
    _, chair = [each for each in await articles(desk, "T-1") if each.author.kind == "customer"]
    made = await split(desk, [chair])
    await desk.write("My chair too", **again | {"recipients": ["billing@example.test"], "dedup": "another delivery"})
    await desk.settle()
    assert await texts(desk, made.number) == ["My chair too"]
    assert (await desk.reader.article(chair.id)).recipients == ("support@example.test", "billing@example.test")
    (told,) = [line for line in await desk.lines() if line.kind == "message.updated"]
    assert told.subject == made.id


async def test_what_is_erased_while_it_is_split_off_is_not_written_anew(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp, chair, green = await three(desk)
    run = desk.engine.run

    async def erased_before(script: Any, *args: Any, **more: Any) -> Any:
        if script.name == "split_ticket.lua":
            await desk.engine.call("HSET", desk.offers._keys.article(green.id), "erased_at", "1")
        return await run(script, *args, **more)

    monkeypatch.setattr(desk.engine, "run", erased_before)
    with pytest.raises(Conflict, match="was erased"):
        await split(desk, [green])
    made = await split(desk, [chair])
    assert await texts(desk, made.number) == ["By the way, my chair too"]
    assert lamp.text in await texts(desk, "T-1")


async def test_what_says_that_the_matter_is_done_says_so_of_the_ticket_where_it_is(desk: "Desk") -> None:
    await mails(desk, "a@x", "The lamp is broken")
    await mails(desk, "b@x", "Please ignore my last mail.", answers="a@x")
    _, settled = [each for each in await articles(desk, "T-1") if each.author.kind == "customer"]
    made = await split(desk, [settled])
    assert made.settled is not None
    assert made.settled.article == settled.id
    assert (await desk.reader.ticket("T-1")).record.settled is None


async def test_a_reply_of_either_ticket_refers_to_nothing_of_the_other(desk: "Desk") -> None:
    _, _, green = await three(desk)
    await split(desk, [green])
    for number in ("T-1", "T-2"):
        await desk.actions.reply(number, Writing(text="an answer", actor=ACTOR, agent="ada"))
    desk.sent.clear()
    await desk.settle()
    sent = {each.number: each for each in desk.sent}
    assert (sent["T-1"].in_reply_to, sent["T-2"].in_reply_to) == ("b@x", "c@x")
    assert "c@x" not in sent["T-1"].references
    assert sent["T-2"].references[-1] == "c@x"


async def test_who_was_written_to_in_other_messages_gets_no_copy_of_what_is_answered_to_those_that_moved(
    desk: "Desk",
) -> None:
    await mails(desk, "a@x", "The lamp", copied={"li@example.org": ""})
    await mails(desk, "b@x", "My salary", answers="a@x")
    await mails(desk, "c@x", "The lamp again", answers="a@x", copied={"li@example.org": ""})
    said = [each for each in await articles(desk, "T-1") if each.author.kind == "customer"]
    await split(desk, [said[1]])
    for number in ("T-1", "T-2"):
        await desk.actions.reply(number, Writing(text="an answer", actor=ACTOR, agent="ada"))
    desk.sent.clear()
    await desk.settle()
    assert {each.number: [who.address for who in each.copied] for each in desk.sent} == {
        "T-1": ["li@example.org"],
        "T-2": [],
    }


async def test_to_merge_the_new_ticket_into_the_old_one_undoes_it(desk: "Desk") -> None:
    _, chair, _ = await three(desk)
    before = await texts(desk, "T-1")
    await split(desk, [chair])
    await Cases(desk.engine, desk.clock).merge("T-2", "T-1", actor=ACTOR)
    assert await texts(desk, "T-1") == before
    await mails(desk, "d@x", "about the chair", answers="b@x")
    assert await texts(desk, "T-1") == [*before, "about the chair"]


async def test_what_cannot_be_split_off_says_why_and_a_split_can_be_repeated(desk: "Desk") -> None:
    lamp, chair, green = await three(desk)
    with pytest.raises(Conflict, match="nothing that the customer wrote would be left in T-1"):
        await split(desk, [lamp, chair, green])
    acknowledged = next(each for each in await articles(desk, "T-1") if each.author.kind == "system")
    with pytest.raises(Conflict, match="begins with something that the customer wrote"):
        await split(desk, [acknowledged])
    with pytest.raises(Invalid, match="no queue"):
        await split(desk, [chair], queue="nowhere")
    asked = SplitRequest(articles=[chair.id])
    with pytest.raises(PreconditionFailed):
        await splits(desk).split("T-1", asked, actor=ACTOR, revision=1)
    made = await split(desk, [chair])
    assert await split(desk, [chair]) == made
    with pytest.raises(Conflict, match="not all of these"):
        await split(desk, [chair, green])
    await desk.actions.reply("T-1", Writing(text="not sent yet", actor=ACTOR, agent="ada"))
    reply = (await articles(desk, "T-1"))[-1]
    with pytest.raises(Conflict, match="has not left yet"):
        await split(desk, [green, reply])
    await Cases(desk.engine, desk.clock).merge("T-1", "T-2", actor=ACTOR)
    with pytest.raises(Conflict, match="T-1 is merged into T-2; undo that first"):
        await split(desk, [green])


async def test_messages_that_are_filed_during_a_split_are_in_one_ticket_each(desk: "Desk") -> None:
    _, chair, green = await three(desk)
    for n in range(8):
        facts = {"announces": [f"mail:n{n}@x"], "ext": {"message_id": f"n{n}@x"}, "lane": f"n{n}"}
        await desk.write(f"chair {n}", channel="mail", conversation="mail:b@x", **facts)
    made, *_ = await asyncio.gather(split(desk, [chair, green]), *(desk.filers.drain() for _ in range(4)))
    await desk.settle()
    both = [*await texts(desk, "T-1"), *await texts(desk, made.number)]
    assert sorted(both) == sorted([*(f"chair {n}" for n in range(8)), "The lamp is broken", chair.text, green.text])


@pytest.mark.parametrize("seed", range(3))
async def test_however_a_ticket_is_split_every_message_is_in_one_ticket_and_its_answers_follow(
    desk: "Desk", seed: int
) -> None:
    draw = random.Random(seed)
    await mails(desk, "0@x", "message 0")
    homes = {"0@x": "T-1"}
    for turn in range(1, 25):
        answered = draw.choice(sorted(homes))
        await mails(desk, f"{turn}@x", f"message {turn}", answers=answered)
        homes[f"{turn}@x"] = homes[answered]
        number = draw.choice(sorted(set(homes.values())))
        said = [each for each in await articles(desk, number) if each.author.kind == "customer"]
        if len(said) > 2 and draw.random() < 0.4:
            chosen = draw.sample(said, draw.randrange(1, len(said)))
            asked = SplitRequest(articles=[each.id for each in chosen])
            made = await splits(desk).split(number, asked, actor=ACTOR)
            homes |= {f"{each.text.removeprefix('message ')}@x": made.number for each in chosen}
    for number in set(homes.values()):
        expected = {f"message {key.removesuffix('@x')}" for key, home in homes.items() if home == number}
        assert set(await texts(desk, number)) == expected
        assert len(await texts(desk, number)) == len(expected)
