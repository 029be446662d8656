"""Who could have a waiting ticket now, and whom the router would ask (look_for_agent.lua, which chooses as it does).

What keeps the others is said by `decision.py`. It is true of the moment in which it is read; a test compares it on
drawn desks with what the router then does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.quantities import milliseconds
from ..queue.connection import Engine
from ..queue.scripts import Script
from .eligibility import Candidate, candidates, is_eligible
from .policy import Policy
from .stored_ticket import StoredTicket
from .ticket_keys import TicketKeys

AT_ONCE = 500  # candidates in one question to the engine

_LOOK = Script.beside(__file__, "look_for_agent.lua")
_SHOWN = ("presence", "load", "live", "exclusive", "capacity", "idle_since", "epoch", "keeps", "closes_at", "wrapping")


@dataclass(frozen=True, kw_only=True)
class Candidacy:
    """What the next choice for a ticket would be made from."""

    channel: str
    weight: int
    relaxed: bool
    best: str | None  # who would be asked
    candidates: Sequence[Mapping[str, Any]]
    held_for: str | None = None  # who had it before, while it is kept for them
    held_ms: int = 0  # for how long still
    asked_again_ms: int = 0  # what all have declined: in what time they are asked anew
    wished: Sequence[
        str
    ] = ()  # tokens that nobody on duty has, without which `best` is asked when it is looked at next
    lacking: Sequence[str] = ()  # the skills that nobody has, where the queue has members but no candidates


async def candidacy(engine: Engine, policy: Policy, stored: StoredTicket, now: int) -> Candidacy | None:
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
    best, place, wished = await _looked(engine, ticket.id, now)
    members = any(is_eligible(agent, ticket.queue, ()) for agent in policy.settings.agents.values())
    return Candidacy(
        channel=ticket.channel,
        weight=work.weight,
        relaxed=f"language:{ticket.language}" in _dispensable(place),
        best=best,
        candidates=[
            _seen(candidate, state, stored, place, now)
            for first in range(0, len(able), AT_ONCE)
            for candidate, state in await _states(engine, able[first : first + AT_ONCE], ticket.channel)
        ],
        **_held(place, now),
        asked_again_ms=_asked_again(place, policy, ticket.queue, now) if best is None else 0,
        wished=wished if best is not None else (),
        lacking=ticket.required_skills if members and not able else (),
    )


async def _looked(engine: Engine, ticket: str, now: int) -> tuple[str | None, Mapping[str, Any], Sequence[str]]:
    """Whom the router would ask, how the ticket waits, and for which tokens it still does although it need not."""
    found = await engine.run(_LOOK, {"desk": TicketKeys(engine).desk}, {"now": now, "ticket": ticket})
    if not found:
        return None, {}, ()
    place = json.loads(found[1])
    return found[0].decode() or None, place, [*place["dropped"]][found[2] :]


def _held(place: Mapping[str, Any], now: int) -> dict[str, Any]:
    left = place.get("held_until", 0) - now if place.get("state") == "held" else 0
    return {"held_for": place.get("previous"), "held_ms": left} if left > 0 else {}


def _asked_again(place: Mapping[str, Any], policy: Policy, queue: str, now: int) -> int:
    since, configured = place.get("asked_all_at") or 0, policy.settings.queues.get(queue)
    return max(0, since + milliseconds(configured.ask_again) - now) if since and configured else 0


def _must_speak(place: Mapping[str, Any], language: str) -> bool:
    token = f"language:{language}"
    wished = {each["token"] for each in place.get("optional") or ()}
    return token in place.get("tokens", "").split(",") and token not in wished


def _dispensable(place: Mapping[str, Any]) -> list[str]:
    """The tokens that it can do without by now."""
    wished = [each["token"] for each in place.get("optional") or ()]
    return [*(place.get("dropped") or ()), *wished[: place.get("relaxed", 0)]]


async def _states(
    engine: Engine, able: Sequence[Candidate], channel: str
) -> list[tuple[Candidate, Mapping[str, bytes | None]]]:
    fields = (*_SHOWN, f"cap:{channel}", f"load:{channel}")
    names = [f"{candidate.agent}.{field}" for candidate in able for field in fields]
    found = iter(await engine.call("HMGET", TicketKeys(engine).agents, *names))
    return [(candidate, {name: next(found) for name in (*_SHOWN, "cap", "channel_load")}) for candidate in able]


def _has_room(state: Mapping[str, bytes | None], weight: int, place: Mapping[str, Any]) -> bool:
    """As free_agents.fits has it."""
    load, live, exclusive, capacity, in_channel = (
        int(state[name] or 0) for name in ("load", "live", "exclusive", "capacity", "channel_load")
    )
    taken, cap = load if place.get("patient") else live, state["cap"]
    whole = not exclusive and not (place.get("exclusive") and live)
    return whole and taken + weight <= capacity and (cap is None or in_channel + weight <= int(cap))


def _seen(
    candidate: Candidate,
    state: Mapping[str, bytes | None],
    stored: StoredTicket,
    place: Mapping[str, Any],
    now: int,
) -> dict[str, Any]:
    load, capacity, epoch = (int(state[name] or 0) for name in ("load", "capacity", "epoch"))
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
            "room": not state["keeps"] and _has_room(state, stored.work.weight, place),
            "knows": candidate.agent == stored.work.previous_agent,
            "closing": 0 < int(state["closes_at"] or 0) <= now,
            "wrapping": bool(state["wrapping"]),
            "exclusive": int(state["exclusive"] or 0) > 0,
            "undivided": bool(place.get("exclusive")) and int(state["live"] or 0) > 0,
            "must_speak": _must_speak(place, stored.record.language),
        }
    )
