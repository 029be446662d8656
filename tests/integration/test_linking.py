"""A customer proves a second address with a code that comes back in the ticket: nobody else, nowhere else, once."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, Gone, Invalid, NotFound, Overloaded
from trunkline.gateway.channels import CARDS
from trunkline.normalizer.envelope import Assurance
from trunkline.router.blocked_senders import BlockedSenders
from trunkline.router.cases import Cases
from trunkline.router.merging import Merging
from trunkline.router.proof_request import LIFETIME_MS, TRIES, ProofRequest
from trunkline.router.proof_requests import PER_HOUR, ProofStore
from trunkline.router.records import Customer, Ticket

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

MARIA, WORK, ADA = "maria@example.org", "m.lee@work.test", "agent:ada"


async def writes(desk: "Desk", text: str = "My lamp is broken.", *, conversation: str = "lamp", **facts: Any) -> Ticket:
    """Maria writes into her conversation, or somebody else into theirs; the ticket."""
    desk.clock.advance(1)
    await desk.write(text, **({"sender": MARIA, "conversation": conversation} | facts))
    await desk.settle()
    return next(
        Ticket.model_validate(line.data["ticket"])
        for line in reversed(await desk.lines())
        if line.kind == "message.received"
    )


async def code_of(desk: "Desk", request: ProofRequest) -> str:
    """As the mail brings it."""
    return request.code(await ProofStore(desk.engine).key())


async def asked(desk: "Desk", ticket: Ticket, address: str = WORK) -> str:
    """Ada asks; the code that is mailed."""
    desk.clock.advance(1)
    return await code_of(desk, await desk.actions.proofs.ask(ticket.id, address, actor=ADA))


async def person(desk: "Desk", ticket: Ticket) -> Customer:
    return await desk.reader.customer(str(ticket.customer))


def keys(customer: Customer) -> set[str]:
    return {each.key for each in customer.identities}


async def happened(desk: "Desk") -> list[str]:
    return [line.kind.removeprefix("ticket.proof_") for line in await desk.lines() if "proof" in line.kind]


async def records(desk: "Desk", *tickets: Ticket) -> list[tuple[Any, ...]]:
    """What tells of the people behind tickets whether they are one."""
    found = [await desk.reader.customer(str(each.customer)) for each in tickets]
    return [(each.id, each.names, each.records, keys(each)) for each in found]


BOTH = {f"email:{MARIA}", f"email:{WORK}"}


async def test_a_code_that_comes_back_in_the_ticket_joins_the_address(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    assert (await writes(desk, f"Here you are: {code[:4]} {code[4:]}.")).id == ticket.id
    customer = await person(desk, ticket)
    assert keys(customer) == BOTH
    assert {each.assurance for each in customer.identities} == {Assurance.CONTROL}
    (link,) = customer.links
    assert (link["state"], link["evidence"]) == ("joined", f"a code sent by mail came back in {ticket.number}")
    assert link["how"] == f"a code sent to one came back from the other; {ADA} asked for it"
    article = (await desk.reader.articles(ticket.id))[-1]
    assert article.author.assurance == Assurance.CONTROL
    assert await happened(desk) == ["asked", "given"]
    told = [line.data["changes"] for line in await desk.lines() if line.kind == "ticket.proof_asked"]
    assert told == [{"proof": [None, "m…@work.test"]}]
    assert await ProofStore(desk.engine).raw(ticket.id) == ""


async def test_two_who_were_known_already_are_joined_and_parted_as_if_it_had_not_been(desk: "Desk") -> None:
    other = await writes(desk, sender=WORK, conversation="work", name="M. Lee")
    ticket = await writes(desk, name="Maria")
    before = await records(desk, ticket, other)
    await writes(desk, await asked(desk, ticket))
    joined = await person(desk, ticket)
    assert (keys(joined), set(joined.records)) == (BOTH, {ticket.customer, other.customer})
    await Merging(desk.engine, desk.clock).part(str(ticket.customer), str(other.customer), actor=ADA)
    assert await records(desk, ticket, other) == before


async def test_a_code_says_nothing_of_another_address_that_is_proven_beside_it(desk: "Desk") -> None:
    """Such as that of a signed token of somebody else's, whom a person has parted from them."""
    third = await writes(desk, sender="shared@work.test", conversation="shared")
    ticket, merging = await writes(desk), Merging(desk.engine, desk.clock)
    await merging.merge(str(ticket.customer), str(third.customer), actor=ADA)
    await merging.part(str(ticket.customer), str(third.customer), actor=ADA)
    beside = [{"kind": "email", "value": "shared@work.test", "assurance": 3, "evidence": "test"}]
    await writes(desk, await asked(desk, ticket), assurance=3, others=beside)
    assert keys(await person(desk, ticket)) == BOTH
    assert keys(await person(desk, third)) == {"email:shared@work.test"}


async def test_a_proposal_that_waits_is_settled_by_it(desk: "Desk") -> None:
    other, ticket = await writes(desk, sender=WORK, conversation="work"), await writes(desk)
    both = [{"kind": "email", "value": WORK, "assurance": 3, "evidence": "test"}]
    await writes(desk, assurance=3, others=both)
    assert [each["state"] for each in (await person(desk, ticket)).links] == ["proposed"]
    await writes(desk, await asked(desk, ticket))
    assert (await person(desk, ticket)).records == tuple(sorted((str(other.customer), str(ticket.customer))))


@pytest.mark.parametrize(
    "words",
    ["{0}", "it is {1}-{2}, thanks", "{1}\u00a0{2}", "code:\n{0}\nMaria"],
)
async def test_a_code_is_found_in_what_people_write_around_it(desk: "Desk", words: str) -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await writes(desk, words.format(code, code[:4], code[4:]))
    assert await happened(desk) == ["asked", "given"]


async def test_a_code_in_what_is_quoted_or_of_a_machine_says_nothing(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await writes(desk, "I got this", quoted=code)
    await writes(desk, code, automation="auto_reply")
    assert await happened(desk) == ["asked"]


async def test_nobody_else_can_say_the_code_nor_use_up_its_tries(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    for _ in range(TRIES + 1):
        await writes(desk, "00000000", sender="eve@evil.test")
        await writes(desk, "00000000", assurance=0)
    await writes(desk, code, sender="eve@evil.test")
    await writes(desk, code, assurance=0)  # in her name, by anybody
    await writes(desk, code, sender=WORK)  # forwarded to us from there: it proves nothing of Maria
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    assert await happened(desk) == ["asked"]
    await writes(desk, code)
    assert keys(await person(desk, ticket)) == BOTH


async def test_a_code_is_good_in_its_own_ticket_only(desk: "Desk") -> None:
    ticket, other = await writes(desk), await writes(desk, conversation="parcel")
    assert other.id != ticket.id
    code = await asked(desk, ticket)
    await asked(desk, other, "else@work.test")
    await writes(desk, code, conversation="parcel")
    await writes(desk, code, conversation="a third one")
    assert await happened(desk) == ["asked", "asked", "failed"]
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}


async def test_a_code_of_a_case_is_said_by_any_ticket_of_it(desk: "Desk") -> None:
    ticket, part = await writes(desk), await writes(desk, conversation="parcel")
    await Cases(desk.engine, desk.clock).merge(part.id, ticket.id, actor=ADA, revision=None)
    code = await asked(desk, ticket)
    with pytest.raises(Conflict, match="work there"):
        await desk.actions.proofs.ask(part.id, WORK, actor=ADA)
    await writes(desk, code, conversation="parcel")
    assert keys(await person(desk, ticket)) == BOTH
    assert await ProofStore(desk.engine).raw(ticket.id) == ""


async def test_a_code_is_good_once(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await writes(desk, code)
    joined = await person(desk, ticket)
    await Merging(desk.engine, desk.clock).part(joined.records[0], joined.records[1], actor=ADA)
    await writes(desk, code)
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    assert await happened(desk) == ["asked", "given"]


async def test_only_the_newest_code_of_a_ticket_is_good_and_for_a_day(desk: "Desk") -> None:
    ticket = await writes(desk)
    first, second = await asked(desk, ticket), await asked(desk, ticket)
    await writes(desk, first)
    desk.clock.advance(LIFETIME_MS)
    await writes(desk, second)
    assert await happened(desk) == ["asked", "asked", "failed"]
    await writes(desk, await asked(desk, ticket))
    assert keys(await person(desk, ticket)) == BOTH


async def test_a_code_can_be_taken_back(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await desk.actions.proofs.withdraw(ticket.id, actor=ADA)
    await desk.actions.proofs.withdraw(ticket.id, actor=ADA)
    await writes(desk, code)
    assert await happened(desk) == ["asked", "withdrawn"]
    assert await ProofStore(desk.engine).of(ticket.id, desk.clock.now()) is None


async def test_guesses_over_many_connections_at_once_are_five(desk: "Desk") -> None:
    """Each message comes in a lane of its own, so all are filed at the same moment."""
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    wrong = [f"{(int(code) + step) % 100_000_000:08d}" for step in range(1, 41)]
    for number, guess in enumerate((*wrong[:30], code, *wrong[30:])):
        await desk.write(guess, sender=MARIA, conversation="lamp", lane=f"lane {number:02d}")
    await desk.filers.run_once()
    assert await happened(desk) in (["asked", *["failed"] * TRIES], ["asked", *["failed"] * 4, "given"])
    guessed = [line for line in await desk.lines() if line.kind == "message.received"]
    assert len(guessed) == 42


async def test_several_codes_in_one_message_are_several_tries(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    wrong = " / ".join(f"{(int(code) + step) % 100_000_000:08d}" for step in range(1, TRIES + 1))
    await writes(desk, f"{wrong} / {code}")
    await writes(desk, code)
    assert await happened(desk) == ["asked", "failed"]


async def test_an_address_is_not_filled_with_codes_whoever_asks(desk: "Desk") -> None:
    tickets = [await writes(desk, conversation=f"talk {number}") for number in range(PER_HOUR["to"] + 1)]
    for ticket in tickets[:-1]:
        await asked(desk, ticket)
    with pytest.raises(Overloaded) as refused:
        await desk.actions.proofs.ask(tickets[-1].id, WORK.upper(), actor="token:crm")
    assert 0 < (refused.value.retry_after or 0) <= 3600
    for number in range(PER_HOUR["of"]):
        await asked(desk, tickets[-1], f"x{number}@work.test")
    with pytest.raises(Overloaded):
        await desk.actions.proofs.ask(tickets[-1].id, "y@work.test", actor="token:crm")
    desk.clock.advance(3_600_000)
    await asked(desk, tickets[-1])


async def test_nobody_is_asked_who_could_not_answer_or_to_no_use(desk: "Desk") -> None:
    ticket = await writes(desk)
    proofs = desk.actions.proofs
    claimed = await writes(desk, sender="form@example.org", assurance=0, conversation="form")
    desk.configure(SETTINGS | {"agents": {"ada": {"name": "Ada", "email": "ada@shop.test", "queues": ["support"]}}})
    await BlockedSenders(desk.engine, desk.clock).block("@evil.test", actor=ADA, reason="spam")
    refused = {
        (claimed.id, WORK): "it is not proven who wrote",
        (ticket.id, MARIA): "ask for another address",
        (ticket.id, "ada@shop.test"): "one of our own",
        (ticket.id, "eve@evil.test"): "@evil.test is blocked: spam",
    }
    for (id_, address), words in refused.items():
        with pytest.raises(Conflict, match=words):
            await proofs.ask(id_, address, actor=ADA)
    with pytest.raises(Invalid):
        await proofs.ask(ticket.id, "not an address", actor=ADA)
    with pytest.raises(NotFound):
        await proofs.ask("T-99", WORK, actor=ADA)
    await writes(desk, await asked(desk, ticket))
    with pytest.raises(Conflict, match="known as theirs already"):
        await proofs.ask(ticket.id, WORK, actor=ADA)
    assert [letter for letter in await happened(desk) if letter == "asked"] == ["asked"]


async def test_who_is_kept_apart_stays_apart(desk: "Desk") -> None:
    other, ticket = await writes(desk, sender=WORK, conversation="work"), await writes(desk)
    code = await asked(desk, ticket)
    await Merging(desk.engine, desk.clock).keep_apart(str(ticket.customer), str(other.customer), actor=ADA)
    await writes(desk, code)
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    with pytest.raises(Conflict, match="not the same person"):
        await desk.actions.proofs.ask(ticket.id, WORK, actor=ADA)


async def test_who_was_parted_after_the_question_stays_parted(desk: "Desk") -> None:
    other, ticket = await writes(desk, sender=WORK, conversation="work"), await writes(desk)
    code, merging = await asked(desk, ticket), Merging(desk.engine, desk.clock)
    pair = (str(ticket.customer), str(other.customer))
    desk.clock.advance(1)
    await merging.merge(*pair, actor=ADA)
    await merging.part(*pair, actor=ADA)
    await writes(desk, code)
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    await writes(desk, await asked(desk, ticket))
    assert keys(await person(desk, ticket)) == BOTH


async def test_who_was_merged_meanwhile_is_one_person_and_better_proven(desk: "Desk") -> None:
    other, ticket = await writes(desk, sender=WORK, conversation="work"), await writes(desk)
    code = await asked(desk, ticket)
    await Merging(desk.engine, desk.clock).merge(str(ticket.customer), str(other.customer), actor=ADA)
    await writes(desk, code)
    customer = await person(desk, ticket)
    assert keys(customer) == BOTH
    assert [each["state"] for each in customer.links] == ["joined"]
    assert {each.assurance for each in customer.identities} == {Assurance.CONTROL}


async def test_whoever_is_blocked_meanwhile_proves_nothing_until_a_person_has_looked(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await BlockedSenders(desk.engine, desk.clock).block(MARIA, actor=ADA)
    await desk.write(code, sender=MARIA, conversation="lamp")
    await desk.settle()
    assert keys(await person(desk, ticket)) == {f"email:{MARIA}"}
    assert len(await desk.intake_handler.suspended.list()) == 1


@pytest.mark.parametrize("name", [f"email:{MARIA}", WORK, "the ticket"])
async def test_a_person_who_is_erased_takes_the_request_along(desk: "Desk", name: str) -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await ProofStore(desk.engine).forget({ticket.id if name == "the ticket" else name})
    await writes(desk, code)
    assert await happened(desk) == ["asked"]


async def test_an_answer_and_the_taking_back_at_the_same_moment_are_one_of_both(desk: "Desk") -> None:
    ticket = await writes(desk)
    code = await asked(desk, ticket)
    await desk.write(code, sender=MARIA, conversation="lamp")
    withdrawn, _ = await asyncio.gather(
        desk.actions.proofs.withdraw(ticket.id, actor=ADA), desk.filers.run_once(), return_exceptions=True
    )
    assert withdrawn is None or isinstance(withdrawn, Gone)
    assert await happened(desk) in (["asked", "given"], ["asked", "withdrawn"])


async def test_a_visitor_of_a_chat_is_proven_enough_to_be_asked(desk: "Desk") -> None:
    assert CARDS["chat"].facts.proven == Assurance.CHANNEL
    desk.intake_handler._parsers["chat"] = desk.parse  # type: ignore[index]
    ticket = await writes(desk, sender="v1", kind="chat:web", assurance=1, channel="chat", conversation="chat:web:v1")
    code = await asked(desk, ticket)
    await writes(desk, code, sender="v1", kind="chat:web", assurance=1, channel="chat", conversation="chat:web:v1")
    assert keys(await person(desk, ticket)) == {"chat:web:v1", f"email:{WORK}"}
