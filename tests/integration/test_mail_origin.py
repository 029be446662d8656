"""Mails whose origin is checked, on a whole desk: who is acknowledged, what joins, what is kept and what is shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import REGISTRY

from trunkline.adapters.mail.origin.verifying import LONGEST_MS
from trunkline.desk.views.timeline import entry
from trunkline.normalizer.channel_facts import Channels
from trunkline.router.blocked_senders import BlockedSenders
from trunkline.router.customer_directory import CustomerDirectory
from trunkline.router.customer_terms import CustomerFilter
from trunkline.router.erasure.erasure import Erasure
from trunkline.router.records import Ticket
from trunkline.router.ticket_requests import TicketChanges, Writing

from ..unit.mail_origin.corpus import HERS, HONEST, MARIA, SPOOFS, ZONE, Case, honest, mail, spoof
from ..unit.mail_origin.signing import sign
from ..unit.mail_origin.zone import ZoneLookup
from .checked_mail import OURS, Post
from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk


@pytest.fixture
async def post(desk: "Desk") -> Post:
    return Post(desk)


async def test_who_is_proven_is_acknowledged_and_their_answer_joins(post: Post, desk: "Desk") -> None:
    await post.take(honest("first", HERS))
    await desk.settle()
    (ticket,) = await desk.tickets()
    (acknowledged,) = desk.sent
    assert (ticket.unproven, ticket.acknowledged, acknowledged.to) == (False, True, MARIA)
    await post.take(honest("answer", HERS), In_Reply_To=f"<{acknowledged.external_id}>")
    await post.take(spoof("spoofed answer", mail()), In_Reply_To=f"<{acknowledged.external_id}>")
    await desk.settle()
    joined, apart = await desk.tickets()
    assert len(list(await desk.reader.articles(joined.id))) == 3
    assert (apart.unproven, apart.acknowledged) == (True, False)
    assert len(desk.sent) == 1


async def test_who_wrote_what_waits_is_told_without_a_question_to_the_dns(post: Post, desk: "Desk") -> None:
    """Who is erased again after a restore is looked for in everything that waits, at a start."""
    await post.take(honest("first", HERS))
    (payload,) = await desk.engine.call("HVALS", desk.intake.queue.keys["entries"])
    assert await desk.intake_handler.senders(payload) == {f"email:{MARIA}"}
    assert not post.lookup.asked


async def test_the_article_keeps_every_check_and_the_page_shows_them(post: Post, desk: "Desk") -> None:
    await post.take(honest("first", HERS))
    await post.take(spoof("other", mail()))
    await desk.settle()
    good, bad = [await post.article(ticket) for ticket in await desk.tickets()]
    assert good.origin is not None
    assert (good.origin.state, good.author.evidence) == ("proven", "signed by example.org")
    assert [(check.method, check.result) for check in good.origin.checks] == [
        ("spf", "pass"),
        ("dkim", "pass"),
        ("dmarc", "pass"),
    ]
    shown = [entry(article, Channels(), formatted=False) for article in (good, bad)]
    assert [each.proof.word for each in shown if each.proof] == ["origin proven", "disowned"]
    assert "asks to reject such mail" in shown[1].evidence
    assert shown[0].checks == good.origin.checks


async def test_no_spoof_joins_or_merges_or_is_acknowledged(post: Post, desk: "Desk") -> None:
    await post.take(honest("first", HERS))
    await desk.settle()
    (hers,) = await desk.tickets()
    raw_ids = {}
    for case in SPOOFS:
        if case.named:
            raw_ids[await post.take(case, In_Reply_To="<1@example.org>", Subject=f"Re: [{hers.number}]")] = case
    await desk.settle()
    first, *others = await desk.tickets()
    assert first.id == hers.id
    assert len(list(await desk.reader.articles(hers.id))) == 2
    suspended = {each.id for each in await desk.intake_handler.suspended.list(limit=1000)}
    assert len(others) + len(suspended) == len(raw_ids) >= 60
    assert {raw_ids[each].what for each in suspended} == {
        "her signed mail with a second From above",
        "her signed mail with a second From below",
        "several authors in one From",
        "a From with nobody in it",
        "a line among the headers that is none, before a From",
    }
    assert all(ticket.unproven and not ticket.acknowledged for ticket in others)
    assert len(desk.sent) == 1
    assert hers.customer is not None
    record = await desk.reader.customer(hers.customer)
    assert [(each.key, each.assurance) for each in record.identities] == [(f"email:{MARIA}", 2)]
    assert not record.links


async def test_spoofs_that_know_an_id_of_ours_join_at_most_unproven_and_the_disowned_do_not(
    post: Post, desk: "Desk"
) -> None:
    await post.take(honest("first", HERS))
    await desk.settle()
    (hers,), (acknowledged,) = await desk.tickets(), desk.sent
    for case in SPOOFS:
        if case.named:
            await post.take(case, In_Reply_To=f"<{acknowledged.external_id}>")
    await desk.settle()
    joined = [article for article in await desk.reader.articles(hers.id) if article.kind == "message"][1:]
    assert joined
    for article in joined:
        assert article.origin is not None
        assert (article.origin.state, article.joined_by, article.author.assurance) == ("unproven", "unproven", 0)
    assert len(desk.sent) == 1


async def test_honest_mail_is_acknowledged_when_it_is_proven(post: Post, desk: "Desk") -> None:
    cases = [case for case in HONEST if case.named and not case.zone]
    for case in cases:
        await post.take(case)
    await desk.settle()
    tickets = {(await post.article(ticket)).external_id: ticket for ticket in await desk.tickets()}
    assert set(tickets) == {case.what for case in cases}
    for case in cases:
        assert tickets[case.what].unproven == (case.state != "proven"), case.what
    silent = {"a list that keeps the mail as it is", "a list that writes its own address into From"}
    silent |= {what for what, ticket in tickets.items() if (await post.article(ticket)).author.identity == ""}
    for case in cases:
        if case.mail_from and case.what not in silent:
            assert tickets[case.what].acknowledged == (case.state == "proven"), case.what


async def test_what_was_found_out_of_a_suspended_mail_stays_when_its_key_is_gone(post: Post, desk: "Desk") -> None:
    rules = [{"name": "wait", "when": {"keywords": ["refund"]}, "then": {"suspend": "talks of refunds"}}]
    desk.configure(SETTINGS | {"rules": rules})
    raw_id = await post.take(honest("first", sign(mail(body="A refund, please."), "example.org")))
    await desk.settle()
    assert await desk.tickets() == []
    post.lookup.zone.clear()
    asked = len(post.lookup.asked)
    await desk.intake_handler.suspended.release(raw_id)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert (await post.article(ticket)).author.evidence == "signed by example.org"
    assert len(post.lookup.asked) == asked


@pytest.mark.parametrize(
    ("origin", "case", "proven"),
    [
        ({"check": False}, honest("signed", HERS), False),
        ({"check": False, "authserv_ids": []}, honest("ours", mail(), trusted=True, peer="10.0.0.5"), True),
        ({"forwarders": []}, honest("near", HERS, peer="127.0.0.1"), True),
        ({"forwarders": []}, honest("near and unsigned", mail(), peer="127.0.0.1"), False),
    ],
)
async def test_settings_say_what_is_checked(desk: "Desk", origin: Mapping[str, Any], case: Case, proven: bool) -> None:
    post = Post(desk, **origin)
    await post.take(case)
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert ticket.unproven is not proven
    if case.peer == "127.0.0.1" and not proven:
        assert post.lookup.asked == []


# The DNS gives no answer

OUTAGE = {"s._domainkey.example.org": ["TIMEOUT"], "example.org": ["TIMEOUT"]}


def counted(state: str) -> float:
    return REGISTRY.get_sample_value("trunkline_mail_origin_total", {"state": state}) or 0.0


async def in_an_outage(post: Post, desk: "Desk", **headers: str) -> Ticket:
    """Her signed mail is filed while nothing can be found out about it; the ticket."""
    post.lookup.zone |= ZoneLookup(OUTAGE).zone
    await post.take(honest("in an outage", HERS), **headers)
    await desk.settle()
    return (await desk.tickets())[-1]


async def over(post: Post, desk: "Desk") -> None:
    """The outage is over, and everything was looked at again."""
    post.lookup.zone |= ZoneLookup({name: ZONE[name] for name in OUTAGE}).zone
    desk.clock.advance(600_000)
    await desk.settle()


async def test_in_an_outage_mail_is_filed_and_its_acknowledgement_waits(post: Post, desk: "Desk") -> None:
    before = counted("pending")
    ticket = await in_an_outage(post, desk)
    assert counted("pending") == before + 1
    article = await post.article(ticket)
    assert (ticket.unproven, ticket.acknowledged, desk.sent) == (True, False, [])
    assert article.origin is not None
    assert (article.origin.state, article.author.assurance) == ("pending", 0)
    shown = entry(article, Channels(), formatted=False)
    assert shown.proof is not None
    assert shown.proof.word == "not checked yet"

    await over(post, desk)
    (ticket,) = await desk.tickets()
    article = await post.article(ticket)
    assert (ticket.unproven, ticket.acknowledged, len(desk.sent)) == (False, True, 1)
    assert article.origin is not None
    assert (article.origin.state, article.author.assurance, article.author.evidence) == (
        "proven",
        2,
        "signed by example.org",
    )
    assert ticket.customer is not None
    assert [each.assurance for each in (await desk.reader.customer(ticket.customer)).identities] == [2]
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_a_proof_that_comes_while_its_author_is_erased_makes_no_new_record_of_them(
    post: Post, desk: "Desk"
) -> None:
    ticket = await in_an_outage(post, desk)
    erasure = Erasure(desk.engine, desk.clock)
    await erasure.order(str(ticket.customer), confirm=MARIA, actor="token:admin")  # and its worker has not begun
    await over(post, desk)
    known = await CustomerDirectory(desk.engine).page(CustomerFilter(q=MARIA))
    assert ([each.id for each in known.items], desk.sent) == ([], [])
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_what_is_filed_and_waits_for_its_proof_stays_in_its_ticket_when_its_sender_is_blocked(
    post: Post, desk: "Desk"
) -> None:
    ticket = await in_an_outage(post, desk)
    await BlockedSenders(desk.engine, desk.clock).block(MARIA, actor="agent:ada")
    await over(post, desk)
    article = await post.article(ticket)
    assert article.origin is not None
    assert article.origin.state == "proven"
    assert await desk.intake_handler.suspended.list() == []
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_spam_in_her_name_blocks_what_is_unproven_and_she_writes_on(post: Post, desk: "Desk") -> None:
    await post.take(spoof("buy", mail()))
    await desk.settle()
    (spam,) = await desk.tickets()
    await desk.actions.spam.mark(spam.id, block="sender", actor="agent:ada")
    again = await post.take(spoof("buy more", mail()))
    await post.take(honest("a question of hers", HERS))
    await desk.settle()
    assert [each.id for each in await desk.intake_handler.suspended.list()] == [again]
    assert [ticket.unproven for ticket in await desk.tickets()] == [True, False]
    waits = await in_an_outage(post, desk)
    await over(post, desk)
    article = await post.article(waits)
    assert article.origin is not None
    assert article.origin.state == "proven", "and what could not be checked yet was not held for it"


async def test_who_is_proven_late_takes_part_and_their_next_answer_joins(post: Post, desk: "Desk") -> None:
    await in_an_outage(post, desk)
    await over(post, desk)
    await post.take(honest("answer", HERS), In_Reply_To=f"<{desk.sent[0].external_id}>")
    await desk.settle()
    (ticket,) = await desk.tickets()
    assert len(list(await desk.reader.articles(ticket.id))) == 3


async def test_in_an_outage_nothing_joins_and_later_mail_is_not_held_up(post: Post, desk: "Desk") -> None:
    await post.take(honest("first", HERS))
    await desk.settle()
    apart = await in_an_outage(post, desk, In_Reply_To=f"<{desk.sent[0].external_id}>")
    await post.take(honest("later, in the same lane", sign(mail(sender="a@plain.example"), "plain.example")))
    await desk.settle()
    first, waits, later = await desk.tickets()
    assert (first.unproven, waits.unproven, later.unproven) == (False, True, False)
    assert apart.id == waits.id
    assert len(desk.sent) == 2
    await over(post, desk)
    evidence = (await post.article(waits)).author.evidence
    assert evidence == "signed by example.org; it answers T-1, but was proven too late to join"


async def test_a_spoof_is_found_out_when_the_outage_is_over(post: Post, desk: "Desk") -> None:
    post.lookup.zone |= ZoneLookup(OUTAGE).zone
    await post.take(spoof("spoof", HERS.replace("does not", "does")))
    await post.take(spoof("with her return path", mail(), mail_from=MARIA))
    await desk.settle()
    assert len(await desk.tickets()) == 2
    await over(post, desk)
    for ticket in await desk.tickets():
        article = await post.article(ticket)
        assert article.origin is not None
        assert (article.origin.state, ticket.unproven, ticket.acknowledged) == ("failed", True, False)
    assert desk.sent == []
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def test_an_outage_of_days_is_a_no(post: Post, desk: "Desk") -> None:
    await in_an_outage(post, desk)
    desk.clock.advance(LONGEST_MS + 1)
    await desk.settle()
    (ticket,) = await desk.tickets()
    article = await post.article(ticket)
    assert article.origin is not None
    assert (article.origin.state, ticket.unproven, desk.sent) == ("unproven", True, [])
    assert "for days" in article.author.evidence
    assert await desk.intake.queue.counts() == {"entries": 0, "later": 0, "dead": 0}


async def copied(desk: "Desk", content: str, sender: str) -> None:
    """The same mail once more, to another of our addresses as well."""
    desk.clock.advance(5)
    await desk.intake.accept(
        channel="mail",
        account=OURS,
        external_id="in an outage",
        dedup=f"from {sender}",
        kind="message",
        lane=f"mail:{sender}",
        content=content.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
        transport={
            "peer": "198.51.100.1",
            "mail_from": sender,
            "helo": "x",
            "trusted": False,
            "rcpt_to": [OURS, "billing@company.example"],
        },
    )
    await desk.settle()


async def test_a_copy_under_another_name_does_not_take_over_what_waits_for_its_proof(post: Post, desk: "Desk") -> None:
    ticket = await in_an_outage(post, desk)
    await copied(desk, sign(mail(sender="a@plain.example"), "plain.example"), "a@plain.example")
    assert (await post.article(ticket)).author.identity == f"email:{MARIA}"
    await over(post, desk)
    article = await post.article(ticket)
    assert (article.author.identity, article.origin and article.origin.state) == (f"email:{MARIA}", "proven")
    ticket, copy = await desk.tickets()
    assert (ticket.unproven, ticket.acknowledged, (await post.article(copy)).author.identity) == (
        False,
        True,
        "email:a@plain.example",
    )
    next_one = sign(mail(sender="a@plain.example", body="let me in"), "plain.example")
    await post.take(honest("attack", next_one), In_Reply_To="<1@example.org>")
    await desk.settle()
    assert len(await desk.tickets()) == 3, "who sent the copy takes part in nothing of hers"


async def test_a_copy_that_is_proven_first_keeps_nobody_from_being_acknowledged(post: Post, desk: "Desk") -> None:
    await in_an_outage(post, desk)
    post.lookup.zone |= ZoneLookup(ZONE).zone
    await copied(desk, HERS, MARIA)
    await over(post, desk)
    (ticket,) = await desk.tickets()
    assert (ticket.unproven, ticket.acknowledged, len(desk.sent)) == (False, True, 1)


async def test_who_is_proven_when_the_ticket_is_finished_hears_no_acknowledgement(post: Post, desk: "Desk") -> None:
    ticket = await in_an_outage(post, desk)
    await desk.actions.change(ticket.id, TicketChanges(status="solved", resolution="cancelled"), actor="agent:ada")
    await over(post, desk)
    origin = (await post.article(ticket)).origin
    assert (origin and origin.state, desk.sent) == ("proven", [])


async def test_who_was_answered_meanwhile_hears_no_acknowledgement(post: Post, desk: "Desk") -> None:
    ticket = await in_an_outage(post, desk)
    await desk.agents.register(desk.policy, desk.clock.now())
    await desk.actions.presence("ada", "available", actor="ada")
    await desk.settle()
    await desk.actions.accept(ticket.id, "ada", actor="ada")
    await desk.actions.reply(ticket.id, Writing(text="Try another bulb", agent="ada", actor="ada"))
    await desk.settle()
    sent = len(desk.sent)
    await over(post, desk)
    (ticket,) = await desk.tickets()
    assert (ticket.unproven, ticket.acknowledged, len(desk.sent)) == (False, False, sent)


async def test_a_colleague_proven_late_is_not_acknowledged_and_what_they_pass_on_is_offered(
    post: Post, desk: "Desk"
) -> None:
    ada = SETTINGS["agents"]["ada"] | {"email": MARIA}
    desk.configure(SETTINGS | {"agents": SETTINGS["agents"] | {"ada": ada}})
    post.lookup.zone |= ZoneLookup(OUTAGE).zone
    text = "FYI\n\n---------- Forwarded message ---------\nFrom: Li <li@example.net>\nSubject: Lamp\n\nBroken.\n"
    await post.take(honest("passed on", sign(mail(body=text), "example.org")))
    await desk.settle()
    assert [each.original_writer for each in await desk.tickets()] == [None]
    await over(post, desk)
    (ticket,) = await desk.tickets()
    assert ticket.original_writer is not None
    assert (ticket.original_writer.address, ticket.acknowledged, desk.sent) == ("li@example.net", False, [])
