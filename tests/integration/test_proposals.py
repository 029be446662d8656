"""What speaks for it that two records are one person's becomes a proposal, and nothing else does."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router import grounds, proposals
from trunkline.router.erasure.erasure import Erasure
from trunkline.router.merging import Merging
from trunkline.router.person import relations
from trunkline.router.proposals import DAY_MS, WEIGHTS
from trunkline.router.records import Customer

if TYPE_CHECKING:
    from .conftest import Desk

MAIL, WORK, PHONE = "maria@example.org", "m.lee@acme.example", "+4930123456"
ACTOR = "agent:ada"


async def writes(desk: "Desk", sender: str, *others: tuple[str, str], assurance: int = 2, **facts: Any) -> Customer:
    """A message of this sender, with others that its source names; the record on which it is filed."""
    desk.clock.advance(1)
    named = [{"kind": kind, "value": value, "assurance": assurance, "evidence": "shop"} for kind, value in others]
    await desk.write(sender=sender, assurance=assurance, others=named, **facts)
    await desk.settle()
    lines = [line.data["article"] for line in await desk.lines() if line.kind == "message.received"]
    (record,) = [each for each in await desk.reader.records(lines[-1]["author"]["id"]) if _has(each, sender)]
    return record


def _has(record: Customer, value: str) -> bool:
    return any(known.value == value for known in record.identities)


async def held(desk: "Desk", one: Customer, other: Customer) -> Any:
    """What the ledger of one says of the other; both say the same."""
    first, second = [(await desk.reader.customer(each.id)) for each in (one, other)]
    entry, turned = relations(first).get(other.id), relations(second).get(one.id)
    assert (entry is None) == (turned is None)
    if entry and turned:
        assert (entry["state"], entry["how"], entry["at"]) == (turned["state"], turned["how"], turned["at"])
    return entry


async def listed(desk: "Desk") -> int:
    places = await desk.engine.call("ZRANGE", desk.engine.keys("customers"), "[proposed|", "(proposed~", "BYLEX")
    return len(places)


async def test_a_signed_source_that_names_an_address_and_a_number_of_two_customers_proposes_them(desk: "Desk") -> None:
    mailed = await writes(desk, MAIL)
    called = await writes(desk, PHONE, kind="phone")
    assert await held(desk, mailed, called) is None
    await writes(desk, MAIL, ("phone", PHONE))
    entry = await held(desk, mailed, called)
    assert (entry["state"], entry["identity"], entry["with"]) == ("proposed", f"phone:{PHONE}", f"email:{MAIL}")
    assert (entry["how"], entry["weight"], entry["by"]) == (
        "a signed source named both in one message",
        WEIGHTS["named"],
        "router",
    )
    (line,) = [line for line in await desk.lines() if line.kind == "customer.proposed"]
    assert [each["customer"] for each in line.data["links"]] == [called.id]
    await writes(desk, MAIL, ("phone", PHONE))
    assert len((await desk.reader.customer(mailed.id)).links) == 1, "once"


async def test_what_a_source_named_is_remembered_until_somebody_writes_from_there(desk: "Desk") -> None:
    mailed = await writes(desk, MAIL, ("phone", PHONE))
    assert [each.key for each in mailed.named] == [f"phone:{PHONE}"]
    assert not mailed.links
    called = await writes(desk, PHONE, kind="phone")
    entry = await held(desk, mailed, called)
    assert (entry["state"], entry["how"]) == ("proposed", "a signed source named both in one message")


async def test_two_addresses_with_one_customer_number_are_proposed_and_a_number_of_many_speaks_for_nobody(
    desk: "Desk",
) -> None:
    first, second = await writes(desk, MAIL, ("http:shop", "17")), await writes(desk, WORK, ("http:shop", "17"))
    entry = await held(desk, first, second)
    assert (entry["weight"], entry["how"]) == (
        WEIGHTS["shared"],
        "a signed source named the same customer for both",
    )
    for number in range(grounds.MOST_SHARING + 3):
        last = await writes(desk, f"c{number}@firm.example", ("phone", "+49301000"))
    assert not (await desk.reader.customer(last.id)).links, "the number of a switchboard is nobody's"


@pytest.mark.parametrize(
    ("name", "sender", "assurance", "proposed"),
    [
        ("Maria Lee", "maria.lee@acme.example", 2, True),
        ("Lee, Maria", "maria.lee@acme.example", 2, True),
        ("Maria Lee", "maria.lee@acme.example", 0, False),
        ("Maria Lee", "maria.lee@other.example", 2, False),
        ("Maria Lee", "info@acme.example", 2, False),
        ("Maria", "maria.lee@acme.example", 2, False),
        ("Boris Lee", "maria.lee@acme.example", 2, False),
    ],
)
async def test_one_full_name_at_one_companys_domain_is_proposed_where_both_are_proven(
    desk: "Desk", name: str, sender: str, assurance: int, *, proposed: bool
) -> None:
    first = await writes(desk, WORK, name="Maria Lee")
    second = await writes(desk, sender, name=name, assurance=assurance)
    entry = await held(desk, first, second)
    assert bool(entry) is proposed
    if entry:
        assert entry["how"] == f"both write as {name} from acme.example"


async def test_a_name_at_a_public_provider_speaks_for_nobody(desk: "Desk") -> None:
    first = await writes(desk, "maria.lee@gmail.com", name="Maria Lee")
    assert await held(desk, first, await writes(desk, "mlee@gmail.com", name="Maria Lee")) is None


async def test_an_unproven_first_mail_that_is_proven_later_proposes_then(desk: "Desk") -> None:
    first = await writes(desk, WORK, name="Maria Lee")
    claimed = await writes(desk, "maria.lee@acme.example", name="Maria Lee", assurance=0)
    assert await held(desk, first, claimed) is None
    await writes(desk, "maria.lee@acme.example", name="Maria Lee")
    assert (await held(desk, first, claimed))["state"] == "proposed"


@pytest.mark.parametrize(("name", "proposed"), [("Maria Lee", True), ("Boris Lee", False), ("", False)])
async def test_who_answers_under_the_same_name_with_the_reply_address_of_another_is_proposed(
    desk: "Desk", name: str, *, proposed: bool
) -> None:
    first = await writes(desk, MAIL, name="Maria Lee")
    (ticket,) = await desk.tickets()
    token = {"number": ticket.number, "from_bound_address": False}
    second = await writes(desk, "mlee@gmail.com", name=name, token=token)
    assert len(await desk.tickets()) == 1
    assert bool(await held(desk, first, second)) is proposed


async def test_what_somebody_only_writes_of_themselves_proposes_nothing(desk: "Desk") -> None:
    mailed = await writes(desk, MAIL, name="Maria Lee")
    claimed = [("email", MAIL), ("phone", PHONE)]
    stranger = await writes(desk, "eve@evil.example", *claimed, assurance=0, name="Maria Lee")
    channel = await writes(desk, "u1", *claimed, kind="chat:web", assurance=1, name="Maria Lee")
    assert [await held(desk, mailed, each) for each in (stranger, channel)] == [None, None]
    assert await listed(desk) == 0


async def test_what_was_refused_comes_again_once_and_only_on_stronger_grounds(desk: "Desk") -> None:
    people = Merging(desk.engine, desk.clock)
    first = await writes(desk, WORK, name="Maria Lee")
    second = await writes(desk, "maria.lee@acme.example", name="Maria Lee")
    await people.keep_apart(first.id, second.id, actor=ACTOR)
    for name in ("Lee Maria", "Maria T. Lee", "Maria Lee"):
        await writes(desk, "maria.lee@acme.example", name=name)
    assert (await held(desk, first, second))["state"] == "declined", "the same ground again"
    await writes(desk, WORK, ("email", "maria.lee@acme.example"))
    entry = await held(desk, first, second)
    assert (entry["state"], entry["again"]) == ("proposed", True)
    assert entry["how"].endswith("; less was refused before")
    await people.keep_apart(first.id, second.id, actor=ACTOR)
    proof = {"kind": "email", "value": "maria.lee@acme.example", "assurance": 3, "evidence": "a code"}
    desk.clock.advance(1)
    await desk.write(sender=WORK, assurance=3, others=[proof])
    await desk.settle()
    assert (await held(desk, first, second))["state"] == "declined", "twice refused is refused"


async def test_who_was_kept_apart_or_parted_without_a_proposal_is_never_proposed(desk: "Desk") -> None:
    people = Merging(desk.engine, desk.clock)
    first, second, third = [await writes(desk, each) for each in (MAIL, WORK, "c@firm.example")]
    await people.keep_apart(first.id, second.id, actor=ACTOR)
    await people.merge(first.id, third.id, actor=ACTOR)
    await people.part(first.id, third.id, actor=ACTOR)
    await writes(desk, MAIL, ("email", WORK), ("email", "c@firm.example"))
    assert [(await held(desk, first, each))["state"] for each in (second, third)] == ["declined", "parted"]


async def test_an_open_proposal_is_told_anew_when_more_speaks_for_it_and_listed_once(desk: "Desk") -> None:
    first = await writes(desk, WORK, name="Maria Lee")
    second = await writes(desk, "maria.lee@acme.example", name="Maria Lee")
    assert ((await held(desk, first, second))["weight"], await listed(desk)) == (WEIGHTS["namesake"], 1)
    await writes(desk, WORK, ("email", "maria.lee@acme.example"))
    entry = await held(desk, first, second)
    assert (entry["weight"], "again" in entry, await listed(desk)) == (WEIGHTS["named"], False, 1)
    await Merging(desk.engine, desk.clock).merge(first.id, second.id, actor=ACTOR)
    assert await listed(desk) == 0


async def test_a_flood_of_weak_proposals_is_bounded_and_takes_no_place_from_strong_ones(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grounds, "MOST_OF_A_KIND", 3)
    for number in range(5):
        for sender in ("one", "two"):
            name = "Eve " + "abcde"[number] * 3
            await writes(desk, f"{sender}{number}@evil.example", name=name)
    assert await listed(desk) == 3
    mailed, called = await writes(desk, MAIL, ("phone", PHONE)), await writes(desk, PHONE, kind="phone")
    assert (await held(desk, mailed, called))["state"] == "proposed"
    desk.clock.advance(DAY_MS)
    await writes(desk, "one9@evil.example", name="Eve zzz")
    await writes(desk, "two9@evil.example", name="Eve zzz")
    assert await listed(desk) == 5


async def test_one_person_gets_few_proposals_a_day(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "MOST_A_DAY", 2)
    others = [await writes(desk, f"c{number}@firm.example") for number in range(4)]
    mailed = await writes(desk, MAIL, *(("email", f"c{number}@firm.example") for number in range(4)))
    found = [await held(desk, mailed, each) for each in others]
    assert [bool(each) for each in found].count(True) == 2


async def test_erasing_one_of_two_leaves_no_proposal_and_nothing_of_what_a_source_named(desk: "Desk") -> None:
    mailed, called = await writes(desk, MAIL, ("phone", PHONE)), await writes(desk, PHONE, kind="phone")
    assert await listed(desk) == 1
    await Erasure(desk.engine, desk.clock).order(called.id, confirm=PHONE, actor=ACTOR)
    assert await listed(desk) == 0
    left = await desk.reader.customer(mailed.id)
    assert (left.links, left.named) == ((), ())
    words = b" ".join(await desk.engine.call("ZRANGE", desk.engine.keys("customers"), 0, -1))
    assert PHONE.encode() not in words


async def test_an_id_in_another_system_is_written_by_a_source_found_and_told(desk: "Desk") -> None:
    customer = await writes(desk, MAIL, fields={"external_ids.crm": 4711})
    assert customer.external_ids == {"crm": "4711"}
    assert customer.written["external_ids.crm"].by == "source:desk"
    assert await desk.engine.call("HGET", desk.engine.keys("identities"), "external:crm:4711") == customer.id.encode()
    (line,) = [line for line in await desk.lines() if line.kind == "customer.updated"]
    assert line.data["changes"] == {"external_ids.crm": [None, "4711"]}
    again = await writes(desk, MAIL, fields={"external_ids.crm": "4712"})
    assert (again.id, again.external_ids) == (customer.id, {"crm": "4712"})
    assert await desk.engine.call("HGET", desk.engine.keys("identities"), "external:crm:4711") is None
    claimed = await writes(desk, WORK, assurance=0, fields={"external_ids.crm": "1"})
    assert claimed.external_ids == {}


@pytest.mark.parametrize("known", [True, False])
async def test_an_id_that_is_another_customers_speaks_for_the_two_being_one(desk: "Desk", known: bool) -> None:
    first = await writes(desk, MAIL, fields={"external_ids.crm": "4711"})
    if known:
        await writes(desk, WORK)
    second = await writes(desk, WORK, fields={"external_ids.crm": "4711", "company": "Acme"})
    entry = await held(desk, second, first)
    assert (entry["state"], entry["identity"], entry["weight"]) == (
        "proposed",
        "external:crm:4711",
        WEIGHTS["numbered"],
    )
    assert (entry["how"], entry["evidence"]) == ("a signed source said the id that the other has in crm", "4711")
    assert (second.external_ids, second.company) == ({}, "Acme")
    await Merging(desk.engine, desk.clock).merge(second.id, first.id, actor=ACTOR)
    await writes(desk, WORK, fields={"external_ids.crm": "4711"})
    records = await desk.reader.records(first.id)
    assert [each.external_ids for each in records] == [{"crm": "4711"}, {}]
