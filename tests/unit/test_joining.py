"""What joins what: a thread key with proof, never the customer alone."""

from typing import Any

import pytest

from trunkline.normalizer.envelope import Assurance, Envelope, Identity, ReplyToken, Sender
from trunkline.normalizer.joining import Joinable, join, thread_keys

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


def ticket(*, closed: bool = False, participants: tuple[str, ...] = (f"email:{MARIA}",)) -> Joinable:
    return Joinable(ticket="t1", closed=closed, participants=frozenset(participants))


def test_a_proven_participant_who_answers_a_known_message_joins() -> None:
    assert join(envelope(conversation=("mail:1",)), {"mail:1": ticket()}).ticket == "t1"


def test_a_claimed_participant_does_not_join_and_the_reason_says_why() -> None:
    decided = join(envelope(Assurance.CLAIMED, conversation=("mail:1",)), {"mail:1": ticket()})
    assert decided.ticket == ""
    assert "not proven to take part" in decided.reason


def test_a_proven_stranger_who_quotes_a_message_does_not_join() -> None:
    assert join(envelope(sender="mallory@example.net", conversation=("mail:1",)), {"mail:1": ticket()}).ticket == ""


@pytest.mark.parametrize("bound", [True, False])
def test_a_checked_reply_token_joins_whoever_sends_it(bound: bool) -> None:
    message = envelope(
        Assurance.CLAIMED, sender="other@example.net", reply_token=ReplyToken(number="T-1", from_bound_address=bound)
    )
    assert thread_keys(message) == ("number:T-1",)
    assert join(message, {"number:T-1": ticket()}).ticket == "t1"


def test_a_channel_vouches_for_its_own_conversations() -> None:
    message = envelope(Assurance.CLAIMED, channel="http", conversation=("http:form:1",))
    assert join(message, {"http:form:1": ticket(participants=())}).ticket == "t1"


def test_a_closed_ticket_is_followed_up() -> None:
    decided = join(envelope(conversation=("mail:1",)), {"mail:1": ticket(closed=True)})
    assert (decided.ticket, decided.follow_up_of) == ("", "t1")


def test_the_same_person_without_a_thread_key_opens_a_new_ticket() -> None:
    assert join(envelope(), {}) == join(envelope(conversation=("mail:unknown",)), {})


def test_the_strongest_key_that_may_join_decides() -> None:
    found = {
        "mail:1": ticket(participants=()),
        "mail:2": Joinable(ticket="t2", closed=False, participants=frozenset({f"email:{MARIA}"})),
    }
    assert join(envelope(conversation=("mail:1", "mail:2")), found).ticket == "t2"
