"""A replay asks the model what the engine asks: a ticket needs the same of an agent, and is due at the same time."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.what_if.history import Kind, Passage
from trunkline.what_if.owed import most_urgent
from trunkline.what_if.regime import Regime

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

pytestmark = pytest.mark.parametrize("desk_url", ["engine_url"], indirect=True)

RULES: list[dict[str, Any]] = [
    {
        "name": "lamps",
        "when": {"keywords": ["lamp"]},
        "then": {"require_skills": ["lamps@2", "wires"], "prefer_skills": ["tact", "wires"], "priority": 2},
    },
    {"name": "money", "when": {"keywords": ["money"]}, "then": {"queue": "billing", "language": "es"}},
]
SLA = [{"name": "gold", "when": {"priority": 2}, "targets": {"first_response": "40min", "resolution": "20min"}}]
CONFIGURATION = SETTINGS | {
    "rules": RULES,
    "sla": SLA,
    "handling": {"chat": {"exclusive": True, "weight": 2}},
    "queues": {"support": {"fallback": True, "language_wait": "2min"}, "billing": {"auto_accept": True}},
}


@pytest.mark.parametrize("channel", ["test", "mail", "chat"])
async def test_a_ticket_is_put_to_the_model_as_it_stands_in_the_waiting_room(desk: "Desk", channel: str) -> None:
    desk.configure(CONFIGURATION)
    await desk.start()
    for text, language in (("my lamp", "de"), ("my money", "unknown"), ("hello", "unknown"), ("hello", "en")):
        await desk.write(text, sender=f"{text[-4:]}{language}@example.org", language=language, channel=channel)
    await desk.settle()
    regime = Regime(desk.policy, {})
    tickets = await desk.tickets()
    assert len(tickets) == 4

    for record in tickets:
        place = json.loads(await desk.engine.call("HGET", desk.offers._keys.room["places"], record.id))
        kind = Kind(record.queue, record.priority, record.language, record.required_skills, record.preferred_skills)
        passage = Passage(id=record.id, number=record.number, channel=record.channel, arrived_at=record.created_at)
        agreed = regime.agreement(passage, kind)
        time = regime.policy.open_time(agreed.calendar)
        owed = most_urgent(passage, (), record.created_at, agreed, time, answered=False)
        asked = regime.ticket(passage, kind, owed, None)

        assert ",".join(asked.tokens) == place["tokens"]
        assert [[each.token, each.after, each.at_once] for each in asked.optional] == [
            [each["token"], each["after"], each["at_once"]] for each in place["optional"] or ()
        ]
        assert (asked.due, asked.target, asked.priority) == (place["due"], place["target"], place["priority"])
        assert (asked.weight, asked.patient, asked.exclusive) == (
            place["weight"],
            bool(place.get("patient")),
            bool(place.get("exclusive")),
        )
        assert asked.hold == place.get("hold", 0)
        assert (asked.offer is None) == (record.queue == "billing")


async def test_agents_are_put_to_the_model_as_they_are_registered(desk: "Desk") -> None:
    desk.configure(CONFIGURATION)
    await desk.start()

    for worker in Regime(desk.policy, {}).workers():
        known = await desk.engine.call(
            "HMGET", desk.offers._keys.agents, f"{worker.id}.tokens", f"{worker.id}.capacity"
        )
        assert (set(known[0].decode().split(",")), int(known[1])) == (set(worker.tokens), worker.capacity)
