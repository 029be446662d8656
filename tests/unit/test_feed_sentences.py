"""Every line of the feed has words, and they repeat nobody's text unless asked to."""

import re
from pathlib import Path
from typing import Any

import pytest

from trunkline.desk.views.feed_sentences import sentence
from trunkline.desk.views.happenings import SENTENCES, happenings
from trunkline.queue.feed import FeedLine
from trunkline.router.amend_plan import KINDS
from trunkline.router.articles import _FEED_KINDS

ROUTER = Path(__file__).parents[2] / "router"

TICKET = {
    "number": "T-7",
    "queue": "support",
    "channel": "mail",
    "language": "en",
    "priority": 3,
    "status": "open",
    "subject": "My illness",
    "assignee": "ada",
    "offer": {"agent": "ada", "expires_at": 1_800_000_300_000},
    "rules": ["refunds"],
}
ARTICLE = {
    "author": {"kind": "agent", "id": "ada", "name": "Ada"},
    "subject": "My illness",
    "text": "I am ill",
    "delivery": {"state": "failed", "detail": "550 no such user"},
}


def _line(kind: str, **data: Any) -> str:
    complete = {"ticket": TICKET, "article": ARTICLE, "agent": {"id": "ada", "presence": "away"}, "actor": "agent:ada"}
    line = FeedLine(position=1, kind=kind, subject="s", sequence=1, time=1_800_000_000_000, data=complete | data)
    return sentence(line)


def _kinds() -> set[str]:
    """Every kind that a script or the delivery can append."""
    found = {*_FEED_KINDS.values(), *KINDS.values()}
    for script in ROUTER.glob("*.lua"):
        text = script.read_text()
        found |= set(re.findall(r"'((?:ticket|message|agent|customer)\.[a-z_]+)'", text))
        if "'ticket.' .. how" in text:
            found |= {"ticket.declined", "ticket.missed", "ticket.withdrawn"}
    return found


def test_every_kind_of_line_has_words() -> None:
    assert _kinds() - set(SENTENCES) == set()


@pytest.mark.parametrize("kind", sorted(_kinds()))
def test_no_line_repeats_what_people_wrote(kind: str) -> None:
    told = _line(kind, changes={"reason": "at lunch", "agent": "ada"})
    assert "ill" not in told.replace("billing", "")
    assert told.startswith("08:00:00  ")


def test_offers_and_acceptances_name_agent_and_end() -> None:
    assert _line("ticket.offered") == "08:00:00  T-7      offered to ada until 08:05:00"
    assert _line("ticket.assigned") == "08:00:00  T-7      taken by ada"
    assert _line("ticket.assigned", actor="token:crm") == "08:00:00  T-7      given to ada by the token crm"


def test_a_failed_delivery_says_why() -> None:
    assert _line("message.delivery_failed").endswith("could not be delivered (550 no such user)")


def test_what_was_set_to_what_it_was_is_no_change() -> None:
    same, moved = {"status": ["solved", "solved"]}, {"priority": [3, 1]}
    assert _line("ticket.updated", changes=same).endswith("T-7      set to what it was by ada")
    assert _line("ticket.updated", changes=same | moved).endswith("T-7      priority 3 → 1 by ada")


def test_a_change_that_the_history_does_not_show_is_named_without_its_values() -> None:
    assert _line("ticket.updated", changes={"customer": ["c1", "c2"]}).endswith("T-7      customer by ada")
    assert _line("ticket.updated").endswith("T-7      changed by ada")


def test_a_kind_that_is_not_known_is_shown_as_it_is() -> None:
    assert _line("ticket.enchanted").endswith("ticket.enchanted")


def test_words_are_shown_when_asked_for() -> None:
    data = {"ticket": TICKET, "article": ARTICLE | {"author": {"kind": "customer", "name": "Maria"}}}
    line = FeedLine(position=1, kind="message.received", subject="s", sequence=1, time=0, data=data)
    assert sentence(line, words=True).endswith("message received  Maria: My illness")


@pytest.mark.parametrize("kind", sorted(kind for kind in _kinds() if kind.startswith("ticket.")))
def test_the_terminal_and_the_desk_say_the_same(kind: str) -> None:
    changes = {"agent": "ada", "reason": "at lunch", "queue": ["support", "billing"], "proof": ["m…@example.org", None]}
    event = {"kind": kind, "at": 0, "actor": "agent:boris", "agent": "ada", "status": "open", "changes": changes}
    told = [each.words.lower() for each in happenings([event], {})]
    line = _line(kind, actor="agent:boris", changes=changes)
    assert kind == "ticket.created" or [words for words in told if words in line] == told != []


@pytest.mark.parametrize(
    ("reaction", "words"), [([None, "👍"], "reaction 👍"), (["👍", None], "reaction 👍 taken away")]
)
def test_a_reaction_is_told_by_what_it_put_or_took_away(reaction: list[str | None], words: str) -> None:
    assert words in _line("message.reacted", changes={"reaction": reaction})
