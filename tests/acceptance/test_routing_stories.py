"""How tickets find their agents, as customers, agents and leads meet it: over the API, all in one gateway."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from trunkline.queue.server_binary import ServerBinary

from .story_desk import StoryDesk, Ticket, configuration, seconds_now, story_desk, write_zone
from .visitors import visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

FINNISH = "Hyvää päivää, lamppuni on rikki. Voisitteko auttaa minua, kiitos?"
AT_ONCE = {"letters": {"policy": "hand_over", "after": "0s"}, "live": {"policy": "hand_over", "after": "0s"}}

_QUEUES: dict[str, Any] = {
    "nordic": {"language": "required"},
    "baltic": {"language": "preferred"},
    "welding": {"may_wait": True},
    "scribes": {},
    "regulars": {"hold": "10min"},
    "sun": {"absent": AT_ONCE},
    "phone": {},
    "brief": {"offer_time": "1s"},
    "unloved": {"ask_again": "10s"},
    "live": {"absent": AT_ONCE},
    "old": {},
}
_AGENTS: dict[str, Any] = {
    "olga": {"queues": ["nordic"]},
    "aino": {"queues": ["nordic"], "languages": ["fi", "en"]},
    "tom": {"queues": ["baltic"], "capacity": 1},
    "sirpa": {"queues": ["baltic"], "languages": ["fi"], "capacity": 1},
    "will": {"queues": ["welding"]},
    "wendy": {"queues": ["scribes"], "capacity": 1},
    "hugo": {"queues": ["regulars"], "capacity": 1},
    "hana": {"queues": ["regulars"], "capacity": 1},
    "tiina": {"queues": ["sun"], "shifts": ["tallinn"]},
    "jun": {"queues": ["sun"], "shifts": ["manila"]},
    "kim": {"queues": ["phone"], "capacity": 3},
    "mia": {"queues": ["brief"], "capacity": 2},
    "dan": {"queues": ["unloved"]},
    "lea": {"queues": ["live"]},
    "lou": {"queues": ["live"]},
    "ove": {"queues": ["old"], "capacity": 1},
}
_ALWAYS = {"monday-sunday": ["00:00-24:00"]}
_MORE: dict[str, Any] = {
    "rules": [
        {
            "name": "welders",
            "when": {"recipient": "welding@example.test"},
            "then": {"queue": "welding", "require_skills": ["welding"]},
        }
    ],
    "calendars": {"tallinn": {"zone": "UTC", "hours": _ALWAYS}, "manila": {"zone": "UTC", "hours": _ALWAYS}},
    "handling": {"http": {"patient": False, "exclusive": True}, "chat": {"wrap_up": "10min"}},
    "presence": {"closing": "0s"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(server_binary: ServerBinary) -> AsyncIterator[StoryDesk]:
    """The desk of all these stories."""
    async with story_desk(configuration(_QUEUES, _AGENTS, **_MORE)) as played:
        yield played


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def declined(desk: StoryDesk) -> tuple[Ticket, str]:
    """What everybody of its queue has declined, and where the feed was then; it is asked again while others play."""
    await desk.api.presence("dan")
    ticket = await desk.mail("unloved")
    await desk.offered(ticket, "dan")
    await desk.api.do("POST", f"/v1/tickets/{ticket['number']}/decline", {"agent": "dan", "reason": "not now"})
    return ticket, await desk.api.position()


@pytest.mark.usefixtures("declined")
async def test_where_the_language_is_required_a_ticket_waits_on_the_board_until_a_speaker_comes(
    desk: StoryDesk,
) -> None:
    await desk.api.presence("olga")
    ticket = await desk.mail("nordic", FINNISH)
    assert (ticket["language"], ticket["offer"]) == ("fi", None)
    told, row = await desk.board("nordic")
    assert "1 ticket was declined by everybody there in unloved" in told
    assert "1 ticket waits in nordic for somebody who speaks Finnish, and nobody on duty can have it" in told
    assert row["lacking"] == [{"token": "language:fi", "tickets": 1, "agents": ["Aino"]}]
    explained = await desk.explained(ticket)
    assert "it waits in nordic, because nobody who speaks Finnish is on duty." in explained
    assert "olga does not speak its language, as its queue requires" in explained
    after = await desk.api.position()
    await desk.api.presence("aino")
    await desk.offered(ticket, "aino", after=after)
    _, row = await desk.board("nordic")
    assert row["lacking"] == []


async def test_where_it_is_preferred_whoever_is_there_has_it_and_is_told_what_was_wished(desk: StoryDesk) -> None:
    await desk.api.presence("tom")
    ticket = await desk.mail("baltic", FINNISH)
    await desk.has("tom", ticket)
    assert "and nobody who speaks Finnish was free in time" in await desk.explained(ticket)
    await desk.change(ticket, status="solved")


async def test_when_the_only_speaker_leaves_what_waited_for_them_moves_at_once(desk: StoryDesk) -> None:
    await desk.api.presence("sirpa", "busy")
    await desk.api.presence("tom")
    ticket = await desk.mail("baltic", FINNISH)
    after = await desk.api.position()
    await desk.api.presence("sirpa", "offline")
    await desk.offered(ticket, "tom", after=after)


async def test_what_nobody_can_do_yet_waits_and_goes_to_the_first_who_learns_it(desk: StoryDesk) -> None:
    await desk.api.presence("will")
    ticket = await desk.mail("welding")
    told, _ = await desk.board("welding")
    assert "1 ticket waits in welding for somebody with the skill welding, and nobody on duty can have it" in told
    assert "because nobody works there with the skill welding." in await desk.explained(ticket)
    agents = desk.settings["agents"]
    await desk.reload(agents={**agents, "will": {**agents["will"], "skills": ["welding"]}})
    await desk.offered(ticket, "will")


async def test_after_a_chat_its_agent_writes_up_and_says_when_they_are_ready(desk: StoryDesk) -> None:
    await desk.api.presence("wendy")
    first = await _chat(desk, "scribes")
    await desk.has("wendy", first)
    second = await _chat(desk, "scribes")
    await desk.change(first, status="solved")
    wendy = await desk.api.get("/v1/agents/wendy")
    assert (wendy["load"], wendy["wrapping_until"] is not None) == (1, True)
    assert "wendy is wrapping up, and has no room" in await desk.explained(second)
    after = await desk.api.position()
    await desk.api.presence("wendy")
    await desk.offered(second, "wendy", after=after)
    assert (await desk.api.get("/v1/agents/wendy"))["wrapping_until"] is None


async def test_a_ticket_that_comes_back_is_kept_for_the_agent_it_knows(desk: StoryDesk) -> None:
    await desk.api.presence("hugo")
    ticket = await desk.mail("regulars", sender="ida@ida.example")
    await desk.has("hugo", ticket)
    await desk.change(ticket, status="pending")
    other = await desk.mail("regulars")
    await desk.has("hugo", other)
    await desk.api.presence("hana")
    after = await desk.api.position()
    await desk.answers(ticket, "The green one.", sender="ida@ida.example")
    waits = await desk.now(ticket)
    assert (waits["status"], waits["assignee"], waits["offer"]) == ("open", None, None)
    assert "kept for hugo, who had it before, for" in await desk.explained(ticket)
    await desk.change(other, status="solved")
    await desk.offered(ticket, "hugo", after=after)


async def test_when_a_shift_ends_what_was_in_hand_goes_on_where_the_sun_is(desk: StoryDesk) -> None:
    await desk.api.presence("tiina")
    ticket = await desk.mail("sun")
    await desk.has("tiina", ticket)
    await desk.api.presence("jun")
    noon = seconds_now() + 3
    write_zone(desk.gateway.folder / "zones", "Story/Tallinn", noon)
    tallinn = {"zone": "Story/Tallinn", "hours": {"monday-sunday": ["01:00-12:00"]}}
    await desk.reload(calendars={**desk.settings["calendars"], "tallinn": tallinn})
    gone = await desk.api.until("agent.presence_changed", lambda each: each["data"]["agent"]["reason"] != "")
    assert gone["data"]["agent"]["reason"] == "their shift is over"
    handed = await desk.api.until(
        "ticket.handed_over", lambda each: each["data"]["ticket"]["number"] == ticket["number"]
    )
    assert handed["data"]["changes"] == {"agent": "tiina", "reason": "is offline"}
    await desk.offered(ticket, "jun")
    assert (await desk.api.get("/v1/agents/tiina"))["presence_reason"] == "their shift is over"


async def test_a_call_takes_all_of_its_agent_and_waits_until_they_have_nothing_else(desk: StoryDesk) -> None:
    await desk.api.presence("kim")
    chat = await _chat(desk, "phone")
    await desk.has("kim", chat)
    call = await desk.call("phone")
    assert "kim has a conversation in hand, and this takes all of its agent" in await desk.explained(call)
    after = await desk.api.position()
    await desk.change(chat, status="solved")
    await desk.api.presence("kim")
    await desk.offered(call, "kim", after=after)
    await desk.has("kim", call)
    another = await _chat(desk, "phone")
    after = await desk.api.position()
    await desk.change(call, status="solved")
    await desk.offered(another, "kim", after=after)


async def test_who_misses_an_offer_is_asked_nothing_more_until_they_are_back(desk: StoryDesk) -> None:
    before = await desk.api.position()
    await desk.api.presence("mia")
    first = await desk.mail("brief")
    second = await desk.mail("brief")
    missed = await desk.api.until("ticket.missed", after=before)
    assert missed["data"]["ticket"]["number"] in {first["number"], second["number"]}
    away = await desk.api.until(
        "agent.presence_changed", lambda each: each["data"]["agent"]["presence"] == "away", after=before
    )
    assert away["data"]["agent"]["reason"] == "missed an offer"
    told, _ = await desk.board("brief")
    assert "2 tickets wait in brief and nobody is on duty there" in told
    after = await desk.api.position()
    await desk.api.presence("mia")
    await desk.offered(first, "mia", after=after)
    await desk.offered(second, "mia", after=after)


async def test_the_visitor_whose_agent_is_gone_hears_it_and_goes_on_with_another(desk: StoryDesk) -> None:
    await desk.api.presence("lea")
    async with visiting(desk.gateway, language="de") as (chat, _):
        after = await desk.api.position()
        await chat.say("message", id="first-message-0001", text="Hallo, ich brauche bitte Hilfe (live).")
        ticket = (await desk.api.until("ticket.created", after=after))["data"]["ticket"]
        await desk.has("lea", ticket)
        await desk.api.presence("lou")
        await desk.api.presence("lea", "offline")
        await desk.offered(ticket, "lou")
        line = await chat.until("line", **{"from": "system"})
        if ticket["number"] in line["text"]:
            line = await chat.until("line", **{"from": "system"})
        assert line["text"].startswith("Lea musste diesen Chat verlassen.")


async def test_what_all_have_declined_is_on_the_board_at_once_and_asked_again_by_itself(
    desk: StoryDesk, declined: tuple[Ticket, str]
) -> None:
    ticket, after = declined
    again = await desk.offered(ticket, "dan", after=after)
    assert again["assignee"] is None


async def test_a_queue_that_is_renamed_takes_its_work_along(desk: StoryDesk) -> None:
    await desk.api.presence("ove")
    held = await desk.mail("old")
    await desk.has("ove", held)
    waits = await desk.mail("old")
    queues, agents = desk.settings["queues"], desk.settings["agents"]
    after = await desk.api.position()
    await desk.reload(
        queues={**{name: each for name, each in queues.items() if name != "old"}, "young": {"formerly": ["old"]}},
        agents={**agents, "ove": {**agents["ove"], "queues": ["young"]}},
        rules=[each for each in desk.settings["rules"] if each["name"] != "old"],
    )
    for _ in (held, waits):
        moved = await desk.api.until("ticket.moved", after=after)
        after = moved["cursor"]
        assert moved["data"]["ticket"]["queue"] == "young"
    assert (await desk.now(held))["assignee"] == "ove"
    await desk.change(held, status="solved")
    await desk.offered(waits, "ove")


async def _chat(desk: StoryDesk, queue: str) -> Ticket:
    """Somebody chats with this queue, and is gone; the ticket."""
    after = await desk.api.position()
    async with visiting(desk.gateway, language="en") as (chat, _):
        await chat.say("message", id="first-message-0001", text=f"Hello {queue}, can you help me?")
        return dict((await desk.api.until("ticket.created", after=after))["data"]["ticket"])
