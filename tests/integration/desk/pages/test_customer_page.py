"""The page of a person: their history, its pages and filter; export and erasing for administrators."""

import json
import re

from ..test_erasures_api import worker
from .conftest import Browser, Site
from .desk_of_ada import opened

MARIA = "maria@example.org"


async def test_the_history_tells_what_was_said_in_all_tickets_and_is_reached_from_a_ticket(
    site: Site, ada: Browser
) -> None:
    await opened(site, "My lamp is broken", sender=MARIA, name="Maria", subject="A lamp")
    site.desk.clock.advance(1)
    ticket = await opened(site, "My chair as well", sender=MARIA, name="Maria", subject="<b>A chair</b>")
    beside = await ada.open(f"/desk/tickets/{ticket.number}")
    assert f'href="/desk/customers/{ticket.customer}"' in beside.text
    page = await ada.open(f"/desk/customers/{ticket.customer}")
    assert page.status == 200
    assert page.text.index("My chair as well") < page.text.index("My lamp is broken")
    assert "&lt;b&gt;A chair&lt;/b&gt;" in page.text
    assert (MARIA in page.text, "Erase this person" in page.text) == (True, False)
    nothing = await ada.open(f"/desk/customers/{ticket.customer}?channel=chat")
    assert "Nothing was said by" in nothing.text
    assert (await ada.open("/desk/customers/nobody")).status == 404
    assert (await ada.open(f"/desk/customers/{ticket.customer}/export")).status == 403


async def test_a_long_history_goes_on_with_older_things(site: Site, ada: Browser) -> None:
    for number in range(60):
        site.desk.clock.advance(1)
        ticket = await site.face.ticket(f"message number {number:02d}", sender=MARIA)
    first = await ada.open(f"/desk/customers/{ticket.customer}")
    (older,) = re.findall(r'href="(/desk/customers/[^"]*cursor=[^"]*)"', first.text)
    second = await ada.open(older)
    told = [re.findall(r"message number (\d\d)<", page.text) for page in (first, second)]
    assert [int(each) for each in (*told[0], *told[1])] == list(range(59, -1, -1))


async def test_an_administrator_exports_and_erases(site: Site, admin: Browser) -> None:
    ticket = await opened(site, "My lamp is broken", sender=MARIA, name="Maria")
    path = f"/desk/customers/{ticket.customer}"
    page = await admin.open(path)
    assert "Erase this person" in page.text
    exported = await admin.open(f"{path}/export")
    assert json.loads(exported.text)["person"]["names"] == ["Maria"]
    refused = await admin.act(f"{path}/erase", {"confirm": "somebody"})
    assert (refused.status, "who is meant" in refused.text) == (422, True)
    assert (await admin.act(f"{path}/erase", {"confirm": "Maria", "reason": "asked"})).location == path
    await worker(site.face).drain()
    after = await admin.open(path)
    assert "They were erased" in after.text
    assert (MARIA in after.text, "My lamp" in after.text) == (False, False)
    beside = await admin.open(f"/desk/tickets/{ticket.number}")
    assert ("Erased, at the customer" in beside.text, "Erased customer" in beside.text) == (True, True)
