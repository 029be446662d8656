"""Offers: every event that can give somebody work is a durable entry, and this is its handler.

    waiting     a ticket waits for an agent               it looks for one
    again       it may find one now                       the same
    hold        it was kept for its previous agent        the same, for anybody
    ask_again   all have declined it, a while ago         the same, and they are asked anew
    overdue     it is twice as old as promised            it does without what it only wishes for
    overflow    it waited long for what it wishes for     agents who lack it may have it as second-choice work
    freed       an agent has room, or came on duty        they are offered tickets until there is no room
    wrapped     the time for a wrap-up may be over        what is wrapped up takes no room any more
    expired     an offer ran out                          the ticket goes back, unless the offer is no longer the same
    deserted    the last who has a token may have left    who waits for it looks again, if it can do without
    wishes      what is said of a queue has changed       what waits there is looked at by what is said now
    anchors     the agents of the configuration changed   the waiting room is put in order by who there is now

One script decides each, and looks at the state as it is, so handling an event twice does no harm (decisions 29 and 30).
The sweep once a minute looks for tickets that wait although somebody could have them; it should never find one, and
counts what it finds. What is timed carries its time (`at`): handled early, by a clock that is behind, it comes again.
"""

import json
from typing import Any, NamedTuple

import structlog

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.script_head import Group
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry
from .ticket_keys import TicketKeys

log = structlog.get_logger()

MISSED_OFFERS = 1  # after so many in a row an agent counts as away, until a sign of life
NO_EVENT: ScriptArguments = {"lane": None, "token": None, "sequence": None, "release": False}
"""For the script: it completes none."""
AT_ONCE = 100  # tickets, or heads of lines, that a script looks at

CAUSES = {
    "waiting": "it began to wait",
    "again": "somebody could have it",
    "hold": "the wait for its last agent was over",
    "ask_again": "everybody had declined it, and is asked again",
    "overdue": "it was long overdue, and waited no longer for somebody who suits it better",
    "overflow": "it had waited for somebody who suits it better",
}


class Choice(NamedTuple):
    """Whose turn it is, as serve_agent.lua answers it and is told again."""

    ticket: bytes
    seen: bytes
    seal: bytes


NO_CHOICE = Choice(b"", b"", b"")

_CHOSEN = Group.beside(__file__, "bind_ticket.lua", "offered_ticket")
_PLACE = Script.beside(__file__, "place_ticket.lua")
_SERVE = Script.beside(__file__, "serve_agent.lua")
_RETURN = Script.beside(__file__, "return_ticket.lua")
_DESERTED = Script.beside(__file__, "deserted.lua")
_ANCHORS = Script.beside(__file__, "anchors.lua")
_WISHES = Script.beside(__file__, "wishes.lua")
_WRAPPED = Script.beside(__file__, "wrapped.lua")
_SWEEP = Script.beside(__file__, "sweep.lua")


class Offers:
    """The handler of the offers queue."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self.swept = 0

    async def handle(self, entry: Entry) -> bool:
        """Act on one event; True when the script that acted has completed it."""
        event = json.loads(entry.payload)
        name = event["event"]
        if name in CAUSES:
            await self._place(event["ticket"], name, entry.arguments, event.get("at"))
            return True
        if name == "freed":
            await self.fill(event["agent"], entry.arguments)
            return True
        if name == "expired":
            await self._give_back(event["ticket"], event["token"])
        elif name == "wrapped":
            await self._wrapped(event["agent"], event.get("at"))
        elif name == "deserted":
            await self._desert(event["token"], event.get("after"))
        elif name == "anchors":
            await self._anchor()
        elif name == "wishes" and "queue" in event:  # one without is of a router of before
            await self._wishes(event["queue"], event.get("after"))
        return False

    async def look_again(self, ticket: str) -> bool:
        """Let a waiting ticket look for an agent; whether it was offered to one."""
        reply = await self._place(ticket, "again", NO_EVENT)
        return bool(reply[0] == b"OFFERED")

    async def _place(
        self, ticket: str, why: str, completes: ScriptArguments, asked_for: int | None = None
    ) -> list[Any]:
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(ticket),
            "desk": self._keys.desk,
            "decisions": self._keys.decisions(ticket),
            "settling": self._keys.offers.settling,
        }
        asked: ScriptArguments = {"why": why, "cause": CAUSES[why], "asked_for": asked_for}
        args: ScriptArguments = {"now": self._clock.now(), **asked, **completes}
        reply: list[Any] = await self._engine.run(_PLACE, keys, args)
        return reply

    async def fill(self, agent: str, completes: ScriptArguments = NO_EVENT) -> int:
        """Offer an agent the tickets whose turn it is while there is room; returns how many."""
        choice, given = NO_CHOICE, 0
        while True:
            reply = await self._serve(agent, choice, completes)
            given += int(reply[0] == b"OFFERED" or (reply[0] == b"DONE" and reply[1] == 1))
            if reply[0] in (b"DONE", b"STALE"):
                return given
            choice = Choice(*reply[1:])

    async def _serve(self, agent: str, choice: Choice, completes: ScriptArguments) -> list[Any]:
        ticket = choice.ticket.decode()
        chosen = _CHOSEN(ticket=self._keys.ticket(ticket), decisions=self._keys.decisions(ticket)) if ticket else None
        keys: ScriptKeys = {"desk": self._keys.desk, "settling": self._keys.offers.settling, "chosen": chosen}
        told: ScriptArguments = {"named": choice.ticket, "seen": choice.seen, "seal": choice.seal}
        args: ScriptArguments = {"now": self._clock.now(), "agent": agent, "cause": f"{agent} had room"}
        reply: list[Any] = await self._engine.run(_SERVE, keys, {**args, **told, **completes})
        return reply

    async def sweep(self) -> int:
        """Look for tickets that wait although somebody could have them; returns how many were found."""
        if await self._keys.offers.ready():  # the events that will place them are still on their way
            return 0
        found, after = 0, b""
        while True:
            some, after = await self._engine.run(
                _SWEEP, {"desk": self._keys.desk}, {"now": self._clock.now(), "after": after, "some": AT_ONCE}
            )
            found += int(some)
            if not after:
                break
        if found:
            self.swept += found
            log.error("the sweep found tickets that should not have waited", action="sweep_found", tickets=found)
        return found

    async def _wrapped(self, agent: str, asked_for: int | None) -> None:
        args: ScriptArguments = {"now": self._clock.now(), "agent": agent, "asked_for": asked_for}
        await self._engine.run(_WRAPPED, {"desk": self._keys.desk}, args)

    async def _desert(self, token: str, after: str | None) -> None:
        args: ScriptArguments = {"now": self._clock.now(), "token": token, "after": after, "some": AT_ONCE}
        await self._engine.run(_DESERTED, {"desk": self._keys.desk}, args)

    async def _wishes(self, queue: str, after: str | None) -> None:
        args: ScriptArguments = {"queue": queue, "after": after, "some": AT_ONCE}
        await self._engine.run(_WISHES, {"desk": self._keys.desk}, args)

    async def _anchor(self) -> None:
        after = b""
        while True:
            after = await self._engine.run(_ANCHORS, {"desk": self._keys.desk}, {"after": after, "some": AT_ONCE})
            if not after:
                return

    async def _give_back(self, ticket: str, token: int) -> None:
        await self._engine.run(
            _RETURN,
            {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk},
            {
                "now": self._clock.now(),
                "how": "missed",
                "agent": "",
                "actor": "router",
                "reason": "the offer ran out",
                "token": token,
                "limit": MISSED_OFFERS,
            },
        )
