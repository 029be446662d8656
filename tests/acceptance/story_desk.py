"""A desk on which stories are played: every story has a queue and agents of its own, so that none meets another.

What customers write to `NAME@example.test`, or with that name in it, goes to the queue of that name.
"""

import json
import os
import signal
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import TZPATH

import yaml

from .api import Api, Event
from .gateway import SIGNING_KEY, Gateway, Process, gateway
from .mails import deliver, written

Ticket = dict[str, Any]

_CHANNELS: Mapping[str, Any] = {
    "http": {
        "form": {
            "fields": {"name": "name", "email": "email", "message": "message", "conversation": "conversation"},
            "assurance": "A0",
            "reply": "mail",
        }
    },
    "chat": {"web": {"title": {"en": "Chat with us"}}},
}


def configuration(queues: Mapping[str, Any], agents: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A configuration with these queues and agents; an agent is written as `{queues, …}`, their name follows."""
    rules = more.pop("rules", [])
    return {
        "workspace": "main",
        "listen": {"http": "127.0.0.1:8080", "smtp": "127.0.0.1:2525"},
        "channels": {
            "mail": {
                "addresses": [f"{name}@example.test" for name in queues],
                "name": "Stories",
                "trusted_peers": ["127.0.0.0/8"],
                "smarthost": "127.0.0.1:2526",
            },
            **_CHANNELS,
        },
        "queues": {**queues, "rest": {"fallback": True}},
        "agents": {
            **{name: {"name": name.title(), "languages": ["en"], **agent} for name, agent in agents.items()},
            "zoe": {"name": "Zoe", "queues": ["rest"], "languages": ["en"]},
        },
        "rules": [*rules, *({"name": name, "when": _meant_for(name), "then": {"queue": name}} for name in queues)],
        **more,
    }


def _meant_for(name: str) -> dict[str, Any]:
    return {"any": [{"recipient": f"{name}@example.test"}, {"keywords": name}]}


@dataclass
class StoryDesk:
    """A gateway that runs by such a configuration, and a client of its API."""

    gateway: Gateway
    process: Process
    api: Api
    config: Path
    settings: dict[str, Any] = field(default_factory=dict)

    async def mail(self, queue: str, text: str = "My lamp is broken, please help me.", **facts: str) -> Ticket:
        """A customer writes to a queue; the ticket."""
        sender = facts.pop("sender", f"{uuid4().hex[:8]}@{uuid4().hex[:8]}.example")
        after = await self.api.position()
        await deliver(self.gateway, written(text, sender=sender, to=f"{queue}@example.test", **facts))
        created = await self.api.until("ticket.created", after=after)
        return dict(created["data"]["ticket"])

    async def answers(self, ticket: Ticket, text: str, *, sender: str) -> None:
        """Its customer writes again; returns when that is filed."""
        after, subject = await self.api.position(), f"Re: My lamp [{ticket['number']}]"
        await deliver(self.gateway, written(text, sender=sender, to=f"{ticket['queue']}@example.test", subject=subject))
        received = await self.api.until("message.received", after=after)
        assert received["subject"] == ticket["id"]

    async def call(self, queue: str) -> Ticket:
        """A signed post for this queue; the ticket."""
        after, name = await self.api.position(), uuid4().hex[:8]
        body = {"email": f"{name}@{name}.example", "message": f"A call for {queue}.", "conversation": name}
        status, found = await self.api.signed_post(json.dumps(body).encode(), key=SIGNING_KEY, webhook_id=f"msg_{name}")
        assert status == 202, found
        return dict((await self.api.until("ticket.created", after=after))["data"]["ticket"])

    async def offered(self, ticket: Ticket, agent: str, *, after: str = "0") -> Ticket:
        """The ticket as soon as it is offered to this agent."""

        def fits(event: Event) -> bool:
            seen = event["data"]["ticket"]
            return bool(seen["number"] == ticket["number"] and seen["offer"]["agent"] == agent)

        return dict((await self.api.until("ticket.offered", fits, after=after))["data"]["ticket"])

    async def has(self, agent: str, ticket: Ticket) -> Ticket:
        """The agent is offered the ticket and accepts it."""
        await self.offered(ticket, agent)
        return dict(await self.api.do("POST", f"/v1/tickets/{ticket['number']}/accept", {"agent": agent}))

    async def now(self, ticket: Ticket) -> Ticket:
        """The ticket as it is."""
        return dict(await self.api.get(f"/v1/tickets/{ticket['number']}"))

    async def change(self, ticket: Ticket, **what: Any) -> Ticket:
        """Somebody changes it."""
        return dict(await self.api.do("PATCH", f"/v1/tickets/{ticket['number']}", what, If_Match="*"))

    async def explained(self, ticket: Ticket) -> str:
        """What `trunkline explain` says of it."""
        process = await self.gateway.run("explain", ticket["number"])
        assert await process.ended() == 0, process.transcript
        return "\n".join(process.said)

    async def board(self, queue: str) -> tuple[list[str], dict[str, Any]]:
        """All that the board finds, in its words, and the row of the queue."""
        board = await self.api.get("/v1/board")
        (row,) = (row for row in board["queues"] if row["name"] == queue)
        return [board["verdict"]["sentence"], *board["verdict"]["also"]], row

    async def reload(self, **changed: Any) -> None:
        """Put another configuration in force."""
        self.settings = {**self.settings, **changed}
        self.config.write_text(yaml.safe_dump(self.settings, sort_keys=False, allow_unicode=True))
        before = len([*self.process.log("reloaded"), *self.process.log("reload_refused")])
        self.process.send(signal.SIGHUP)
        line = await self.process.until('"action": "reload', behind=before)
        assert '"reloaded"' in line, line


@asynccontextmanager
async def story_desk(settings: Mapping[str, Any], *, smarthost: int | None = None) -> AsyncIterator[StoryDesk]:
    """A desk that runs by this configuration; zones of its own are in the folder `zones`."""
    overridden = {"channels__mail__smarthost": f"127.0.0.1:{smarthost}"} if smarthost else {}
    async with gateway(**overridden) as made:
        config = made.folder / "stories.yaml"
        config.write_text(yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True))
        made.environ["TRUNKLINE_CONFIG"] = str(config)
        made.environ["PYTHONTZPATH"] = os.pathsep.join([str(made.folder / "zones"), *TZPATH])
        process = await made.start()
        async with made.api() as api:
            yield StoryDesk(made, process, api, config, dict(settings))


def write_zone(folder: Path, name: str, noon: float) -> None:
    """A time zone in whose clocks it is noon at that instant (seconds since 1970); RFC 8536, version 1."""
    day = 86_400
    offset = day // 2 - int(noon) % day
    header = b"TZif" + b"\0" * 16 + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(header + struct.pack(">lBB", offset, 0, 0) + b"LMT\0")
    assert abs(offset) < day


def seconds_now() -> float:
    """Now, in seconds since 1970."""
    return datetime.now(UTC).timestamp()
