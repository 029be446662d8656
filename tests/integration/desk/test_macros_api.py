"""Macros over HTTP: the same steps by hand, with one ticket and with many, with a result for each."""

import json
from typing import TYPE_CHECKING, Any

from trunkline.desk.views.happenings import event_of, sentence
from trunkline.router.macros import Macros

from ..conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Face

MACROS: dict[str, Any] = {
    "thanks": {
        "description": "Answer and solve",
        "then": {"reply": "thanks", "tags": ["thanked"], "status": "solved", "note": "by macro, {number}"},
    },
    "close": {"then": {"status": "closed"}},
    "open": {"then": {"status": "open", "tags": ["again"]}},
}


def _with_macros(face: "Face") -> None:
    canned = {"thanks": {"en": "Thank you, {customer}. {agent}"}}
    face.desk.configure({**SETTINGS, "macros": MACROS, "canned_replies": canned})


async def test_a_macro_takes_its_steps_in_the_name_of_who_asks(face: "Face") -> None:
    _with_macros(face)
    ticket = await face.ticket("My lamp is broken", name="Maria")
    done = await face.post(f"/v1/tickets/{ticket.number}/macros/thanks", {"agent": "ada"})
    assert (done.status, done.body) == (
        200,
        {"ticket": ticket.number, "done": ["note", "fields", "reply", "status solved"], "failed": []},
    )
    now = (await face.get(f"/v1/tickets/{ticket.id}")).body
    assert (now["status"], now["tags"]) == ("solved", ["thanked"])
    texts = [each["text"] for each in now["articles"] if each["author"]["kind"] == "agent"]
    assert texts == [f"by macro, {ticket.number}", "Thank you, Maria. Ada"]


async def test_a_step_that_a_ticket_does_not_allow_is_told(face: "Face") -> None:
    _with_macros(face)
    ticket = await face.ticket("hello")
    await face.post(f"/v1/tickets/{ticket.id}/macros/close", {})
    told = await face.post(f"/v1/tickets/{ticket.id}/macros/open", {})
    assert told.body["done"] == ["fields"]
    assert told.body["failed"][0].startswith("status open (")
    nobody = await face.post(f"/v1/tickets/{(await face.ticket('two')).id}/macros/thanks", {})
    assert nobody.body["failed"] == ["reply (name the agent who answers; nobody has the ticket)"]


async def test_a_macro_goes_over_named_tickets_with_a_result_for_each(face: "Face") -> None:
    _with_macros(face)
    numbers = [(await face.ticket(f"case {n}")).number for n in range(3)]
    done = await face.post("/v1/macros/close", {"tickets": [*numbers, "T-999"]})
    assert [(each["ticket"], each["done"]) for each in done.body["items"][:3]] == [
        (number, ["status closed"]) for number in numbers
    ]
    assert done.body["items"][3]["failed"] == ["there is no ticket T-999"]


async def test_a_macro_goes_over_a_search_page_by_page(face: "Face") -> None:
    _with_macros(face)
    for number in range(52):
        await face.ticket(f"case {number}", conversation=f"c{number}")
    query = {"query": {"status": "new"}}
    first = await face.post("/v1/macros/close", query)
    assert (len(first.body["items"]), first.body["next"] is not None) == (50, True)
    second = await face.post("/v1/macros/close", {**query, "cursor": first.body["next"]})
    assert (len(second.body["items"]), second.body["next"]) == (2, None)


async def test_macros_are_listed_and_one_that_is_not_there_is_404(face: "Face") -> None:
    _with_macros(face)
    assert (await face.get("/v1/macros")).body["items"][2] == {
        "name": "thanks",
        "description": "Answer and solve",
        "queues": [],
    }
    ticket = await face.ticket("hello")
    (await face.post(f"/v1/tickets/{ticket.id}/macros/nothing", {})).refused(404, "not_found")
    (await face.post("/v1/macros/nothing", {"tickets": ["T-1"]})).refused(404, "not_found")
    (await face.post("/v1/macros/close", {})).refused(422, "invalid")


async def _alerts(face: "Face", count: int) -> list[bytes]:
    waiting: list[bytes] = await face.desk.engine.call("HVALS", face.desk.offers._keys.alerts.keys["entries"])
    assert len(waiting) == count
    return waiting


async def test_a_request_that_comes_again_after_another_one_tells_nobody_twice(face: "Face") -> None:
    desk, hooks = face.desk, {"shop": {"url": "https://shop.example/hook"}}
    macros = {name: {"then": {"webhook": "shop"}} for name in ("ship", "return")}
    desk.configure({**SETTINGS, "macros": macros, "webhooks": hooks})
    ticket = await face.ticket("hello")
    made = Macros(desk.engine, desk.clock, actions=desk.actions, reader=desk.reader, policy=lambda: desk.policy)
    for name, key in (("ship", "k1"), ("ship", "k2"), ("return", "k1"), ("ship", "k1"), ("return", "k1")):
        await made.run(made.named(name), await desk.reader.ticket(ticket.id), actor="agent:ada", agent="ada", key=key)
    await _alerts(face, 3)


async def test_a_macro_tells_a_webhook_once_for_a_key_and_the_history_says_who_used_it(face: "Face") -> None:
    desk = face.desk
    hooks = {"shop": {"url": "https://shop.example/hook"}}
    desk.configure({**SETTINGS, "macros": {"ship": {"then": {"webhook": "shop"}}}, "webhooks": hooks})
    ticket = await face.ticket("hello")
    macros = Macros(desk.engine, desk.clock, actions=desk.actions, reader=desk.reader, policy=lambda: desk.policy)
    for _ in range(2):
        stored = await desk.reader.ticket(ticket.id)
        await macros.run(macros.named("ship"), stored, actor="agent:ada", agent="ada", key="k1")
    waiting = await _alerts(face, 1)
    post = json.loads(waiting[0])
    assert (post["webhook"], post["content"]["by"]) == ("shop", "agent:ada")
    lines = [line for line in await desk.lines() if line.kind == "ticket.rule_applied"]
    assert [sentence(event_of(line), {"ada": "Ada"}) for line in lines] == [
        "Ada used the macro ship, which did: webhook shop"
    ]


GOVERNED: dict[str, Any] = {
    "teams": {"help": {"members": ["ada"], "queues": ["support"]}, "money": {"leads": ["boris"], "queues": ["billing"]}}
}


def _restricted(face: "Face") -> None:
    macros = {
        "all": {"then": {"tags": ["seen"]}},
        "lead": {"for": {"roles": ["lead"]}, "then": {"tags": ["led"]}},
        "money": {"for": {"teams": ["money"], "queues": ["billing"]}, "then": {"tags": ["paid"]}},
    }
    face.desk.configure({**SETTINGS, **GOVERNED, "macros": macros})


async def test_who_may_not_use_a_macro_is_told_so_and_does_not_see_it(face: "Face") -> None:
    _restricted(face)
    lamp, refund = await face.ticket("My lamp is broken"), await face.ticket("I want a refund")
    listed = {
        token: [each["name"] for each in (await face.get("/v1/macros", token=token)).body["items"]]
        for token in ("ada", "boris", "admin")
    }
    assert listed == {"ada": ["all"], "boris": ["all", "lead", "money"], "admin": ["all", "lead", "money"]}
    for name, words in (("lead", "the macro lead is for the role lead"), ("money", "the macro money is for the team")):
        one, many = (f"/v1/tickets/{lamp.id}/macros/{name}", {}), (f"/v1/macros/{name}", {"tickets": ["T-1"]})
        for address, body in (one, many):
            assert words in (await face.post(address, body, token="ada")).refused(403, "forbidden")
    for ticket, status in ((lamp, 403), (refund, 200)):
        used = await face.post(f"/v1/tickets/{ticket.id}/macros/money", {}, token="boris")
        assert used.status == status, used.raw
    assert (await face.get(f"/v1/tickets/{lamp.id}")).body["tags"] == []


async def test_in_bulk_a_macro_is_used_with_the_tickets_that_it_is_for(face: "Face") -> None:
    _restricted(face)
    lamp, refund = await face.ticket("My lamp is broken"), await face.ticket("I want a refund")
    done = await face.post("/v1/macros/money", {"tickets": [lamp.number, refund.number]}, token="boris")
    assert [(each["done"], each["failed"]) for each in done.body["items"]] == [
        ([], ["the macro money is for tickets in billing"]),
        (["fields"], []),
    ]
