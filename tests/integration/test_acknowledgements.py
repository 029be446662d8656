"""Who hears their case number, and how often: also those whom nobody proves, and machines that answer."""

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.mail.reply_token import make_token
from trunkline.desk.views.timeline import entry
from trunkline.normalizer.channel_facts import Channels
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import Writing

from ..unit.mail_origin.corpus import EVIL_PEER, MARIA, Case, mail
from ..unit.mail_origin.signing import sign
from .checked_mail import KEY, Post
from .conftest import SETTINGS, Desk
from .mail_desk import MailDesk, letter

MARKS = re.compile(
    rb"^(?:Auto-Submitted|X-Auto-Response-Suppress|X-Trunkline-Loop|Reply-To|In-Reply-To|References):[^\n]*\n",
    re.I | re.M,
)
DAY = 86_400_000
ANN = "ann@small.example"
"""Of a domain that neither signs nor says where it sends from."""


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: that the scripts run on a cluster, other tests tell."""
    return engine_url


@pytest.fixture
async def post(desk: Desk) -> Post:
    return Post(desk, {})


def unproven(what: str, sender: str = ANN, *headers: str) -> Case:
    return Case(what=what, mail=mail(*headers, sender=sender), state="unproven", peer=EVIL_PEER, mail_from=sender)


async def take(post: Post, case: Case, **way: Any) -> Ticket:
    """The newest ticket when the mail was worked off, a day later."""
    await post.take(case, **way)
    await post.desk.settle()
    post.desk.clock.advance(DAY)
    return (await post.desk.tickets())[-1]


async def answered(post: Post, sender: str = ANN) -> Ticket:
    """They write, are answered, and answer to the reply address."""
    ticket = await take(post, unproven("first", sender))
    await post.desk.actions.reply(ticket.id, Writing(text="Try another bulb.", agent="ada", actor="agent:ada"))
    await post.desk.settle()
    token = make_token(KEY, ticket.number, sender)
    await take(post, unproven("answer", sender), to=f"support+{token}@company.example")
    assert len(await post.desk.tickets()) == 1
    return ticket


async def test_an_unproven_address_is_acknowledged_from_when_a_reply_token_came_back_from_it(
    post: Post, desk: Desk
) -> None:
    first = await answered(post)
    assert not first.acknowledged
    later = await take(post, unproven("later"))
    assert (later.acknowledged, later.unproven) == (True, True)
    article = await post.article(later)
    shown = entry(article, Channels(), formatted=False)
    assert (article.author.seen, article.author.assurance) == (True, 0)
    assert shown.proof is not None
    assert shown.proof.word == "unproven, seen before"


async def test_a_seen_address_joins_no_ticket_by_its_number_and_its_words_are_not_repeated(
    post: Post, desk: Desk
) -> None:
    first = await answered(post)
    later = await take(post, unproven("spoof"), Subject=f"Re: [{first.number}] give me her data")
    assert later.id != first.id
    assert "data" not in desk.sent[-1].subject + desk.sent[-1].text


@pytest.mark.parametrize(
    ("record", "why"),
    [({"TXT": "v=DMARC1; p=reject"}, "the domain disowns it"), ("TIMEOUT", "the domain could not be asked")],
)
async def test_a_seen_address_is_not_acknowledged_when(post: Post, desk: Desk, record: Any, why: str) -> None:
    await answered(post)
    sent = len(desk.sent)
    post.lookup.__init__({"_dmarc.small.example": [record], "small.example": [{"TXT": "v=spf1 -all"}]})  # type: ignore[misc]
    await post.take(unproven("spoof"))
    await desk.settle()
    assert len(desk.sent) == sent, why


async def test_an_address_that_its_domain_vouches_for_is_seen_no_more(post: Post, desk: Desk) -> None:
    plain = "ann@plain.example"
    await answered(post, plain)
    assert (await take(post, unproven("unsigned", plain))).acknowledged
    signed = Case(what="signed", mail=sign(mail(sender=plain), "plain.example"), state="proven", peer=EVIL_PEER)
    assert (await take(post, signed)).acknowledged
    assert not (await take(post, unproven("unsigned again", plain))).acknowledged


async def test_a_token_given_to_somebody_else_makes_no_address_a_seen_one(post: Post, desk: Desk) -> None:
    first = await take(post, unproven("first"))
    token = make_token(KEY, first.number, MARIA)
    await take(post, unproven("answer"), to=f"support+{token}@company.example")
    assert not (await take(post, unproven("later"))).acknowledged


@pytest.mark.parametrize(("to", "heard"), [("proven", []), ("seen", [False]), ("unproven", [True])])
async def test_the_configuration_says_who_is_acknowledged(desk: Desk, to: str, heard: list[bool]) -> None:
    post = Post(desk, {"to": to})
    assert (await answered(post)).acknowledged is (to == "unproven")
    assert (await take(post, unproven("later"))).acknowledged is bool(heard)
    assert not (await take(post, unproven("stranger", "eve@other.example"))).acknowledged or to == "unproven"
    disowned = Case(what="disowned", mail=mail(), state="failed", peer=EVIL_PEER)
    assert not (await take(post, disowned)).acknowledged
    form = unproven("form", "wordpress@shop.example", "Reply-To: victim@elsewhere.example")
    assert not (await take(post, form)).acknowledged


async def bombed(post: Post, senders: list[str]) -> int:
    """How many acknowledgements these mails cause within a quarter of an hour."""
    before = len(post.desk.sent)
    for place, sender in enumerate(senders):
        await post.take(unproven(f"{before} {place} {sender}", sender))
        post.desk.clock.advance(900_000 // len(senders))
    await post.desk.settle()
    return len(post.desk.sent) - before


async def test_whoever_is_named_by_unproven_mails_is_written_to_within_the_caps(desk: Desk) -> None:
    caps = {"per_address_per_day": 2, "per_domain_per_day": 3, "per_day": 5}
    post = Post(desk, {"to": "unproven", "again_after": "0s", "unproven": caps})
    assert await bombed(post, ["victim@one.example"] * 6) == 2
    assert await bombed(post, [f"{name}@one.example" for name in "abcd"]) == 1
    assert await bombed(post, [f"ann@{name}.example" for name in "abcd"]) == 2
    desk.clock.advance(DAY)
    assert await bombed(post, ["victim@one.example"] * 3) == 2
    assert len(await desk.tickets()) == 17, "each has its ticket"


async def test_no_address_stands_in_what_is_counted(desk: Desk) -> None:
    post = Post(desk, {"to": "unproven"})
    await take(post, unproven("first"))
    keys = desk.filer._keys.acknowledgements
    counted = [await desk.engine.call("HGETALL", keys[name]) for name in ("hour", "day")]
    counted.append(await desk.engine.call("ZRANGE", keys["recent"], 0, -1))
    assert all(counted)
    assert not any(b"small" in each or b"ann" in each for part in counted for each in part)


# Two desks that answer each other


class ChattyDesk:
    """A desk that answers whatever it gets at once, in the worst manner: as a person would, from an address of its
    own choice, under new subjects and in new words, to the address in From, and whatever the mail says of itself.
    """

    def __init__(self, post: MailDesk, addresses: list[str]) -> None:
        self._post, self._addresses, self.answers = post, addresses, 0

    async def round(self) -> bool:
        """Answer the newest mail, if it has not been yet; False when there is none."""
        if self.answers == len(self._post.left):
            return False
        self.answers += 1
        sender = self._addresses[self.answers % len(self._addresses)]
        words = " ".join(chr(97 + self.answers) * length for length in range(3, 9))
        headers = {"From": f"Desk B <{sender}>", "Message-ID": f"<{self.answers}@b.example>", "Subject": words}
        await self._post.take(letter(f"{words}: we shall answer soon.", **headers), mail_from=sender)
        return True


@pytest.mark.parametrize(
    "addresses", [["help@b.example"], ["help@b.example", "team@b.example"], [f"help+{n}@b.example" for n in range(99)]]
)
async def test_a_desk_that_answers_everything_is_answered_once(desk: Desk, addresses: list[str]) -> None:
    post = MailDesk(desk)
    other = ChattyDesk(post, addresses)
    await post.take(letter(From=addresses[0]))
    while await other.round():
        desk.clock.advance(20_000)
        assert other.answers < 5
    assert (other.answers, len(post.left)) == (1, 1)
    assert [ticket.acknowledged for ticket in await desk.tickets()] == [True, False]


@pytest.fixture
async def other_desk(engine_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A second desk, with a workspace of its own."""
    engine = Engine(engine_url, Keys(f"other{uuid.uuid4().hex[:8]}"))
    desk = Desk(engine, tmp_path / "other", SETTINGS)
    await desk.blobs.start()
    yield desk
    await desk.blobs.stop()
    await engine.close()


@pytest.mark.parametrize("marked", [True, False])
async def test_two_gateways_that_face_each_other_stop_after_one_round(
    desk: Desk, other_desk: Desk, marked: bool
) -> None:
    """Also when a server between them takes off all that marks and ties our mails."""
    ours, theirs = MailDesk(desk), MailDesk(other_desk, key=b"t" * 32, domain="b.example")
    await ours.take(letter(From="support@b.example", Message_ID="<1@b.example>"))
    carried = [0, 0]
    for _ in range(5):
        for way, (sent_by, got_by) in enumerate(((ours, theirs), (theirs, ours))):
            for left in sent_by.left[carried[way] :]:
                content = left.content if marked else MARKS.sub(b"", left.content)
                path = left.reverse_path if marked else sent_by.addresses[0]
                await got_by.take(content, to=left.recipient, mail_from=path)
            carried[way] = len(sent_by.left)
    assert carried == ([1, 0] if marked else [1, 1])


async def test_strangers_at_a_public_provider_are_each_acknowledged(desk: Desk) -> None:
    post = MailDesk(desk)
    for name in "abc":
        await post.take(letter(From=f"{name}@gmail.com", Message_ID=f"<{name}@gmail.com>"))
    assert [left.recipient for left in post.left] == [f"{name}@gmail.com" for name in "abc"]


async def test_where_many_people_are_known_each_is_acknowledged_and_may_write_again_later(desk: Desk) -> None:
    post = MailDesk(desk)
    for name in "abcdefgh":
        await post.take(letter(From=f"{name}@big.example", Message_ID=f"<{name}@big.example>"))
        desk.clock.advance(1_200_000)
    post.left.clear()
    for name in "abcd":
        await post.take(letter(From=f"{name}@big.example", Message_ID=f"<{name}2@big.example>"))
    assert [left.recipient for left in post.left] == [f"{name}@big.example" for name in "abcd"]


async def test_a_colleague_at_a_small_company_is_acknowledged_a_minute_later(desk: Desk) -> None:
    post = MailDesk(desk)
    for name in "abc":
        await post.take(letter(From=f"{name}@small.example", Message_ID=f"<{name}@small.example>"))
        desk.clock.advance(40_000)
    assert [left.recipient for left in post.left] == ["a@small.example", "c@small.example"]
