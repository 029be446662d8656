"""Tickets are found by the words of every message, answer and note, wherever they lie by now."""

from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router import stored_format, ticket_search
from trunkline.router.cases import Cases
from trunkline.router.reader import TicketFilter
from trunkline.router.splits import SplitRequest, Splits
from trunkline.router.stored_format import convert_records
from trunkline.router.ticket_requests import TicketChanges, Writing
from trunkline.router.ticket_search import Found

if TYPE_CHECKING:
    from .conftest import Desk

CHAT = {"conversation": "chat-1", "channel": "test"}


async def found(desk: "Desk", q: str, **wanted: Any) -> dict[str, Found]:
    """Where the words are, by the number of the ticket."""
    page = await desk.reader.tickets(TicketFilter(q=q, **wanted))
    return {ticket.number: page.found[ticket.id] for ticket in page.items}


def line(where: Found) -> str:
    return "".join(f"[{part.text}]" if part.marked else part.text for part in where.parts)


async def opened(desk: "Desk", text: str = "My lamp is broken", **facts: Any) -> str:
    await desk.write(text, **facts)
    await desk.settle()
    return (await desk.tickets())[-1].id


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("the serial number is ZX81-4711", "zx81", "the serial number is [ZX81]-4711"),
        ("Die Straße fehlt", "STRASSE", "Die [Straße] fehlt"),
        ("我的灯坏了，请退款。", "退款", "我的灯坏了，请[退款]。"),
        ("ランプが壊れました", "壊れ", "ランプが[壊れ]ました"),
        ("โคมไฟเสียแล้ว", "เสีย", "โคมไฟ[เสีย]แล้ว"),
        (f"{'much ' * 2_000} at last the needle {'more ' * 2_000}", "needle", "at last the [needle]"),
    ],
)
async def test_a_later_message_is_searched_to_its_end(desk: "Desk", text: str, asked: str, shown: str) -> None:
    await opened(desk, **CHAT)
    await desk.write(text, **CHAT)
    await opened(desk, "another", sender="ben@example.org")
    (number, where), *others = (await found(desk, asked)).items()
    assert (number, others) == ("T-1", [])
    assert shown in line(where)
    assert (await desk.reader.article(where.article or "")).text == text


async def test_answers_notes_names_addresses_and_files_are_searched(desk: "Desk") -> None:
    ticket = await opened(desk, name="María", subject="Lámpara")
    assert line((await found(desk, "T-1"))["T-1"]) == "[T-1]"
    await desk.actions.reply(ticket, Writing(text="We ship a bulb", agent="ada", actor="agent:ada"))
    await desk.actions.note(ticket, Writing(text="Ask the warehouse", agent="ada", actor="agent:ada"))
    for asked in ("bulb", "warehouse", "lampara maria", "example.org", "ada", "warehouse bulb broken", "t-1 bulb"):
        assert list(await found(desk, asked)) == ["T-1"], asked
    for asked in ("bulb zebra", "zebra", "!!!", '"zebra"'):
        assert await found(desk, asked) == {}, asked
    assert list(await found(desk, '"broken", (lamp)')) == ["T-1"]


async def test_what_the_ticket_says_of_itself_is_found_in_any_letters(desk: "Desk") -> None:
    ticket = await opened(desk)
    changes = TicketChanges(subject="Rückgabe", tags=("a/b", "Ärger"), fields={"order": "Ø-17"})
    await desk.actions.change(ticket, changes, actor="agent:ada")
    for asked in ("ruckgabe", "A/B", "arger lamp", "o-17"):
        assert list(await found(desk, asked)) == ["T-1"], asked
    assert line((await found(desk, "ruckgabe"))["T-1"]) == "[Rückgabe]"
    assert await found(desk, "ruckgaben") == {}


async def test_a_merged_ticket_is_found_as_the_one_that_stands_for_it(desk: "Desk") -> None:
    first = await opened(desk, "the lamp")
    second = await opened(desk, "the chair wobbles", subject="Furniture")
    cases = Cases(desk.engine, desk.clock)
    await cases.merge(second, first, actor="agent:ada")
    for asked in ("wobbles", "lamp wobbles", "furniture", "t-2"):
        assert list(await found(desk, asked)) == ["T-1"], asked
        assert list(await found(desk, asked, status="new")) == ["T-1"], "what is asked for is asked of what stands"
    where = (await found(desk, "wobbles"))["T-1"]
    assert (where.ticket, where.number) == (second, "T-2")
    await cases.unmerge(second, actor="agent:ada")
    assert list(await found(desk, "wobbles")) == ["T-2"]


async def test_what_is_split_out_is_found_where_it_is_now(desk: "Desk") -> None:
    ticket = await opened(desk, **CHAT)
    await desk.write("and the chair wobbles", **CHAT)
    await desk.settle()
    request = SplitRequest(articles=tuple((await desk.reader.article_ids(ticket))[1:]))
    await Splits(desk.engine, desk.clock, lambda: desk.policy).split(ticket, request, actor="agent:ada")
    assert list(await found(desk, "wobbles")) == ["T-2"]
    assert list(await found(desk, "lamp")) == ["T-1"]


async def test_records_of_before_are_found_once_they_are_converted(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_format, "AT_ONCE", 2)
    for number in range(5):
        await opened(desk, f"{'much ' * 1_000} needle{number}", sender=f"c{number}@example.org")
    keys = desk.reader._keys
    before = {}
    for ticket in await desk.tickets():
        await desk.engine.call("HSET", keys.ticket(ticket.id), "_search_text", '"much much"')
        for id_ in await desk.reader.article_ids(ticket.id):
            before[id_] = await desk.engine.call("HGET", keys.article(id_), "_words")
            await desk.engine.call("HDEL", keys.article(id_), "_words")
    await desk.engine.call("SET", desk.engine.keys("format"), 4)
    assert await found(desk, "needle3") == {}

    await convert_records(desk.engine, desk.blobs)
    assert list(await found(desk, "needle3")) == ["T-4"]
    after = {id_: await desk.engine.call("HGET", keys.article(id_), "_words") for id_ in before}
    assert after == before
    assert await desk.engine.call("HGET", keys.ticket(ticket.id), "_search_text") is None


async def test_a_search_goes_on_where_its_page_ended(desk: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        await opened(desk, f"lamp {'even' if number % 2 else 'odd'}", sender=f"c{number}@example.org")
    monkeypatch.setattr(ticket_search, "BYTES_AT_ONCE", 1)  # one ticket a step
    monkeypatch.setattr("trunkline.router.reader.MOST_STEPS", 3)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = await desk.reader.tickets(TicketFilter(q="even"), cursor=cursor, limit=2)
        seen += [ticket.number for ticket in page.items]
        cursor, pages = page.next, pages + 1
    assert seen == ["T-8", "T-6", "T-4", "T-2"]
    assert pages >= 3
