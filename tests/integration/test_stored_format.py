"""Records that an older Trunkline wrote are converted before anything else happens to them."""

from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.router import stored_format
from trunkline.router.stored_format import FORMAT, RENAMED, convert_records

if TYPE_CHECKING:
    from .conftest import Desk


async def made_old(desk: "Desk") -> dict[str, dict[bytes, bytes]]:
    """Gives all tickets the field names of format 1; returns them as they were before, by key."""
    before = {}
    for ticket in await desk.tickets():
        key = desk.offers._keys.ticket(ticket.id)
        flat = await desk.engine.call("HGETALL", key)
        before[key] = dict(zip(flat[::2], flat[1::2], strict=True))
        for old, new in RENAMED.items():
            if (piece := before[key].get(new.encode())) is not None:
                await desk.engine.call("HSET", key, old, piece)
                await desk.engine.call("HDEL", key, new)
    await desk.engine.call("DEL", desk.engine.keys("format"))
    return before


async def stored(desk: "Desk", key: str) -> dict[bytes, bytes]:
    flat = await desk.engine.call("HGETALL", key)
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def test_tickets_of_the_first_format_are_as_if_they_had_been_written_today(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_format, "AT_ONCE", 3)
    for number in range(7):
        await desk.write(f"lamp {number}", sender=f"maria{number}@example.org")
    await desk.settle()
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.settle()
    before = await made_old(desk)
    assert len(before) == 7

    await convert_records(desk.engine, desk.blobs)
    assert {key: await stored(desk, key) for key in before} == before

    await desk.actions.presence("boris", "available", actor="agent:boris")
    await desk.settle()
    assert {ticket.offer.agent for ticket in await desk.tickets() if ticket.offer} == {"ada", "boris"}


async def test_a_conversion_that_was_killed_in_the_middle_goes_on_and_undoes_nothing(desk: "Desk") -> None:
    await desk.write("lamp")
    await desk.settle()
    before = await made_old(desk)
    (key,) = before
    await desk.engine.call("HSET", key, "_arrived_at", "42")  # converted, and changed since

    await convert_records(desk.engine, desk.blobs)
    after = await stored(desk, key)
    assert after.pop(b"_arrived_at") == b"42"
    assert after == {name: piece for name, piece in before[key].items() if name != b"_arrived_at"}


async def test_the_format_is_written_down_and_a_later_one_is_refused(desk: "Desk") -> None:
    await convert_records(desk.engine, desk.blobs)
    assert await desk.engine.call("GET", desk.engine.keys("format")) == str(FORMAT).encode()

    await desk.engine.call("SET", desk.engine.keys("format"), FORMAT + 1)
    with pytest.raises(Misconfigured, match="run the newer Trunkline"):
        await convert_records(desk.engine, desk.blobs)


async def test_a_ticket_that_never_had_the_length_of_its_time_is_promised_by_when_it_came(desk: "Desk") -> None:
    await desk.write("lamp")
    await desk.settle()
    (ticket,) = await desk.tickets()
    await desk.engine.call("HDEL", desk.offers._keys.ticket(ticket.id), "_target_ms", "_sla", "clocks")
    await desk.engine.call("SET", desk.engine.keys("format"), 6)
    await convert_records(desk.engine, desk.blobs)
    found = await desk.reader.ticket(ticket.id)
    assert found.record.clocks["first_response"].due == found.work.due == ticket.clocks["first_response"].due


async def test_who_waited_within_a_window_before_the_upgrade_is_found_by_its_end(desk: "Desk") -> None:
    shuts = desk.clock.now() + 86_400_000
    await desk.write("lamp", reply_by=shuts)
    await desk.write("by a channel without a window", sender="bob@example.org")
    await desk.settle()
    index = desk.offers._keys.index
    written = await desk.engine.call("ZRANGE", index, "[window:", "(window;", "BYLEX")
    assert [member.decode().split("|")[1] for member in written] == [f"{shuts:016d}"]
    await desk.engine.call("ZREM", index, *written)
    await desk.engine.call("SET", desk.engine.keys("format"), 9)
    for _ in range(2):
        await convert_records(desk.engine, desk.blobs)
        assert await desk.engine.call("ZRANGE", index, "[window:", "(window;", "BYLEX") == written
        assert await desk.engine.call("GET", desk.engine.keys("format")) == str(FORMAT).encode()
