"""Splitting a ticket on the desk: what will move is seen, leaves a mark, and can be put back."""

from .conftest import Browser, Site
from .desk_of_ada import now, opened


async def two_messages(site: Site) -> str:
    """A ticket with two messages of its customer; the id of the second."""
    ticket = await opened(site, "The lamp is broken", conversation="c:1", subject="Lamp")
    site.desk.clock.advance(1_000)
    await site.desk.write("By the way, my chair too", sender="maria@example.org", conversation="c:1")
    await site.desk.settle()
    said = [each for each in await site.desk.reader.articles(ticket.id) if each.author.kind == "customer"]
    return str(said[-1].id)


async def test_a_message_is_split_off_leaves_a_mark_and_is_put_back(site: Site, ada: Browser) -> None:
    chair = await two_messages(site)
    assert f"/desk/tickets/T-1/split?article={chair}" in (await ada.open("/desk/tickets/T-1")).text
    page = await ada.open(f"/desk/tickets/T-1/split?article={chair}")
    assert "By the way, my chair too" in page.text
    fields = {"article": chair, "subject": "Chair", "queue": "billing", "priority": "2"}
    done = await ada.act("/desk/tickets/T-1/split", fields)
    assert done.location == "/desk/tickets/T-2"
    made = await ada.open(done.location)
    for words in ("By the way, my chair too", "Split out of T-1 by Ada", "Put it back"):
        assert words in made.text
    old = (await ada.open("/desk/tickets/T-1")).text
    assert "A message was moved to T-2 by Ada" in old
    assert "Split off" not in old
    preview = await ada.open(f"/desk/tickets/T-2/merge?into={(await site.desk.reader.ticket('T-1')).record.id}")
    assert "T-1 stands for both" in preview.text
    await ada.act("/desk/tickets/T-2/merge", {"into": "T-1"})
    assert "By the way, my chair too" in (await ada.open("/desk/tickets/T-1")).text


async def test_what_came_after_it_goes_along_if_wanted_and_a_refusal_keeps_the_page(site: Site, ada: Browser) -> None:
    chair = await two_messages(site)
    await site.desk.write("And my table", sender="maria@example.org", conversation="c:1")
    await site.desk.settle()
    first = next(each for each in await site.desk.reader.articles((await site.desk.reader.ticket("T-1")).record.id))
    refused = await ada.act("/desk/tickets/T-1/split", {"article": first.id, "along": "yes"})
    assert (refused.status, "would be left in T-1" in refused.text) == (409, True)
    assert (await ada.act("/desk/tickets/T-1/split", {"article": chair, "priority": "9"})).status == 422
    await ada.act("/desk/tickets/T-1/split", {"article": chair, "along": "yes"})
    made = (await site.desk.reader.ticket("T-2")).record
    texts = [each.text for each in await site.desk.reader.articles(made.id)]
    assert texts == ["By the way, my chair too", "And my table"]
    assert (await now(site, made)).subject == "Lamp"
    assert (await ada.open(f"/desk/tickets/T-1/split?article={chair}")).status == 404
