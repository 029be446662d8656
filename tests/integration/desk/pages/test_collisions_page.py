"""Two agents write: the second is asked, with what came between, and what they wrote is kept."""

import json
import re

from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import Browser, Site
from .desk_of_ada import by_script, mine


async def fields(ada: Browser, ticket: Ticket) -> dict[str, str]:
    """What the page says that Ada has seen."""
    page = (await ada.open(f"/desk/tickets/{ticket.number}")).text
    return {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("seen", "held", "looked")}  # type: ignore[index]


async def boris_answers(site: Site, ticket: Ticket) -> None:
    site.desk.clock.advance(1_000)
    await site.desk.actions.reply(ticket.id, Writing(text="The <cable>?", agent="boris", actor="agent:boris"))
    await site.desk.settle()
    site.desk.clock.advance(4_000)


async def test_whoever_began_before_a_colleague_answered_is_asked_and_may_insist(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    form = {"text": "Try another bulb.", **await fields(ada, ticket)}
    await boris_answers(site, ticket)
    path = f"/desk/tickets/{ticket.id}/reply"
    refused = json.loads((await by_script(ada, path, form)).text)
    assert (refused["status"], refused["detail"]) == (409, "Boris answered 4 s ago")
    assert [(each["kind"], each["text"]) for each in refused["between"]] == [("answered", "The <cable>?")]
    assert (await by_script(ada, path, {**form, "force": "yes"})).status == 201


async def test_whoever_has_looked_is_not_asked_again(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    await boris_answers(site, ticket)
    form = {"text": "Try another bulb.", **await fields(ada, ticket)}
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/reply", form)).status == 201


async def test_without_a_script_the_text_stands_below_what_came_between(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    form = {"text": "Try another bulb.", **await fields(ada, ticket)}
    await boris_answers(site, ticket)
    page = await ada.send(f"/desk/tickets/{ticket.id}/reply", {**form, "csrf": await ada.csrf()})
    assert page.status == 409
    for words in ("Boris answered 4 s ago.", "Try another bulb.", "The &lt;cable&gt;?"):
        assert words in page.text
