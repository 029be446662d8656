"""What the router's scripts know of the configuration: of each queue, each channel, and each agent.

It is published when agents are registered, at start and after each reload, and is the same for all processes. Queues
and channels lie as JSON in one hash, as `queue:<name>` and `channel:<name>`, beside `version`, the configuration's;
what does not stand there has the defaults. While agents are registered in parts, `lost` lies there too, JSON of the
tokens of which it is looked with the last part whether anybody has them, and `part_at`, when the newest part came.

    queue     offer_ms?, auto_accept, language_ms (how long a speaker is waited for), language_required,
              hold_ms (for the previous agent), ask_again_ms (after all have declined)
    channel   offer_ms? (how long an offer of it stands), patient, exclusive, wrap_up_ms
"""

import json
from collections.abc import Mapping
from typing import Any

from ..config.desk_settings import AgentSettings, QueueSettings
from ..config.quantities import milliseconds
from .eligibility import tokens
from .policy import Policy


def routing_fields(policy: Policy, offer_seconds: Mapping[str, int]) -> dict[str, str]:
    """The fields of that hash; `offer_seconds` is a fact of channels."""
    settings = policy.settings
    queues = {f"queue:{name}": json.dumps(_queue(queue)) for name, queue in settings.queues.items()}
    names = {*policy.channels, *settings.handling, *offer_seconds}
    channels = {f"channel:{name}": json.dumps(_channel(name, policy, offer_seconds)) for name in sorted(names)}
    return {"version": settings.version} | queues | channels


def _queue(queue: QueueSettings) -> dict[str, Any]:
    known: dict[str, Any] = {
        "auto_accept": queue.auto_accept,
        "language_ms": milliseconds(queue.language_wait),
        "language_required": queue.language == "required",
        "hold_ms": milliseconds(queue.hold),
        "ask_again_ms": milliseconds(queue.ask_again),
    }
    return known | ({"offer_ms": milliseconds(queue.offer_time)} if queue.offer_time is not None else {})


def is_patient(policy: Policy, channel: str) -> bool:
    """Whether a ticket of the channel in hand keeps nobody from one that is not patient."""
    said = policy.settings.handled(channel).patient
    return not policy.channels[channel].live if said is None else said


def _channel(name: str, policy: Policy, offer_seconds: Mapping[str, int]) -> dict[str, Any]:
    handled = policy.settings.handled(name)
    known: dict[str, Any] = {
        "patient": is_patient(policy, name),
        "exclusive": handled.exclusive,
        "wrap_up_ms": milliseconds(handled.wrap_up),
    }
    return known | ({"offer_ms": offer_seconds[name] * 1000} if name in offer_seconds else {})


def agent_fields(id_: str, agent: AgentSettings, policy: Policy) -> dict[str, Any]:
    """An agent as register_agents.lua takes it."""
    channels = {*policy.channels, *agent.channel_capacity}
    weights = {name: policy.settings.weight(name) for name in channels}
    caps = {name: agent.cap(name, live=policy.channels[name].live, weight=weights[name]) for name in channels}
    return {
        "id": id_,
        "capacity": agent.capacity,
        "channels": {name: cap for name, cap in caps.items() if cap is not None},
        "tokens": ",".join(tokens(agent)),
        "gains": "",
        "speeds": "",
        "shifts": bool(agent.shifts),
    }
