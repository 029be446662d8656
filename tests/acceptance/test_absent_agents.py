"""What becomes of work whose agent goes: out of the company, off duty, or with a laptop that was shut."""

# ruff: noqa: ASYNC240 (the files are small, and nobody else waits for this loop)

import signal
from pathlib import Path
from typing import Any

import pytest

from .api import Api
from .gateway import EXAMPLE, Gateway, Process
from .mails import deliver, written

BOARD = "/v1/board"


@pytest.fixture
def config(fresh: Gateway) -> Path:
    """A copy of the example that the test may change."""
    copy = fresh.folder / "mine.yaml"
    copy.write_text(EXAMPLE.read_text())
    fresh.environ["TRUNKLINE_CONFIG"] = str(copy)
    return copy


def change(config: Path, before: str, after: str) -> None:
    text = config.read_text()
    assert before in text
    config.write_text(text.replace(before, after))


async def reload(process: Process) -> None:
    process.send(signal.SIGHUP)
    await process.until('"action": "reloaded"')


async def held_by_ada(fresh: Gateway, api: Api, subject: str = "Lamp") -> dict[str, Any]:
    """A ticket that Ada has accepted."""
    after = await api.position()
    await deliver(fresh, written("My lamp is broken.", subject=subject))
    offered = await api.until("ticket.offered", after=after)
    ticket: dict[str, Any] = await api.do(
        "POST", f"/v1/tickets/{offered['data']['ticket']['number']}/accept", {"agent": "ada"}
    )
    return ticket


async def test_the_work_of_an_agent_who_leaves_the_company_goes_to_a_colleague(fresh: Gateway, config: Path) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        await api.presence("ada")
        ticket = await held_by_ada(fresh, api)
        await api.presence("boris")
        line = next(each for each in config.read_text().splitlines() if each.startswith("  ada:"))
        change(config, line + "\n", "")
        await reload(process)
        handed = await api.until("ticket.handed_over")
        assert handed["data"]["changes"] == {"agent": "ada", "reason": "is no longer in the configuration"}
        offered = await api.until("ticket.offered", lambda each: each["data"]["ticket"]["offer"]["agent"] == "boris")
        assert offered["data"]["ticket"]["number"] == ticket["number"]


@pytest.mark.parametrize(
    ("policy", "goes"), [("keep", False), ("at_risk", False), ("hand_over", True), ("on_message", True)]
)
async def test_the_policy_of_the_queue_says_what_becomes_of_it_when_its_agent_goes_offline(
    fresh: Gateway, config: Path, policy: str, goes: bool
) -> None:
    absent = f"    absent: {{ letters: {{ policy: {policy}, after: 0s }} }}\n"
    change(config, "    fallback: true", f"{absent}    fallback: true")
    await fresh.start()
    async with fresh.api() as api:
        await api.presence("ada")
        ticket = await held_by_ada(fresh, api)
        await api.presence("ada", "offline")
        if goes:
            handed = await api.until("ticket.handed_over")
            assert (handed["data"]["ticket"]["assignee"], handed["data"]["ticket"]["status"]) == (None, "open")
        else:
            board = await api.get(BOARD)
            assert board["numbers"]["absent"] == 1
            told = [board["verdict"]["sentence"], *board["verdict"]["also"]]
            assert "1 ticket that cannot wait is Ada’s, who is offline" in told
            taken = await api.do(
                "POST", f"/v1/tickets/{ticket['number']}/accept", {"agent": "boris", "take_over": True}
            )
            assert taken["assignee"] == "boris"


async def test_whoever_gives_no_sign_of_life_in_time_is_offline_and_says_why(fresh: Gateway) -> None:
    await fresh.start()
    async with fresh.api() as api:
        await api.do("PUT", "/v1/agents/ada/presence", {"presence": "available", "expires_in": 1})
        gone = await api.until("agent.presence_changed", lambda each: each["data"]["agent"]["presence"] == "offline")
        assert gone["data"]["actor"] == "router"
        ada = await api.get("/v1/agents/ada")
        assert (ada["presence"], ada["presence_reason"]) == ("offline", "no sign of life in time")


async def test_a_lower_capacity_takes_nothing_away_and_a_queue_is_not_left_without_agents(
    fresh: Gateway, config: Path
) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        await api.presence("ada")
        tickets = [await held_by_ada(fresh, api, subject) for subject in ("One", "Two")]
        change(config, "languages: [en], capacity: 5", "languages: [en], capacity: 1")
        await reload(process)
        ada = await api.get("/v1/agents/ada")
        assert (ada["load"], ada["capacity"]) == (2, 1)
        assert {each["number"] for each in await api.tickets(assignee="ada")} == {each["number"] for each in tickets}
        change(config, "queues: [billing], ", "queues: [support], ")
        process.send(signal.SIGHUP)
        await process.until('"action": "reload_refused"')
        after = await api.position()
        await deliver(fresh, written("I want a refund.", subject="Refund"))
        await api.until("ticket.created", after=after)
        board = await api.get(BOARD)
        assert board["verdict"]["sentence"] == "1 ticket waits in billing and nobody is on duty there"
        assert "Carla" in board["verdict"]["advice"]
