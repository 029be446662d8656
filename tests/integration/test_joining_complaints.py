"""What users of other desks report of mail that joins the wrong ticket, or none, does not happen here.

Each by its public report; docs/complaints.md lists all of them, also those that other tests stand for.
"""

import pytest

from .mail_desk import ANN, BOB, MailDesk, letter


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here."""
    return engine_url


async def threads(post: MailDesk) -> list[list[str]]:
    """The texts of each ticket."""
    return [[article.text for article in await post.articles(ticket)] for ticket in await post.desk.tickets()]


async def test_zammad_5716_mails_that_refer_to_one_that_we_never_had_are_one_thread(post: MailDesk) -> None:
    root = {"References": "<root@a.example>", "In_Reply_To": "<root@a.example>"}
    await post.take(letter("We are copied in the middle.", Message_ID="<m2@a.example>", **root))
    await post.take(letter("And another answer to the first.", Message_ID="<m3@a.example>", **root))
    assert await threads(post) == [["We are copied in the middle.", "And another answer to the first."]]
    (ticket,) = await post.desk.tickets()
    assert (await post.articles(ticket))[-1].joined_by == "reference"


async def test_who_answers_a_mail_before_it_comes_does_not_draw_its_thread_to_themselves(post: MailDesk) -> None:
    quick = {"References": "<m1@a.example>", "In_Reply_To": "<m1@a.example>", "Cc": ANN}
    await post.take(
        letter("I was first.", From="eve@e.example", Message_ID="<e@e.example>", **quick), mail_from="eve@e.example"
    )
    await post.take(letter("My lamp is broken."))
    own = {"References": "<m1@a.example>", "In_Reply_To": "<m1@a.example>"}
    await post.take(letter("And, between us: the bill.", Message_ID="<m2@a.example>", **own))
    assert await threads(post) == [["I was first."], ["My lamp is broken.", "And, between us: the bill."]]


async def test_chatwoot_13502_many_people_who_answer_one_newsletter_have_a_ticket_each(post: MailDesk) -> None:
    answers = {"In_Reply_To": "<news@shop.example>", "Subject": "Re: Our news"}
    people = [f"reader{n}@r{n}.example" for n in range(4)]
    for n, person in enumerate(people):
        await post.take(letter(f"Mail {n}.", From=person, Message_ID=f"<{n}@r.example>", **answers), mail_from=person)
    assert await threads(post) == [[f"Mail {n}."] for n in range(4)]


async def test_chatwoot_10028_an_answer_to_what_a_colleague_sent_past_the_desk_joins_by_the_thread(
    post: MailDesk,
) -> None:
    await post.opened()
    for n in range(3):
        thread = {"In_Reply_To": f"<past{n}@example.test>", "References": f"<m1@a.example> <past{n}@example.test>"}
        await post.take(letter(f"Answer {n}.", Message_ID=f"<r{n}@a.example>", Subject="Re: Lamp", **thread))
    assert [len(texts) for texts in await threads(post)] == [4]


async def test_chatwoot_3868_answers_join_however_often_it_goes_back_and_forth(post: MailDesk) -> None:
    ticket = await post.opened()
    for n in range(3):
        ours = await post.answer(ticket, f"Try {n}.")
        headers = {"Message_ID": f"<r{n}@a.example>", "In_Reply_To": f"<{ours.message_id}>"}
        await post.take(letter(f"Answer {n}.", Subject=str(ours.mail["Subject"]), **headers))
    assert [len(texts) for texts in await threads(post)] == [4]


async def test_chatwoot_15869_a_reply_goes_out_under_the_subject_that_it_answers(post: MailDesk) -> None:
    ticket = await post.opened()
    headers = {"Message_ID": "<r@a.example>", "In_Reply_To": "<m1@a.example>"}
    await post.take(letter("The invoice is wrong.", Subject="My invoice of May", **headers))
    assert (await post.answer(ticket)).mail["Subject"] == "Re: My invoice of May [T-1]"
    headers = {"Message_ID": "<r2@a.example>", "In_Reply_To": "<m1@a.example>"}
    await post.take(letter("And the lamp?", Subject="AW: Lamp", **headers))
    assert (await post.answer(ticket)).mail["Subject"] == "Re: Lamp [T-1]"


async def test_a_subject_that_is_not_proven_to_be_the_customers_does_not_leave(post: MailDesk) -> None:
    ticket = await post.opened()
    ours = await post.answer(ticket)
    mail = letter("Pay here.", Subject="Buy now", Message_ID="<x@x.example>", In_Reply_To=f"<{ours.message_id}>")
    await post.take(mail, trusted=False)
    assert (await post.answer(ticket)).mail["Subject"] == "Re: Lamp [T-1]"


@pytest.mark.parametrize("prefix", ["Re:", "Fwd:", "WG:", "TR:", ""])
async def test_zammad_4965_and_5287_the_thread_decides_and_no_prefix_of_the_subject(
    post: MailDesk, prefix: str
) -> None:
    await post.opened()
    headers = {"Message_ID": "<r@a.example>", "In_Reply_To": "<m1@a.example>"}
    await post.take(letter("See there.", Subject=f"{prefix} Lamp".strip(), **headers))
    assert [len(texts) for texts in await threads(post)] == [2]
    await post.take(letter("See there.", From=BOB, Subject=f"{prefix} Lamp".strip(), **headers), mail_from=BOB)
    assert [len(texts) for texts in await threads(post)] == [2, 1]


async def test_chatwoot_14993_mails_of_one_sender_under_one_subject_are_suggested_to_be_one(post: MailDesk) -> None:
    for n in range(3):
        await post.take(letter(f"Message {n} for the order.", Subject="Order #590", Message_ID=f"<o{n}@a.example>"))
    first, second, third = await post.desk.tickets()
    assert [each.goes_on and each.goes_on.number for each in (first, second, third)] == [None, "T-1", "T-2"]
    assert ANN in (await post.articles(third))[0].author.identity
