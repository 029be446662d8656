"""Writing: a reply waits a little and can be taken back, a note is there at once, and no text is ever lost."""

import json
from typing import Any

import pytest

from trunkline.config.errors import DeliveryFailed
from trunkline.normalizer.outgoing import Outgoing
from trunkline.router.ticket_requests import Writing

from ...conftest import SETTINGS
from .conftest import BY_SCRIPT, Browser, Site
from .desk_of_ada import by_script, mine, now, part, problem

TEN_SECONDS, TWO_SECONDS = 10_000, 2_000


def replies(site: Site) -> list[Outgoing]:
    """What was sent by people."""
    return [sent for sent in site.desk.sent if not sent.automatic]


async def conversation(browser: Browser, ticket: Any) -> str:
    return (await part(browser, f"tickets/{ticket.id}/conversation")).text


async def upload(browser: Browser, content: bytes, name: str = "shade.png") -> Any:
    headers = {**BY_SCRIPT, "X-CSRF-Token": await browser.csrf(), "Content-Type": "image/png"}
    answer = await browser.request("POST", f"/desk/files?name={name}", headers=headers, data=content)
    assert answer.status == 201, answer.text
    return json.loads(answer.text)


async def test_who_looks_on_while_they_wait_waits_two_seconds(site: Site, ada: Browser) -> None:
    pinned = json.dumps({"channel": "chat", "account": "web", "to": "v_1"})
    ticket = await mine(site)
    await site.desk.engine.call("HSET", site.desk.offers._keys.ticket(ticket.id), "_reply_to", pinned)
    held = json.loads((await by_script(ada, f"/desk/tickets/{ticket.id}/reply", {"text": "Hello"})).text)
    assert held["due"] - held["now"] == TWO_SECONDS


async def test_a_reply_waits_ten_seconds_and_leaves_once(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    fields = {"text": "A new one is on its way.\r\nAda", "status": "pending", "key": "k1"}
    answers = [await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    held, again = (json.loads(answer.text) for answer in answers)
    assert held["held"] == again["held"]
    assert held["due"] - held["now"] == TEN_SECONDS
    await site.desk.settle()
    assert replies(site) == []
    shown = await conversation(ada, ticket)
    assert "Not sent yet" in shown
    assert "A new one is on its way." in shown
    site.desk.clock.advance(TEN_SECONDS)
    await site.desk.settle()
    assert [sent.text for sent in replies(site)] == ["A new one is on its way.\nAda"]
    assert (await now(site, ticket)).status == "pending"
    shown = await conversation(ada, ticket)
    assert "Not sent yet" not in shown
    assert 'data-state="sent"' in shown


async def test_a_reply_that_was_taken_back_is_not_sent_and_its_text_is_back(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    file = await upload(ada, b"\x89PNG")
    fields = {"text": "Too early", "status": "solved", "key": "k1", "file": json.dumps(file)}
    held = json.loads((await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields)).text)["held"]
    back = json.loads((await by_script(ada, f"/desk/held/{held}/take-back")).text)
    assert back == {"text": "Too early", "status": "solved", "files": [file]}
    site.desk.clock.advance(TEN_SECONDS)
    await site.desk.settle()
    assert (replies(site), (await now(site, ticket)).status) == ([], ticket.status)
    assert problem(await by_script(ada, f"/desk/held/{held}/take-back"), 410) == "the reply has left already"


async def test_without_a_script_it_is_all_the_same(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    path = f"/desk/tickets/{ticket.id}"
    assert (await ada.act(f"{path}/note", {"text": "Ask the warehouse"})).location == f"/desk/tickets/{ticket.number}"
    assert (await ada.act(f"{path}/reply", {"text": "We look into it"})).location == f"/desk/tickets/{ticket.number}"
    (held,) = await site.desk.held.of(ticket.id)
    page = await ada.act(f"/desk/held/{held.id}/take-back")
    assert page.status == 200
    assert "We look into it</textarea>" in page.text
    assert "Ask the warehouse" in page.text


async def test_a_note_is_there_at_once_on_its_own_ground_and_never_sent(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    fields = {"text": "He is a regular", "key": "k1", "status": "on_hold"}
    for _ in range(2):
        assert (await by_script(ada, f"/desk/tickets/{ticket.id}/note", fields)).status == 204
    await site.desk.settle()
    shown = await conversation(ada, ticket)
    assert shown.count("He is a regular") == 1
    assert 'class="entry note"' in shown
    assert "Internal note" in shown
    assert (replies(site), (await now(site, ticket)).status) == ([], "on_hold")


@pytest.mark.parametrize("text", ["", "  \r\n "])
async def test_nothing_is_not_sent(site: Site, ada: Browser, text: str) -> None:
    ticket = await mine(site)
    for kind in ("reply", "note"):
        refused = await by_script(ada, f"/desk/tickets/{ticket.id}/{kind}", {"text": text})
        assert problem(refused, 422) == "write something first"


async def test_what_is_refused_keeps_its_text(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    await by_script(ada, f"/desk/tickets/{ticket.id}/status", {"status": "closed"})
    page = await ada.act(f"/desk/tickets/{ticket.id}/reply", {"text": "A long & good answer", "status": "solved"})
    assert page.status == 409
    assert "A long &amp; good answer</textarea>" in page.text
    assert 'role="alert"' in page.text


async def test_files_go_along_with_a_reply(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    files = [json.dumps(await upload(ada, content, name)) for content, name in ((b"one", "a.png"), (b"two", "b.png"))]
    answer = await by_script(ada, f"/desk/tickets/{ticket.id}/reply", {"text": "See these", "file": files})
    assert answer.status == 201
    site.desk.clock.advance(TEN_SECONDS)
    await site.desk.settle()
    assert [(file.name, file.size) for file in replies(site)[0].attachments] == [("a.png", 3), ("b.png", 3)]
    shown = await conversation(ada, ticket)
    assert 'download="a.png"' in shown
    assert "/desk/files/" in shown


async def test_a_file_that_was_never_uploaded_is_not_sent(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    made_up = json.dumps({"sha256": "0" * 64, "name": "x", "media_type": "text/plain", "size": 1})
    for file, status in ((made_up, 410), ("{", 410), ('{"sha256": 1}', 422)):
        answer = await by_script(ada, f"/desk/tickets/{ticket.id}/reply", {"text": "See this", "file": file})
        problem(answer, status)
    assert await site.desk.held.of(ticket.id) == []


async def test_a_message_that_failed_can_be_sent_again_or_marked(
    site: Site, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await mine(site)

    async def refuse(_: Outgoing) -> Any:
        raise DeliveryFailed("no such mailbox")

    with monkeypatch.context() as patch:
        for channel in ("test", "mail"):
            patch.setitem(site.desk.delivery._senders, channel, refuse)
        await site.desk.actions.reply(ticket.id, Writing(text="hello", agent="ada", actor="agent:ada"))
        await site.desk.settle()
    shown = await conversation(ada, ticket)
    assert "Not sent" in shown
    assert "no such mailbox" in shown
    article = (await site.desk.reader.articles(ticket.id))[-1]
    path = f"/desk/articles/{article.id}/delivery"
    problem(await by_script(ada, path, {"action": "forget"}), 422)
    assert (await by_script(ada, path, {"action": "resend"})).status == 204
    await site.desk.settle()
    assert [sent.text for sent in replies(site)] == ["hello"]
    problem(await by_script(ada, path, {"action": "mark_sent"}), 409)


async def test_canned_replies_are_there_in_the_customers_language(site: Site, ada: Browser) -> None:
    site.desk.configure(SETTINGS | {"canned_replies": {"hi": {"en": "Hello {customer}", "es": "Hola {customer}"}}})
    ticket = await mine(site, name="Maria", language="es")
    assert 'data-text="Hola Maria"' in (await ada.open(f"/desk/tickets/{ticket.number}")).text


async def test_a_note_is_of_whoever_wrote_it_also_when_an_admin_works_as_an_agent(
    site: Site, ada: Browser, admin: Browser
) -> None:
    ticket = await mine(site)
    await admin.act("/desk/as", {"agent": "ada"})
    await by_script(admin, f"/desk/tickets/{ticket.id}/note", {"text": "by the admin"})
    await by_script(ada, f"/desk/tickets/{ticket.id}/note", {"text": "by Ada"})
    written = {each.text: each.author for each in await site.desk.reader.articles(ticket.id) if each.kind == "note"}
    assert [(each.kind, each.name, each.id) for each in written.values()] == [
        ("system", "token:admin", ""),
        ("agent", "Ada", "ada"),
    ]
    assert "The token admin</strong>" in await conversation(ada, ticket)
