"""What an agent is told whom somebody else has set away."""

from typing import Any

import pytest

from trunkline.desk.views.set_away import set_away
from trunkline.router.records import AgentState

NAMES = {"ada": "Ada", "boris": "Boris"}


def state(**facts: Any) -> AgentState:
    plain = {"id": "ada", "name": "Ada", "queues": (), "languages": (), "skills": {}, "capacity": 3, "load": 0}
    return AgentState.model_validate(plain | {"idle_since": None, "missed_offers": 0, "presence_since": 5} | facts)


@pytest.mark.parametrize(
    ("presence", "by", "reason", "words"),
    [
        (
            "away",
            "router",
            "missed an offer",
            "You missed an offer, so you are away and nothing more is offered to you.",
        ),
        (
            "offline",
            "router",
            "their desk page is gone",
            "Your desk page was gone for a while, so you are offline and nothing more is offered to you.",
        ),
        ("busy", "agent:boris", "a meeting", "Boris set you busy: a meeting. Nothing more is offered to you."),
        ("away", "token:crm", "", "The token crm set you away. Nothing more is offered to you."),
    ],
)
def test_somebody_who_is_set_away_is_told_why(presence: str, by: str, reason: str, words: str) -> None:
    told = set_away(state(presence=presence, presence_by=by, presence_reason=reason), "agent:ada", NAMES)
    assert told is not None
    assert (told.words, told.since) == (words, 5)


@pytest.mark.parametrize(
    ("presence", "by"),
    [("available", "router"), ("away", "agent:ada"), ("busy", "token:admin"), ("offline", "")],
)
def test_whoever_said_so_is_told_nothing(presence: str, by: str) -> None:
    assert set_away(state(presence=presence, presence_by=by), "token:admin", NAMES) is None
