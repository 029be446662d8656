"""Macros on the desk: each says what it does, for one ticket or many, and what came of it stands there."""

from typing import Any
from urllib.parse import urlencode

import pytest

from trunkline.config.rule_actions import StepSettings
from trunkline.desk.views.macro_words import macro_words
from trunkline.router.ticket_requests import TicketChanges

from ...conftest import SETTINGS
from .conftest import Browser, Page, Site
from .desk_of_ada import mine, now, opened

MACROS: dict[str, Any] = {
    "thanks": {
        "description": "Answer and solve",
        "then": {"reply": "thanks", "tags": ["thanked"], "status": "solved", "note": "by macro"},
    },
    "money": {"then": {"queue": "billing", "priority": 2, "remove_tags": ["new"], "assignee": "none"}},
}
CANNED = {"thanks": {"en": "Thank you, {customer}."}}


@pytest.fixture
def with_macros(site: Site) -> Site:
    site.desk.configure({**SETTINGS, "macros": MACROS, "canned_replies": CANNED})
    return site


async def take(ada: Browser, *tickets: str, key: str = "k1", **fields: str) -> Page:
    form = [("csrf", await ada.csrf()), ("key", key), *(("ticket", each) for each in tickets), *fields.items()]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await ada.request("POST", "/desk/macros", data=urlencode(form), headers=headers)


async def test_each_macro_says_what_it_will_do(with_macros: Site, ada: Browser) -> None:
    ticket = await mine(with_macros, "My lamp is broken")
    page = (await ada.open(f"/desk/macros?ticket={ticket.number}")).text
    for words in (
        "adds the note “by macro”; adds the tag thanked; answers with “Thank you, {customer}.” in the customer’s "
        "language; makes it solved",
        "moves it to billing; sets the priority to 2; takes away the tag new; takes it from whoever has it",
        "Answer and solve",
        f'Macros for <span class="number">{ticket.number}</span>',
    ):
        assert words in page
    assert f'href="/desk/macros?ticket={ticket.number}"' in (await ada.open(f"/desk/tickets/{ticket.number}")).text


async def test_one_ticket_is_done_and_shown_and_the_same_form_again_does_nothing_twice(
    with_macros: Site, ada: Browser
) -> None:
    ticket = await mine(with_macros, "My lamp is broken", name="Maria")
    for _ in range(2):
        assert (await take(ada, ticket.number, macro="thanks")).location == f"/desk/tickets/{ticket.number}"
    assert ((await now(with_macros, ticket)).status, (await now(with_macros, ticket)).tags) == ("solved", ("thanked",))
    articles = await with_macros.desk.reader.articles(ticket.id)
    texts = [each.text for each in articles if each.author.kind == "agent"]
    assert texts == ["by macro", "Thank you, Maria."]


async def test_a_form_without_a_key_is_no_repeat_of_another(with_macros: Site, ada: Browser) -> None:
    ticket = await mine(with_macros, "My lamp is broken", name="Maria")
    for _ in range(2):
        await take(ada, ticket.number, key="", macro="thanks")
    articles = await with_macros.desk.reader.articles(ticket.id)
    assert [each.text for each in articles if each.author.kind == "agent"].count("by macro") == 2


async def test_of_many_each_says_what_was_done_and_what_was_not(with_macros: Site, ada: Browser) -> None:
    first, second = await mine(with_macros, "lamp"), await mine(with_macros, "bulb")
    await with_macros.desk.actions.change(second.id, TicketChanges(status="closed"), actor="agent:ada")
    page = await take(ada, first.number, second.number, "T-99", macro="thanks")
    assert (page.status, "1 of 3 as asked; 2 not, or not all of it." in page.text) == (200, True)
    assert "note, fields, reply, status solved" in page.text
    assert "there is no ticket T-99" in page.text
    assert "not: " in page.text
    assert "status solved (" in page.text


async def test_an_agent_and_tags_are_changed_by_hand(with_macros: Site, ada: Browser) -> None:
    first, second = await mine(with_macros, "lamp"), await mine(with_macros, "bulb")
    await with_macros.desk.actions.change(first.id, TicketChanges(tags=("old",)), actor="agent:ada")
    await with_macros.desk.actions.presence("boris", "available", actor="agent:boris")
    page = await take(ada, first.number, second.number, agent="boris", tags="vip, lamp", untag="old")
    assert "2 of 2 as asked" in page.text
    for ticket in (first, second):
        assert ((await now(with_macros, ticket)).assignee, (await now(with_macros, ticket)).tags) == (
            "boris",
            ("vip", "lamp"),
        )
    assert (await take(ada, first.number)).status == 422, "nothing was asked"
    assert (await take(ada, macro="thanks")).status == 422, "of no ticket"
    assert (await take(ada, first.number, macro="nothing")).status == 404


async def test_a_ticket_that_is_not_seen_is_not_there(with_macros: Site, ada: Browser) -> None:
    refund = await opened(with_macros, "a refund please")
    teams = {
        "help": {"members": ["ada"], "queues": ["support"]},
        "money": {"members": ["carla"], "queues": ["billing"]},
    }
    with_macros.desk.configure({**SETTINGS, "macros": MACROS, "canned_replies": CANNED, "teams": teams})
    assert "Choose tickets in the list first" in (await ada.open(f"/desk/macros?ticket={refund.number}")).text
    assert f"there is no ticket {refund.number}" in (await take(ada, refund.number, macro="money")).text


async def test_rows_can_be_ticked_and_too_many_are_refused(with_macros: Site, ada: Browser) -> None:
    ticket = await mine(with_macros)
    listed = (await ada.open("/desk")).text
    assert f'form="picked" name="ticket" value="{ticket.number}"' in listed
    many = urlencode([("ticket", f"T-{number}") for number in range(51)])
    assert (await ada.open(f"/desk/macros?{many}")).status == 422


def test_every_step_has_a_sentence() -> None:
    steps = StepSettings.model_validate(
        {
            "queue": "billing",
            "priority": 1,
            "impact": 1,
            "urgency": 2,
            "language": "de",
            "tags": ["a", "b"],
            "remove_tags": ["c"],
            "require_skills": ["x@3"],
            "prefer_skills": ["y"],
            "fields": {"order": "5"},
            "status": "solved",
            "resolution": "cancelled",
            "clocks": {"start": ["call_back"], "stop": ["delivery"]},
            "assignee": "ada",
            "note": "n" * 400,
            "reply": "gone",
            "notify": {"agents": ["ada"], "addresses": ["lead@example.org"], "text": "x"},
            "webhook": "crm",
        }
    )
    assert set(steps.model_fields_set) == set(StepSettings.model_fields), "a step that nobody is told of"
    words = macro_words(steps, {"ada": "Ada"}, {})
    assert len(words[0]) < 200
    assert list(words[1:]) == [
        "moves it to billing",
        "sets the priority to 1",
        "sets the impact to 1",
        "sets the urgency to 2",
        "sets the language to de",
        "adds the tags a, b",
        "takes away the tag c",
        "asks for x@3, y",
        "sets order to 5",
        "begins the clock call back",
        "stops the clock delivery",
        "gives it to Ada",
        "answers with gone",
        "tells Ada, lead@example.org by mail",
        "posts it to crm",
        "makes it solved as cancelled",
    ]


async def test_a_macro_is_shown_only_where_it_can_be_used(site: Site, ada: Browser) -> None:
    macros = {
        "refund": {"for": {"queues": ["billing"]}, "then": {"tags": ["paid"]}},
        "lead": {"for": {"roles": ["lead"]}, "then": {"tags": ["led"]}},
    }
    teams = {"help": {"members": ["ada"], "queues": ["support", "billing"]}}
    site.desk.configure({**SETTINGS, "macros": macros, "teams": teams})
    lamp, refund = await opened(site, "My lamp is broken"), await opened(site, "I want a refund")
    here = (await ada.open(f"/desk/macros?ticket={lamp.number}")).text
    assert "None of the desk’s macros is for you with this ticket." in here
    assert 'value="refund"' not in here
    both = (await ada.open(f"/desk/macros?ticket={lamp.number}&ticket={refund.number}")).text
    assert ('value="refund"' in both, 'value="lead"' in both) == (True, False)
    told = await take(ada, lamp.number, refund.number, macro="refund")
    assert "the macro refund is for tickets in billing" in told.text
    assert ((await now(site, refund)).tags, (await now(site, lamp)).tags) == (("paid",), ())
    assert "the macro lead is for the role lead" in (await take(ada, lamp.number, macro="lead")).text.lower()
