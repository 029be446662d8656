"""What becomes of answers and of tickets that are done, as customers, agents and leads meet it: all in one gateway."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from trunkline.queue.server_binary import ServerBinary

from ..ports import free_port
from .mails import Sink, listening_sink, plain
from .story_desk import StoryDesk, Ticket, configuration, story_desk
from .tokens import agent_token

pytestmark = pytest.mark.asyncio(loop_scope="session")

_QUEUES: dict[str, Any] = {
    "post": {},
    "quick": {"settled": "solve"},
    "brisk": {},
    "pair": {},
    "many": {},
    "till": {},
}
_AGENTS: dict[str, Any] = {
    "nell": {"queues": ["post"], "capacity": 9},
    "quinn": {"queues": ["quick"]},
    "bea": {"queues": ["brisk"]},
    "ben": {"queues": ["brisk"]},
    "pia": {"queues": ["pair"]},
    "paul": {"queues": ["pair"]},
    "mona": {"queues": ["many"], "capacity": 9},
    "cara": {"capacity": 1},
    "lena": {"queues": ["post"]},
}
_MORE: dict[str, Any] = {
    "teams": {"money": {"members": ["cara"], "leads": ["lena"], "queues": ["till"]}},
    "canned_replies": {"refund": {"en": "Your money is on its way, {customer}. {agent}"}},
    "macros": {"refund": {"then": {"tags": ["refund"], "reply": "refund", "status": "solved"}}},
}
_DECIDED = {
    "sent again": {"action": "resend"},
    "sent to another address": {"action": "resend", "to": "else@elsewhere.example"},
    "said to have arrived": {"action": "mark_sent", "reason": "told her on the phone"},
}
Played = tuple[StoryDesk, Sink]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(server_binary: ServerBinary) -> AsyncIterator[Played]:
    """The desk of all these stories, and the server that takes its mails."""
    port = free_port()
    async with (
        listening_sink(port) as sink,
        story_desk(configuration(_QUEUES, _AGENTS, **_MORE), smarthost=port) as desk,
    ):
        yield desk, sink


async def reply(desk: StoryDesk, ticket: Ticket, agent: str, text: str, **more: Any) -> dict[str, Any]:
    """An agent answers; the article."""
    body = {"kind": "reply", "text": text, "agent": agent, **more}
    return dict(await desk.api.do("POST", f"/v1/tickets/{ticket['number']}/messages", body))


@pytest.mark.parametrize("decided", _DECIDED.values(), ids=_DECIDED)
async def test_an_answer_that_is_refused_is_owed_until_somebody_has_seen_to_it(
    played: Played, decided: dict[str, str]
) -> None:
    desk, sink = played
    await desk.api.presence("nell")
    sender = f"{decided['action']}{len(decided)}@gone.example"
    ticket = await desk.mail("post", sender=sender)
    await desk.has("nell", ticket)
    sink.refuses.add(sender)
    after = await desk.api.position()
    article = await reply(desk, ticket, "nell", "Try another bulb.", status="pending")
    woken = await desk.api.until(
        "ticket.status_changed", lambda each: each["data"]["ticket"]["status"] == "open", after=after
    )
    assert woken["data"]["changes"]["reason"] == "an answer did not arrive"
    owed = await desk.now(ticket)
    assert (owed["status"], owed["assignee"], owed["undelivered"]) == ("open", "nell", True)
    assert "550" in next(each for each in owed["articles"] if each["id"] == article["id"])["delivery"]["detail"]
    assert [each["number"] for each in await desk.api.tickets(undelivered="true")] == [ticket["number"]]
    assert "Answers in 1 ticket did not arrive" in (await desk.board("post"))[0]
    sink.refuses.clear()
    after = await desk.api.position()
    await desk.api.do("POST", f"/v1/articles/{article['id']}/delivery", decided)
    if decided["action"] == "resend":
        goal = decided.get("to", sender)
        assert await sink.mail(lambda mail: goal in str(mail["To"]) and "another bulb" in plain(mail))
    assert (await desk.api.until("ticket.delivery_decided", after=after))["subject"] == ticket["id"]
    assert not (await desk.now(ticket))["undelivered"]
    assert "Answers in 1 ticket did not arrive" not in (await desk.board("post"))[0]


async def test_whoever_watches_sees_what_was_decided_about_each(played: Played) -> None:
    desk, _ = played
    tail = await desk.gateway.run("tail", "--after", "0", "--no-follow")
    told = "\n".join(tail.said)
    for sentence in _DECIDED:
        assert f"{sentence} by the token admin" in told, tail.transcript


async def test_what_its_customer_says_is_done_is_solved_and_opened_again_by_one_word(played: Played) -> None:
    desk, _ = played
    await desk.api.presence("quinn")
    ticket = await desk.mail("quick", sender="tess@tess.example")
    await desk.has("quinn", ticket)
    await reply(desk, ticket, "quinn", "Try another bulb.")
    await desk.answers(ticket, "It works now, the problem is solved. Thank you!", sender="tess@tess.example")
    solved = await desk.now(ticket)
    assert (solved["status"], solved["resolution"]) == ("solved", "resolved")
    opened = await desk.api.do("POST", f"/v1/tickets/{ticket['number']}/settled", {"accept": False})
    assert (opened["status"], opened["assignee"], opened["settled"]) == ("open", "quinn", None)


async def test_what_comes_to_a_closed_ticket_follows_it_up_for_the_agent_it_knows(played: Played) -> None:
    desk, _ = played
    await desk.api.presence("bea")
    ticket = await desk.mail("brisk", sender="rita@rita.example")
    await desk.has("bea", ticket)
    await reply(desk, ticket, "bea", "Try another bulb.", status="closed")
    await desk.api.presence("ben")
    again = f"Re: My lamp [{ticket['number']}]"
    following = await desk.mail("brisk", "It is dark again.", sender="rita@rita.example", subject=again)
    assert (following["follow_up_of"], (await desk.now(ticket))["status"]) == (ticket["id"], "closed")
    assert following["customer"] == ticket["customer"]
    await desk.offered(following, "bea")


async def test_of_two_who_answer_the_second_is_asked(played: Played) -> None:
    desk, _ = played
    await desk.api.presence("pia")
    ticket = await desk.mail("pair")
    await desk.has("pia", ticket)
    seen = (await desk.now(ticket))["articles"][-1]["id"]
    await reply(desk, ticket, "pia", "Try another bulb.")
    second = {"kind": "reply", "text": "Is it the cable?", "agent": "paul"}
    for body in (second, {**second, "last_seen": seen}):
        status, problem = await desk.api.ask("POST", f"/v1/tickets/{ticket['number']}/messages", body)
        assert status == 409
        assert problem["detail"].startswith("Pia")
        assert "answered" in problem["detail"]
    await reply(desk, ticket, "paul", "Is it the cable?", force=True)
    texts = [each["text"] for each in (await desk.now(ticket))["articles"] if each["author"]["kind"] == "agent"]
    assert texts == ["Try another bulb.", "Is it the cable?"]


async def test_a_macro_is_done_with_many_and_each_customer_hears_their_own(played: Played) -> None:
    desk, sink = played
    await desk.api.presence("mona")
    tickets = [await desk.mail("many", sender=f"{name.title()} <{name}@{name}.example>") for name in ("ann", "bob")]
    for ticket in tickets:
        await desk.has("mona", ticket)
    closed = await desk.mail("many", sender="eve@eve.example")
    await desk.has("mona", closed)
    await desk.change(closed, status="closed")
    numbers = [each["number"] for each in (*tickets, closed)]
    done = await desk.api.do("POST", "/v1/macros/refund", {"tickets": [*numbers, "T-999"], "agent": "mona"})
    results = {each["ticket"]: each for each in done["items"]}
    for ticket in tickets:
        assert results[ticket["number"]] == {
            "ticket": ticket["number"],
            "done": ["fields", "reply", "status solved"],
            "failed": [],
        }
        assert (await desk.now(ticket))["status"] == "solved"
    assert results[closed["number"]]["failed"][0].startswith("status solved (")
    assert results["T-999"]["failed"] == ["there is no ticket T-999"]
    for name in ("Ann", "Bob"):
        assert await sink.mail(lambda mail, name=name: f"on its way, {name}. Mona" in plain(mail))


async def test_who_may_what_with_a_ticket_is_said_by_teams(played: Played) -> None:
    desk, _ = played
    tokens = {name: await agent_token(desk.gateway, name) for name in ("cara", "lena", "nell")}
    await desk.api.presence("cara")
    first, second = await desk.mail("till"), await desk.mail("till")
    await desk.has("cara", first)
    assign = f"/v1/tickets/{second['number']}/assign"
    forced = {"agent": "cara", "force": True, "reason": "knows the case"}
    async with desk.gateway.api(tokens["nell"]) as nell:
        assert (await nell.ask("GET", f"/v1/tickets/{first['number']}"))[0] == 404
    async with desk.gateway.api(tokens["cara"]) as cara:
        status, problem = await cara.ask("POST", assign, forced)
        assert (status, problem["code"]) == (403, "forbidden")
    async with desk.gateway.api(tokens["lena"]) as lena:
        assert (await lena.do("POST", assign, forced))["assignee"] == "cara"
    lines = (await desk.api.get("/v1/events?limit=500"))["items"]
    access = [(each["type"], each["data"]["actor"]) for each in lines if each["type"].startswith("access.")]
    assert access == [("access.refused", "agent:cara"), ("access.allowed", "agent:lena")]
