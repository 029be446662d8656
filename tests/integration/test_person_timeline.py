"""The timeline of a person: all that was said in all their tickets, the latest first, page by page, nothing twice."""

import random
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import NotFound
from trunkline.queue.identifiers import new_id
from trunkline.router.cases import Cases
from trunkline.router.merging import Merging
from trunkline.router.person_timeline import PersonTimeline, Place, Said
from trunkline.router.ticket_requests import Writing

if TYPE_CHECKING:
    from .conftest import Desk

MARIA, WORK, BOB = "maria@example.org", "m.lee@work.test", "bob@example.org"


def timeline(desk: "Desk") -> PersonTimeline:
    return PersonTimeline(desk.engine, desk.reader)


async def pages(desk: "Desk", customer: str, limit: int = 50, **wanted: Any) -> list[Said]:
    """All of a timeline, page by page."""
    found, before = list[Said](), None
    while True:
        page = await timeline(desk).page(customer, before=before, limit=limit, **wanted)
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            return found
        before = page.next


async def writes(desk: "Desk", text: str, sender: str, **facts: Any) -> str:
    """A message; the record on which it is filed."""
    await desk.write(text, sender=sender, **facts)
    await desk.settle()
    said = [line.data["article"] for line in await desk.lines() if line.kind == "message.received"]
    return str(said[-1]["author"]["id"])


async def test_what_was_said_in_all_tickets_stands_in_one_list_with_its_ticket_and_channel(desk: "Desk") -> None:
    maria = await writes(desk, "my lamp", MARIA, conversation="a", subject="A lamp")
    desk.clock.advance(5)
    await writes(desk, "my chair", MARIA, conversation="b", channel="mail", subject="A chair")
    await writes(desk, "not hers", BOB)
    desk.clock.advance(5)
    await desk.actions.reply("T-1", Writing(text="which lamp?", actor="agent:ada", agent="ada"))
    desk.clock.advance(5)
    await writes(desk, "the green one " + "very " * 200, MARIA, conversation="a")
    said = [each for each in await pages(desk, maria) if each.author.kind != "system"]
    assert [(each.number, each.channel, each.author.kind, each.text[:13]) for each in said] == [
        ("T-1", "test", "customer", "the green one"),
        ("T-1", "test", "agent", "which lamp?"),
        ("T-2", "mail", "customer", "my chair"),
        ("T-1", "test", "customer", "my lamp"),
    ]
    assert [(each.subject, len(each.text) <= 300) for each in said[:3:2]] == [("A lamp", True), ("A chair", True)]
    only = [each for each in await pages(desk, maria, channel="mail") if each.author.kind != "system"]
    assert [each.text for each in only] == ["my chair"]
    with pytest.raises(NotFound):
        await timeline(desk).page(new_id(5))


@pytest.mark.parametrize("seed", range(3))
async def test_pages_of_any_length_hold_everything_once_and_in_order(desk: "Desk", seed: int) -> None:
    chance, records = random.Random(seed), set[str]()
    for number in range(25):
        desk.clock.advance(chance.choice([0, 0, 1, 3]))
        sender, joins = chance.choice([MARIA, WORK]), chance.choice(["a", "b", "c", ""])
        records.add(await writes(desk, f"message {number}", sender, conversation=joins and f"{joins}-{sender}"))
    one, other = sorted(records)
    await Merging(desk.engine, desk.clock).merge(one, other, actor="agent:ada")
    await Cases(desk.engine, desk.clock).merge("T-2", "T-1", actor="agent:ada")
    await writes(desk, "message 25", MARIA, conversation=f"a-{MARIA}")
    whole = await pages(desk, one)
    assert whole == await pages(desk, other)
    messages = [each for each in whole if each.kind == "message"]
    assert sorted(each.text for each in messages) == sorted(f"message {number}" for number in range(26))
    assert [each.at for each in messages] == sorted((each.at for each in messages), reverse=True)
    for limit in (1, 2, 7):
        assert await pages(desk, one, limit=limit) == whole


async def test_a_page_reads_only_the_tickets_that_can_have_something_on_it(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        maria = await writes(desk, f"message {number}", MARIA, conversation=f"c{number}")
        desk.clock.advance(1)
    call, read = desk.engine.call, list[str]()

    async def watched(*command: Any, **more: Any) -> Any:
        read.append(str(command[0]))
        return await call(*command, **more)

    monkeypatch.setattr(desk.engine, "call", watched)
    page = await timeline(desk).page(maria, limit=5)
    assert len(page.items) == 5
    assert read.count("ZREVRANGE") <= 6 * 2
    assert read.count("HGETALL") <= 5 + 2
    last: Place | None = page.next
    assert last is not None
