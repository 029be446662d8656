"""What the buttons and fields of a ticket do: `POST /desk/tickets/{id}/…`, each one action of `router/actions.py`.

    accept · take-over · decline (why, reason) · release (reason) · assign (agent, force, reason) · status (status)
    fields (queue, …) · record (segment, fields.plan, …; seen) · customer (decision, record, customer, reason)
    clock (start or stop) · original-writer (take) · proof (address, withdraw) · settled (accept) · goes-on (accept)
    spam (block) · no-spam · held · seen · typing (kind)

A script hears 204, or a problem document that says who was first; without one the page is shown again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ...config.errors import Conflict, Invalid, NotFound
from ...router.actions import Actions
from ...router.customer_values import checked as read_values
from ...router.holders import demand_holder, holder_of
from ...router.merging import Merging
from ...router.own_fields import demand
from ...router.records import Ticket
from ..customer_models import CustomerDecision
from ..proofs_api import ProofBody
from ..ticket_models import AssignBody, GiveBackBody, SpamBody, TicketPatch
from ..views.chat_presence import ChatPresence
from ..views.conflict_words import with_reason
from ..views.record_form import changed, overtaken, record_inputs, ticket_inputs
from ..views.writing_together import WritingTogether
from .desk_page import DeskPage
from .forms import HOME, Form, first, form_of
from .page_requests import checked, filled
from .shell import Shell, actor_of, agent_of, session_of

Act = Callable[[web.Request, str, Form], Awaitable[None]]


class TicketPosts:
    """The handlers of the actions on a ticket."""

    def __init__(self, shell: Shell, page: DeskPage, presence: ChatPresence) -> None:
        self._shell = shell
        self._page = page
        self._presence = presence
        self._together = WritingTogether(shell.parts.signals)
        self._actions: Actions = shell.parts.actions
        self._merging: Merging = shell.parts.merging

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        acts: dict[str, Act] = {
            "accept": self._accept,
            "take-over": self._take_over,
            "decline": self._decline,
            "release": self._release,
            "assign": self._assign,
            "status": self._status,
            "fields": self._fields,
            "customer": self._customer,
            "record": self._record,
            "original-writer": self._original_writer,
            "proof": self._proof,
            "clock": self._clock,
            "settled": self._settled,
            "goes-on": self._goes_on,
            "spam": self._spam,
            "no-spam": self._no_spam,
            "held": self._file_held,
        }
        for name, act in acts.items():
            application.router.add_post(f"/desk/tickets/{{ticket}}/{name}", self._shell.action(self._doing(act)))
        application.router.add_post("/desk/tickets/{ticket}/seen", self._shell.action(self.seen, scope="tickets:read"))
        application.router.add_post("/desk/tickets/{ticket}/typing", self._shell.action(self.typing))

    def _doing(self, act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            ticket = await self._ticket(request)
            try:
                await act(request, ticket.id, await form_of(request))
            except Conflict as error:
                parts = self._shell.parts
                now = parts.clock.now()
                raise await with_reason(error, ticket.id, reader=parts.reader, policy=parts.policy, now=now) from error
            return self._shell.done(request, await self._onward(request, ticket.number))

        return serve

    async def _onward(self, request: web.Request, number: str) -> str:
        """The ticket, as long as it is seen afterwards; else the desk."""
        try:
            await self._shell.parts.access.ticket(session_of(request).principal, number)
        except NotFound:
            return HOME
        return f"/desk/tickets/{number}"

    async def _accept(self, request: web.Request, ticket: str, _: Form) -> None:
        await self._actions.accept(ticket, agent_of(request), actor=actor_of(request))

    async def _take_over(self, request: web.Request, ticket: str, _: Form) -> None:
        await self._actions.accept(ticket, agent_of(request), actor=actor_of(request), take_over=True)

    async def _decline(self, request: web.Request, ticket: str, form: Form) -> None:
        body = checked(GiveBackBody, {"reason": ": ".join(filled(form, "why", "reason").values())})
        await self._actions.decline(ticket, agent_of(request), actor=actor_of(request), reason=body.reason)

    async def _release(self, request: web.Request, ticket: str, form: Form) -> None:
        body = checked(GiveBackBody, filled(form, "reason"))
        await self._actions.release(ticket, agent=agent_of(request), actor=actor_of(request), reason=body.reason)

    async def _assign(self, request: web.Request, ticket: str, form: Form) -> None:
        given = {**filled(form, "agent", "reason"), "force": first(form, "force") == "yes"}
        body = checked(AssignBody, given | {"holder": first(form, "holder") if "holder" in form else None})
        agent, record = body.agent or agent_of(request), (await self._shell.parts.reader.ticket(ticket)).record
        principal, access = session_of(request).principal, self._shell.parts.access
        demand_holder(record, body.holder, agent)
        await access.demand_assign(principal, record, force=body.force, reason=body.reason)
        given_by: dict[str, Any] = {"actor": actor_of(request), "force": body.force, "reason": body.reason}
        await self._actions.assign(ticket, agent, holder=holder_of(record), **given_by)

    async def _status(self, request: web.Request, ticket: str, form: Form) -> None:
        body = checked(TicketPatch, filled(form, "status", "resolution"))
        await self._actions.change(ticket, body.changes(), actor=actor_of(request))

    async def _fields(self, request: web.Request, ticket: str, form: Form) -> None:
        now = (await self._shell.parts.reader.ticket(ticket)).record
        settings = self._shell.parts.policy().settings
        changes = _changed(now, form)
        own = changed(ticket_inputs(now, settings.ticket_fields), form)
        if own:
            changes["fields"] = {place.removeprefix("fields."): value for place, value in own.items()}
        if changes:
            body = checked(TicketPatch, changes)
            await self._shell.parts.access.demand_move(session_of(request).principal, now, body.queue)
            await self._actions.change(ticket, body.changes(), actor=actor_of(request))

    async def _customer(self, request: web.Request, _: str, form: Form) -> None:
        decisions = {"merge": self._merging.merge, "part": self._merging.part, "keep_apart": self._merging.keep_apart}
        body = checked(CustomerDecision, filled(form, "decision", "record", "customer", "reason"))
        if body.decision not in decisions:
            raise Invalid("two records are merged, parted or kept apart", field="decision")
        decide = decisions[body.decision]
        await decide(body.record, body.customer, actor=actor_of(request), reason=body.reason)

    async def _original_writer(self, request: web.Request, ticket: str, form: Form) -> None:
        await self._actions.take_original(ticket, actor=actor_of(request), take=first(form, "take") == "yes")

    async def _proof(self, request: web.Request, ticket: str, form: Form) -> None:
        if first(form, "withdraw"):
            await self._actions.proofs.withdraw(ticket, actor=actor_of(request))
        else:
            body = checked(ProofBody, filled(form, "address"))
            await self._actions.proofs.ask(ticket, body.address, actor=actor_of(request))

    async def _clock(self, request: web.Request, ticket: str, form: Form) -> None:
        start, stop = ([name] if (name := first(form, how)) else [] for how in ("start", "stop"))
        await self._actions.own_clocks.change(ticket, actor=actor_of(request), start=start, stop=stop)

    async def _settled(self, request: web.Request, ticket: str, form: Form) -> None:
        await self._actions.decide_settled(ticket, accept=first(form, "accept") == "yes", actor=actor_of(request))

    async def _goes_on(self, request: web.Request, ticket: str, form: Form) -> None:
        cases, accept = self._shell.parts.cases, first(form, "accept") == "yes"
        if accept:
            await self._shell.parts.access.demand_suggested(session_of(request).principal, ticket)
        await cases.decide_goes_on(ticket, accept=accept, actor=actor_of(request))

    async def _spam(self, request: web.Request, ticket: str, form: Form) -> None:
        body = checked(SpamBody, filled(form, "block"))
        await self._actions.spam.mark(ticket, block=body.block, actor=actor_of(request))

    async def _no_spam(self, request: web.Request, ticket: str, _: Form) -> None:
        await self._actions.spam.unmark(ticket, actor=actor_of(request))

    async def _file_held(self, _: web.Request, ticket: str, __: Form) -> None:
        await self._actions.held_senders.release(ticket)

    async def _record(self, request: web.Request, ticket: str, form: Form) -> None:
        parts = self._shell.parts
        settings, record = parts.policy().settings, (await parts.reader.ticket(ticket)).record.customer
        if record is None:
            raise Conflict("nobody is known behind this ticket")
        person = await parts.reader.customer(record)
        inputs = record_inputs(person, settings.customer_fields)
        changes = changed(inputs, form)
        seen = first(form, "seen")
        shown = int(seen) if seen.isascii() and seen.isdigit() else 0
        if words := overtaken(person, changes, shown, settings.agent_names, inputs):
            raise Conflict(words)
        values = demand(*read_values(changes, settings.customer_fields))
        await parts.writing.change(record, values, actor=actor_of(request), revision=person.revision)

    async def seen(self, request: web.Request) -> web.StreamResponse:
        """The agent has the ticket before their eyes."""
        await self._page.looked(request, await self._shell.parts.reader.ticket(request.match_info["ticket"]))
        return web.Response(status=204)

    async def typing(self, request: web.Request) -> web.StreamResponse:
        """The agent writes an answer, or with `kind` a note: colleagues are told, and of an answer whoever chats."""
        stored = await self._shell.parts.reader.ticket(request.match_info["ticket"])
        id_, is_note = session_of(request).agent or "", first(await form_of(request), "kind") == "note"
        agent = self._shell.parts.policy().settings.agents.get(id_)
        if agent is not None:
            await self._together.tell(stored.record, id_, agent.name, is_note=is_note)
            if not is_note:
                await self._presence.typing(stored, agent.name)
        return web.Response(status=204)

    async def _ticket(self, request: web.Request) -> Ticket:
        return (await self._shell.parts.reader.ticket(request.match_info["ticket"])).record


def _changed(ticket: Ticket, form: Form) -> dict[str, Any]:
    """The fields of the form that say something else than the ticket does."""
    given: dict[str, Any] = dict(filled(form, "queue", "language", "subject"))
    if priority := filled(form, "priority").get("priority", ""):
        given["priority"] = int(priority) if priority.isascii() and priority.isdigit() else priority
    if "tags" in form:
        given["tags"] = list(dict.fromkeys(tag for tag in first(form, "tags").replace(",", " ").split() if tag))
    now = ticket.model_dump(mode="json")
    return {name: value for name, value in given.items() if value != now[name]}
