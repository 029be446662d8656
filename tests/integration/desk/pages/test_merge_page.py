"""Merging tickets on the desk: seen beforehand, done, shown, and undone; and whom a reply of a case goes to."""

import asyncio
from datetime import timedelta

from .conftest import Browser, Site
from .desk_of_ada import by_script, now, opened, part, problem


async def test_a_merge_is_seen_before_it_is_made_and_can_be_undone(site: Site, ada: Browser) -> None:
    first = await opened(site, "The lamp is broken", sender="maria@example.org", subject="Lamp")
    site.desk.clock.advance(1_000)
    second = await opened(site, "It is still broken", sender="maria@example.org", subject="Lamp again")
    page = await ada.open(f"/desk/tickets/{second.number}")
    assert f"/desk/tickets/{second.number}/merge?into={first.number}" in page.text
    preview = await ada.open(f"/desk/tickets/{second.number}/merge?into={first.number}")
    assert f"{first.number} stands for both" in preview.text
    assert (await now(site, second)).merged_into is None
    fields = {"into": first.number, "reason": "the same lamp"}
    done = await ada.act(f"/desk/tickets/{second.number}/merge", fields)
    assert done.location == f"/desk/tickets/{first.number}"
    case = await ada.open(done.location)
    for words in (
        "The lamp is broken",
        "It is still broken",
        f"It belongs to {second.number}",
        f"{second.number} was merged into this one by Ada",
    ):
        assert words in case.text
    merged = await ada.open(f"/desk/tickets/{second.number}")
    assert f"Open {first.number}" in merged.text
    assert "the same lamp" in merged.text
    assert "stays as it is" not in merged.text
    assert f">in {second.number}</span>" in (await ada.open("/desk?q=still")).text
    assert (await by_script(ada, f"/desk/tickets/{second.id}/unmerge")).status == 204
    assert "It is still broken" not in (await ada.open(f"/desk/tickets/{first.number}")).text
    assert (await now(site, second)).status == "new"


async def test_what_cannot_be_merged_says_why_and_offers_others(site: Site, ada: Browser) -> None:
    ticket = await opened(site, sender="maria@example.org")
    other = await opened(site, sender="maria@example.org", subject="Another lamp")
    await opened(site, sender="li@example.org", subject="A chair")
    for into, words in ((ticket.number, "into itself"), ("T-99", "There is no ticket"), ("nonsense", "no ticket")):
        page = await ada.open(f"/desk/tickets/{ticket.number}/merge?into={into}")
        assert words in page.text, into
        assert f"merge?into={other.number}" in page.text
    assert "A chair" not in (await ada.open(f"/desk/tickets/{ticket.number}/merge")).text
    assert "A chair" in (await ada.open(f"/desk/tickets/{ticket.number}/merge?q=chair")).text
    refused = await ada.act(f"/desk/tickets/{ticket.number}/merge", {"into": ticket.number})
    assert (refused.status, "into itself" in refused.text) == (409, True)


async def test_in_a_case_of_two_customers_one_chooses_who_hears_a_reply_and_nobody_else_does(
    site: Site, ada: Browser
) -> None:
    first = await opened(site, "The lamp", sender="maria@example.org")
    second = await opened(site, "The chair", sender="li@example.org")
    preview = await ada.open(f"/desk/tickets/{second.number}/merge?into={first.number}")
    assert "two customers’ conversations" in preview.text
    await ada.act(f"/desk/tickets/{second.number}/merge", {"into": first.number})
    page = await ada.open(f"/desk/tickets/{first.number}")
    assert f'<option value="{second.id}">{second.number} · li@example.org' in page.text
    assert "and to nobody else" in page.text
    site.desk.sent.clear()
    for way, text in ((second.id, "for Li"), (first.id, "for Maria")):
        fields = {"text": text, "way": way, "key": text}
        assert (await by_script(ada, f"/desk/tickets/{first.id}/reply", fields)).status == 201
    assert "for Li" in (await part(ada, f"tickets/{first.id}/conversation")).text
    site.desk.clock.advance(timedelta(minutes=1) // timedelta(milliseconds=1))
    await site.desk.settle()
    assert {(each.to, each.text) for each in site.desk.sent} == {
        ("li@example.org", "for Li"),
        ("maria@example.org", "for Maria"),
    }
    await by_script(ada, f"/desk/tickets/{second.id}/unmerge")
    gone = {"text": "for Li", "way": second.id, "key": "late"}
    assert "choose again" in problem(await by_script(ada, f"/desk/tickets/{first.id}/reply", gone), 409)


async def test_an_open_case_hears_what_becomes_of_an_article_of_a_merged_ticket(site: Site, ada: Browser) -> None:
    first = await opened(site, sender="maria@example.org")
    second = await opened(site, sender="li@example.net")
    await site.parts.cases.merge(second.id, first.id, actor="agent:ada")
    async with ada._session.get(f"{site.base}/desk/events?ticket={first.number}") as stream:
        await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)
        article = (await site.desk.reader.articles(second.id))[-1]
        await site.desk.actions._replies._delivery.settle(
            article.id, "delivered", "", came_from=["sent", "queued"], actor="test"
        )
        told = b""
        while first.id.encode() not in told:
            told += await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)
    assert f'"number": "{first.number}"' in told.decode()
