"""Several proven identities of one message are one person; what is less proven, or known apart, is never merged."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router import person
from trunkline.router.merging import Merging
from trunkline.router.person import MOST_RECORDS
from trunkline.router.proposals import DAY_MS, MOST_A_DAY, MOST_OPEN
from trunkline.router.records import Customer

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

MAIL = "maria@example.org"


def email(value: str = MAIL, assurance: int = 3) -> dict[str, Any]:
    return {"kind": "email", "value": value, "assurance": assurance, "evidence": "signed by the page"}


async def visit(desk: "Desk", visitor: str, *others: dict[str, Any], assurance: int = 3, **more: Any) -> Customer:
    """A line of a visitor who is known as others too, newer than all before; the customer it is filed on."""
    desk.clock.advance(1)
    given = {"kind": "chat:web"} | more
    await desk.write(f"hello from {visitor}", sender=visitor, assurance=assurance, others=list(others), **given)
    await desk.settle()
    return await customer(desk)


async def customer(desk: "Desk") -> Customer:
    """The customer of the newest article."""
    (article,) = [line.data["article"] for line in await desk.lines() if line.kind == "message.received"][-1:]
    return await desk.reader.customer(article["author"]["id"])


def keys(record: Customer) -> set[str]:
    return {identity.key for identity in record.identities}


async def known(desk: "Desk") -> dict[str, str]:
    """Identity → customer, as it is looked up."""
    flat = await desk.engine.call("HGETALL", desk.engine.keys("identities"))
    return {key.decode(): id_.decode() for key, id_ in zip(flat[::2], flat[1::2], strict=True)}


async def test_a_visitor_with_a_signed_address_is_the_customer_who_mailed_from_it(desk: "Desk") -> None:
    await desk.write("my lamp is broken", sender=MAIL, assurance=2, name="Maria")
    await desk.settle()
    mailed = await customer(desk)
    visitor = await visit(desk, "u1", email())
    assert visitor.id == mailed.id
    assert visitor.names == ("Maria",)
    assert keys(visitor) == {f"email:{MAIL}", "chat:web:u1"}
    assert {identity.assurance for identity in visitor.identities} == {3}
    (link,) = visitor.links
    assert (link["kind"], link["state"], link["identity"], link["with"]) == (
        "merge",
        "joined",
        "chat:web:u1",
        f"email:{MAIL}",
    )
    assert link["evidence"] == "signed by the page; test"
    assert link["at"] == desk.clock.now()
    assert set((await known(desk)).values()) == set(visitor.records)
    (line,) = [line for line in await desk.lines() if line.kind == "customer.merged"]
    assert [each["id"] for each in line.data["people"]] == [visitor.id]


async def test_what_one_message_joined_can_be_parted_and_stays_parted(desk: "Desk") -> None:
    joined = await visit(desk, "u1", email())
    records = await known(desk)
    visitor, mailed = records["chat:web:u1"], records[f"email:{MAIL}"]
    assert joined.records == tuple(sorted((visitor, mailed)))
    await Merging(desk.engine, desk.clock).part(visitor, mailed, actor="agent:ada")
    again = await visit(desk, "u1", email())
    assert (again.id, again.records, keys(again)) == (visitor, (), {"chat:web:u1"})
    assert keys(await desk.reader.customer(mailed)) == {f"email:{MAIL}"}


async def test_an_address_that_is_proven_later_comes_onto_the_visitors_record(desk: "Desk") -> None:
    first = await visit(desk, "u1", assurance=1)
    later = await visit(desk, "u1", email())
    assert later.id == first.id
    assert keys(later) == {"chat:web:u1", f"email:{MAIL}"}
    again = await visit(desk, "u1", email())
    assert (again.revision, len(again.links)) == (later.revision, 1)
    await desk.write("by mail now", sender=MAIL, assurance=2)
    await desk.settle()
    assert (await customer(desk)).id == first.id


@pytest.mark.parametrize("assurance", [0, 1, 2])
async def test_what_is_not_proven_to_be_controlled_joins_nobody(desk: "Desk", assurance: int) -> None:
    await desk.write("my lamp is broken", sender=MAIL, assurance=2)
    await desk.settle()
    mailed = await customer(desk)
    visitor = await visit(desk, "u1", email(assurance=assurance))
    other = await visit(desk, "u2", email(), assurance=min(assurance, 2))
    assert len({mailed.id, visitor.id, other.id}) == 3
    assert keys(visitor) == {"chat:web:u1"}
    assert {link["state"] for each in (visitor, other) for link in each.links} <= {"proposed"}


async def test_200_simultaneous_first_messages_with_two_identities_make_one_customer(desk: "Desk") -> None:
    pair = [("chat:web", "u1"), ("email", MAIL)]
    for n in range(200):
        first, second = pair if n % 2 else pair[::-1]
        also = {"kind": second[0], "value": second[1], "assurance": 3, "evidence": "test"}
        await desk.write(f"line {n}", sender=first[1], kind=first[0], assurance=3, others=[also], lane=f"lane{n}")
    await asyncio.gather(*(desk.filers.drain() for _ in range(8)))
    while len(tickets := await desk.tickets()) < 200:  # what lost a race too often waits a little
        desk.clock.advance(1_000)
        await desk.settle()
    people = [await desk.reader.customer(str(id_)) for id_ in {ticket.customer for ticket in tickets}]
    record = people[0]
    assert all(each == record for each in people)
    assert keys(record) == {"chat:web:u1", f"email:{MAIL}"}
    assert len(record.identities) == 2
    assert len(record.links) == 1
    assert set((await known(desk)).values()) == set(record.records)


async def test_two_known_customers_are_not_merged_but_proposed_on_both_records_once(desk: "Desk") -> None:
    await desk.write("my lamp is broken", sender=MAIL, assurance=2)
    await desk.settle()
    mailed = await customer(desk)
    visitor = await visit(desk, "u1", assurance=1)
    for _ in range(3):
        assert (await visit(desk, "u1", email())).id == visitor.id
    mailed, visitor = await desk.reader.customer(mailed.id), await desk.reader.customer(visitor.id)
    assert (keys(mailed), keys(visitor)) == ({f"email:{MAIL}"}, {"chat:web:u1"})
    (of_visitor,), (of_mailed,) = visitor.links, mailed.links
    assert (of_visitor["state"], of_visitor["customer"], of_visitor["identity"]) == (
        "proposed",
        mailed.id,
        f"email:{MAIL}",
    )
    assert (of_mailed["state"], of_mailed["customer"], of_mailed["identity"]) == (
        "proposed",
        visitor.id,
        "chat:web:u1",
    )
    assert await known(desk) == {f"email:{MAIL}": mailed.id, "chat:web:u1": visitor.id}


async def test_who_proves_two_known_addresses_joins_the_first_and_the_other_is_for_a_person_to_decide(
    desk: "Desk",
) -> None:
    for address in ("a@example.org", "b@example.org"):
        await desk.write("hello", sender=address, assurance=2)
        await desk.settle()
    first, second = [record for key, record in sorted((await known(desk)).items())]
    one, other = (email(address) for address in ("a@example.org", "b@example.org"))
    visitor = await visit(desk, "u1", one, other)
    assert keys(visitor) == {"chat:web:u1", "email:a@example.org"}
    assert [link["state"] for link in (await desk.reader.customer(second)).links] == ["proposed"]
    await Merging(desk.engine, desk.clock).keep_apart(first, second, actor="agent:ada")
    again = await visit(desk, "u2", one, other)
    assert second not in again.records, "whom somebody keeps apart nobody new brings together"
    states = [link["state"] for link in (await desk.reader.customer(second)).links]
    assert states == ["proposed", "declined", "declined"], "the two, and what was proposed between them"


async def test_what_is_kept_apart_from_one_record_is_not_proposed_to_another_of_the_same_person(desk: "Desk") -> None:
    await desk.write("hello", sender=MAIL, assurance=2)
    await desk.settle()
    mailed = (await known(desk))[f"email:{MAIL}"]
    first = (await visit(desk, "u1", assurance=1)).id
    second = (await visit(desk, "u2", assurance=1)).id
    people = Merging(desk.engine, desk.clock)
    await people.merge(first, second, actor="agent:ada")
    await people.keep_apart(first, mailed, actor="agent:ada")
    await visit(desk, "u2", email())
    assert [link["state"] for link in (await desk.reader.customer(mailed)).links] == ["declined"]


async def test_an_address_that_very_many_visitors_prove_is_full_and_their_messages_are_filed(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "MOST_LINKS", 6)
    monkeypatch.setattr(person, "MOST_RECORDS", 4)
    for number in range(12):
        await desk.write(f"line {number}", sender=f"u{number}", kind="chat:web", assurance=3, others=[email()])
        await desk.settle()
    assert len(await desk.tickets()) == 12
    record = next(
        each
        for each in await desk.reader.records((await known(desk))[f"email:{MAIL}"])
        if keys(each) == {f"email:{MAIL}"}
    )
    assert (len(record.records), len(record.links)) == (4, 6)


async def test_better_proof_of_what_is_joined_already_is_no_merge(desk: "Desk") -> None:
    await visit(desk, "u1", email())
    await visit(desk, "u1", email(assurance=4), email("c@example.org"), email("d@example.org"))
    lines = [line for line in await desk.lines() if line.kind == "customer.merged"]
    assert [len(line.data["links"]) for line in lines] == [1, 2]
    await visit(desk, "u1", email(), assurance=4)
    assert len([line for line in await desk.lines() if line.kind == "customer.merged"]) == 2


async def test_simultaneous_messages_note_a_proposal_once(desk: "Desk") -> None:
    await desk.write("my lamp is broken", sender=MAIL, assurance=2)
    await visit(desk, "u1", assurance=1)
    for n in range(20):
        await desk.write("hello", sender="u1", kind="chat:web", assurance=3, others=[email()], lane=f"lane{n}")
    await asyncio.gather(*(desk.filers.drain() for _ in range(8)))
    records = [await desk.reader.customer(id_) for id_ in set((await known(desk)).values())]
    assert [[link["state"] for link in record.links] for record in records] == [["proposed"], ["proposed"]]


async def test_proposals_and_identities_of_one_customer_are_bounded(desk: "Desk") -> None:
    for n in range(MOST_OPEN + 3):
        await desk.write("hello", sender=f"a{n}@example.org", assurance=2)
    record = await visit(desk, "u1", assurance=1)
    for n in range(MOST_A_DAY + 2):
        record = await visit(desk, "u1", email(f"a{n}@example.org"))
    assert len([link for link in record.links if link["state"] == "proposed"]) == MOST_A_DAY
    for n in range(MOST_OPEN + 3):
        desk.clock.advance(DAY_MS // MOST_A_DAY + 1)
        record = await visit(desk, "u1", email(f"a{n}@example.org"))
    assert len([link for link in record.links if link["state"] == "proposed"]) == MOST_OPEN
    for n in range(MOST_RECORDS + 3):
        await desk.write("hello", sender="u1", kind="chat:web", assurance=3, others=[email(f"b{n}@example.org")])
    await desk.settle()
    record = await customer(desk)
    assert (len(record.identities), len(record.records)) == (MOST_RECORDS, MOST_RECORDS)
    assert len(await known(desk)) == 1 + MOST_OPEN + 3 + MOST_RECORDS + 3, "who is not joined is known all the same"


async def test_whoever_is_proven_takes_part_in_the_ticket_with_every_identity(desk: "Desk") -> None:
    await visit(desk, "u1", email(), conversation="chat:web:u1", announces=["chat:web:u1", "mail:1@test"])
    await desk.write(
        "by mail", channel="mail", sender=MAIL, assurance=2, conversation="mail:1@test", announces=["mail:2@test"]
    )
    await desk.settle()
    assert len(await desk.tickets()) == 1


FIELDS = {"order": "A-17", "plan": "pro", "company": "Acme"}


async def says(desk: "Desk", sender: str, fields: dict[str, Any], **facts: Any) -> str:
    """The customer's record after a message that says this for fields."""
    desk.clock.advance(1)
    await desk.write("hello", sender=sender, fields=fields, account="shop", **facts)
    await desk.settle()
    return str((await desk.tickets())[-1].customer)


async def test_what_a_proven_sender_says_is_written_and_rules_can_ask_for_it_at_once(desk: "Desk") -> None:
    asked = {"customer": {"plan": "pro", "company": "acme"}, "ticket": {"order": "a-17"}}
    rule = {"name": "pros", "when": asked, "then": {"queue": "billing"}}
    desk.configure({**SETTINGS, "rules": [rule]})
    customer = await says(desk, "maria@example.org", FIELDS | {"seats": "many", "weather": "rain"})
    record = await desk.reader.customer(customer)
    assert (record.company, record.fields, record.written["company"].by) == ("Acme", {"plan": "pro"}, "source:shop")
    (ticket,) = await desk.tickets()
    assert (ticket.queue, ticket.rules, ticket.fields) == ("billing", ("pros",), {"order": "A-17"})
    (article, *_) = await desk.reader.articles(ticket.id)
    assert article.fields == FIELDS | {"seats": "many", "weather": "rain"}, "what goes nowhere is kept"
    (line,) = [line for line in await desk.lines() if line.kind == "customer.updated"]
    assert (line.data["actor"], line.data["changes"]["fields.plan"]) == ("source:shop", [None, "pro"])
    await says(desk, "maria@example.org", FIELDS)
    assert (await desk.reader.customer(customer)).revision == record.revision, "the same again changes nothing"


async def test_what_an_unproven_sender_claims_stays_on_what_they_wrote(desk: "Desk") -> None:
    customer = await says(desk, "maria@example.org", FIELDS)
    before = await desk.reader.customer(customer)
    claim = {"order": "B-1", "plan": "free", "company": "Evil"}
    assert await says(desk, "maria@example.org", claim, assurance=0) == customer
    assert await desk.reader.customer(customer) == before
    ticket = (await desk.tickets())[-1]
    assert (ticket.unproven, ticket.fields) == (True, {"order": "B-1"})
    stranger = await says(desk, "new@example.org", claim, assurance=0)
    record = await desk.reader.customer(stranger)
    assert (record.company, record.fields) == ("", {}), "nor does a claim begin a record with what it says"


async def test_a_later_message_fills_the_ticket_that_it_joins_when_it_is_proven(desk: "Desk") -> None:
    conversation = {"conversation": "test:one"}
    await says(desk, "maria@example.org", {"order": "A-17"}, **conversation)
    await says(desk, "maria@example.org", {"parts": "lamp"}, **conversation)
    (ticket,) = await desk.tickets()
    assert ticket.fields == {"order": "A-17", "parts": ["lamp"]}
    await says(desk, "maria@example.org", {"order": "B-1"}, assurance=0, **conversation)
    assert (await desk.tickets())[0].fields == ticket.fields


async def test_a_language_that_was_written_down_is_not_changed_by_what_a_message_is_written_in(desk: "Desk") -> None:
    customer = await says(desk, "maria@example.org", {"customer.language": "et"}, language="en")
    await says(desk, "maria@example.org", {}, language="es")
    assert (await desk.reader.customer(customer)).language == "et"


async def test_a_visitor_who_signed_in_is_joined_with_whom_they_were_known_as_but_nobody_else(desk: "Desk") -> None:
    mailed = await visit(desk, MAIL, kind="email", assurance=2)
    anonymous = await visit(desk, "v1", assurance=1)
    assert anonymous.id != mailed.id
    assert [link["state"] for link in (await visit(desk, "v1", email())).links] == ["proposed"]
    signed = await visit(desk, "v1", email(), signed_in=True)
    assert keys(signed) == {"chat:web:v1", f"email:{MAIL}"}
    assert [link["state"] for link in signed.links] == ["proposed", "joined"]
    await visit(desk, "li@example.org", kind="email", assurance=2)
    second = await visit(desk, "v1", email("li@example.org"), signed_in=True)
    assert keys(second) == {"chat:web:v1", f"email:{MAIL}"}
    assert [link["state"] for link in second.links] == ["proposed", "joined", "proposed"]
