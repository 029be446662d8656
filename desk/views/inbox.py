"""The first column: reads what waits for an agent, in one round of gathered look-ups whose size has a bound."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...config.settings import Settings
from ...queue.clock import Clock
from ...router.agents import Agents
from ...router.life_cycle import PARKED
from ...router.mentions import Mentions
from ...router.policy import CurrentPolicy
from ...router.records import AgentState
from ...router.sight import Sight, admits
from ..stores.seen_tickets import SeenTickets
from .inbox_rows import MOST, Needs, Reading, Section, search_section, sections
from .set_away import SetAway, set_away
from .ticket_lists import TicketList, TicketLists

MINE = 120  # tickets of an agent that are looked at, to show the most urgent of them
FOLDED = 25
OFFERS = 20
LONGEST = 1000  # rows of one list


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which list a page asks for."""

    agent: str = ""
    words: str = ""
    queue: str | None = None
    selected: str = ""
    sight: Sight | None = None  # of which tickets they may know
    unfolded: frozenset[str] = frozenset()  # the folded sections that are open; of the others only the size is read
    more: Mapping[str, int] = field(default_factory=dict)  # how many rows of a section, where they went on
    actor: str = ""  # who looks, as the feed says it

    def rows(self, section: str, usual: int) -> int:
        """How many rows of a section to show."""
        return min(max(usual, self.more.get(section, 0)), LONGEST)


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """The column as the template takes it."""

    asked: Asked
    sections: list[Section]
    queues: list[str]
    undelivered: int = 0  # tickets of these queues of which an answer did not arrive
    away: SetAway | None = None


class Inboxes:
    """Makes the first column."""

    def __init__(
        self,
        lists: TicketLists,
        agents: Agents,
        seen: SeenTickets,
        mentions: Mentions,
        policy: CurrentPolicy,
        clock: Clock,
    ) -> None:
        self._lists = lists
        self._agents = agents
        self._seen = seen
        self._mentions = mentions
        self._policy = policy
        self._clock = clock

    async def of(self, asked: Asked) -> Inbox:
        """The column for this agent; somebody who is no agent sees what waits in all queues."""
        settings = self._policy().settings
        state = await self._agents.one(settings, asked.agent) if asked.agent in settings.agents else None
        made = await (self._found if asked.words else self._needs)(asked, settings, state)
        queues = _queues(asked, settings)
        undelivered = await self._lists.count_undelivered([asked.queue] if asked.queue else queues)
        away = set_away(state, asked.actor, settings.agent_names)
        return Inbox(asked=asked, sections=made, queues=queues, undelivered=undelivered, away=away)

    async def _found(self, asked: Asked, settings: Settings, state: AgentState | None) -> list[Section]:
        found = await self._lists.found(asked.words, asked.queue, asked.rows("found", MOST), asked.sight)
        return [search_section(found, await self._reading(asked, settings, state, found), asked.words)]

    async def _needs(self, asked: Asked, settings: Settings, state: AgentState | None) -> list[Section]:
        lists, agent = self._lists, asked.agent
        queues = [asked.queue] if asked.queue else _queues(asked, settings)
        if not agent:
            return await self._of_queues(asked, settings, queues)
        folding = ("waiting", "due", "parked", "solved")
        many = {name: asked.rows(name, FOLDED) if name in asked.unfolded else 0 for name in folding}
        shown = asked.rows("mine", MOST)
        offers, opened, new, waiting, due, solved, *parked = await asyncio.gather(
            lists.offered_to(agent, OFFERS),
            lists.held_by(agent, "open", max(MINE, shown)),
            lists.held_by(agent, "new", max(MINE, shown)),
            lists.waiting_in(queues, many["waiting"]),
            lists.due_in(queues, many["due"], asked.sight),
            lists.held_by(agent, "solved", many["solved"]),
            *(lists.held_by(agent, status, many["parked"]) for status in PARKED),
        )
        mentions, shutting = await asyncio.gather(self._named_in(asked), self._shutting(asked, queues))
        reading = await self._reading(asked, settings, state, offers, mentions, shutting, opened, new, *parked)
        theirs = Needs(offers=offers, mentions=mentions, mine=(opened, new), parked=parked, solved=solved)
        needs = replace(theirs, shutting=shutting, waiting=waiting, due=due)
        return sections(needs, reading, queue=asked.queue, unfolded=asked.unfolded, most=shown)

    async def _named_in(self, asked: Asked) -> TicketList:
        """The tickets in whose notes the agent is named, as far as they see them."""
        told = await self._lists.tickets(await self._mentions.of(asked.agent))
        seen = [each for each in told if admits(asked.sight, each.record)]
        return TicketList(tickets=seen[:MOST], total=len(seen))

    async def _shutting(self, asked: Asked, queues: list[str]) -> TicketList:
        return await self._lists.shutting_in(queues, self._clock.now(), FOLDED, asked.agent, asked.sight)

    async def _of_queues(self, asked: Asked, settings: Settings, queues: list[str]) -> list[Section]:
        """For somebody who is no agent: what waits, and what is owed."""
        due = asked.rows("due", FOLDED) if "due" in asked.unfolded else 0
        needs = Needs(
            waiting=await self._lists.waiting_in(queues, asked.rows("waiting", MOST)),
            due=await self._lists.due_in(queues, due, asked.sight),
            shutting=await self._shutting(asked, queues),
        )
        reading = await self._reading(asked, settings, None, needs.waiting, needs.due, needs.shutting)
        made = sections(needs, reading, queue=None, unfolded={"waiting", *asked.unfolded})
        return [part for part in made if part.name in ("shutting", "waiting", "due")]

    async def _reading(self, asked: Asked, settings: Settings, state: AgentState | None, *lists: TicketList) -> Reading:
        agent = settings.agents.get(asked.agent)
        ids = [stored.record.id for each in lists for stored in each.tickets]
        return Reading(
            agent=asked.agent,
            languages=agent.languages if agent else (),
            seen=await self._seen.of(asked.agent, ids) if agent else {},
            channels=self._policy().channels,
            names=settings.agent_names,
            presence=state.presence if state else "offline",
            selected=asked.selected,
        )


def _queues(asked: Asked, settings: Settings) -> list[str]:
    """Those that the agent serves or leads; all, for who serves none and sees everything."""
    configured = settings.agents.get(asked.agent)
    if asked.sight is not None:
        return [name for name in settings.queues if name in asked.sight.queues]
    own = configured.queues if configured else ()
    return [name for name in settings.queues if not own or name in own]
