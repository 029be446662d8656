"""What the rules saw of a ticket is kept with it, and its words with the message that opened it."""

import pytest

from trunkline.router.facts import Facts
from trunkline.router.records import Article, Author

from .desk.tickets import NOW, stored

SEEN = {"channel": "mail", "segment": "gold", "at": NOW}
OPENING = Article(
    id="a1",
    ticket="t1",
    kind="message",
    channel="mail",
    author=Author(kind="customer"),
    subject="The lamp",
    text="It is green",
    created_at=NOW,
)


def test_the_facts_are_those_that_were_kept_with_the_words_of_the_message() -> None:
    assert stored({"facts": SEEN}).facts_with(OPENING) == Facts(
        channel="mail", segment="gold", at=NOW, subject="The lamp", text="It is green"
    )


@pytest.mark.parametrize(
    ("facts", "erased_at", "opening"),
    [(SEEN, None, None), (SEEN, NOW, OPENING), ({}, None, OPENING)],
    ids=["the message is gone", "somebody was erased", "no rules have placed it"],
)
def test_there_are_none_where(facts: dict[str, object], erased_at: int | None, opening: Article | None) -> None:
    assert stored({"facts": facts}, erased_at=erased_at).facts_with(opening) is None
