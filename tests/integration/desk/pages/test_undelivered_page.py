"""Answers that did not arrive, where people see them: at the ticket, above the lists, in the list of the board."""

from trunkline.config.errors import DeliveryFailed
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import Browser, Site
from .desk_of_ada import by_script, mine, now, part, problem

LIST = "/board/undelivered"


async def lost(site: Site, text: str = "Try another bulb.") -> tuple[Ticket, str]:
    """A ticket whose answer was refused, and the answer."""

    async def refuse(_: Outgoing) -> Sent:
        raise DeliveryFailed("550 no such user")

    ticket, senders = await mine(site), dict(site.desk.delivery._senders)
    site.desk.delivery._senders = dict.fromkeys(senders, refuse)
    article = await site.desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="agent:ada"))
    await site.desk.settle()
    site.desk.delivery._senders = senders
    return ticket, article


async def test_the_list_says_what_did_not_arrive_and_why_and_an_empty_one_says_that_all_is_well(
    site: Site, ada: Browser
) -> None:
    assert "nothing of it came back" in (await ada.open(LIST)).text
    ticket, _ = await lost(site, "Try <b>another</b> bulb.")
    page = await ada.open(LIST)
    for words in (ticket.number, "Not sent: 550 no such user", "Try &lt;b&gt;another", "Ada", "Mark as sent"):
        assert words in page.text
    board = await ada.open("/board")
    assert "Answers in 1 ticket did not arrive" in board.text
    assert f'href="{LIST}"' in board.text
    assert "Answers in 1 ticket did not arrive" in (await part(ada, "list")).text


async def test_what_is_done_there_takes_it_off_the_list(site: Site, ada: Browser) -> None:
    ticket, article = await lost(site)
    page = await by_script(ada, f"{LIST}/{article}", {"action": "mark_sent", "reason": "told her on the phone"})
    assert "nothing of it came back" in page.text
    assert not (await now(site, ticket)).undelivered
    shown = await part(ada, f"tickets/{ticket.number}/conversation")
    assert "Said to have arrived by Ada: told her on the phone" in shown.text
    problem(await by_script(ada, f"{LIST}/{article}", {"action": "resend"}), 409)


async def test_an_answer_goes_to_another_address_from_its_ticket(site: Site, ada: Browser) -> None:
    ticket, article = await lost(site)
    path = f"/desk/articles/{article}/delivery"
    problem(await by_script(ada, path, {"action": "resend", "to": "nobody"}), 422)
    problem(await by_script(ada, path, {"action": "mark_sent", "to": "m@work.example"}), 422)
    assert (await by_script(ada, path, {"action": "resend", "to": "m@work.example"})).status == 204
    await site.desk.settle()
    assert [sent.to for sent in site.desk.sent if not sent.automatic] == ["m@work.example"]
    assert not (await now(site, ticket)).undelivered


async def test_the_page_of_the_list_is_refused_for_a_cursor_that_is_none(ada: Browser) -> None:
    assert (await ada.open(f"{LIST}?cursor=zzz")).status == 404
