"""One agent, and what people were allowed and refused by their roles: `/board/agents/{id}`, `/board/access`.

    GET    /board/agents/{id}             how they are, since when, who said so and why; for who leads, what was noted
    POST   /board/agents/{id}/presence    presence, reason: who leads a team of theirs says how they are
    GET    /board/access                  about (a ticket's number): what was noted, for who leads and for auditors

The agent reads who set them so, and why, above their list.
"""

from typing import Any, get_args

from aiohttp import web

from ...config.errors import Forbidden, NotFound
from ...router.records import AgentState, Presence
from ..access.authority import Authority
from ..access.trail import Trail, led_agents
from ..agents_api import PresenceBody
from ..pages.forms import form_of
from ..pages.page_requests import checked, filled
from ..pages.shell import Shell, actor_of, authority_of, session_of
from ..views.happenings import event_of, happenings, who

PATH = "/board/agents/{id}"
SHOWN = 50  # lines


class AgentPage:
    """Serves both pages."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._parts = shell.parts
        self._trail = Trail(shell.parts.engine, shell.parts.reader)

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(PATH, self._shell.page(self.show))
        application.router.add_post(f"{PATH}/presence", self._shell.action(self.say, scope="agents:write"))
        application.router.add_get("/board/access", self._shell.page(self.access))

    async def show(self, request: web.Request) -> web.Response:
        """The agent. Raises NotFound."""
        settings, agent = self._parts.policy().settings, await self._agent(request)
        authority = authority_of(request, self._parts.access)
        set_by = who(agent.presence_by, settings.agent_names) if agent.presence_by else ""
        may_say = session_of(request).principal.may("agents:write") and self._may_say(authority, agent.id)
        lines = await self._lines(authority, f"agent:{agent.id}") if self._may_read(authority) else None
        return self._shell.render(
            request,
            "board_agent.html",
            nav="board",
            agent=agent,
            set_by="" if agent.presence_by == f"agent:{agent.id}" else set_by,
            presences=get_args(Presence),
            may_say=may_say,
            lines=lines,
        )

    async def say(self, request: web.Request) -> web.Response:
        """How the agent is. Raises NotFound, Forbidden, Invalid."""
        agent = await self._agent(request)
        body = checked(PresenceBody, filled(await form_of(request), "presence", "reason"))
        await self._parts.access.demand_presence(session_of(request).principal, agent.id)
        await self._parts.actions.presence(agent.id, body.presence, actor=actor_of(request), reason=body.reason)
        return self._shell.done(request, f"/board/agents/{agent.id}")

    async def access(self, request: web.Request) -> web.Response:
        """What was noted. Raises Forbidden."""
        authority = authority_of(request, self._parts.access)
        if not self._may_read(authority):
            raise Forbidden("what people were allowed and refused is for those who lead, and for auditors")
        about = request.query.get("about", "").strip()[:100]
        lines = await self._lines(authority, about)
        return self._shell.render(request, "board_access.html", nav="board", about=about, lines=lines)

    async def _lines(self, authority: Authority, about: str) -> list[Any]:
        settings = self._parts.policy().settings
        lines = await self._trail.newest(authority, settings, about=about, most=SHOWN)
        return happenings([event_of(line) for line in lines], settings.agent_names)

    async def _agent(self, request: web.Request) -> AgentState:
        settings, named = self._parts.policy().settings, request.match_info["id"]
        if named not in settings.agents:
            raise NotFound(f"there is no agent {named}")
        return await self._parts.agents.one(settings, named)

    def _may_say(self, authority: Authority, agent: str) -> bool:
        led = led_agents(authority, self._parts.policy().settings)
        return authority.agent in ("", agent) or (
            authority.role is not None and (agent in led or authority.may("administer"))
        )

    def _may_read(self, authority: Authority) -> bool:
        is_governed = self._parts.policy().settings.is_governed
        return is_governed and (authority.may("audit") or authority.may("lead"))
