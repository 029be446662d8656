"""What the desk says: events, why a ticket is where it is, whom a reply reaches, who was first."""

from dataclasses import replace
from typing import Any

import pytest

from trunkline.desk.views.conflict_words import first_words
from trunkline.desk.views.happenings import happenings
from trunkline.desk.views.reply_target import Visitor, hindrance_of, nothing_known, reply_target
from trunkline.desk.views.why import why, why_nobody
from trunkline.gateway.channels import facts
from trunkline.normalizer.sending_limits import Destination
from trunkline.router.candidacy import Candidacy
from trunkline.router.decision import choose
from trunkline.router.decision_record import Decision

from .tickets import MINUTE, NOW, event, stored

CHANNELS = facts()
NAMES = {"ada": "Ada", "boris": "Boris"}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (event("offered", agent="boris"), "Offered to Boris"),
        (
            event("declined", actor="agent:boris", changes={"agent": "boris", "reason": "lunch"}),
            "Boris declined: lunch",
        ),
        (event("missed", changes={"agent": "boris", "reason": ""}), "Boris missed the offer"),
        (event("assigned", actor="agent:ada", agent="ada"), "Taken by Ada"),
        (event("assigned", actor="agent:boris", agent="ada"), "Given to Ada by Boris"),
        (event("released", actor="agent:ada", changes={"reason": "end of shift"}), "Ada gave it back: end of shift"),
        (event("status_changed", actor="agent:ada", status="on_hold"), "Made on hold by Ada"),
        (event("status_changed", actor="customer:1"), "Opened by the customer’s message"),
        (event("reopened", actor="customer:1"), "Opened again by the customer’s message"),
        (
            event("moved", actor="token:crm", changes={"queue": ["support", "billing"]}),
            "Moved from support to billing by the token crm",
        ),
        (
            event("updated", actor="agent:ada", changes={"priority": [3, 1], "tags": [[], ["vip"]]}),
            "Priority 3 → 1, Tags none → vip by Ada",
        ),
    ],
)
def test_an_event_is_one_line(told: dict[str, Any], words: str) -> None:
    assert [each.words for each in happenings([told], NAMES)] == [words]


def test_what_says_nothing_new_is_left_out() -> None:
    quiet = [event("created"), event("updated", changes={}), event("invented_later")]
    assert happenings(quiet, NAMES) == []


def candidate(agent: str, **facts: Any) -> dict[str, Any]:
    seen = {"agent": agent, "speaks": True, "knows": False, "preferred": 0, "presence": "available", "room": True}
    return seen | {"load": 1, "capacity": 5, "idle_since": 0} | facts


def decided(agent: str, *candidates: dict[str, Any]) -> Decision:
    facts = {"at": NOW, "agent": agent, "config": "c1", "channel": "mail", "weight": 1, "relaxed": False}
    loads = {"speaker_on_duty": True, "load_before": 1, "load_after": 2, "capacity": 5}
    return Decision.model_validate(facts | loads | {"candidates": candidates})


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        ({}, "You were the only one who could take it."),
        ({"speaks": False, "presence": "available"}, "You speak its language (Spanish)."),
        ({"load": 3}, "You had the most room (1 of 5 in use)."),
        ({"idle_since": 9}, "You had been free the longest (1 of 5 in use)."),
    ],
)
def test_the_reason_is_what_put_the_agent_ahead(ahead: dict[str, Any], words: str) -> None:
    others = [candidate("boris", **ahead)] if ahead else []
    if ahead.get("speaks") is False:
        decision = decided("ada", candidate("ada"), *others).model_copy(update={"relaxed": True})
    else:
        decision = decided("ada", candidate("ada"), *others)
    found = why(stored(assignee="ada", language="es"), [decision], None, NAMES, reader="ada")
    assert (found.title, found.sentence) == ("Why me?", words)


def test_every_candidate_is_there_with_why_not() -> None:
    decision = decided("ada", candidate("boris", presence="away"), candidate("ada", knows=True), candidate("zoe"))
    found = why(stored(offer={"agent": "ada", "expires_at": NOW}), [decision], None, NAMES, reader="boris")
    assert (found.title, found.sentence) == ("Why Ada?", "Ada had this case before.")
    assert [(each.name, each.outcome) for each in found.candidates] == [
        ("Ada", "chosen"),
        ("Boris", "is away"),
        ("zoe", "ranked behind"),
    ]


def test_what_a_person_has_given_is_not_explained_by_the_router() -> None:
    given = stored({"history": [event("assigned", actor="agent:boris", agent="ada")]}, assignee="ada")
    told = why(given, [decided("ada", candidate("ada"))], None, NAMES, reader="ada")
    assert told.sentence == "Boris gave it to you by hand."


def test_an_offer_that_a_system_accepts_for_its_agent_is_the_routers_doing() -> None:
    accepted = [event("offered", agent="ada"), event("assigned", actor="token:crm", agent="ada")]
    given = [event("offered", agent="ada"), event("declined", agent="ada"), accepted[1]]
    told = [
        why(stored({"history": each}, assignee="ada"), [decided("ada", candidate("ada"))], None, NAMES, reader="ada")
        for each in (accepted, given)
    ]
    assert [each.sentence for each in told] == [
        "You were the only one who could take it.",
        "The token crm gave it to you by hand.",
    ]


def candidacy(*candidates: dict[str, Any], relaxed: bool = False, lacking: tuple[str, ...] = ()) -> Candidacy:
    best = choose(candidates, relaxed=relaxed)
    return Candidacy(channel="mail", weight=1, relaxed=relaxed, best=best, candidates=candidates, lacking=lacking)


@pytest.mark.parametrize(
    ("able", "because"),
    [
        (candidacy(candidate("ada")), "and you are about to be asked"),
        (candidacy(candidate("ada", room=False), candidate("boris")), "and Boris is about to be asked"),
        (candidacy(candidate("ada", presence="away")), "because nobody can have it now"),
        (
            candidacy(candidate("ada", speaks=False), candidate("zoe", room=False)),
            "for somebody who speaks Spanish; nobody on duty who does can have it now",
        ),
        (
            replace(candidacy(candidate("ada")), wished=("language:es",)),
            "for somebody who speaks Spanish; nobody like that is on duty, and you are asked instead within minutes",
        ),
        (
            candidacy(candidate("ada", speaks=False, must_speak=True), candidate("zoe", presence="offline")),
            "because nobody who speaks Spanish is on duty",
        ),
        (
            replace(candidacy(candidate("ada", left_out="declined")), asked_again_ms=240_000),
            "because everybody who could have it has declined or missed it; they are asked again in 4 min",
        ),
        (candidacy(), "because nobody works there"),
        (candidacy(lacking=("billing@3",)), "because nobody works there with the skill billing at level 3"),
    ],
)
def test_why_nobody_has_it_is_said_as_the_router_sees_it(able: Candidacy, because: str) -> None:
    found = why(stored(language="es"), [], able, NAMES, reader="ada")
    assert (found.title, found.sentence, found.at) == (
        "Why is it here?",
        f"Nobody has it: it waits in support, {because}.",
        None,
    )


def test_who_could_have_it_is_told_and_only_one_is_about_to_be_asked() -> None:
    able = candidacy(
        candidate("ada", load=2),
        candidate("boris"),
        candidate("full", room=False, load=5),
        candidate("capped", room=False),
        candidate("zoe", left_out="declined"),
        candidate("off", presence="offline", left_out="missed"),
    )
    assert {each.name: each.outcome for each in why_nobody(stored(), able, NAMES).candidates} == {
        "Boris": "could have it, and is about to be asked",
        "Ada": "ranked behind",
        "full": "has no room",
        "capped": "has no room for more by this channel",
        "zoe": "has declined it",
        "off": "is offline",
    }


def test_what_is_not_active_looks_for_nobody() -> None:
    told = why_nobody(stored(status="on_hold"), None, NAMES)
    assert told.sentence == "Nobody has it: it is on hold, and nobody is looked for."


def address(channel: str = "mail", to: str = "maria@example.org", *, claimed: bool = False) -> dict[str, Any]:
    return {"reply_to": {"channel": channel, "account": "web", "to": to, "name": "Maria", "claimed": claimed}}


def test_who_is_known_only_by_an_id_is_called_by_their_name() -> None:
    given = address("telegram", "1001234")
    assert reply_target(stored(given), Visitor(), CHANNELS).words == "Reply to Maria on Telegram"
    given["reply_to"]["name"] = ""
    assert reply_target(stored(given), Visitor(), CHANNELS).words == "Reply to Telegram user 1234 on Telegram"


def test_a_reply_says_whom_it_reaches_and_how() -> None:
    found = reply_target(stored(address()), Visitor(), CHANNELS)
    assert (found.possible, found.words, found.warning) == (True, "Reply to maria@example.org by e-mail", "")
    assert "proven" in reply_target(stored(address(), unproven=True), Visitor(), CHANNELS).warning
    assert "proven" in reply_target(stored(address(claimed=True)), Visitor(), CHANNELS).warning
    assert (
        "proven"
        in reply_target(stored(address("chat")), Visitor(email="m@example.org", proven=False), CHANNELS).warning
    )
    assert reply_target(stored(address("chat")), Visitor(email="m@example.org"), CHANNELS).warning == ""
    assert not reply_target(stored(), Visitor(), CHANNELS).possible
    assert not reply_target(stored(address(), status="closed"), Visitor(), CHANNELS).possible


async def test_what_keeps_every_answer_from_arriving_is_asked_of_the_channel_and_is_a_sentence() -> None:
    async def out(channel: str, to: Destination) -> str:
        return f"{channel}: {to.to} has opted out"

    assert await hindrance_of(stored(address("sms", "+4915112345678")), out) == "Sms: +4915112345678 has opted out."
    assert await hindrance_of(stored(address()), nothing_known) == ""
    assert await hindrance_of(stored(), out) == await hindrance_of(stored(address(), status="closed"), out) == ""


@pytest.mark.parametrize(
    ("visitor", "words"),
    [
        (Visitor(here=True), "they are here now"),
        (Visitor(left_at=NOW), "they left …; they see it when they come back"),
        (Visitor(left_at=NOW, email="m@example.org"), "they left …; it goes on by e-mail to m@example.org"),
        (Visitor(), "they are not there; they see it when they come back"),
    ],
)
def test_a_reply_in_a_chat_says_whether_somebody_is_there(visitor: Visitor, words: str) -> None:
    found = reply_target(stored(address("chat", "v1")), visitor, CHANNELS)
    told = found.words + (" …" if found.left_at else "") + (f"; {found.onward}" if found.onward else "")
    assert (told, found.here, found.left_at) == (f"Reply to Maria in the chat — {words}", visitor.here, visitor.left_at)


def test_who_was_first_is_named_with_when() -> None:
    taken = stored({"history": [event("assigned", NOW - 2_000, agent="boris")]}, assignee="boris")
    assert first_words(taken, "boris", NAMES, NOW) == "Boris took it 2 s ago"
    offered = stored(offer={"agent": "boris", "expires_at": NOW + 3 * MINUTE})
    assert first_words(offered, "boris", NAMES, NOW) == "It is offered to Boris for another 3 min"
    assert first_words(stored(), "boris", NAMES, NOW) == ""
