"""What a customer changed of a message is shown at it, with who and when."""

from typing import Any

import pytest

from trunkline.desk.views.amended import Amended, amended
from trunkline.gateway.channels import facts as channels
from trunkline.router.records import PutReaction, Version

from .test_timeline import ADA, article


def shown(**facts: Any) -> Amended:
    return amended(article(**facts), channels())


def mark(name: str, emoji: str = "👍", **facts: Any) -> PutReaction:
    return PutReaction(emoji=emoji, name=name, at=1, **facts)


def test_earlier_texts_stand_behind_the_present_one_the_latest_first() -> None:
    versions = (Version(text="first", at=1), Version(text="second", at=2))
    found = shown(text="third", edited_at=3, versions=versions)
    assert ([each.text for each in found.earlier], found.edited_at) == (["second", "first"], 3)
    assert shown(text="first").earlier == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"deleted_by": "author"}, "Deleted by the customer"),
        ({"deleted_by": "moderator"}, "Deleted by a moderator"),
        ({"deleted_by": "channel"}, "Deleted where it was written"),
        ({"deleted_by": "author", "author": ADA}, "Deleted"),
    ],
)
def test_it_is_said_who_deleted_a_message(facts: dict[str, Any], words: str) -> None:
    assert shown(deleted_at=5, **facts).deleted == words
    assert shown().deleted == ""


def test_a_mark_is_told_once_with_those_who_put_it_there() -> None:
    marks = (
        mark("Maria"),
        mark("Ben", "🎉"),
        mark("", identity="email:carl@example.org"),
        mark("x", ours=True),
        mark(""),
    )
    found = shown(reactions=marks).marks
    assert [(each.emoji, each.count) for each in found] == [("👍", 4), ("🎉", 1)]
    assert [each.people for each in found] == ["Maria, carl@example.org, us and Somebody", "Ben"]


def test_of_many_people_with_one_mark_some_are_named() -> None:
    (found,) = shown(reactions=tuple(map(mark, "abcdefgh"))).marks
    assert found.people == "a, b, c, d and 4 more"
