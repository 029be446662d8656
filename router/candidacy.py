"""Who could have a waiting ticket now: its candidates as `offer.lua` would see them, in the form that a Decision keeps.

Nothing is judged here: `decision.py` says of this, as of a recorded Decision, who is chosen and what keeps the others.
It is true of the moment in which it is read; a test compares it on drawn desks with what the router then does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..queue.connection import Engine
from .eligibility import Candidate, candidates, is_eligible
from .policy import Policy
from .stored_ticket import StoredTicket
from .ticket_keys import TicketKeys

AT_ONCE = 500  # candidates in one question to the engine


@dataclass(frozen=True, kw_only=True)
class Candidacy:
    """What the next choice for a ticket would be made from."""

    channel: str
    weight: int
    relaxed: bool
    candidates: Sequence[Mapping[str, Any]]
    lacking: Sequence[str] = ()  # the skills that nobody has, where the queue has members but no candidates


async def candidacy(engine: Engine, policy: Policy, stored: StoredTicket) -> Candidacy | None:
    """What it would be made from now; None when the ticket does not wait for an agent."""
    ticket, work = stored.record, stored.work
    if work.queue_position is None:
        return None
    able = candidates(
        policy.settings,
        ticket.queue,
        language=ticket.language,
        required=ticket.required_skills,
        preferred=ticket.preferred_skills,
    )
    members = any(is_eligible(agent, ticket.queue, ()) for agent in policy.settings.agents.values())
    return Candidacy(
        channel=ticket.channel,
        weight=work.weight,
        relaxed=work.any_language or not policy.language_wait(ticket.queue),
        candidates=[
            _seen(candidate, state, stored)
            for first in range(0, len(able), AT_ONCE)
            for candidate, state in await _states(engine, able[first : first + AT_ONCE], ticket.channel)
        ],
        lacking=ticket.required_skills if members and not able else (),
    )


async def _states(
    engine: Engine, able: Sequence[Candidate], channel: str
) -> list[tuple[Candidate, Mapping[str, bytes | None]]]:
    fields = ("presence", "load", "capacity", "idle_since", "epoch", f"cap:{channel}", f"load:{channel}")
    names = [f"{candidate.agent}.{field}" for candidate in able for field in fields]
    found = iter(await engine.call("HMGET", TicketKeys(engine).agents, *names))
    shown = ("presence", "load", "capacity", "idle_since", "epoch", "cap", "channel_load")
    return [(candidate, {name: next(found) for name in shown}) for candidate in able]


def _seen(candidate: Candidate, state: Mapping[str, bytes | None], stored: StoredTicket) -> dict[str, Any]:
    weight, cap = stored.work.weight, state["cap"]
    load, capacity, epoch, channel_load = (
        int(state[name] or 0) for name in ("load", "capacity", "epoch", "channel_load")
    )
    memory = stored.work.excluded.get(candidate.agent)
    remembered = {"left_out": memory.reason} if memory and memory.epoch == epoch else {}
    return (
        candidate.model_dump()
        | remembered
        | {
            "presence": (state["presence"] or b"offline").decode(),
            "load": load,
            "capacity": capacity,
            "idle_since": int(state["idle_since"] or 0),
            "epoch": epoch,
            "room": load + weight <= capacity and (cap is None or channel_load + weight <= int(cap)),
            "knows": candidate.agent == stored.work.previous_agent,
        }
    )
