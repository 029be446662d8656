"""`trunkline demo`: customers write, agents accept, answer, decline and miss, and all of it is on the terminal."""

from ..ports import free_port
from .gateway import Gateway, gateway
from .mails import deliver, listening_sink, written


async def test_the_demo_plays_ends_in_time_and_nothing_is_found_waiting(fresh: Gateway) -> None:
    play = await fresh.launch("demo", "--speed", "20", "--duration", "20", "--seed", "7")
    for words in ("opened in", "offered to", "taken by", "answered by", " declined", "missed the offer", " sent"):
        await play.until(words)
    assert await play.ended() == 0
    summary = play.told[-1]
    assert summary.startswith("So far in this workspace: ")
    assert summary.endswith(" 0 found by the sweep.")
    assert not any(line.startswith("{") for line in play.said), "the log is not on the terminal's stage"
    assert not any('"level": "error"' in line for line in play.told), play.transcript


async def test_what_the_demo_did_is_there_when_the_gateway_runs_again(fresh: Gateway) -> None:
    play = await fresh.launch("demo", "--speed", "20", "--duration", "8")
    await play.until("solved")
    await play.ended()
    await fresh.start()
    async with fresh.api() as api:
        tickets = await api.tickets(limit="200")
        assert {ticket["channel"] for ticket in tickets} == {"mail", "http", "chat"}
        assert any(ticket["status"] == "solved" for ticket in tickets)
        waiting = [t for t in tickets if t["status"] in ("new", "open") and not t["assignee"] and not t["offer"]]
        assert len(waiting) < len(tickets)
    listed = await fresh.run("token", "list")
    assert listed.said == [], "the agents' tokens were withdrawn"


async def test_the_demo_refuses_a_workspace_with_tickets_that_no_demo_made(fresh: Gateway) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, written("My lamp is broken.", subject="Lamp"))
        await api.until("ticket.created")
        await process.stop()
    play = await fresh.run("demo", "--duration", "1")
    assert await play.ended() == 1
    (line,) = play.told
    assert line.startswith("trunkline: the workspace main holds tickets or messages that no demo has made")
    assert "TRUNKLINE_DATA" in line
    assert play.said == []
    await fresh.start()
    async with fresh.api() as api:
        (ticket,) = await api.tickets()
        assert ticket["subject"] == "Lamp", "nobody has played here"


async def test_a_demo_plays_again_where_a_demo_began_and_greets_first(fresh: Gateway) -> None:
    first = await fresh.launch("demo", "--speed", "20")
    await first.until("answered by")
    assert first.told[0].startswith("Trunkline demo: http://")
    assert await first.stop() == 0
    assert not any('"level": "error"' in line for line in first.told), first.transcript
    second = await fresh.launch("demo", "--speed", "20")
    await second.until("opened in")
    assert await second.stop() == 0


async def test_the_demo_speaks_to_nobody_else() -> None:
    async with gateway(channels__mail__smarthost="192.0.2.1:25") as real:
        play = await real.run("demo", "--duration", "1")
        assert await play.ended() == 1
        assert "sends its replies to itself" in play.told[0]
    port = free_port()
    async with listening_sink(port) as sink, gateway(channels__mail__smarthost=f"127.0.0.1:{port}") as taken:
        play = await taken.run("demo", "--duration", "1")
        assert await play.ended() == 1
        (line,) = [line for line in play.told if f"127.0.0.1:{port}" in line]
        assert f"TRUNKLINE_CHANNELS__MAIL__SMARTHOST=127.0.0.1:{port + 1000}" in line
        assert sink.mails == []
