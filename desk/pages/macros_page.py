"""Macros on the desk: what each will do, with one ticket or with many of the list, and what came of it with each.

    GET  /desk/macros      ticket (again and again): the macros, each with what it does; or an agent and tags by hand
    POST /desk/macros      ticket, macro; or ticket, agent, tags, untag

Only macros that the agent may use with one of these tickets are shown. The page is one of plain links and forms, of at
most `MOST` tickets. The same form sent again does nothing twice. With one ticket and no fault the way leads back to
it; else each ticket stands there with what was done and what was not.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from ...config.errors import Invalid, NotFound
from ...config.rule_actions import StepSettings
from ...queue.identifiers import new_id
from ...router.macros import Macros, Steps
from ...router.stored_ticket import StoredTicket
from ..acting_agent import own_key
from ..steps_by_hand import MOST, StepsByHand
from ..views.macro_words import macro_words
from .forms import Form, first, form_of
from .page_requests import checked
from .shell import Shell, session_of


class MacrosPage:
    """The handlers."""

    def __init__(self, shell: Shell) -> None:
        parts = shell.parts
        macros = Macros(parts.engine, parts.clock, actions=parts.actions, reader=parts.reader, policy=parts.policy)
        self._shell = shell
        self._parts = parts
        self._by_hand = StepsByHand(macros, parts.policy, parts.access)

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        application.router.add_get("/desk/macros", self._shell.page(self.show))
        application.router.add_post("/desk/macros", self._shell.action(self.take))

    async def show(self, request: web.Request) -> web.StreamResponse:
        """What can be done with these tickets."""
        return await self._render(request, request.query.getall("ticket", []))

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Do it. Raises NotFound, Invalid."""
        form, session = await form_of(request), session_of(request)
        named, macro = _named(form.get("ticket", [])), first(form, "macro")
        if not named:
            raise Invalid("choose tickets in the list first", field="ticket")
        steps = self._by_hand.macro(session.principal, macro) if macro else Steps(_steps(form))
        key = own_key(session.principal, first(form, "key")[:40])
        results = await self._by_hand.each(session.principal, named, steps, agent=session.agent, key=key)
        if len(results) == 1 and not results[0].failed:
            return self._shell.done(request, f"/desk/tickets/{results[0].ticket}")
        return await self._render(request, (), results=results)

    async def _render(self, request: web.Request, named: Sequence[str], **values: Any) -> web.Response:
        settings = self._parts.policy().settings
        tickets, key = await self._tickets(request, _named(named)), new_id(self._parts.clock.now())
        usable = self._by_hand.usable(session_of(request).principal, {each.record.queue for each in tickets})
        words = {
            name: (macro.description, macro_words(macro.then, settings.agent_names, settings.canned_replies))
            for name, macro in usable.items()
        }
        facts = {
            "results": (),
            "macros": words,
            "configured": len(settings.macros),
            "colleagues": settings.agent_names,
            "key": key,
            **values,
        }
        return self._shell.render(request, "macros.html", nav="desk", tickets=tickets, **facts)

    async def _tickets(self, request: web.Request, named: Sequence[str]) -> list[StoredTicket]:
        """Those of them that are seen."""
        found = list[StoredTicket]()
        for each in named:
            try:
                found.append(await self._parts.access.ticket(session_of(request).principal, each))
            except NotFound:
                continue
        return found


def _named(tickets: Sequence[str]) -> list[str]:
    """Each once: one ticket can stand in two parts of the list. Raises Invalid."""
    named = list(dict.fromkeys(each.strip()[:36] for each in tickets if each.strip()))
    if len(named) > MOST:
        raise Invalid(f"at most {MOST} tickets at once", field="ticket")
    return named


def _steps(form: Form) -> StepSettings:
    """An agent and tags as the steps of a macro that nobody has written. Raises Invalid."""
    given: dict[str, Any] = {"assignee": first(form, "agent").strip()}
    given |= {
        name: first(form, place).replace(",", " ").split()
        for name, place in (("tags", "tags"), ("remove_tags", "untag"))
    }
    return checked(StepSettings, {name: value for name, value in given.items() if value})
