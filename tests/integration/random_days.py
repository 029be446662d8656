"""Days as they come: customers, agents, failures, reloads and deaths in any order, and what must hold after every step.

A step is a method of `Day` named in `STEPS` with its weight; a rule is a function named in `RULES`. Who builds
something that can lose sight of a ticket adds the step that could do so and the rule that would notice.
"""

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

from trunkline.config.errors import Refused
from trunkline.config.quantities import milliseconds
from trunkline.desk.board.board_query import BoardQuery
from trunkline.desk.board.snapshot import Snapshot
from trunkline.router.absence import hand_over_settings
from trunkline.router.clock import most_urgent
from trunkline.router.records import Presence
from trunkline.router.stored_ticket import StoredTicket
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS

if TYPE_CHECKING:
    from .conftest import Desk

SECOND, MINUTE = 1_000, 60_000
ACTIVE, UNFINISHED = ("new", "open"), ("new", "open", "pending", "on_hold")
POLICIES = ("keep", "hand_over", "on_message", "at_risk")
PRESENCES: tuple[Presence, ...] = ("available", "available", "available", "busy", "away", "offline", "offline")


class Day:
    """One day at a desk, the same for the same seed."""

    def __init__(self, desk: "Desk", seed: int) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.told: list[str] = []
        self.board = BoardQuery(desk.engine, {})

    def tell(self, what: str) -> None:
        """What happened, for whoever must find out why a rule broke."""
        self.told.append(what)

    async def step(self) -> None:
        """Something happens, and everything that follows from it."""
        name = self.chance.choices(list(STEPS), weights=list(STEPS.values()))[0]
        try:
            await getattr(self, name)()
        except Refused as error:
            self.tell(f"{name} refused: {error}")
        await self.desk.settle()

    async def stored(self) -> list[StoredTicket]:
        """All tickets."""
        found = await self.desk.reader.stored([ticket.id for ticket in await self.desk.tickets()])
        return [each for each in found if each is not None]

    def agent(self) -> str:
        """Any agent of the configuration."""
        return self.chance.choice(sorted(self.desk.policy.settings.agents))

    async def a_ticket(self, suits: Callable[[StoredTicket], object]) -> StoredTicket | None:
        """Any that suits."""
        found = [each for each in await self.stored() if suits(each)]
        return self.chance.choice(found) if found else None

    # The steps.

    async def somebody_writes(self) -> None:
        conversation = f"c{self.chance.randrange(15)}"
        text = self.chance.choice(["hello", "refund please", "and then?", "thanks"])
        language = self.chance.choice(["en", "ru", "es", "fi", "unknown"])
        channel = self.chance.choice(["test", "test", "chat"])
        self.tell(f"{conversation} by {channel} in {language}: {text}")
        await self.desk.write(text, conversation=f"{channel}-{conversation}", channel=channel, language=language)

    async def somebody_says_how_they_are(self) -> None:
        agent, presence = self.agent(), self.chance.choice(PRESENCES)
        watched: Literal["page"] | None = self.chance.choice(["page", None])
        self.tell(f"{agent} is {presence}, watched: {watched}")
        await self.desk.actions.presence(agent, presence, actor=f"agent:{agent}", watched=watched)

    async def somebody_accepts(self) -> None:
        if stored := await self.a_ticket(lambda each: each.record.offer):
            assert stored.record.offer is not None
            self.tell(f"{stored.record.offer.agent} accepts {stored.record.number}")
            await self.desk.actions.accept(stored.record.id, stored.record.offer.agent, actor="x")

    async def somebody_declines(self) -> None:
        if stored := await self.a_ticket(lambda each: each.record.offer):
            assert stored.record.offer is not None
            self.tell(f"{stored.record.offer.agent} declines {stored.record.number}")
            await self.desk.actions.decline(stored.record.id, stored.record.offer.agent, actor="x")

    async def somebody_answers(self) -> None:
        if stored := await self.a_ticket(lambda each: each.record.assignee and each.record.status in UNFINISHED):
            agent, status = str(stored.record.assignee), self.chance.choice([None, "pending", "on_hold", "solved"])
            self.desk.refuses = self.chance.random() < 0.2
            self.tell(f"{agent} answers {stored.record.number} as {status}, refused: {self.desk.refuses}")
            writing = Writing(agent=agent, text="Try this", actor=f"agent:{agent}", status=status)  # type: ignore[arg-type]
            await self.desk.actions.reply(stored.record.id, writing)
            await self.desk.settle()
            self.desk.refuses = False

    async def somebody_assigns(self) -> None:
        if stored := await self.a_ticket(lambda each: each.record.status in UNFINISHED):
            agent = self.agent()
            self.tell(f"{stored.record.number} is given to {agent}")
            await self.desk.actions.assign(
                stored.record.id, agent, actor="agent:lead", force=self.chance.random() < 0.3
            )

    async def somebody_gives_back(self) -> None:
        if stored := await self.a_ticket(lambda each: each.record.assignee and each.record.status in ACTIVE):
            self.tell(f"{stored.record.number} is given back")
            await self.desk.actions.release(stored.record.id, actor="x")

    async def time_passes(self) -> None:
        """In steps, as processes live through it; pages of agents answer or do not."""
        total = self.chance.choice([5 * SECOND, 40 * SECOND, 3 * MINUTE, 6 * MINUTE, 90 * MINUTE])
        awake = [agent for agent in self.desk.policy.settings.agents if self.chance.random() < 0.6]
        self.tell(f"{total // SECOND} s pass, at their desks: {awake}")
        for _ in range(6):
            self.desk.clock.advance(total // 6)
            await self.desk.signs.faces_are_there()
            for agent in awake:
                await self.desk.signs.heard(agent, page=True)
            await self.desk.settle()

    async def a_handler_dies(self) -> None:
        """It has claimed what was ready and says nothing any more; its leases run out."""
        queue = self.desk.offers._keys.offers
        await self.somebody_writes()
        while await self.desk.filers.run_once():
            pass
        claimed = await queue.claim(self.desk.clock.now(), lanes=3)
        self.tell(f"a handler dies with {len(claimed.lanes)} lanes")
        self.desk.clock.advance(11 * SECOND)

    async def the_configuration_changes(self) -> None:
        agents = {id_: dict(each) for id_, each in SETTINGS["agents"].items()}
        gone = self.chance.choice([None, "ada", "boris", "carla"])
        without_billing, policy = self.chance.random() < 0.3, self.chance.choice(POLICIES)
        for id_, each in agents.items():
            each["capacity"] = self.chance.choice([1, 3, 5])
            if without_billing:
                each["queues"] = ["support"]
            elif id_ != "carla":
                each["queues"] = self.chance.choice([["support"], ["support", "billing"]])
        agents.pop(gone or "", None)
        absent = {"letters": {"policy": policy, "after": "5min"}}
        queues: dict[str, Any] = {"support": {"fallback": True, "absent": absent}, "billing": {"absent": absent}}
        changed: dict[str, Any] = {"queues": queues, "agents": agents}
        if without_billing:
            changed |= {"queues": {"support": queues["support"]}, "rules": []}
        self.tell(f"reload: {policy}, without {gone}, billing gone: {without_billing}")
        self.desk.configure(SETTINGS | changed)
        await self.desk.start()


STEPS = {
    Day.somebody_writes.__name__: 10,
    Day.somebody_says_how_they_are.__name__: 7,
    Day.somebody_accepts.__name__: 7,
    Day.somebody_declines.__name__: 2,
    Day.somebody_answers.__name__: 4,
    Day.somebody_assigns.__name__: 1,
    Day.somebody_gives_back.__name__: 1,
    Day.time_passes.__name__: 5,
    Day.a_handler_dies.__name__: 1,
    Day.the_configuration_changes.__name__: 1,
}


class Seen:
    """The desk after a step, as the rules look at it."""

    def __init__(self, day: Day, tickets: list[StoredTicket], board: Snapshot) -> None:
        self.desk = day.desk
        self.now = day.desk.clock.now()
        self.settings = day.desk.policy.settings
        self.tickets = tickets
        self.board = board

    def of(self, *statuses: str) -> list[StoredTicket]:
        """The tickets of these statuses."""
        return [each for each in self.tickets if each.record.status in statuses]


async def look(day: Day) -> Seen:
    """Look at everything."""
    board = await day.board.look(day.desk.policy.settings, day.desk.clock.now())
    return Seen(day, await day.stored(), board)


async def what_is_active_waits_or_is_offered_or_has_an_agent(seen: Seen) -> None:
    for each in seen.of(*ACTIVE):
        places = (each.work.queue_position, each.record.offer, each.record.assignee)
        assert sum(place is not None for place in places) == 1, (each.record.number, places)
        assert each.record.queue in seen.settings.queues, each.record.number


async def nobody_who_is_gone_holds_anything(seen: Seen) -> None:
    for each in seen.of(*UNFINISHED):
        for agent in (each.record.assignee, each.record.offer and each.record.offer.agent):
            assert agent is None or agent in seen.settings.agents, (each.record.number, agent)


async def nobody_holds_anything_beyond_the_policy(seen: Seen) -> None:
    for each in seen.of(*ACTIVE):
        record, work = each.record, each.work
        if record.assignee is None:
            continue
        agent = await seen.desk.agents.one(seen.settings, record.assignee)
        live = seen.desk.policy.channels[record.channel].live
        chosen = hand_over_settings(seen.settings, record.queue, live=live)
        if agent.presence != "offline" or chosen.policy == "keep":
            continue
        until = max(agent.presence_since or 0, work.held_since) + milliseconds(chosen.after)
        urgent = most_urgent(record.clocks)
        risk = None if urgent is None else max(until, urgent[1].risk)
        ends = {"hand_over": until, "on_message": until if work.customer_waits_since else None, "at_risk": risk}
        end = ends[chosen.policy]
        assert end is None or seen.now < end, (record.number, record.assignee, chosen, end - seen.now)


async def nothing_is_offered_to_somebody_who_is_offline(seen: Seen) -> None:
    for each in seen.of(*ACTIVE):
        if each.record.offer is not None:
            agent = await seen.desk.agents.one(seen.settings, each.record.offer.agent)
            assert agent.presence != "offline", each.record.number


async def whatever_is_owed_has_a_clock(seen: Seen) -> None:
    for each in seen.of(*ACTIVE):
        if each.work.customer_waits_since or each.record.assignee is None:
            assert most_urgent(each.record.clocks) is not None, each.record.number


async def the_board_counts_all_of_it(seen: Seen) -> None:
    without = [each for each in seen.of(*ACTIVE) if each.record.assignee is None]
    assert seen.board.wanted == sum(queue.wanted for queue in seen.board.queues) == len(without)
    held = sum(each.record.assignee is not None for each in seen.of(*ACTIVE))
    assert sum(agent.open_count for agent in seen.board.agents) == held
    assert seen.board.orphans == 0


async def loads_are_what_a_recount_gives(seen: Seen) -> None:
    loads = dict.fromkeys(seen.settings.agents, 0)
    for each in seen.tickets:
        if each.work.occupies:
            loads[each.work.occupies] += each.work.weight
    assert {agent.id: agent.load for agent in await seen.desk.agents.all(seen.settings)} == loads


async def no_event_was_given_up(seen: Seen) -> None:
    assert (await seen.desk.offers._keys.offers.counts())["dead"] == 0


RULES: tuple[Callable[[Seen], Awaitable[None]], ...] = (
    what_is_active_waits_or_is_offered_or_has_an_agent,
    nobody_who_is_gone_holds_anything,
    nobody_holds_anything_beyond_the_policy,
    nothing_is_offered_to_somebody_who_is_offline,
    whatever_is_owed_has_a_clock,
    the_board_counts_all_of_it,
    loads_are_what_a_recount_gives,
    no_event_was_given_up,
)
