"""Who else gets an answer: whom the customer wrote to, never whom a stranger names, and whom the agent chooses."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Invalid
from trunkline.normalizer.envelope import Addressee
from trunkline.router.addressees import MOST
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk

MARIA, BEA, EVE = "maria@example.org", "bea@example.net", "eve@example.com"


async def mail(desk: "Desk", sender: str = MARIA, number: int = 1, **facts: Any) -> None:
    own = {"ext": {"message_id": f"{number}@x"}, "announces": [f"mail:{number}@x"], "channel": "mail"}
    await desk.write(f"mail {number}", sender=sender, **(own | facts))
    await desk.settle()


async def answered(desk: "Desk", text: str = "Try another bulb", **more: Any) -> list[tuple[str, str]]:
    """To whom an answer goes beside the pinned address."""
    (ticket, *_) = await desk.tickets()
    await desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="ada", **more))
    await desk.settle()
    outgoing = desk.sent[-1]
    assert (outgoing.to, outgoing.text) == (MARIA, text)
    return [(each.address, each.name) for each in outgoing.copied]


def people(*addresses: str) -> dict[str, str]:
    return dict.fromkeys(addresses, "")


async def test_everybody_to_whom_a_proven_customer_wrote_is_answered_but_not_acknowledged(desk: "Desk") -> None:
    await mail(desk, copied={BEA: "Bea Lind", MARIA: "", EVE: ""})
    (acknowledgement,) = desk.sent
    assert (acknowledgement.automatic, acknowledgement.copied) == (True, ())
    assert await answered(desk) == [(BEA, "Bea Lind"), (EVE, "")]
    *_, article = await desk.reader.articles((await desk.tickets())[0].id)
    assert [each.address for each in article.copied] == [BEA, EVE]


async def test_nobody_whom_an_unproven_mail_names_is_answered_by_default(desk: "Desk") -> None:
    await mail(desk, copied=people(BEA, EVE), assurance=0)
    assert await answered(desk) == []


async def test_the_newest_mail_of_somebody_who_takes_part_decides(desk: "Desk") -> None:
    await mail(desk, copied=people(BEA, EVE))
    token = {"token": {"number": "T-1", "from_bound_address": False}}
    await mail(desk, BEA, 2, copied=people(MARIA, "carl@example.net"), name="Bea Lind", **token)
    assert await answered(desk) == [(BEA, "Bea Lind"), ("carl@example.net", "")]
    await mail(desk, MARIA, 3, **token)
    assert await answered(desk, "to her alone") == []


@pytest.mark.parametrize(
    ("sender", "facts"),
    [
        ("mallory@example.com", {}),  # proven, and takes no part
        (BEA, {"assurance": 0}),
        (MARIA, {"automation": "auto_reply"}),
    ],
)
async def test_strangers_spoofs_and_machines_in_a_ticket_add_nobody(
    desk: "Desk", sender: str, facts: dict[str, Any]
) -> None:
    await mail(desk, copied=people(BEA))
    token = {"token": {"number": "T-1", "from_bound_address": False}}
    await mail(desk, sender, 2, copied=people(EVE), **token, **facts)
    assert len(await desk.tickets()) == 1
    assert await answered(desk) == [(BEA, "")]


async def test_whoever_was_passed_a_reply_address_adds_nobody_however_often_they_write(desk: "Desk") -> None:
    await mail(desk, copied=people(BEA))
    token = {"token": {"number": "T-1", "from_bound_address": False}}
    for number in (2, 3):
        await mail(desk, "mallory@example.com", number, copied=people(EVE), **token)
    await mail(desk, "mallory@example.com", 4, copied=people(EVE), conversation="mail:1@x")
    assert len(await desk.tickets()) == 1
    assert await answered(desk) == [(BEA, "")]


async def test_whom_an_agent_leaves_out_or_adds_stays_so(desk: "Desk") -> None:
    await mail(desk, copied=people(BEA))
    assert await answered(desk, copied=[Addressee(address=EVE, name="Eve")]) == [(EVE, "Eve")]
    assert await answered(desk, "again") == [(EVE, "Eve")]
    assert await answered(desk, "alone", copied=[]) == []
    assert await answered(desk, "still alone") == []


async def test_a_crowd_is_cut_and_an_agent_hears_that_it_is_too_many(desk: "Desk") -> None:
    crowd = [f"p{number}@example.net" for number in range(MOST + 5)]
    await mail(desk, copied=people(*crowd))
    assert [address for address, _ in await answered(desk)] == crowd[:MOST]
    with pytest.raises(Invalid, match=f"at most {MOST}"):
        await answered(desk, copied=[Addressee(address=each) for each in crowd])


@pytest.mark.parametrize("address", ["desk@example.test", "desk+x@example.test", "nobody", "a@b.example\r\nX: y"])
async def test_what_must_not_get_a_copy_is_refused(desk: "Desk", address: str) -> None:
    desk.policy = replace(desk.policy, addresses=frozenset({"desk@example.test"}))
    await mail(desk)
    with pytest.raises(Invalid):
        await answered(desk, copied=[Addressee(address=address)])


async def test_a_channel_without_letters_has_no_copies(desk: "Desk") -> None:
    await desk.write("hello", conversation="c")
    await desk.settle()
    (ticket,) = await desk.tickets()
    with pytest.raises(Invalid, match="no copies"):
        await desk.actions.reply(
            ticket.id, Writing(text="x", agent="ada", actor="ada", copied=[Addressee(address=BEA)])
        )


async def test_a_note_goes_to_nobody(desk: "Desk") -> None:
    await mail(desk, copied=people(BEA))
    (ticket,) = await desk.tickets()
    before = len(desk.sent)
    await desk.actions.note(ticket.id, Writing(text="internal", agent="ada", actor="ada"))
    await desk.settle()
    assert len(desk.sent) == before
