"""Which message joins which ticket, on a whole desk: who may, who may not, and what is told of it."""

import pytest

from trunkline.desk.views.timeline import entry
from trunkline.gateway.command.explaining import explain_ticket
from trunkline.normalizer.channel_facts import Channels
from trunkline.normalizer.envelope import Addressee

from .mail_desk import ANN, BOB, SUPPORT, Left, MailDesk, letter

MALLORY = "mallory@b.example"


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: that the script runs on a cluster, other tests tell."""
    return engine_url


def answer(to: Left | None = None, author: str = ANN, text: str = "It still does not work.", **headers: str) -> str:
    named = {"In_Reply_To": f"<{to.message_id}>"} if to else {}
    return letter(text, **({"From": author, "Message_ID": "<m2@a.example>", "Subject": "Lamp"} | named | headers))


async def placed(post: MailDesk) -> list[tuple[str, str]]:
    """Of each message in order: the ticket, and by what it joined."""
    found = []
    for ticket in await post.desk.tickets():
        found += [(ticket.number, article.joined_by) for article in await post.articles(ticket)]
    return found


async def test_a_customer_who_names_the_number_in_a_new_mail_joins_and_reopens(post: MailDesk) -> None:
    ticket = await post.opened()
    await post.answer(ticket, status="solved")
    await post.take(answer(Subject="Re: Lamp [T-1]"))
    assert await placed(post) == [("T-1", ""), ("T-1", "number")]
    assert (await post.ticket(ticket)).status == "open"
    assert (await post.ticket(ticket)).reopened == 1


@pytest.mark.parametrize("trusted", [True, False])
async def test_an_outsider_who_quotes_number_and_ids_opens_a_ticket_that_says_so(post: MailDesk, trusted: bool) -> None:
    ours = await post.answer(await post.opened())
    await post.take(answer(ours, MALLORY, Subject="Re: [T-1]"), mail_from=MALLORY, trusted=trusted)
    assert await placed(post) == [("T-1", ""), ("T-2", "")]
    _, strange = await post.desk.tickets()
    (article,) = await post.articles(strange)
    assert article.join_reason == f"it answers a message of ours in T-1, but {MALLORY} does not take part there"
    shown = entry(article, Channels(), formatted=False)
    assert (shown.stands_out, shown.joined[:10]) == (True, "It answers")
    told = await explain_ticket(post.desk.engine, post.desk.reader, post.desk.policy, "T-2", post.desk.clock.now())
    assert any("does not take part there" in line for line in told.lines)


@pytest.mark.parametrize("clue", ["our answer", "her mail", "the number"])
async def test_a_colleague_whom_the_customer_copied_answers_all_and_takes_part(post: MailDesk, clue: str) -> None:
    ticket = await post.opened(letter(Cc=f"Bob <{BOB}>"))
    ours = await post.answer(ticket)
    way = {
        "our answer": answer(ours, BOB),
        "her mail": answer(None, BOB, In_Reply_To="<m1@a.example>"),
        "the number": answer(None, BOB, Subject="Fwd: Lamp [T-1]"),
    }
    await post.take(way[clue], mail_from=BOB)
    assert [number for number, _ in await placed(post)] == ["T-1", "T-1"]
    (_, theirs) = await post.articles(ticket)
    assert (theirs.author.identity, theirs.author.assurance) == (f"email:{BOB}", 2)
    assert "was copied by somebody who takes part there" in theirs.join_reason
    assert (await post.answer(ticket)).recipient == ANN, "answers go to who opened it"


async def test_who_is_copied_does_not_join_unproven_and_who_was_copied_by_nobody_proven_does_not_join(
    post: MailDesk,
) -> None:
    ours = await post.answer(await post.opened(letter(Cc=BOB)))
    await post.take(answer(ours, BOB), trusted=False)
    await post.take(letter(Message_ID="<m3@a.example>", Cc="eve@b.example"), trusted=False)
    await post.take(answer(None, "eve@b.example", In_Reply_To="<m3@a.example>", Message_ID="<m4@b>"))
    assert await placed(post) == [("T-1", ""), ("T-2", ""), ("T-3", ""), ("T-4", "")]


async def test_whom_we_copied_on_an_answer_takes_part_when_they_write(post: MailDesk) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket, copied=(Addressee(address=BOB),))
    await post.take(answer(ours, BOB), mail_from=BOB)
    assert await placed(post) == [("T-1", ""), ("T-1", "reference")]


async def test_a_colleague_of_a_colleague_does_not_take_part(post: MailDesk) -> None:
    ours = await post.answer(await post.opened(letter(Cc=BOB)))
    await post.take(answer(ours, "carl@a.example"), mail_from="carl@a.example")
    assert await placed(post) == [("T-1", ""), ("T-2", "")]


async def test_an_unproven_answer_to_our_mail_joins_and_gives_nothing_away(post: MailDesk) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket, status="solved")
    sent = len(post.left)
    await post.take(answer(ours, Cc=MALLORY), trusted=False, mail_from=MALLORY)
    assert await placed(post) == [("T-1", ""), ("T-1", "unproven")]
    (first, second) = await post.articles(ticket)
    assert (first.author.assurance, second.author.assurance) == (2, 0)
    assert (await post.ticket(ticket)).status == "open"
    assert len(post.left) == sent, "nobody is acknowledged"
    shown = entry(second, Channels(), formatted=False)
    assert shown.stands_out
    assert "nobody has proven that they wrote it" in shown.joined
    assert (await post.answer(ticket)).recipient == ANN
    assert post.left[-1].mail["In-Reply-To"] == "<m1@a.example>", "what is unproven chooses no words of ours"
    await post.take(answer(ours, MALLORY, Message_ID="<m3@b>"), mail_from=MALLORY)
    assert len(await post.desk.tickets()) == 2, "whom an unproven mail copied takes part in nothing"


@pytest.mark.parametrize("clue", ["her mail", "the number", "the reply of another ticket"])
async def test_an_unproven_mail_joins_by_nothing_that_others_can_know(post: MailDesk, clue: str) -> None:
    await post.answer(await post.opened())
    theirs = await post.answer(await post.opened(letter("Mine.", From=BOB, Message_ID="<b1@a.example>"), mail_from=BOB))
    way = {
        "her mail": answer(None, In_Reply_To="<m1@a.example>"),
        "the number": answer(None, Subject="Re: Lamp [T-1]"),
        "the reply of another ticket": answer(theirs),
    }
    await post.take(way[clue], trusted=False)
    assert len(await post.desk.tickets()) == 3


async def test_who_answered_by_the_reply_address_once_joins_afterwards_by_our_ids(post: MailDesk) -> None:
    ticket = await post.opened(trusted=False)
    ours = await post.answer(ticket)
    await post.take(answer(None), to=ours.reply_to, trusted=False)
    await post.take(answer(ours, text="And more.", Message_ID="<m3@a.example>"), trusted=False)
    assert await placed(post) == [("T-1", ""), ("T-1", "token"), ("T-1", "unproven")]


async def test_a_forwarded_reply_address_joins_in_its_writers_own_name(post: MailDesk) -> None:
    ours = await post.answer(ticket := await post.opened())
    await post.take(answer(None, "carl@c.example"), to=ours.reply_to, mail_from="carl@c.example")
    (_, theirs) = await post.articles(ticket)
    assert (theirs.joined_by, theirs.author.identity) == ("token", "email:carl@c.example")
    assert theirs.join_reason == "it came to the reply address of T-1 that was given to somebody else"


async def test_why_it_joined_stands_in_the_article_the_feed_and_the_explanation(post: MailDesk) -> None:
    ours = await post.answer(await post.opened())
    await post.take(answer(ours))
    received = [line.data["article"] for line in await post.desk.lines() if line.kind == "message.received"]
    reason = f"it answers a message of ours in T-1, and {ANN} takes part there"
    assert [(each["joined_by"], each["join_reason"]) for each in received[1:]] == [("reference", reason)]
    told = await explain_ticket(post.desk.engine, post.desk.reader, post.desk.policy, "T-1", post.desk.clock.now())
    assert any(line.endswith(reason) for line in told.lines)


async def test_another_desk_that_names_its_own_number_does_not_join_ours(post: MailDesk) -> None:
    await post.opened()
    vendor = "help@vendor.example"
    await post.take(letter("Your case.", From=vendor, Subject="[T-1] Your case", Message_ID="<v@v>"), mail_from=vendor)
    assert len(await post.desk.tickets()) == 2


async def test_people_copied_are_so_many_at_most(post: MailDesk) -> None:
    crowd = ", ".join(f"p{number}@c.example" for number in range(300))
    ticket = await post.opened(letter(Cc=crowd))
    ours = await post.answer(ticket)
    for number in (0, 299):
        await post.take(answer(ours, f"p{number}@c.example", Message_ID=f"<{number}@c.example>"), to=SUPPORT)
    assert [number for number, _ in await placed(post)] == ["T-1", "T-1", "T-2"]
