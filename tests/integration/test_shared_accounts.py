"""A message that two of our accounts tell of is one, where the channel's ids are the same for both."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from trunkline.normalizer.channel_facts import ChannelFacts, Channels
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk

BOTH = ("desk", "other")


@pytest.fixture
def shared(desk: "Desk") -> "Desk":
    channels = Channels(test=ChannelFacts(words="Test", ids_by_account=False))
    desk.policy = replace(desk.policy, channels=channels)
    desk.delivery._channels = channels
    return desk


async def texts(desk: "Desk") -> list[str]:
    (ticket,) = await desk.tickets()
    return [each.text for each in await desk.reader.articles(ticket.id) if each.author.kind == "customer"]


async def test_it_is_one_article_in_one_ticket_and_changes_reach_it_by_either(shared: "Desk") -> None:
    for account in BOTH:
        await shared.write("my lamp is broken", external_id="m", conversation="C:1", account=account)
    await shared.settle()
    assert await texts(shared) == ["my lamp is broken"]
    for account in reversed(BOTH):
        await shared.write(
            "my lamps are broken",
            external_id="e",
            message_kind="edit",
            amends="m",
            order="9",
            conversation="C:1",
            account=account,
        )
    await shared.settle()
    assert await texts(shared) == ["my lamps are broken"]
    await shared.write("hello?", conversation="C:1", account="other")
    await shared.settle()
    assert await texts(shared) == ["my lamps are broken", "hello?"]


async def test_an_answer_of_ours_is_known_by_its_id_whichever_account_tells_of_it(shared: "Desk") -> None:
    async def numbered(_: Outgoing) -> Sent:
        return Sent(reference="C:2")

    shared.delivery._senders = {"test": numbered}
    await shared.write(conversation="C:1")
    await shared.settle()
    (ticket,) = await shared.tickets()
    await shared.actions.reply(ticket.id, Writing(text="Try another bulb.", agent="ada", actor="ada"))
    await shared.settle()
    for id_, text in (("C:2", "Try another bulb."), ("C:3", "from elsewhere")):
        for account in BOTH:
            await shared.write(text, external_id=id_, conversation="C:1", account=account, direction="out", sender="")
    await shared.settle()
    ours = [each.text for each in await shared.reader.articles(ticket.id) if each.author.kind != "customer"]
    assert sorted(ours)[-2:] == ["Try another bulb.", "from elsewhere"]
    assert len(ours) == 3
