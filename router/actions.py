"""Actions: what agents and systems can do with tickets. Every face (API, desk page, Slack) calls these.

Each action is one script, so it happens as a whole or not at all, and the loser of a race hears who was first. An
`actor` is who did it (`agent:ada`, `token:crm`, `router`); it stands in every line of the feed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..config.errors import Conflict, EngineUnavailable, Invalid, NotFound, PreconditionFailed
from ..config.quantities import milliseconds
from ..config.settings import Settings
from ..normalizer.addresses import normalise_address
from ..normalizer.envelope import Attachment
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .addressees import chosen
from .agreed import agreed_for
from .attachments import Attachments
from .change_plan import asked_of, change_plan
from .collisions import Collisions, OvertakenError
from .eligibility import is_eligible
from .filer import Filer
from .held_senders import HeldSenders
from .holders import gone_from, raise_for_others
from .life_cycle import FINISHED, MOVES, cannot_move, resolution_of
from .open_ticket import NewTicket, Opening
from .original_writers import OriginalWriters
from .own_clocks import OwnClocks
from .policy import CurrentPolicy
from .private_fields import TicketWork
from .proof_requests import ProofRequests
from .records import Presence, Ticket, json_bytes
from .replies import Replies, reply_address_of
from .reply_checks import checked_reply
from .reply_route import OutgoingId, ReplyAddress, Routes
from .sending_again import SendingAgain
from .signs_of_life import Watched
from .spam_tickets import SpamTickets
from .stored_ticket import StoredTicket, load_ticket
from .suggestions import Suggestions
from .ticket_keys import TicketKeys
from .ticket_requests import TicketChanges, Writing

_ACCEPT = Script.beside(__file__, "accept.lua")
_RETURN = Script.beside(__file__, "return_ticket.lua")
_ASSIGN = Script.beside(__file__, "assign.lua")
_CHANGE = Script.beside(__file__, "change_ticket.lua")
_PRESENCE = Script.beside(__file__, "presence.lua")

TRIES = 10  # to answer a ticket in which something happens all the time


class Actions:
    """The actions of a workspace."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        filer: Filer,
        *,
        policy: CurrentPolicy,
        outgoing_id: OutgoingId,
        routes: Routes,
        files: Blobs,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)
        self._replies = Replies(engine, clock, outgoing_id=outgoing_id)
        self._opening = Opening(clock, filer)
        self._originals = OriginalWriters(engine, clock)
        self.collisions = Collisions(engine, clock, policy=policy)
        self.spam = SpamTickets(engine, clock)
        self.own_clocks = OwnClocks(engine, clock, policy=policy)
        self.held_senders = HeldSenders(engine)
        self.proofs = ProofRequests(engine, clock, policy=policy, routes=routes)
        self._suggestions = Suggestions(engine, clock)
        self._routes = routes
        self._attachments = Attachments(files, lambda: self._settings.attachments)

    async def accept(
        self, ticket: str, agent: str, *, actor: str, take_over: bool = False, holder: str | None = None
    ) -> None:
        """Accept an offer, or take a ticket that nobody was offered; with `take_over` also one of an absent agent, of
        `holder` only when that is given. Accepting again is fine.

        Raises NotFound, and Conflict naming who has it or was offered it, or when there is no room.
        """
        self._configured(agent)
        stored = await self._alone(ticket)
        record = stored.record
        eligible = is_eligible(self._settings.agents[agent], record.queue, record.required_skills)
        reply = await self._run(
            _ACCEPT,
            record.id,
            {
                "agent": agent,
                "actor": actor,
                "may_take": eligible,
                "force": False,
                "take_over": take_over,
                "expects": holder is not None,
                "holder": holder or "",
            },
        )
        match reply[0]:
            case b"FINISHED":
                raise cannot_move(reply[1].decode(), "open")
            case b"INELIGIBLE":
                raise Conflict(f"{agent} does not work in the queue {record.queue}, or lacks a skill it requires")
            case b"FULL":
                raise _full(agent)
            case _:
                raise_for_others(reply, stored.record)

    async def decline(self, ticket: str, agent: str, *, actor: str, reason: str = "") -> None:
        """Give an offer back; the next agent is asked. Raises NotFound, and Conflict when it is not theirs."""
        self._configured(agent)
        await self._give_back(ticket, "declined", agent, actor, reason, f"is not offered to {agent}")

    async def release(self, ticket: str, *, actor: str, agent: str = "", reason: str = "") -> None:
        """Give a ticket back to its queue. Raises NotFound, Conflict when nobody or somebody else has it."""
        await self._give_back(ticket, "released", agent, actor, reason, "is not assigned to anybody")

    async def _give_back(self, ticket: str, how: str, agent: str, actor: str, reason: str, nothing: str) -> None:
        stored = await self._alone(ticket)
        given: ScriptArguments = {"how": how, "agent": agent, "actor": actor, "reason": reason}
        reply = await self._run(_RETURN, stored.record.id, {**given, "token": None, "limit": 0})
        if reply[0] == b"NOTHING":
            raise Conflict(f"{stored.record.number} {nothing}")
        raise_for_others(reply, stored.record)

    async def assign(
        self,
        ticket: str,
        agent: str,
        *,
        actor: str,
        force: bool = False,
        reason: str = "",
        holder: str | None = None,
    ) -> None:
        """Assign by hand; with `holder` only while they have it or it is offered to them, "" for nobody, or to `agent`.

        Raises NotFound, Conflict when somebody else has it by now, or when the agent has no room and it is not forced.
        """
        self._configured(agent)
        stored = await self._alone(ticket)
        given: ScriptArguments = {
            "agent": agent,
            "actor": actor,
            "force": force,
            "reason": reason,
            "expects": holder is not None,
            "holder": holder or "",
        }
        reply = await self._run(_ASSIGN, stored.record.id, given)
        match reply[0]:
            case b"FINISHED":
                raise cannot_move(reply[1].decode(), "open")
            case b"FREE":
                raise gone_from(stored.record, str(holder), "")
            case b"FULL":
                raise _full(agent)
            case _:
                raise_for_others(reply, stored.record)

    async def change(self, ticket: str, changes: TicketChanges, *, actor: str, revision: int | None = None) -> int:
        """Change fields; returns the new revision.

        Raises NotFound, Invalid, Conflict for a move that the life cycle does not have, and PreconditionFailed when the
        ticket is no longer at `revision`.
        """
        stored = await self._alone(ticket)
        plan = await self._change_plan(changes, stored)
        based_on = stored.record.revision if changes.fields and revision is None else revision
        given: ScriptArguments = {"actor": actor, "based_on": based_on, "plan": json_bytes(plan)}
        reply = await self._run(_CHANGE, stored.record.id, given)
        match reply[0]:
            case b"MISSING":
                raise _missing(ticket)
            case b"CHANGED" if revision is None:
                return await self.change(ticket, changes, actor=actor)  # other fields were written meanwhile
            case b"CHANGED":
                now = int(reply[1])
                raise PreconditionFailed(
                    f"the ticket is at revision {now}, not {revision}; read it again", revision=now
                )
            case b"NOT_FROM":
                raise cannot_move(reply[1].decode(), str(changes.status))
        return int(reply[1])

    async def upload(self, content: bytes, *, name: str, media_type: str) -> Attachment:
        """Take a file that is to go with a message within the hour; durable when it returns.

        Raises TooLarge, and Invalid for an empty one.
        """
        return await self._attachments.store(content, name=name, media_type=media_type)

    async def reply(self, ticket: str, writing: Writing) -> str:
        """Answer the customer on the way the ticket is pinned to; returns the article's id.

        Of a ticket that is merged, the article is its own and goes its own way; the status is that of the case. The
        same `key` again adds nothing and returns the same article. Raises NotFound, Conflict when there is no way to
        answer, the status cannot be reached, or somebody else has answered (collisions.py), Invalid, and Gone when a
        file must be uploaded again.
        """
        self._configured(writing.agent)
        if writing.seen is None:
            return await self._reply(ticket, writing)
        record = (await load_ticket(self._engine, ticket)).record
        if writing.key is not None:
            article = writing.article_in(record.id, 0)
            if await self._engine.call("EXISTS", self._keys.article(article)):
                return article
        for _ in range(TRIES):
            with suppress(OvertakenError):
                return await self._reply(record.id, await self.collisions.judge(record.id, writing))
        raise OvertakenError

    async def _reply(self, ticket: str, writing: Writing) -> str:
        stored, agent = await load_ticket(self._engine, ticket), self._settings.agents[writing.agent]
        case = await self._case(stored)
        takes = is_eligible(agent, case.queue, case.required_skills)
        writing = await self._sendable(stored, writing)
        return await self._replies.reply(stored, writing, agent.name, takes=takes)

    async def check_reply(self, ticket: str, writing: Writing) -> tuple[Ticket, Writing]:
        """The ticket, and the writing with its files as they would be sent. Raises what `reply` would raise now."""
        self._configured(writing.agent)
        stored = await load_ticket(self._engine, ticket)
        reply_address_of(stored)
        resolution_of(writing.status, writing.resolution)
        case = await self._case(stored)
        if writing.status is not None and writing.status not in MOVES[case.status]:
            raise cannot_move(case.status, writing.status)
        return stored.record, await self._sendable(stored, writing)

    async def note(self, ticket: str, writing: Writing) -> str:
        """Write something that only colleagues see; as `reply` otherwise."""
        stored, agent = await load_ticket(self._engine, ticket), self._settings.agents.get(writing.agent)
        name = agent.name if agent else writing.actor
        return await self._replies.note(stored, await self._checked(writing), name)

    async def forward_by_mail(
        self, ticket: str, writing: Writing, address: str, *, repeats: Sequence[str], proven: bool = True
    ) -> str:
        """Mail to a customer what was answered on another channel and not seen there; returns the article's id.

        With a proven `address` they take part in the ticket from then on, so their answer joins it; one that they only
        claimed gains nothing. `repeats` are the articles that it brings once more; nothing is counted as answered. The
        same `key` again adds nothing. Raises NotFound, Invalid for what is no address, and Conflict when no mail
        can be sent.
        """
        to = normalise_address(address)
        if to is None:
            raise Invalid(f"{address!r} is not an e-mail address", field="address")
        route = self._routes("", "")
        if route is None:
            raise Conflict("no channel mail is configured, so nothing can be sent by mail")
        stored = await load_ticket(self._engine, ticket)
        return await self._replies.repeat_by(
            stored,
            await self._checked(writing),
            ReplyAddress(channel=route.channel, account=route.account, to=to),
            participant=f"email:{to}" if proven else None,
            repeats=repeats,
        )

    async def take_original(self, ticket: str, *, actor: str, take: bool = True) -> None:
        """Make the writer of a message that a colleague passed on the customer; with `take` false, undo it.

        Again is fine. Raises NotFound, and Conflict when nothing was passed on.
        """
        decide = self._originals.take if take else self._originals.give_back
        await decide(ticket, actor=actor)

    async def decide_settled(self, ticket: str, *, accept: bool, actor: str) -> None:
        """Solve it because the customer says that the matter is done, or say that it is not and undo what that did.

        Again is fine. Raises NotFound, and Conflict when nobody says so.
        """
        record = (await self._alone(ticket)).record
        if not accept:
            await self._suggestions.dismiss(record.id, "settled", actor=actor)
        elif record.settled is not None and record.settled.before is not None:
            return
        elif record.settled is not None:
            changes = TicketChanges(status="solved", resolution=record.settled.resolution)
            await self.change(record.id, changes, actor=actor)
        elif record.status not in FINISHED:
            raise Conflict(f"nobody has said that {record.number} is settled")

    async def _sendable(self, stored: StoredTicket, writing: Writing) -> Writing:
        """The writing as it will be sent; raises what the channel, or we, do not take of it."""
        writing = self._with_copied(stored, await self._checked(writing))
        address, policy = reply_address_of(stored), self._policy()
        name = policy.settings.agent_names.get(writing.agent, writing.agent)
        return checked_reply(writing, stored, address, policy, agent=name, now=self._clock.now())

    async def _checked(self, writing: Writing) -> Writing:
        return replace(writing, attachments=await self._attachments.check(writing.attachments))

    def _with_copied(self, stored: StoredTicket, writing: Writing) -> Writing:
        """The writing with everybody who gets it beside the pinned address."""
        address, policy = reply_address_of(stored), self._policy()
        letters = policy.channels[address.channel].letters
        if writing.copied and not letters:
            raise Invalid(f"a reply on the channel {address.channel} has no copies", field="copied")
        asked = stored.work.copied if writing.copied is None else writing.copied
        return replace(writing, copied=chosen(asked, address.to, policy.addresses) if letters else ())

    async def open(self, new: NewTicket, *, actor: str, key: str | None = None) -> str:
        """Open a ticket for a customer by hand; returns its id. The same `key` is the same ticket. Raises Invalid."""
        return await self._opening.open(new, actor=actor, key=key)

    async def presence(
        self,
        agent: str,
        presence: Presence,
        *,
        actor: str,
        reason: str = "",
        watched: Watched | None = None,
        span_ms: int | None = None,
    ) -> None:
        """Say how an agent is; watched, it holds while signs of life come (signs_of_life.py). Raises NotFound."""
        self._configured(agent)
        span = milliseconds(self._settings.presence.live_grace) if watched == "page" else span_ms
        args: ScriptArguments = {"now": self._clock.now(), "agent": agent, "presence": presence, "actor": actor}
        watch: ScriptArguments = {"reason": reason, "watched": watched, "span": span}
        await self._engine.run(_PRESENCE, {"desk": self._keys.desk}, {**args, **watch})

    async def resend(self, article: str, *, actor: str, reason: str = "") -> None:
        """Send an outgoing article again. Raises NotFound, Conflict when it did not fail."""
        await self._replies.settle_by_hand(article, "queued", actor=actor, why=reason)

    async def resend_to(self, article: str, address: str, *, actor: str, reason: str = "") -> None:
        """Mail an outgoing article that went astray to another address of the same person (sending_again.py).

        Raises NotFound, Conflict, Invalid.
        """
        again = SendingAgain(self._engine, self._replies, self._routes)
        await again.elsewhere(article, address, actor=actor, reason=reason)

    async def mark_sent(self, article: str, *, actor: str, reason: str = "") -> None:
        """A person has seen that it arrived, or has told them otherwise. Raises NotFound, Conflict as `resend`."""
        await self._replies.settle_by_hand(article, "sent", actor=actor, why=reason)

    @property
    def _settings(self) -> Settings:
        return self._policy().settings

    async def _alone(self, ticket: str) -> StoredTicket:
        """A ticket that stands for itself. Raises NotFound, Conflict."""
        stored = await load_ticket(self._engine, ticket)
        if stored.record.merged_into:
            case = (await self._case(stored)).number
            raise Conflict(f"{stored.record.number} is merged into {case}; work there", merged_into=case)
        return stored

    async def _case(self, stored: StoredTicket) -> Ticket:
        """The ticket that stands for this one."""
        into = stored.record.merged_into
        return (await load_ticket(self._engine, into)).record if into else stored.record

    def _configured(self, agent: str) -> None:
        if agent not in self._settings.agents:
            raise NotFound(f"there is no agent {agent!r}", agent=agent)

    async def _run(self, script: Script, ticket: str, args: ScriptArguments) -> list[Any]:
        keys: ScriptKeys = {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk}
        reply = await self._engine.run(script, keys, {"now": self._clock.now(), **args})
        if not isinstance(reply, list):
            raise EngineUnavailable(f"{script.name} answered {reply!r}")
        return reply

    async def _change_plan(self, changes: TicketChanges, stored: StoredTicket) -> dict[str, Any]:
        asked = asked_of(changes, stored.record, self._settings)
        work = TicketWork()
        if asked.priority or changes.queue or changes.language:
            about = stored.record.model_copy(update={"language": changes.language or stored.record.language})
            agreed = await agreed_for(self._engine, self._policy(), about, queue=changes.queue, priority=asked.priority)
            work = TicketWork(sla=agreed)
        return change_plan(changes, asked, stored.record, work)


def _missing(ticket: str) -> NotFound:
    return NotFound(f"there is no ticket {ticket}")


def _full(agent: str) -> Conflict:
    return Conflict(f"{agent} has no room for it; free some, or assign it with force", agent=agent)
