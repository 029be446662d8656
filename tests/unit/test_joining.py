"""What joins what: a thread key with proof, never the customer alone."""

from dataclasses import replace
from typing import Any

import pytest

from trunkline.normalizer.envelope import Assurance, Envelope, Identity, OriginProof, ReplyToken, Sender
from trunkline.normalizer.joining import COPIED, NOTHING, Clue, Joinable, clues, join

MARIA = "maria@example.org"


def envelope(assurance: Assurance = Assurance.ORIGIN, sender: str = MARIA, **facts: Any) -> Envelope:
    identity = Identity(kind="email", value=sender, assurance=assurance)
    return Envelope(
        **{
            "id": "e",
            "channel": "mail",
            "external_id": "x",
            "order": "1",
            "sender": Sender(identities=(identity,)),
            "received_at": 0,
            "raw_id": "r",
        }
        | facts
    )


OURS = ("mail:ours",)


def ticket(name: str = "t1", *, closed: bool = False, **participants: int) -> Joinable:
    people = {f"email:{who}@example.org": assurance for who, assurance in (participants or {"maria": 2}).items()}
    return Joinable(ticket=name, number="T-1", closed=closed, participants=people)


def origin(state: Any) -> OriginProof:
    return OriginProof(state=state, evidence="test")


def test_a_proven_participant_who_answers_a_known_message_joins() -> None:
    decided = join(envelope(conversation=("mail:1",)), {"mail:1": ticket()})
    assert (decided.ticket, decided.how) == ("t1", "reference")
    assert decided.reason == "it answers a message in T-1, and maria@example.org takes part there"


def test_a_proven_participant_who_names_the_ticket_in_the_subject_joins() -> None:
    decided = join(envelope(cases=("T-1",)), {"number:T-1": ticket(maria=0)})
    assert (decided.ticket, decided.how) == ("t1", "number")
    assert decided.reason == "it names T-1 in its subject, and maria@example.org takes part there"


@pytest.mark.parametrize("way", [{"conversation": ("mail:1",)}, {"cases": ("T-1",)}])
@pytest.mark.parametrize(
    ("assurance", "people", "because"),
    [
        (Assurance.CLAIMED, {"maria": 2}, "but it is not proven that maria@example.org wrote it"),
        (Assurance.CHANNEL, {"maria": 2}, "but it is not proven that maria@example.org wrote it"),
        (Assurance.ORIGIN, {"ann": 2}, "but maria@example.org does not take part there"),
        (Assurance.CLAIMED, {"maria": COPIED}, "but it is not proven that maria@example.org wrote it"),
    ],
)
def test_quoting_proves_nothing_and_the_reason_says_what_is_missing(
    way: dict[str, Any], assurance: Assurance, people: dict[str, int], because: str
) -> None:
    decided = join(envelope(assurance, **way), {"mail:1": ticket(**people), "number:T-1": ticket(**people)})
    assert (decided.ticket, decided.how) == ("", "")
    assert because in decided.reason


@pytest.mark.parametrize("way", [{"conversation": ("mail:1",)}, {"cases": ("T-1",)}])
def test_who_was_copied_by_a_participant_joins_when_they_are_proven(way: dict[str, Any]) -> None:
    found = ticket(ann=2, maria=COPIED)
    decided = join(envelope(**way), {"mail:1": found, "number:T-1": found})
    assert decided.ticket == "t1"
    assert "was copied by somebody who takes part there" in decided.reason


def test_an_answer_to_our_own_message_in_the_name_of_a_participant_joins_unproven() -> None:
    message = envelope(Assurance.CLAIMED, conversation=("mail:ours",), origin=origin("unproven"))
    decided = join(message, {"mail:ours": ticket(maria=0)}, OURS)
    assert (decided.ticket, decided.how) == ("t1", "unproven")
    assert "nobody has proven that they wrote it" in decided.reason


@pytest.mark.parametrize(
    ("facts", "people", "ours"),
    [
        ({"origin": origin("failed")}, {"maria": 2}, OURS),
        ({"origin": origin("pending")}, {"maria": 2}, OURS),
        ({}, {"maria": COPIED}, OURS),
        ({}, {"ann": 2}, OURS),
        ({}, {"maria": 2}, ()),
        ({"conversation": (), "cases": ("T-1",)}, {"maria": 2}, OURS),
    ],
    ids=["disowned", "not checked yet", "only copied", "somebody else", "not a message of ours", "only the number"],
)
def test_nothing_less_joins_unproven(facts: dict[str, Any], people: dict[str, int], ours: tuple[str, ...]) -> None:
    message = envelope(Assurance.CLAIMED, **({"conversation": ("mail:ours",)} | facts))
    found = {"mail:ours": ticket(**people), "number:T-1": ticket(**people)}
    assert join(message, found, ours).ticket == ""


@pytest.mark.parametrize("bound", [True, False])
def test_a_checked_reply_token_joins_whoever_sends_it(bound: bool) -> None:
    message = envelope(
        Assurance.CLAIMED, sender="other@example.net", reply_token=ReplyToken(number="T-1", from_bound_address=bound)
    )
    assert clues(message) == [Clue(key="number:T-1", way="token")]
    assert join(message, {"number:T-1": ticket()}).ticket == "t1"


def test_the_number_of_a_token_is_that_of_the_token_when_the_subject_names_it_too() -> None:
    message = envelope(reply_token=ReplyToken(number="T-1", from_bound_address=True), cases=("T-1", "T-2"))
    assert [clue.way for clue in clues(message)] == ["token", "number"]


def test_a_channel_vouches_for_its_own_conversations() -> None:
    message = envelope(Assurance.CLAIMED, channel="http", conversation=("http:form:1",))
    assert join(message, {"http:form:1": ticket(ann=2)}).ticket == "t1"


def test_a_closed_ticket_is_followed_up() -> None:
    decided = join(envelope(conversation=("mail:1",)), {"mail:1": ticket(closed=True)})
    assert (decided.ticket, decided.follow_up_of, decided.how) == ("", "t1", "reference")
    assert decided.reason.endswith("T-1 is closed, so this follows it up")


def test_the_same_person_without_a_thread_key_opens_a_new_ticket() -> None:
    assert join(envelope(), {}) == join(envelope(conversation=("mail:unknown",)), {})
    assert join(envelope(), {}).reason == NOTHING


def test_the_strongest_key_that_may_join_decides() -> None:
    found = {"mail:1": ticket(ann=2), "mail:2": ticket("t2")}
    assert join(envelope(conversation=("mail:1", "mail:2")), found).ticket == "t2"


def test_a_token_yields_to_the_ticket_that_was_split_out_and_has_the_very_message_that_is_answered() -> None:
    old, made = ticket(), replace(ticket("t2"), split_of=frozenset({"t1"}))
    found = {"number:T-1": old, "mail:moved": made, "mail:stayed": old}
    token = ReplyToken(number="T-1", from_bound_address=True)
    assert join(envelope(reply_token=token, conversation=("mail:moved", "mail:stayed")), found).ticket == "t2"
    assert join(envelope(reply_token=token, conversation=("mail:stayed", "mail:moved")), found).ticket == "t1"
    assert join(envelope(reply_token=token, conversation=("mail:unknown", "mail:moved")), found).ticket == "t1"


def test_a_message_to_a_closed_case_follows_up_the_ticket_that_stands_for_it() -> None:
    merged = replace(ticket("t2", closed=True), case="t1")
    decided = join(envelope(conversation=("mail:1",)), {"mail:1": merged})
    assert (decided.ticket, decided.follow_up_of) == ("", "t1")
