"""Edits, deletes and reactions find the message that they change, whenever they come, and change nothing else."""

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.router.amendments import HOUR_MS
from trunkline.router.records import Article, Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

HERE = {"sender": "maria@example.org", "conversation": "test:room"}
LONG = "a long story " * 200


async def say(desk: "Desk", text: str = "My lamp is borken", *, id_: str = "m", **facts: Any) -> None:
    await desk.write(text, external_id=id_, **{**HERE, **facts})


async def edit(desk: "Desk", text: str, *, order: str = "1", of: str = "m", **facts: Any) -> None:
    await change(desk, "edit", f"e{order}", text=text, order=order, amends=of, **facts)


async def delete(desk: "Desk", *, of: str = "m", **facts: Any) -> None:
    await change(desk, "delete", "d", text="", amends=of, **facts)


async def react(desk: "Desk", emoji: str = "👍", *, of: str = "m", removed: bool = False, **facts: Any) -> None:
    put = {"emoji": emoji, "removed": removed}
    name = f"r{emoji}{removed}{facts.get('sender', '')}"
    await change(desk, "reaction", name, text="", amends=of, reaction=put, **facts)


async def change(desk: "Desk", kind: str, id_: str, **facts: Any) -> None:
    await desk.write(message_kind=kind, external_id=id_, **{**HERE, **facts})


async def the(desk: "Desk") -> tuple[Ticket, Article]:
    """The one ticket and its first message."""
    await desk.settle()
    (ticket,) = await desk.tickets()
    return ticket, (await desk.reader.articles(ticket.id))[0]


async def kinds(desk: "Desk") -> list[str]:
    return [line.kind for line in await desk.lines()]


async def test_an_edit_shows_as_the_text_with_the_earlier_one_behind_it(desk: "Desk") -> None:
    await say(desk)
    await desk.settle()
    await edit(desk, "My lamp is broken", sent_at=77)
    ticket, article = await the(desk)
    assert (article.text, article.edited_at) == ("My lamp is broken", 77)
    assert [each.text for each in article.versions] == ["My lamp is borken"]
    (line,) = [line for line in await desk.lines() if line.kind == "message.edited"]
    assert line.data["article"]["text"] == "My lamp is broken"
    assert line.data["actor"] == f"customer:{ticket.customer}"
    assert not (await desk.intake.queue.counts())["entries"]


async def test_the_search_finds_the_new_text_and_not_the_old(desk: "Desk") -> None:
    await say(desk)
    await edit(desk, "My lamp is broken")
    await desk.settle()
    assert [len(await desk.tickets(q=word)) for word in ("broken", "borken")] == [1, 0]


async def test_long_texts_are_whole_in_every_version(desk: "Desk") -> None:
    await say(desk, f"{LONG} first")
    for order in "12":
        await edit(desk, f"{LONG} {order}", order=order)
    _, article = await the(desk)
    assert article.text == f"{LONG} 2"
    assert [each.text for each in article.versions] == [f"{LONG} first", f"{LONG} 1"]
    stored = await desk.reader.stored_article(article.id)
    assert stored
    assert stored.record.truncated
    assert max(len(each.text) for each in stored.record.versions) < 200
    assert len(await desk.blobs.owned(article.id)) == 2  # the bytes as they came, and the texts as they are now


async def test_a_long_text_that_becomes_short_needs_no_blob_for_it(desk: "Desk") -> None:
    await say(desk, "short")
    await edit(desk, LONG)
    await desk.settle()
    await edit(desk, "short again", order="2")
    await delete(desk)
    _, article = await the(desk)
    assert (article.text, article.truncated, article.deleted_by) == ("short again", False, "author")


async def test_a_deleted_message_is_marked_and_its_text_stays(desk: "Desk") -> None:
    await say(desk)
    await delete(desk, sent_at=88)
    ticket, article = await the(desk)
    assert (article.deleted_at, article.deleted_by, article.text) == (88, "author", "My lamp is borken")
    stored = await desk.reader.ticket(ticket.id)
    assert stored.work.preview.text == "(deleted where it was written)"


async def test_where_deleted_messages_are_erased_nothing_of_it_stays(desk: "Desk") -> None:
    desk.configure({**SETTINGS, "deleted_messages": "erase"})
    await say(desk, LONG, attachments=[{"name": "a.txt", "media_type": "text/plain", "size": 1, "sha256": "0" * 64}])
    await edit(desk, f"{LONG} more")
    await desk.settle()
    await delete(desk)
    await edit(desk, "once more", order="9")
    _, article = await the(desk)
    assert (article.text, article.versions, article.attachments) == ("", (), ())
    assert article.deleted_by == "author"
    assert await desk.blobs.owned(article.id) == []
    assert await desk.tickets(q="story") == []


async def test_reactions_stand_below_the_message_and_go_when_they_are_taken_away(desk: "Desk") -> None:
    await say(desk)
    await react(desk)
    await react(desk, "🎉", sender="ben@example.org")
    _, article = await the(desk)
    assert [(each.emoji, each.identity) for each in article.reactions] == [
        ("👍", "email:maria@example.org"),
        ("🎉", "email:ben@example.org"),
    ]
    await react(desk, removed=True)
    _, article = await the(desk)
    assert [each.emoji for each in article.reactions] == ["🎉"]
    told = [line.data["changes"]["reaction"] for line in await desk.lines() if line.kind == "message.reacted"]
    assert told == [[None, "👍"], [None, "🎉"], ["👍", None]]


async def test_a_reaction_to_our_answer_stands_below_it(desk: "Desk") -> None:
    await say(desk)
    ticket, _ = await the(desk)
    await desk.actions.reply(ticket.id, Writing(actor="agent:ada", text="Try another bulb", agent="ada"))
    await desk.settle()
    await react(desk, of=desk.sent[-1].external_id)
    await edit(desk, "not mine", of=desk.sent[-1].external_id)
    await desk.settle()
    answer = next(each for each in await desk.reader.articles(ticket.id) if each.text == "Try another bulb")
    assert [each.emoji for each in answer.reactions] == ["👍"]
    assert [each.cause for each in await desk.intake_handler.suspended.list()] == ["it changes what we wrote"]


async def test_only_the_author_changes_a_message(desk: "Desk") -> None:
    await say(desk)
    await edit(desk, "I owe you money", sender="eve@example.org")
    await edit(desk, "I owe you money", order="2", assurance=0)
    await delete(desk, sender="eve@example.org")
    _, article = await the(desk)
    assert (article.text, article.deleted_at, article.versions) == ("My lamp is borken", None, ())
    causes = {each.cause for each in await desk.intake_handler.suspended.list()}
    assert causes == {"it changes what somebody else wrote", "it changes a message whose author was proven better"}


async def test_somebody_elses_edit_that_a_person_releases_is_a_message_of_its_own(desk: "Desk") -> None:
    await say(desk)
    await edit(desk, "I owe you money", sender="eve@example.org")
    _, article = await the(desk)
    (aside,) = await desk.intake_handler.suspended.list()
    await desk.intake_handler.suspended.release(aside.id)
    await desk.settle()
    texts = [each.text for one in await desk.tickets() for each in await desk.reader.articles(one.id)]
    assert "I owe you money" in texts
    assert article.text in texts


@pytest.mark.parametrize("facts", [{"sender": ""}, {"sender": "mod@example.org", "ext": {"moderator": True}}])
async def test_a_moderator_and_the_channel_itself_may_delete(desk: "Desk", facts: dict[str, Any]) -> None:
    await say(desk)
    await delete(desk, **facts)
    _, article = await the(desk)
    assert article.deleted_by == ("moderator" if facts["sender"] else "channel")


async def test_a_change_that_comes_twice_is_told_once(desk: "Desk") -> None:
    await say(desk)
    for dedup in ("once", "twice"):
        await edit(desk, "My lamp is broken", dedup=f"edit {dedup}")
        await react(desk, dedup=f"mark {dedup}")
        await delete(desk, dedup=f"delete {dedup}")
    await the(desk)
    changes = ("message.edited", "message.deleted", "message.reacted")
    assert sorted(kind for kind in await kinds(desk) if kind in changes) == sorted(changes)


async def test_changes_that_come_first_wait_and_are_applied_as_soon_as_their_message_is_filed(desk: "Desk") -> None:
    await react(desk)
    await edit(desk, "My lamp is broken")
    await desk.settle()
    assert await desk.tickets() == []
    assert (await desk.intake.queue.counts())["later"] == 2
    await say(desk, lane="another")
    _, article = await the(desk)
    assert article.text == "My lamp is broken"
    assert [each.emoji for each in article.reactions] == ["👍"]
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
    assert await desk.engine.call("HLEN", desk.filer._keys.awaited["records"]) == 0


async def test_every_order_in_which_a_message_and_its_changes_come_ends_in_the_same_article(desk: "Desk") -> None:
    async def written(at: int, what: str) -> None:
        here = {"conversation": f"test:{at}", "dedup": f"{at} {what}"}
        if what == "message":
            await say(desk, id_=f"m{at}", **here)
        elif what == "delete":
            await delete(desk, of=f"m{at}", order="5", sent_at=5, **here)
        else:
            await edit(desk, f"text {what}", of=f"m{at}", order=what, sent_at=int(what), **here)

    orders = list(itertools.permutations(("message", "1", "2", "delete")))
    for at, order in enumerate(orders):
        for what in order:
            await written(at, what)
            await desk.filers.run_once()
    await desk.settle()
    shown = set[tuple[Any, ...]]()
    for ticket in await desk.tickets():
        article = (await desk.reader.articles(ticket.id))[0]
        shown.add((article.text, article.edited_at, article.deleted_at, *(each.text for each in article.versions)))
    assert shown == {("text 2", 2, 5, "My lamp is borken", "text 1")}
    assert len(await desk.tickets()) == len(orders)


async def test_an_edit_whose_message_never_comes_is_filed_as_the_message(desk: "Desk") -> None:
    await edit(desk, "My lamp is broken")
    await desk.settle()
    desk.clock.advance(HOUR_MS)
    ticket, article = await the(desk)
    assert (article.text, article.external_id, ticket.status) == ("My lamp is broken", "m", "new")
    await say(desk)
    await edit(desk, "My lamp is quite broken", order="2")
    _, article = await the(desk)
    assert article.text == "My lamp is quite broken"


@pytest.mark.parametrize("kind", ["edit", "addition"])
async def test_a_change_of_an_answer_from_elsewhere_that_is_not_known_is_no_message_of_a_customer(
    desk: "Desk", kind: str
) -> None:
    await change(desk, kind, "e", text="We will call you tomorrow", order="1", amends="ours", direction="out")
    await desk.settle()
    desk.clock.advance(HOUR_MS)
    await desk.settle()
    assert await desk.tickets() == []


async def test_a_delete_whose_message_never_comes_is_dropped_after_a_day(desk: "Desk") -> None:
    await delete(desk)
    await react(desk)
    for _ in range(25):
        await desk.settle()
        desk.clock.advance(HOUR_MS)
    await desk.settle()
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}
    assert await desk.tickets() == []


@pytest.mark.parametrize(
    ("text", "status"),
    [("My lamp is broken, and so is the other", "open"), ("my lamp is borken!", "pending")],
    ids=["says something else", "changes only signs"],
)
async def test_an_edit_of_the_last_message_opens_a_ticket_that_waits_if_it_says_something_else(
    desk: "Desk", text: str, status: str
) -> None:
    await say(desk)
    ticket, _ = await the(desk)
    await desk.actions.reply(ticket.id, Writing(actor="agent:ada", text="Which lamp?", agent="ada", status="pending"))
    await desk.settle()
    before = (await desk.reader.ticket(ticket.id)).work
    await edit(desk, text)
    ticket, _ = await the(desk)
    assert ticket.status == status
    after = (await desk.reader.ticket(ticket.id)).work
    assert (after.customer_waits_since, after.answered_at) == (None, before.answered_at)
    assert after.preview.text == text


async def test_neither_reactions_nor_deletes_nor_edits_of_earlier_messages_open_a_ticket(desk: "Desk") -> None:
    await say(desk)
    await say(desk, "It is the red one", id_="n")
    ticket, _ = await the(desk)
    await desk.actions.reply(ticket.id, Writing(actor="agent:ada", text="Done", agent="ada", status="solved"))
    await desk.settle()
    await react(desk)
    await delete(desk, of="n")
    await edit(desk, "Something else entirely")
    ticket, article = await the(desk)
    assert ticket.status == "solved"
    assert article.text == "Something else entirely"


async def test_what_is_said_to_be_settled_is_so_no_more_when_the_text_says_something_else(desk: "Desk") -> None:
    await say(desk)
    await say(desk, "It works now, you can close the ticket", id_="n")
    ticket, _ = await the(desk)
    assert ticket.settled
    await edit(desk, "It works now, but the other one is broken", of="n")
    ticket, _ = await the(desk)
    assert ticket.settled is None


async def test_a_blocked_sender_neither_edits_nor_reacts_and_may_delete(desk: "Desk") -> None:
    await say(desk)
    await desk.settle()
    await desk.intake_handler._amendments._blocked.block("maria@example.org", actor="agent:ada")
    await edit(desk, "buy this")
    await react(desk)
    await delete(desk)
    _, article = await the(desk)
    assert (article.text, article.reactions, article.deleted_by) == ("My lamp is borken", (), "author")
    assert len(await desk.intake_handler.suspended.list()) == 1


async def test_files_that_an_edit_brings_are_added_once(desk: "Desk") -> None:
    old, new = ({"name": f"{n}.png", "media_type": "image/png", "size": int(n), "sha256": n * 64} for n in "12")
    await say(desk, attachments=[old])
    for order in "12":
        await edit(desk, "with a picture", order=order, attachments=[old, new])
    _, article = await the(desk)
    assert [each.name for each in article.attachments] == ["1.png", "2.png"]
    assert sorted(each[0] for each in await desk.blobs.owned(article.id))[:2] == ["1", "2"]


async def test_a_file_that_an_edit_brings_is_fetched_and_one_that_was_fetched_before_is_not_brought_again(
    desk: "Desk",
) -> None:
    old, new = ({"name": f"{n}.png", "media_type": "image/png", "state": "fetching", "fetch": n} for n in "12")
    await say(desk, attachments=[old])
    await desk.settle()
    for order in "12":
        await edit(desk, "with a picture", order=order, attachments=[old, new])
    _, article = await the(desk)
    assert [(each.name, each.fetch) for each in article.attachments] == [("1.png", "1"), ("2.png", "2")]
    assert (await desk.filer._keys.media.counts())["entries"] == 2


async def test_the_message_of_another_account_is_another_message(desk: "Desk") -> None:
    await say(desk)
    await desk.settle()
    await delete(desk, account="shop")
    _, article = await the(desk)
    assert article.deleted_at is None


PIECES = [
    {"name": f"{n}.png", "media_type": "image/png", "size": 7, "state": "fetching", "fetch": n} for n in ("1", "2", "3")
]


async def add(desk: "Desk", piece: int, text: str = "", **facts: Any) -> None:
    known = {"text": text, "amends": "m", "order": str(piece), "attachments": [PIECES[piece - 1]]}
    await change(desk, "addition", f"a{piece}", **{**known, **facts})


async def test_a_message_in_pieces_is_one_with_all_of_its_files_and_words(desk: "Desk") -> None:
    await say(desk, attachments=[PIECES[0]])
    for piece, text in ((2, ""), (3, "the red one"), (2, ""), (3, "the red one")):
        await add(desk, piece, text)
    ticket, article = await the(desk)
    assert article.text == "My lamp is borken\n\nthe red one"
    assert [each.name for each in article.attachments] == ["1.png", "2.png", "3.png"]
    assert (article.edited_at, article.versions) == (None, ())
    assert (await desk.filer._keys.media.counts())["entries"] == 3
    assert (await desk.reader.ticket(ticket.id)).work.preview.files == 3
    assert (await kinds(desk)).count("message.extended") == 2
    assert [len(await desk.tickets(q=word)) for word in ("borken", "red", "3.png")] == [1, 1, 1]


async def test_a_piece_that_comes_first_waits_for_its_message_and_is_one_of_its_own_after_a_minute(
    desk: "Desk",
) -> None:
    await add(desk, 2, "the red one")
    await desk.settle()
    assert await desk.tickets() == []
    desk.clock.advance(HOUR_MS // 60)
    ticket, article = await the(desk)
    assert (article.external_id, article.text) == ("a2", "the red one")
    await say(desk, attachments=[PIECES[0]])
    await the(desk)
    assert {"a2", "m"} <= {each.external_id for each in await desk.reader.articles(ticket.id)}


async def test_a_piece_by_somebody_else_is_set_aside(desk: "Desk") -> None:
    await say(desk)
    await add(desk, 2, sender="ben@example.org")
    _, article = await the(desk)
    assert article.attachments == ()
    assert len(await desk.intake_handler.suspended.list()) == 1


async def test_files_that_are_added_to_a_long_text_leave_it_as_it_is(desk: "Desk") -> None:
    await say(desk, LONG, quoted="what was before")
    await add(desk, 2)
    _, article = await the(desk)
    assert (article.text, article.quoted, len(article.attachments)) == (LONG, "what was before", 1)
    assert len(await desk.blobs.owned(article.id)) == 2
