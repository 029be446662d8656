"""Agents and queues over HTTP: who is there, how busy they are, what waits."""

from typing import Annotated

from pydantic import Field

from ..router.actions import Actions
from ..router.agents import Agents
from ..router.policy import CurrentPolicy
from ..router.records import AgentState, Presence
from ..router.signs_of_life import SignsOfLife
from ..router.ticket_index import TicketIndex
from ..web.operations import Call, Operation
from ..web.paging import Page, PageQuery, cursor_at
from .access.access import Access
from .acting_agent import actor_of
from .list_positions import name_position
from .request_fields import ConfiguredPath, RequestModel
from .views.queue_state import QueueState, queue_state

ExpiresIn = Annotated[
    int | None,
    Field(
        ge=1,
        le=86_400,
        description="Seconds within which this or a heartbeat must be sent again, or the agent is taken for offline; "
        "left out with a presence, it stays as it is set; left out with a heartbeat, as long as before.",
    ),
]


class PresenceBody(RequestModel):
    """How an agent is."""

    presence: Annotated[
        Presence, Field(description="Only `available` agents are offered tickets; `offline` gives open offers back.")
    ]
    reason: Annotated[str, Field(max_length=200, description="Why, for colleagues: `at lunch`.")] = ""
    expires_in: ExpiresIn = None


class HeartbeatBody(RequestModel):
    """A sign of life."""

    expires_in: ExpiresIn = None


class AgentsApi:
    """The operations on agents and queues."""

    def __init__(
        self,
        actions: Actions,
        agents: Agents,
        signs: SignsOfLife,
        index: TicketIndex,
        policy: CurrentPolicy,
        access: Access,
    ) -> None:
        self._actions = actions
        self._agents = agents
        self._signs = signs
        self._index = index
        self._policy = policy
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/agents` and `/v1/queues`."""
        many, one, tag = "/v1/agents", "/v1/agents/{id}", "agents"
        return [
            Operation(
                method="GET", path=many, handler=self.list, scope="agents:read", tag=tag, summary="List the agents"
            ),
            Operation(method="GET", path=one, handler=self.get, scope="agents:read", tag=tag, summary="Read an agent"),
            Operation(
                method="PUT",
                path=f"{one}/presence",
                handler=self.set_presence,
                scope="agents:write",
                tag=tag,
                summary="Say how an agent is",
                description="Saying it again is a sign of life. An agent's own token speaks for that agent, "
                "and of who leads a team, for its members.",
                idempotent=True,
                example={"presence": "available"},
            ),
            Operation(
                method="POST",
                path=f"{one}/heartbeat",
                handler=self.heartbeat,
                scope="agents:write",
                tag=tag,
                summary="Say that an agent is still there",
                description="It keeps a presence that was set with `expires_in`; who is offline stays offline.",
                idempotent=True,
                example={"expires_in": 60},
            ),
            Operation(
                method="GET",
                path="/v1/queues",
                handler=self.list_queues,
                scope="tickets:read",
                tag="queues",
                summary="List the queues and what waits in them",
            ),
        ]

    async def list(self, _: Call, query: PageQuery) -> Page[AgentState]:
        """A page of agents, by id."""
        settings, after = self._policy().settings, name_position(query)
        names = sorted(name for name in settings.agents if name > after)
        items = [await self._agents.one(settings, name) for name in names[: query.limit]]
        return Page(items=items, next=_behind(names, query.limit))

    async def get(self, _: Call, path: ConfiguredPath) -> AgentState:
        """One agent."""
        return await self._agents.one(self._policy().settings, path.id)

    async def set_presence(self, call: Call, path: ConfiguredPath, body: PresenceBody) -> AgentState:
        """Available, busy, away or offline."""
        agent = await self._spoken_for(call, path)
        await self._actions.presence(
            agent,
            body.presence,
            actor=actor_of(call.principal),
            reason=body.reason,
            watched="span" if body.expires_in else None,
            span_ms=body.expires_in and body.expires_in * 1000,
        )
        return await self._agents.one(self._policy().settings, agent)

    async def heartbeat(self, call: Call, path: ConfiguredPath, body: HeartbeatBody | None) -> AgentState:
        """A sign of life."""
        agent = await self._spoken_for(call, path)
        seconds = body.expires_in if body else None
        await self._signs.heard(agent, span_ms=seconds and seconds * 1000)
        return await self._agents.one(self._policy().settings, agent)

    async def _spoken_for(self, call: Call, path: ConfiguredPath) -> str:
        agent = await self._agents.one(self._policy().settings, path.id)
        await self._access.demand_presence(call.principal, agent.id)
        return agent.id

    async def list_queues(self, call: Call, query: PageQuery) -> Page[QueueState]:
        """A page of the queues that are seen, by name."""
        authority = self._access.of(call.principal)
        settings, after = self._policy().settings, name_position(query)
        names = sorted(name for name in settings.queues if name > after and authority.sees_queue(name))
        items = [await queue_state(self._index, settings, name) for name in names[: query.limit]]
        return Page(items=items, next=_behind(names, query.limit))


def _behind(names: list[str], limit: int) -> str | None:
    return cursor_at((names[limit - 1],)) if len(names) > limit else None
