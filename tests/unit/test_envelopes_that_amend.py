"""Which envelopes may change an earlier message, and what they then say."""

from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.normalizer.envelope import Envelope, Identity, Reaction, Sender

THUMB = Reaction(emoji="👍")


def envelope(**facts: Any) -> Envelope:
    sender = Sender(identities=(Identity(kind="telegram", value="7"),))
    known = {"id": "e", "channel": "telegram", "external_id": "9", "order": "1", "received_at": 0, "raw_id": "r"}
    return Envelope.model_validate({**known, "sender": sender, **facts})


@pytest.mark.parametrize("kind", ["edit", "delete"])
def test_an_edit_or_a_delete_names_the_message_that_it_changes(kind: str) -> None:
    assert envelope(kind=kind, amends="4:8").amends == "4:8"
    with pytest.raises(ValidationError, match="names in `amends`"):
        envelope(kind=kind)


def test_a_message_changes_no_other_one() -> None:
    with pytest.raises(ValidationError, match="the kind message amends nothing"):
        envelope(amends="4:8")


def test_a_reaction_says_what_it_puts_below_the_message_that_it_names() -> None:
    assert envelope(kind="reaction", amends="4:8", reaction=THUMB).reaction == THUMB
    for facts in ({"amends": "4:8"}, {"reaction": THUMB}):
        with pytest.raises(ValidationError, match="come together"):
            envelope(kind="reaction", **facts)
    with pytest.raises(ValidationError, match="come together"):
        envelope(kind="edit", amends="4:8", reaction=THUMB)


def test_a_reaction_that_came_as_a_message_of_its_own_is_one() -> None:
    assert not envelope(kind="reaction", text="👍 Ann reacted by mail").amends
