"""The export of a person: one document with everything that is kept of them, and with nothing of anybody else."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import NotFound
from trunkline.queue.identifiers import new_id
from trunkline.router.merging import Merging
from trunkline.router.person_export import FORMAT, PersonExport, PersonExports
from trunkline.router.ticket_requests import Writing

from .test_person_timeline import BOB, MARIA, WORK, writes

if TYPE_CHECKING:
    from .conftest import Desk


async def exported(desk: "Desk", customer: str) -> PersonExport:
    parts = [part async for part in PersonExports(desk.engine, desk.clock, desk.reader).export(customer)]
    return PersonExport.model_validate(json.loads(b"".join(parts)))


async def test_it_holds_all_records_tickets_and_articles_with_their_whole_texts(desk: "Desk") -> None:
    maria = await writes(desk, "my lamp " + "and so on " * 500, MARIA, name="Maria", subject="A lamp")
    desk.clock.advance(1)
    work = await writes(desk, "from work", WORK)
    await writes(desk, "not hers", BOB)
    await desk.actions.reply("T-1", Writing(text="which lamp?", actor="agent:ada", agent="ada"))
    await Merging(desk.engine, desk.clock).merge(maria, work, actor="agent:ada", reason="she said so")
    document = await exported(desk, work)
    assert (document.format, document.exported_at) == (FORMAT, desk.clock.now())
    assert [each.id for each in document.records] == [maria, work]
    assert document.person == await desk.reader.customer(maria)
    assert {each.number for each in document.tickets} == {"T-1", "T-2"}
    (first,) = [each for each in document.tickets if each.number == "T-1"]
    assert first.ticket == (await desk.reader.ticket("T-1")).record
    assert list(first.articles) == await desk.reader.articles(first.ticket.id)
    assert len(first.articles[0].text) > 4_000
    assert "not hers" not in document.model_dump_json()


async def test_of_a_ticket_of_somebody_else_it_holds_only_what_they_said(desk: "Desk") -> None:
    await writes(desk, "my lamp", BOB, conversation="c", subject="Of Bob")
    maria = await writes(desk, "mine as well", MARIA, conversation="c")
    (only,) = (await exported(desk, maria)).tickets
    assert (only.ticket, only.number, [each.text for each in only.articles]) == (None, "T-1", ["mine as well"])


async def test_of_a_message_of_somebody_else_it_holds_the_mark_that_they_put_below_it(desk: "Desk") -> None:
    await writes(desk, "my lamp", BOB, conversation="c", external_id="m")
    maria = await writes(desk, "mine as well", MARIA, conversation="c")
    for sender in (MARIA, BOB):
        mark = {"message_kind": "reaction", "amends": "m", "reaction": {"emoji": f"😀{sender[0]}"}}
        await desk.write("", sender=sender, conversation="c", sent_at=5, **mark)
    await desk.settle()
    (only,) = (await exported(desk, maria)).tickets
    assert [(each.emoji, each.at) for each in only.reactions] == [(f"😀{MARIA[0]}", 5)]
    assert [each.text for each in only.articles] == ["mine as well"]


async def test_it_is_made_part_by_part(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        maria = await writes(desk, f"message {number} " + "x" * 3_000, MARIA, conversation="c")
    whole, under_way = desk.reader.whole, list[int]()

    async def watched(stored: Any) -> Any:
        under_way.append(len(parts))
        return await whole(stored)

    monkeypatch.setattr(desk.reader, "whole", watched)
    parts = list[bytes]()
    async for part in PersonExports(desk.engine, desk.clock, desk.reader).export(maria):
        parts.append(part)
    assert under_way == sorted(set(under_way)), "an article is read when the one before has left"
    assert max(map(len, parts)) < 8_000
    with pytest.raises(NotFound):
        await exported(desk, new_id(5))
