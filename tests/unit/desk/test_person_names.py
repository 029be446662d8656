"""What to call somebody who wrote."""

import pytest

from trunkline.desk.views.person_names import person_name
from trunkline.gateway.channels import facts

CHANNELS = facts()


@pytest.mark.parametrize("name", ["", "\u200b\u200d\ufeff", " \u00a0", "\u202e\u2066", "\u3164", "\u2800", "\u0301"])
def test_a_name_of_which_nothing_is_seen_is_none(name: str) -> None:
    assert person_name(name, "email:maria@example.org", CHANNELS) == "maria@example.org"


@pytest.mark.parametrize("name", ["Maria", "\u05d0\u05d1", "*", "\U0001f642", "7"])
def test_a_name_that_is_seen_stays_as_it_was_given(name: str) -> None:
    assert person_name(name, "email:maria@example.org", CHANNELS) == name
