"""What changes make of a message, whatever their order and however often they come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.envelope import Envelope, Identity, Reaction, Sender
from trunkline.router.amending import EARLIER, MOST_MARKS, Changed, Text, amended, without_people

MESSAGE = Changed(texts=(Text(rank="", at=1, text="first"),))
FIELDS = {"channel": "telegram", "amends": "4:8", "received_at": 0, "raw_id": "r", "id": "e"}


def change(kind: str, order: int, *, by: str = "7", text: str = "", **facts: Any) -> Envelope:
    sender = Sender(identities=(Identity(kind="telegram", value=by),) if by else (), name=f"N{by}")
    known = {**FIELDS, "sender": sender, "order": f"{order:04d}", "external_id": f"{kind}{order}", "sent_at": order}
    return Envelope.model_validate({**known, "kind": kind, "text": text, **facts})


def edit(order: int, text: str = "") -> Envelope:
    return change("edit", order, text=text or f"text {order}")


def mark(order: int, emoji: str, by: str = "7", *, removed: bool = False, alone: bool = False) -> Envelope:
    return change("reaction", order, by=by, reaction=Reaction(emoji=emoji, removed=removed, alone=alone))


def after(*changes: Envelope, erases: bool = False) -> Changed:
    message = MESSAGE
    for each in changes:
        message = amended(message, each, erases=erases)
    return message


def emojis(message: Changed) -> list[str]:
    return [each.emoji for each in message.reactions]


def test_the_newest_text_is_shown_and_the_earlier_ones_stand_behind_it() -> None:
    message = after(edit(2), edit(1))
    assert message.text.text == "text 2"
    assert [(each.text, each.at) for each in message.versions] == [("first", 1), ("text 1", 1)]


def test_of_many_texts_the_first_and_the_last_are_kept() -> None:
    message = after(*(edit(order) for order in range(1, 31)))
    assert [each.text for each in message.versions] == ["first", *(f"text {n}" for n in range(21, 30))]
    assert len(message.versions) == EARLIER
    assert after(*(edit(order) for order in range(1, 31)), edit(3)) == message


def test_an_addition_goes_below_the_text_that_is_shown_and_is_no_version_of_it() -> None:
    message = after(change("addition", 1, text="second"), change("addition", 2), change("addition", 3, text="third"))
    assert (message.text.text, message.versions) == ("first\n\nsecond\n\nthird", ())
    assert amended(message, change("addition", 1, text="second"), erases=False) is message
    assert after(edit(2), change("addition", 3, text="more")).text.text == "text 2\n\nmore"


def test_an_addition_to_an_erased_message_is_not_shown() -> None:
    assert after(change("delete", 1), change("addition", 2, text="more"), erases=True).text.text == ""


def test_what_changes_nothing_gives_the_same_message_back() -> None:
    message = after(edit(2), mark(3, "👍"), change("delete", 5))
    for again in (edit(2), mark(3, "👍"), change("delete", 5), change("delete", 6)):
        assert amended(message, again, erases=False) is message


def test_a_deleted_message_keeps_its_text_and_says_who_deleted_it() -> None:
    assert after(change("delete", 3), edit(2)).text.text == "text 2"
    for facts, by in (({}, "author"), ({"by": ""}, "channel"), ({"ext": {"moderator": True}}, "moderator")):
        deletion = after(change("delete", 3, **facts)).deletion
        assert deletion is not None
        assert (deletion.by, deletion.at) == (by, 3)


def test_where_deleted_messages_are_erased_no_text_is_left_and_none_comes_back() -> None:
    message = after(edit(1), change("delete", 2), edit(3), erases=True)
    assert [each.text for each in message.texts] == [""]


def test_a_mark_that_is_taken_away_goes_and_those_of_others_stay() -> None:
    assert emojis(after(mark(1, "👍"), mark(2, "👍", by="8"), mark(3, "👍", removed=True))) == ["👍"]
    assert emojis(after(mark(3, "👍", removed=True), mark(1, "👍"))) == []


@pytest.mark.parametrize("late_first", [False, True])
def test_a_mark_that_stands_alone_takes_the_place_of_the_others_of_its_writer(late_first: bool) -> None:
    changes = [mark(1, "👍"), mark(2, "❤️", alone=True), mark(3, "🎉", by="8")]
    assert emojis(after(*(reversed(changes) if late_first else changes))) == ["❤️", "🎉"]


def test_all_marks_of_somebody_are_taken_away_at_once() -> None:
    assert emojis(after(mark(1, "👍"), mark(2, "❤️"), mark(3, "", removed=True), mark(4, "🎉"))) == ["🎉"]


def test_marks_have_a_bound_and_the_newest_stay() -> None:
    message = after(*(mark(order, "👍", by=str(order)) for order in range(MOST_MARKS + 20)))
    assert [each.identity for each in message.reactions][:: MOST_MARKS - 1] == ["telegram:20", "telegram:219"]


def test_the_marks_of_somebody_who_is_erased_go() -> None:
    message = without_people(after(mark(1, "👍"), mark(2, "❤️", by="8")), ["telegram:7"])
    assert [each.identity for each in message.reactions] == ["telegram:8"]


CHANGES = st.one_of(
    st.builds(edit, st.integers(1, 30)),
    st.builds(change, st.just("delete"), st.integers(1, 30)),
    st.builds(
        mark,
        st.integers(1, 30),
        st.sampled_from(["👍", "❤️", ""]),
        by=st.sampled_from(["7", "8"]),
        removed=st.booleans(),
        alone=st.booleans(),
    ),
)


def _told_apart(changes: list[Envelope]) -> list[Envelope]:
    """No provider gives two changes one order and one id."""
    return list({(each.kind, each.order): each for each in changes}.values())


@given(st.lists(CHANGES, max_size=25).map(_told_apart), st.booleans(), st.randoms(use_true_random=False))
def test_any_order_of_the_same_changes_and_their_repeats_ends_in_the_same_message(
    changes: list[Envelope], erases: bool, chance: Any
) -> None:
    shuffled = [*changes, *chance.sample(changes, len(changes) // 2)]
    chance.shuffle(shuffled)
    in_order = sorted(changes, key=lambda each: each.order)
    assert after(*shuffled, erases=erases) == after(*in_order, erases=erases)
