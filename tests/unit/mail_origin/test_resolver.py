"""The resolver beside a real name server on loopback: what it gives, what it remembers, and an outage."""

import asyncio

import pytest

from trunkline.adapters.mail.origin import resolver
from trunkline.adapters.mail.origin.resolver import IN_A_ROW, Resolver
from trunkline.config.errors import NameServiceUnavailable

from ...name_server import name_server
from .zone import ZoneLookup

ZONE = {
    "example.org": [
        {"TXT": ["v=spf1 -all ", '"quoted" \\ and more']},
        {"TXT": "é" * 60},
        {"MX": [20, "b.example.org"]},
        {"MX": [10, "a.example.org"]},
        {"A": "192.0.2.1"},
        {"AAAA": "2001:db8::1"},
    ],
    "192.0.2.1": [{"PTR": "host.example.org"}],
    "silent.example": ["TIMEOUT"],
}


async def test_records_come_as_text() -> None:
    async with name_server(ZoneLookup(ZONE)) as (_, where):
        ask = Resolver([where]).ask
        assert set(await ask("example.org", "TXT")) == {
            'v=spf1 -all "quoted" \\ and more',
            ("é" * 60).encode().decode("latin-1"),
        }
        assert await ask("example.org", "MX") == ["a.example.org", "b.example.org"]
        assert await ask("example.org", "A") == ["192.0.2.1"]
        assert await ask("example.org", "AAAA") == ["2001:db8::1"]
        assert await ask("1.2.0.192.in-addr.arpa", "PTR") == ["host.example.org"]


@pytest.mark.parametrize("name", ["nowhere.example", "a..b", "x" * 64 + ".example", "a." * 200 + "b", "\udcff.example"])
async def test_what_does_not_exist_has_nothing(name: str) -> None:
    async with name_server(ZoneLookup(ZONE)) as (_, where):
        assert await Resolver([where]).ask(name, "TXT") == ()


async def test_an_answer_is_remembered_and_one_question_goes_out_once() -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        ask = Resolver([where]).ask
        await asyncio.gather(*(ask("Example.ORG", "A") for _ in range(20)))
        await ask("example.org.", "A")
        await ask("nowhere.example", "TXT")
        await ask("nowhere.example", "TXT")
        assert server.asked == ["example.org A", "nowhere.example TXT"]


async def test_long_answers_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "KEPT", 10_000)
    names = [f"{number}.example" for number in range(20)]
    async with name_server(ZoneLookup({name: [{"TXT": "x" * 1000}] for name in names})) as (server, where):
        ask = Resolver([where]).ask
        for name in [*names, names[-1], names[0]]:
            await ask(name, "TXT")
        assert server.asked == [f"{name} TXT" for name in [*names, names[0]]]


async def test_no_answer_is_told_and_not_remembered() -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        ask = Resolver([where], seconds=0.05).ask
        with pytest.raises(NameServiceUnavailable, match="about silent"):
            await ask("silent.example", "TXT")
        server.lookup = ZoneLookup({"silent.example": [{"TXT": "here again"}]})
        assert await ask("silent.example", "TXT") == ["here again"]


async def test_in_an_outage_questions_fail_at_once() -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        server.answers = False
        ask = Resolver([where], seconds=0.02).ask
        for number in range(IN_A_ROW):
            with pytest.raises(NameServiceUnavailable):
                await ask(f"{number}.example", "A")
        heard = len(server.asked)
        with pytest.raises(NameServiceUnavailable, match="was not asked for"):
            await ask("example.org", "A")
        assert len(server.asked) == heard


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    async with name_server(ZoneLookup(ZONE)) as (_, where):
        ask = Resolver([where]).ask
        first = asyncio.create_task(ask("example.org", "A"))
        second = asyncio.create_task(ask("example.org", "A"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ["192.0.2.1"]
