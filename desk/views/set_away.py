"""That somebody else than the agent has set them so that nothing is offered: why, in a sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...router.records import AgentState
from .happenings import who

_CAUSES: Mapping[str, str] = {
    "missed an offer": "You missed an offer",
    "their desk page is gone": "Your desk page was gone for a while",
    "their shift is over": "Your shift is over",
    "no sign of life in time": "There was no sign of life from you",
}
"""What the router gives as its reason, as the agent is told it."""


@dataclass(frozen=True, kw_only=True)
class SetAway:
    """As it is shown; `since` in milliseconds."""

    words: str
    since: int | None


def set_away(state: AgentState | None, reader: str, names: Mapping[str, str]) -> SetAway | None:
    """What to tell the agent; None while they are available, or are as they, or the `reader` of the page, said."""
    if state is None or state.presence == "available":
        return None
    by, reason = state.presence_by, state.presence_reason
    if by in ("", reader, f"agent:{state.id}"):
        return None
    cause = _CAUSES.get(reason) if by == "router" else None
    if cause:
        words = f"{cause}, so you are {state.presence} and nothing more is offered to you."
    else:
        told = who(by, names)
        because = f": {reason}" if reason else ""
        words = f"{told[:1].upper()}{told[1:]} set you {state.presence}{because}. Nothing more is offered to you."
    return SetAway(words=words, since=state.presence_since)
