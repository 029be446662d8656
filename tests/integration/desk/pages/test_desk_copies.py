"""Who gets a reply beside the customer: shown before it is sent, left out or added by the agent, shown afterwards."""

import re
from typing import Any

from .conftest import Browser, Site
from .desk_of_ada import by_script, mine, part, problem

BEA, EVE = "bea@example.net", "eve@example.com"
MAIL = {"channel": "mail", "ext": {"message_id": "1@x"}, "copied": {BEA: 'Bea "B" Lind', EVE: ""}}


async def sent(site: Site) -> list[str]:
    site.desk.clock.advance(10_000)
    await site.desk.settle()
    return [each.address for each in site.desk.sent[-1].copied]


async def boxes(browser: Browser, ticket: Any) -> list[str]:
    found = re.findall(
        r'name="copied" value="[^"]*?([\w.]+@[\w.]+)[^"]*"( checked)?',
        (await part(browser, f"tickets/{ticket.id}")).text,
    )
    return [address + checked for address, checked in found]


async def test_an_agent_sees_whom_the_customer_wrote_to_and_leaves_one_out(site: Site, ada: Browser) -> None:
    ticket = await mine(site, **MAIL)
    assert await boxes(ada, ticket) == [f"{BEA} checked", f"{EVE} checked"]
    fields = {"text": "Hello", "copies": "chosen", "copied": [f'"Bea \\"B\\" Lind" <{BEA}>', ""]}
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields)).status == 201
    shown = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert "Copy to Bea &#34;B&#34; Lind (bea@example.net)" in shown
    assert await sent(site) == [BEA]
    assert site.desk.sent[-1].copied[0].name == 'Bea "B" Lind'
    assert await boxes(ada, ticket) == [f"{BEA} checked", EVE]


async def test_several_are_added_in_one_line_and_what_is_no_address_is_refused(site: Site, ada: Browser) -> None:
    ticket = await mine(site, **MAIL)
    fields = {"text": "Hello", "copies": "chosen", "copied": f"Carl <carl@example.net>, {EVE}"}
    await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields)
    assert await sent(site) == ["carl@example.net", EVE]
    fields["copied"] = "nobody"
    assert "nobody" in problem(await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields), 422)


async def test_whom_an_unproven_mail_names_is_offered_and_not_ticked(site: Site, ada: Browser) -> None:
    ticket = await mine(site, **MAIL, assurance=0)
    assert await boxes(ada, ticket) == [BEA, EVE]
    await by_script(ada, f"/desk/tickets/{ticket.id}/reply", {"text": "Hello", "copies": "chosen"})
    assert await sent(site) == []


async def test_a_chat_has_no_copies(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    assert "Copy to" not in (await part(ada, f"tickets/{ticket.id}")).text
