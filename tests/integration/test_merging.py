"""People merge the records of customers, part them again and keep them apart; nothing moves, so nothing is lost."""

import asyncio
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, NotFound
from trunkline.queue.identifiers import new_id
from trunkline.router.customer_values import values_of
from trunkline.router.customer_writing import CustomerWriting
from trunkline.router.merging import Merging
from trunkline.router.reader import TicketFilter
from trunkline.router.records import Customer

if TYPE_CHECKING:
    from .conftest import Desk

ACTOR = "agent:ada"


def merging(desk: "Desk") -> Merging:
    return Merging(desk.engine, desk.clock)


async def writes(desk: "Desk", sender: str, text: str = "hello", **facts: Any) -> str:
    """The record on which a message of this sender is filed, which is newer than all others."""
    desk.clock.advance(1)
    await desk.write(text, sender=sender, **facts)
    await desk.settle()
    return next(line.data["article"] for line in reversed(await desk.lines()) if line.kind == "message.received")[
        "author"
    ]["id"]


async def tickets_of(desk: "Desk", customer: str, **wanted: Any) -> list[str]:
    page = await desk.reader.tickets(TicketFilter(customer=customer, **wanted))
    return [ticket.number for ticket in page.items]


async def test_two_records_are_read_as_one_person_by_the_id_of_either(desk: "Desk") -> None:
    mail, work = (
        await writes(desk, "maria@example.org", name="Maria"),
        await writes(desk, "m.lee@work.test", name="M. Lee"),
    )
    await writes(desk, "maria@example.org", conversation="second")
    person = await merging(desk).merge(mail, work, actor=ACTOR, reason="she said so")
    assert person == await desk.reader.customer(work) == await desk.reader.customer(mail)
    assert (person.id, person.records, person.names) == (mail, (mail, work), ("Maria", "M. Lee"))
    assert await tickets_of(desk, work) == ["T-3", "T-2", "T-1"] == await tickets_of(desk, mail)
    first = await desk.reader.tickets(TicketFilter(customer=mail), limit=2)
    rest = await desk.reader.tickets(TicketFilter(customer=mail), limit=2, cursor=first.next)
    assert [each.number for each in (*first.items, *rest.items)] == ["T-3", "T-2", "T-1"]
    (line,) = [line for line in await desk.lines() if line.kind.startswith("customer.")]
    assert (line.kind, line.subject, line.data["actor"]) == ("customer.merged", mail, ACTOR)
    assert [Customer.model_validate(each) for each in line.data["people"]] == [person.model_copy(update={"links": ()})]
    assert [each["customer"] for each in line.data["links"]] == [work]
    (entry,) = person.links
    assert (entry["state"], entry["by"], entry["reason"], entry["at"]) == (
        "joined",
        ACTOR,
        "she said so",
        desk.clock.now(),
    )


async def test_parting_gives_back_what_was_there_and_replies_go_where_they_went(desk: "Desk") -> None:
    mail, work = await writes(desk, "maria@example.org"), await writes(desk, "m.lee@work.test")
    before = [await desk.reader.customer(each) for each in (mail, work)]
    await merging(desk).merge(work, mail, actor=ACTOR)
    stored = await desk.reader.ticket("T-2")
    assert stored.work.reply_to is not None
    assert stored.work.reply_to.to == "m.lee@work.test"
    await merging(desk).part(mail, work, actor="agent:boris", reason="they are cousins")
    after = [await desk.reader.customer(each) for each in (mail, work)]
    assert [without_ledger(each) for each in after] == [without_ledger(each) for each in before]
    assert await tickets_of(desk, mail) == ["T-1"]
    (line,) = [line for line in await desk.lines() if line.kind == "customer.parted"]
    assert [each["id"] for each in line.data["people"]] == [mail, work]


async def test_a_message_of_a_merged_person_is_placed_by_what_is_known_of_all_their_records(desk: "Desk") -> None:
    mail, work = await writes(desk, "maria@example.org", language="es"), await writes(desk, "m.lee@work.test")
    await merging(desk).merge(mail, work, actor=ACTOR)
    await writes(desk, "m.lee@work.test", text="ok", conversation="later")
    assert (await desk.reader.ticket("T-3")).record.language == "es"


async def test_what_is_kept_apart_is_not_proposed_again_and_a_proposal_is_joined_with_its_evidence(
    desk: "Desk",
) -> None:
    mail = await writes(desk, "maria@example.org")
    visitor = await writes(desk, "u1", kind="chat:web", assurance=1)
    other = {"kind": "email", "value": "maria@example.org", "assurance": 3, "evidence": "a code"}
    await writes(desk, "u1", kind="chat:web", assurance=3, others=[other])
    (proposal,) = (await desk.reader.customer(visitor)).links
    assert (proposal["state"], proposal["customer"]) == ("proposed", mail)
    await merging(desk).keep_apart(visitor, mail, actor=ACTOR)
    await writes(desk, "u1", kind="chat:web", assurance=3, others=[other])
    ledger = (await desk.reader.customer(mail)).links
    assert [entry["state"] for entry in ledger] == ["proposed", "declined"]
    person = await merging(desk).merge(mail, visitor, actor=ACTOR)
    assert person.records == tuple(sorted((mail, visitor)))
    assert person.links[-1]["evidence"] == proposal["evidence"]
    await writes(desk, "u1", kind="chat:web", assurance=3, others=[other])
    assert [entry["state"] for entry in (await desk.reader.customer(mail)).links][-1] == "joined"


async def test_what_cannot_be_decided_says_why_and_a_decision_can_be_repeated(desk: "Desk") -> None:
    mail, work = await writes(desk, "maria@example.org"), await writes(desk, "m.lee@work.test")
    people, nobody = merging(desk), new_id(desk.clock.now())
    with pytest.raises(NotFound, match=nobody):
        await people.merge(mail, nobody, actor=ACTOR)
    with pytest.raises(Conflict, match="same record"):
        await people.merge(mail, mail, actor=ACTOR)
    with pytest.raises(Conflict, match="not linked"):
        await people.part(mail, work, actor=ACTOR)
    await people.merge(mail, work, actor=ACTOR)
    with pytest.raises(Conflict, match="part them first"):
        await people.keep_apart(mail, work, actor=ACTOR)
    position = await desk.feed.last()
    await people.merge(work, mail, actor=ACTOR)
    assert await desk.feed.last() == position
    assert (await people.preview(mail, work)).records == (mail, work)


async def test_people_of_one_person_are_not_kept_apart_but_parted_where_they_are_joined(desk: "Desk") -> None:
    first, second, third = [await writes(desk, f"c{number}@example.org") for number in range(3)]
    people = merging(desk)
    await people.merge(first, second, actor=ACTOR)
    await people.merge(second, third, actor=ACTOR)
    with pytest.raises(Conflict, match="one person"):
        await people.keep_apart(first, third, actor=ACTOR)


async def test_a_record_that_is_gone_is_left_out_and_hangs_nobody(desk: "Desk") -> None:
    first, second = [await writes(desk, f"c{number}@example.org") for number in range(2)]
    await merging(desk).merge(first, second, actor=ACTOR)
    await desk.engine.call("DEL", desk.engine.keys("customer", second))
    assert (await asyncio.wait_for(desk.reader.customer(first), 5)).id == first
    assert await writes(desk, "c0@example.org", conversation="later") == first


async def test_a_line_of_the_feed_does_not_grow_with_the_ledgers(desk: "Desk") -> None:
    first, second = [await writes(desk, f"c{number}@example.org") for number in range(2)]
    people = merging(desk)
    for _ in range(6):
        await people.merge(first, second, actor=ACTOR, reason="r" * 900)
        await people.part(first, second, actor=ACTOR)
    sizes = [len(str(line.data)) for line in await desk.lines() if line.kind == "customer.merged"]
    assert max(sizes) < min(sizes) + 100


async def test_30_people_who_decide_at_once_make_one_chain_of_records(desk: "Desk") -> None:
    records = [await writes(desk, f"c{number}@example.org") for number in range(8)]
    pairs = [(one, other) for one, other in pairwise(records) for _ in range(4)]
    people = merging(desk)
    await asyncio.gather(*(people.merge(one, other, actor=ACTOR) for one, other in pairs))
    assert {(await desk.reader.customer(each)).records for each in records} == {tuple(records)}
    assert sum(line.kind == "customer.merged" for line in await desk.lines()) == len(records) - 1


SENDERS = [f"p{number}@example.org" for number in range(5)]
LANGUAGES = ["en", "es", "unknown"]


@pytest.mark.parametrize("seed", range(6))
async def test_unmerging_gives_what_would_have_been_without_the_links(desk: "Desk", seed: int) -> None:
    """Whatever was merged and parted between the messages, each record is what its own messages make of it."""
    chance, people, records = random.Random(seed), merging(desk), dict[str, str]()
    wrote, linked = dict[str, list[tuple[str, str, str]]](), set[frozenset[str]]()
    for number in range(14):
        sender, name, language = chance.choice(SENDERS), f"Name {chance.randrange(3)}", chance.choice(LANGUAGES)
        records[sender] = await writes(desk, sender, conversation=f"t{number}", name=name, language=language)
        wrote.setdefault(sender, []).append((f"T-{number + 1}", name, language))
        if len(records) > 1:
            pair = frozenset(chance.sample(sorted(records), 2))
            await (people.part if pair in linked else people.merge)(*(records[each] for each in pair), actor=ACTOR)
            linked ^= {pair}
    for pair in linked:
        await people.part(*(records[each] for each in pair), actor=ACTOR)
    for sender, messages in wrote.items():
        person = await desk.reader.customer(records[sender])
        assert ([known.value for known in person.identities], person.records) == ([sender], ())
        assert person.names == tuple(dict.fromkeys(name for _, name, _ in messages))
        said = [language for _, _, language in messages if language != "unknown"]
        assert person.language == (said[-1] if said else "unknown")
        assert await tickets_of(desk, person.id) == [number for number, _, _ in reversed(messages)]


def without_ledger(customer: Customer) -> Customer:
    return customer.model_copy(update={"links": (), "revision": 0})


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_written_while_records_are_one_persons_is_read_of_all_and_stays_where_it_was_written(
    desk: "Desk", seed: int
) -> None:
    """Against a model without people: each record has the last of what was written into it, and nothing else."""
    chance, writing, links = random.Random(seed), CustomerWriting(desk.engine, desk.clock), set[frozenset[str]]()
    records = [await writes(desk, f"{name}@example.org") for name in ("ada", "bob", "carl")]
    own: dict[str, dict[str, Any]] = {id_: {} for id_ in records}
    for _ in range(40):
        desk.clock.advance(1)
        one, other = chance.sample(records, 2)
        if chance.random() < 0.6:
            place = chance.choice(["segment", "company", "fields.seats", "external_ids.crm"])
            value = chance.choice([None, "1", "2"]) if place != "fields.seats" else chance.choice([None, 1, 2])
            before = await desk.reader.customer(one)
            try:
                person = await writing.change(one, {place: value}, actor=ACTOR)
            except Conflict:
                assert place == "external_ids.crm"
                assert not {each for each in own if own[each].get(place) == value} & {*before.records, one}
                continue
            assert values_of(person).get(place) == value, "the newest writing is what is read"
            holder = next((each for each in own if place == "external_ids.crm" and own[each].get(place) == value), one)
            own[one if value is None else holder][place] = value
        elif frozenset((one, other)) in links:
            links.remove(frozenset((one, other)))
            await merging(desk).part(one, other, actor=ACTOR)
        elif other not in (await desk.reader.customer(one)).records:
            links.add(frozenset((one, other)))
            await merging(desk).merge(one, other, actor=ACTOR)
    for one, other in map(sorted, links):
        await merging(desk).part(one, other, actor=ACTOR)
    for id_ in records:
        held = {place: value for place, value in own[id_].items() if value is not None}
        assert values_of(await desk.reader.customer(id_)) == held
    ids = {
        f"external:crm:{values['external_ids.crm']}": id_
        for id_, values in own.items()
        if values.get("external_ids.crm")
    }
    index = await desk.engine.call("HGETALL", desk.engine.keys("identities"))
    kept = {key.decode(): id_.decode() for key, id_ in zip(index[::2], index[1::2], strict=True)}
    assert {key: id_ for key, id_ in kept.items() if key.startswith("external:")} == ids
