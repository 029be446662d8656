"""One mail by two ways is one; two mails under one id are two, whoever was first."""

import base64
import quopri
from typing import TYPE_CHECKING

import pytest

from trunkline.queue.dedup import digest
from trunkline.queue.scripts import Script

from .mail_desk import ANN, BILLING, SUPPORT, MailDesk, letter

if TYPE_CHECKING:
    from .conftest import Desk

TEXT = "Grüße aus Köln. My lamp, which I bought in spring, does not work any more since the storm last week.\n\nAnn"
LIST = "lamps-bounces@lists.example"


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: that the script runs on a cluster, other tests tell."""
    return engine_url


def encoded(how: str, text: str, charset: str = "utf-8") -> str:
    """Ann's mail as this server writes it."""
    said = text.encode(charset)
    body = base64.encodebytes(said) if how == "base64" else quopri.encodestring(said) if how != "8bit" else said
    return letter(
        body.decode(charset) if how == "8bit" else body.decode(),
        To=f"{SUPPORT}, {BILLING}",
        MIME_Version="1.0",
        Content_Type=f"text/plain; charset={charset}",
        Content_Transfer_Encoding=how,
    )


RAW = encoded("8bit", TEXT)
FOOTER = "\n\n_______________________________________________\nlamps mailing list\nhttps://lists.example/lamps"
WAYS = {
    "with other hops": f"Received: by mx2\nX-Spam-Score: 1\n{RAW}",
    "in base64": encoded("base64", TEXT),
    "in quoted-printable": encoded("quoted-printable", TEXT),
    "in another charset": encoded("quoted-printable", TEXT, "iso-8859-1"),
    "with other line breaks": encoded(
        "8bit", TEXT.replace("bought in ", "bought\nin ").replace("the storm", "the\nstorm")
    ),
    "with the footer of a list": encoded("8bit", TEXT + FOOTER).replace("Subject: ", "Subject: [lamps] "),
    "with a disclaimer of its company": encoded("base64", f"{TEXT}\n\nThis e-mail is confidential. {'x' * 1500}"),
    "with a banner of a gateway": encoded("base64", f"[EXTERNAL] This mail came from outside.\n\n{TEXT}"),
    "with her name encoded": RAW.replace("From: Ann", "From: =?utf-8?q?Ann?="),
}


@pytest.mark.parametrize("other", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("first", ["this", "other"])
async def test_one_mail_by_two_ways_is_one_article_that_knows_both(post: MailDesk, other: str, first: str) -> None:
    mails = [(RAW, SUPPORT, ANN), (other, BILLING, LIST)]
    for mail, to, mail_from in mails if first == "this" else reversed(mails):
        await post.take(mail, to=to, mail_from=mail_from)
    (ticket,) = await post.desk.tickets()
    (article,) = await post.articles(ticket)
    assert sorted(article.recipients) == [BILLING, SUPPORT]


OTHERS = {
    "another text": RAW.replace("does not work", "works"),
    "more in the same paragraph": RAW.replace("last week.", "last week. Cancel my order."),
    "another author": RAW.replace(ANN, "mallory@b.example"),
    "an author who looks like her": RAW.replace(f"Ann <{ANN}>", f"{ANN} <mallory@b.example>"),
    "answers to go elsewhere": f"Reply-To: mallory@b.example\n{RAW}",
    "another subject": RAW.replace("Subject: Lamp", "Subject: Invoice"),
    "a book for a footer": RAW.replace("\n\nAnn", f"\n\nAnn\n\n{'And another thing. ' * 200}"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("first", ["this", "other"])
async def test_two_mails_under_one_id_are_both_kept(post: MailDesk, other: str, first: str) -> None:
    for mail in (RAW, other) if first == "this" else (other, RAW):
        await post.take(mail)
    one, two = await post.desk.tickets()
    texts = [(await post.articles(ticket))[0].text for ticket in (one, two)]
    assert any("does not work any more" in text for text in texts)
    assert len(await post.articles(one)) == len(await post.articles(two)) == 1


async def test_who_sends_the_same_in_their_own_name_first_takes_nothing_from_its_author(post: MailDesk) -> None:
    await post.take(RAW.replace(ANN, "mallory@b.example"), mail_from="mallory@b.example")
    await post.take(RAW)
    _, hers = await post.desk.tickets()
    assert (await post.articles(hers))[0].author.identity == f"email:{ANN}"
    assert hers.acknowledged
    assert post.left[-1].recipient == ANN


async def test_a_copy_that_is_proven_proves_what_came_before_without_proof(post: MailDesk) -> None:
    await post.take(WAYS["in base64"], mail_from=LIST, trusted=False)
    (ticket,) = await post.desk.tickets()
    assert (ticket.unproven, ticket.acknowledged) == (True, False)
    await post.take(RAW, to=BILLING)
    (ticket,) = await post.desk.tickets()
    (article,) = await post.articles(ticket)
    assert (ticket.unproven, ticket.acknowledged, article.author.assurance) == (False, True, 2)
    await post.take(WAYS["with other hops"], trusted=False)
    assert (await post.articles(ticket))[0].author.assurance == 2


@pytest.mark.parametrize("signed", [True, False])
async def test_who_delivers_her_very_mail_first_keeps_its_proof_from_nobody(post: MailDesk, signed: bool) -> None:
    """Byte for byte, from elsewhere; or by the same server, without what the author's domain had signed."""
    hers = f"DKIM-Signature: v=1; d=a.example\n{RAW}" if signed else RAW
    peer = "10.0.0.5" if signed else "203.0.113.66"
    await post.take(RAW, trusted=False, peer=peer)
    (ticket,) = await post.desk.tickets()
    assert (ticket.unproven, ticket.acknowledged) == (True, False)
    for _ in range(3):
        await post.take(hers)
    (ticket,) = await post.desk.tickets()
    (article,) = await post.articles(ticket)
    assert (ticket.unproven, ticket.acknowledged, article.author.assurance) == (False, True, 2)
    assert [left.recipient for left in post.left] == [ANN]
    assert await post.desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


@pytest.mark.parametrize("changed", [WAYS["with the footer of a list"], RAW.replace("text/plain", "text/html")])
async def test_what_came_in_her_name_with_more_takes_nothing_from_the_proven_original(
    post: MailDesk, changed: str
) -> None:
    await post.take(changed, trusted=False)
    await post.take(RAW)
    (ticket,) = await post.desk.tickets()
    assert [article.author.assurance for article in await post.articles(ticket)] == [0, 2]


WITH_FILE = letter(
    f"--b\nContent-Type: text/plain; charset=utf-8\n\n{TEXT}\n--b\nContent-Type: application/pdf\n"
    'Content-Disposition: attachment; filename="bill.pdf"\n\n%PDF\n--b--',
    MIME_Version="1.0",
    Content_Type="multipart/mixed; boundary=b",
)


async def test_what_adds_a_file_in_her_name_without_proof_stays_out_of_her_ticket(post: MailDesk) -> None:
    await post.take(RAW)
    await post.take(WITH_FILE, trusted=False)
    one, two = await post.desk.tickets()
    files = [[len(each.attachments) for each in await post.articles(ticket)] for ticket in (one, two)]
    assert files == [[0], [1]]


async def test_the_first_of_many_mails_under_one_id_is_known_again_in_another_form(post: MailDesk) -> None:
    await post.take(RAW)
    for number in range(6):
        await post.take(RAW.replace("does not work", f"does not work {number} times"))
    before = len(await post.desk.tickets())
    await post.take(WAYS["in base64"], to=BILLING)
    assert len(await post.desk.tickets()) == before
    (first,) = await post.articles((await post.desk.tickets())[0])
    assert sorted(first.recipients) == [BILLING, SUPPORT]


async def test_a_file_that_a_list_took_off_is_not_lost(post: MailDesk) -> None:
    for mail in (RAW, WITH_FILE, WAYS["with other hops"]):
        await post.take(mail)
    (ticket,) = await post.desk.tickets()
    assert [len(article.attachments) for article in await post.articles(ticket)] == [0, 1]


async def test_what_an_earlier_trunkline_filed_is_known_by_its_key_and_its_author(post: MailDesk) -> None:
    await post.take(RAW)
    await forget_new_keys(post.desk)
    await post.take(RAW, to=BILLING)
    (ticket,) = await post.desk.tickets()
    assert (await post.articles(ticket))[0].recipients == (SUPPORT, BILLING)
    await forget_new_keys(post.desk)
    await post.take(RAW.replace(ANN, "mallory@b.example"))
    assert len(await post.desk.tickets()) == 2


async def forget_new_keys(desk: "Desk") -> None:
    """Leave the records of filing as an earlier Trunkline wrote them."""
    keys = desk.filer._keys
    (ticket,) = await desk.tickets()
    (article, *_) = await desk.reader.articles(ticket.id)
    for register in (keys.filed, keys.copies):
        await desk.engine.call("DEL", *register.flat)
    key = digest("\x1f".join(("mail", "", article.external_id, "message")))
    await desk.engine.call("HSET", keys.filed["records"], key, f"{ticket.id}:{article.id}")


async def test_two_ways_at_the_same_moment_are_one(post: MailDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second copy is resolved, and the first is filed before it is."""
    run, done = post.desk.engine.run, []

    async def slow(script: Script, *rest: object) -> object:
        if script.name == "file_message.lua" and not done:
            done.append(True)
            await post.take(WAYS["in base64"], to=BILLING, mail_from=LIST)
        return await run(script, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(post.desk.engine, "run", slow)
    await post.take(RAW)
    (ticket,) = await post.desk.tickets()
    assert len(await post.articles(ticket)) == 1
