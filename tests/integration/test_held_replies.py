"""A reply that is held leaves once when its time has come, unless it was taken back; and nothing of it is lost."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.errors import Conflict, EngineUnavailable, Gone, NotFound
from trunkline.normalizer.envelope import Attachment
from trunkline.queue.blob_collector import BlobCollector
from trunkline.queue.scripts import Script, ScriptArguments, ScriptKeys
from trunkline.queue.work import LEASE_MS
from trunkline.router.held_list import HeldReply
from trunkline.router.held_replies import HeldReplies
from trunkline.router.ticket_requests import TicketChanges, Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

UNDO = timedelta(seconds=10)
DUE = 10_000


async def opened(desk: "Desk") -> str:
    """A ticket of Maria's; its acknowledgement is sent."""
    await desk.write("my lamp is broken", subject="Lamp")
    await desk.settle()
    desk.sent.clear()
    return (await desk.tickets())[0].id


async def hold(desk: "Desk", ticket: str, text: str = "Try another bulb", **more: Any) -> HeldReply:
    undo = more.pop("undo", UNDO)
    return await desk.held.hold(ticket, Writing(text=text, agent="ada", actor="agent:ada", **more), undo=undo)


async def later(desk: "Desk", milliseconds: int = DUE) -> list[str]:
    """The texts that have left after this time."""
    desk.clock.advance(milliseconds)
    await desk.settle()
    return [outgoing.text for outgoing in desk.sent]


async def test_it_is_shown_at_its_ticket_until_it_leaves_when_its_time_has_come(desk: "Desk") -> None:
    ticket = await opened(desk)
    held = await hold(desk, "T-1", status="pending")
    assert (held.ticket, held.due) == (ticket, desk.clock.now() + DUE)
    assert await desk.held.of(ticket) == [held]
    assert await later(desk, DUE - 1) == []
    assert await later(desk, 1) == ["Try another bulb"]
    assert await desk.held.of(ticket) == []
    article = await desk.reader.article(held.article)
    assert (article.text, article.author.name) == ("Try another bulb", "Ada")
    assert (await desk.tickets())[0].status == "pending"
    assert (await desk.held.queue.counts())["entries"] == 0


async def test_what_was_taken_back_does_not_leave(desk: "Desk") -> None:
    ticket = await opened(desk)
    held = await hold(desk, ticket)
    assert await desk.held.take_back(held.id) == held
    assert await desk.held.of(ticket) == []
    assert (await desk.held.queue.counts())["entries"] == 0
    assert await later(desk) == []
    with pytest.raises(Gone):
        await desk.held.take_back(held.id)


async def test_what_has_left_cannot_be_taken_back(desk: "Desk") -> None:
    held = await hold(desk, await opened(desk))
    assert await later(desk) == ["Try another bulb"]
    with pytest.raises(Gone):
        await desk.held.take_back(held.id)


async def test_it_is_either_taken_back_or_sent_however_close_both_come(desk: "Desk") -> None:
    ticket = await opened(desk)
    held = [await hold(desk, ticket, f"line {n}") for n in range(30)]
    desk.clock.advance(DUE)
    back, _ = await asyncio.gather(
        asyncio.gather(*(desk.held.take_back(each.id) for each in held), return_exceptions=True), desk.settle()
    )
    await desk.settle()
    kept = [each.text for each in held if not any(isinstance(b, HeldReply) and b.id == each.id for b in back)]
    assert [outgoing.text for outgoing in desk.sent] == kept
    assert {type(each) for each in back} <= {HeldReply, Gone}


async def test_a_worker_that_died_before_it_began_leaves_it_to_be_taken_back(desk: "Desk") -> None:
    held = await hold(desk, await opened(desk))
    desk.clock.advance(DUE)
    await desk.held.queue.claim(desk.clock.now(), lanes=1)
    await desk.held.take_back(held.id)
    assert await later(desk, LEASE_MS + 1) == []
    assert (await desk.held.queue.counts())["entries"] == 0


async def test_the_replies_of_a_ticket_leave_in_the_order_in_which_they_were_held(desk: "Desk") -> None:
    ticket = await opened(desk)
    first, second = await hold(desk, ticket, "first"), await hold(desk, ticket, "second", undo=timedelta())
    assert first.due == second.due
    assert await later(desk) == ["first", "second"]


async def test_a_request_that_comes_twice_is_one_reply_before_and_after_it_has_left(desk: "Desk") -> None:
    ticket = await opened(desk)
    first, again = [await hold(desk, ticket, key="click") for _ in range(2)]
    assert first == again
    assert await later(desk) == ["Try another bulb"]
    assert (await hold(desk, ticket, key="click")).id == first.id
    assert await desk.held.of(ticket) == []
    assert await later(desk) == ["Try another bulb"]


@pytest.mark.parametrize("dies_after", ["release", "reply", "finish"])
async def test_a_worker_that_dies_at_any_point_sends_it_once(
    desk: "Desk", dies_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await opened(desk)
    await hold(desk, ticket, status="solved")
    run = desk.engine.run
    scripts = {"release": "release_reply.lua", "reply": "add_article.lua", "finish": "finish_held_reply.lua"}

    async def dying(script: Script, keys: ScriptKeys, args: ScriptArguments) -> Any:
        answer = await run(script, keys, args)
        if script.name == scripts[dies_after]:
            raise asyncio.CancelledError
        return answer

    desk.clock.advance(DUE)
    monkeypatch.setattr(desk.engine, "run", dying)
    with pytest.raises(asyncio.CancelledError):
        await desk.holders.run_once()
    monkeypatch.setattr(desk.engine, "run", run)
    assert await later(desk, LEASE_MS + 1) == ["Try another bulb"]
    assert (await desk.tickets())[0].status == "solved"
    assert await desk.held.of(ticket) == []
    assert (await desk.held.queue.counts()) == {"entries": 0, "later": 0, "dead": 0}


async def test_when_the_ticket_was_closed_meanwhile_it_leaves_without_its_status(desk: "Desk") -> None:
    ticket = await opened(desk)
    await hold(desk, ticket, status="pending")
    await desk.actions.change(ticket, TicketChanges(status="closed"), actor="agent:boris")
    assert await later(desk) == ["Try another bulb"]
    assert (await desk.tickets())[0].status == "closed"


async def test_what_cannot_be_sent_any_more_becomes_a_note_with_the_cause(desk: "Desk") -> None:
    ticket = await opened(desk)
    file = await desk.actions.upload(b"bytes", name="plan.pdf", media_type="application/pdf")
    held = await hold(desk, ticket, attachments=[file])
    await desk.engine.call("HSET", desk.offers._keys.ticket(ticket), "_reply_to", "null")
    assert await later(desk) == []
    note = (await desk.reader.articles(ticket))[-1]
    assert (note.kind, note.author.id, note.id) == ("note", "ada", held.article)
    assert note.text == (
        "This reply was not sent: T-1 has no address that an answer could go to; write a note instead."
        "\n\nTry another bulb"
    )
    assert note.attachments == (file,)
    assert await desk.held.of(ticket) == []


async def test_the_reply_of_an_agent_who_is_no_longer_configured_is_kept_as_a_note(desk: "Desk") -> None:
    ticket = await opened(desk)
    await hold(desk, ticket)
    agents = {name: settings for name, settings in SETTINGS["agents"].items() if name != "ada"}
    desk.configure(SETTINGS | {"agents": agents})
    assert await later(desk) == []
    assert "Try another bulb" in (await desk.reader.articles(ticket))[-1].text


async def test_trouble_of_the_engine_puts_it_off_and_loses_nothing(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await opened(desk)
    await hold(desk, ticket)

    async def away(*_: object, **__: object) -> str:
        raise EngineUnavailable("the engine is away")

    monkeypatch.setattr(desk.actions, "reply", away)
    assert await later(desk) == []
    monkeypatch.undo()
    assert len(await desk.held.of(ticket)) == 1
    assert await later(desk, 5_000) == ["Try another bulb"]


async def test_what_could_not_be_sent_now_is_refused_at_once(desk: "Desk") -> None:
    ticket = await opened(desk)
    with pytest.raises(NotFound):
        await desk.held.hold(ticket, Writing(text="hello", agent="nobody", actor="agent:nobody"), undo=UNDO)
    with pytest.raises(NotFound):
        await hold(desk, "T-99")
    await desk.actions.change(ticket, TicketChanges(status="closed"), actor="agent:boris")
    with pytest.raises(Conflict):
        await hold(desk, ticket, status="open")
    missing = Attachment(name="a", media_type="text/plain", size=1, sha256="0" * 64)
    with pytest.raises(Gone):
        await hold(desk, ticket, attachments=[missing])
    assert await desk.held.of(ticket) == []


async def test_its_files_stay_while_it_is_held_and_can_be_held_again_after_it_was_taken_back(desk: "Desk") -> None:
    ticket = await opened(desk)
    file = await desk.actions.upload(b"bytes", name="plan.pdf", media_type="application/pdf")
    held = await hold(desk, ticket, attachments=[file], undo=timedelta(hours=2))
    desk.clock.advance(3_700_000)
    await BlobCollector(desk.blobs, desk.clock).run_once()
    await desk.held.take_back(held.id)
    again = await hold(desk, ticket, attachments=held.attachments)
    await later(desk)
    assert desk.sent[0].attachments == again.attachments == (file,)
    desk.clock.advance(3_700_000)
    await BlobCollector(desk.blobs, desk.clock).run_once()
    assert await desk.blobs.get(file.sha256) == b"bytes"


async def test_another_process_takes_back_and_sends(desk: "Desk") -> None:
    ticket = await opened(desk)
    other = HeldReplies(desk.engine, desk.clock, desk.actions)
    held = await hold(desk, ticket)
    assert await other.of(ticket) == [held]
    await other.take_back(held.id)
    assert await later(desk) == []
