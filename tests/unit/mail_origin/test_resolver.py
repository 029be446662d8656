"""The resolver beside a real name server on loopback: what it gives, what it remembers, and an outage."""

import asyncio

import pytest

from trunkline.adapters.mail.origin import resolver
from trunkline.adapters.mail.origin.lookup import Lookup
from trunkline.adapters.mail.origin.resolver import AT_ONCE, AT_ONCE_EACH, SILENT, Resolver
from trunkline.config.errors import NameServiceUnavailable

from ...name_server import name_server
from .zone import ZoneLookup

_SHORT = 0.2  # seconds that a resolver waits for what will not come

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
        ask = Resolver([where], seconds=_SHORT).ask
        with pytest.raises(NameServiceUnavailable, match="about silent"):
            await ask("silent.example", "TXT")
        server.lookup = ZoneLookup({"silent.example": [{"TXT": "here again"}]})
        assert await ask("silent.example", "TXT") == ["here again"]


async def _get_no_answer(ask: Lookup, *names: str) -> None:
    failed = await asyncio.gather(*(ask(name, "A") for name in names), return_exceptions=True)
    assert [str(each) for each in failed] == [f"the DNS gave no answer about {name}: LifetimeTimeout" for name in names]


async def test_in_an_outage_questions_fail_at_once_and_what_is_known_is_given() -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        ask = Resolver([where], seconds=_SHORT).ask
        assert await ask("example.org", "A") == ["192.0.2.1"]
        server.answers = False
        await _get_no_answer(ask, *(f"{number}.example" for number in range(SILENT)))
        heard = len(server.asked)
        with pytest.raises(NameServiceUnavailable, match="was not asked for"):
            await ask("example.org", "AAAA")
        assert len(server.asked) == heard
        assert await ask("example.org", "A") == ["192.0.2.1"]


async def test_the_silence_of_one_organisation_pauses_nobody() -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        ask = Resolver([where], seconds=_SHORT).ask
        server.answers = False
        await _get_no_answer(ask, *(f"s{number}._domainkey.silent.example" for number in range(SILENT)))
        server.answers = True
        assert await ask("example.org", "A") == ["192.0.2.1"]


@pytest.mark.parametrize("answered", ["example.org", "nowhere.example"])
async def test_an_answer_between_silent_organisations_shows_that_the_dns_is_there(answered: str) -> None:
    async with name_server(ZoneLookup(ZONE)) as (server, where):
        ask = Resolver([where], seconds=_SHORT).ask
        for start in ("a", "b"):
            server.answers = False
            await _get_no_answer(ask, *(f"{start}{number}.example" for number in range(SILENT - 1)))
            server.answers = True
            await ask(f"{start}.{answered}", "A")


async def test_a_silent_organisation_leaves_places_to_the_others() -> None:
    silent = [f"s{number}.silent.example" for number in range(2 * AT_ONCE)]
    async with name_server(ZoneLookup(ZONE | {name: ["TIMEOUT"] for name in silent})) as (server, where):
        ask = Resolver([where], seconds=30).ask
        waiting = [asyncio.create_task(ask(name, "A")) for name in silent]
        await ask("example.org", "AAAA")  # meanwhile the others have begun
        assert await ask("example.org", "A") == ["192.0.2.1"]
        assert len({each for each in server.asked if "silent" in each}) <= AT_ONCE_EACH
        for task in waiting:
            task.cancel()


async def test_a_question_waits_no_longer_for_a_place_than_for_its_answer() -> None:
    silent = [f"s{number}.silent.example" for number in range(2 * AT_ONCE)]
    async with name_server(ZoneLookup(ZONE | {name: ["TIMEOUT"] for name in silent})) as (server, where):
        ask = Resolver([where], seconds=_SHORT).ask
        failed = await asyncio.gather(*(ask(name, "A") for name in silent), return_exceptions=True)
        assert {type(each) for each in failed} == {NameServiceUnavailable}
        assert len(set(server.asked)) <= 2 * AT_ONCE_EACH
        assert await ask("example.org", "A") == ["192.0.2.1"]


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    async with name_server(ZoneLookup(ZONE)) as (_, where):
        ask = Resolver([where]).ask
        first = asyncio.create_task(ask("example.org", "A"))
        second = asyncio.create_task(ask("example.org", "A"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ["192.0.2.1"]
