"""Writing: replies that can be taken back for some seconds, notes, files, and what becomes of messages not delivered.

    POST /desk/tickets/{id}/reply    text, status, file (as an upload answered it, repeated), key: held, then sent;
                                     way, in a case of several tickets: the one by which it goes; with `copies`, each
                                     `copied` gets it as well, and nobody else; seen, held, looked: the newest article,
                                     the replies not sent yet and the time when the writer began; what came between is
                                     refused with it in `between` (collisions.py), unless force is yes
                                     with `template` no text, but that, and its values as `value:<template>:<place>`;
                                     mode: in which of the channel's ways
    POST /desk/tickets/{id}/measure  text, file, way: {words, refused}: what the channel takes of it
    POST /desk/tickets/{id}/note     text, status, file, key: at once; by the agent whose token it is, else by the token
    POST /desk/held/{id}/take-back   a script gets {text, status, files}; without one the text is back in its box
    POST /desk/files?name=…          one file as the body; 201 {sha256, name, media_type, size}
    POST /desk/articles/{id}/delivery    action: resend (to: another address) or mark_sent; reason

The same `key` twice is one reply or note, so a form that is sent twice says it once. When something is refused, what
was written is still there: in the page that asked, or, without a script, in the page that says why.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiohttp import hdrs, web

from ...config.errors import Conflict, Gone, Invalid, Refused
from ...normalizer.addresses import normalise_address, parse_addresses
from ...normalizer.envelope import Attachment
from ...normalizer.safe_names import OCTETS
from ...normalizer.sending_plan import sending_plan
from ...router.held_list import HeldReply
from ...router.reply_checks import sends_of
from ...router.stored_ticket import StoredTicket
from ...router.ticket_requests import Seen
from ...web.body import read_body
from ..acting_agent import own_key
from ..ticket_models import DeliveryBody, MessageBody
from ..views.reply_target import address_of
from ..views.sending_words import plan_words
from .desk_page import DeskPage
from .forms import Form, first, form_of
from .page_requests import checked, filled
from .shell import Shell, actor_of, agent_of, by_script, session_of

KEY_LENGTH = 64


class WritingPosts:
    """The handlers of what is written."""

    def __init__(self, shell: Shell, page: DeskPage) -> None:
        self._shell = shell
        self._page = page
        self._parts = shell.parts

    def mount(self, application: web.Application) -> None:
        """Serve them."""
        action, router = self._shell.action, application.router
        router.add_post("/desk/tickets/{ticket}/reply", action(self.reply))
        router.add_post("/desk/tickets/{ticket}/note", action(self.note))
        router.add_post("/desk/tickets/{ticket}/measure", action(self.measure))
        router.add_post("/desk/held/{held}/take-back", action(self.take_back))
        router.add_post("/desk/files", action(self.upload))
        router.add_post("/desk/articles/{article}/delivery", action(self.delivery))

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """Hold a reply."""
        return await self._write(request, "reply")

    async def note(self, request: web.Request) -> web.StreamResponse:
        """Add a note."""
        return await self._write(request, "note")

    async def measure(self, request: web.Request) -> web.StreamResponse:
        """How much of what the channel takes a reply is, and what of it is not taken."""
        form, stored = await form_of(request), await self._parts.reader.ticket(request.match_info["ticket"])
        address = address_of(await self._way(stored, first(form, "way")))
        if address is None:
            return web.json_response({"words": "", "refused": ""})
        files = checked(MessageBody, {"kind": "reply", "text": "-", "attachments": _files(form)}).attachments
        sends = sends_of(self._parts.policy(), address, first(form, "mode"))
        plan = sending_plan(first(form, "text"), [Attachment(**dict(each)) for each in files], sends, formatted=True)
        refused = "; ".join(each.words for each in plan.refusals)
        return web.json_response({"words": plan_words(plan), "refused": _sentence(refused) if refused else ""})

    async def take_back(self, request: web.Request) -> web.StreamResponse:
        """The reply does not leave, and its text is back. Raises Gone when it has left."""
        held = await self._parts.held_replies.take_back(request.match_info["held"])
        for each in held.attachments:  # whoever takes it back sends it on, whoever uploaded the files
            await self._parts.files.uploaded(session_of(request).principal, each.sha256)
        if by_script(request):
            return web.json_response(_taken_back(held))
        return await self._page.show(request, held.ticket, draft=held.text, notice="It was not sent. Here it is again.")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take a file that is to go along."""
        body = await read_body(request, self._parts.policy().settings.attachments.size)
        name, kind = request.query.get("name", "file"), request.headers.get(hdrs.CONTENT_TYPE, OCTETS)
        stored = await self._parts.actions.upload(body, name=name, media_type=kind)
        await self._parts.files.uploaded(session_of(request).principal, stored.sha256)
        return web.json_response(_file(stored), status=201)

    async def delivery(self, request: web.Request) -> web.StreamResponse:
        """Send again, there or elsewhere, or note that it has arrived."""
        body = checked(DeliveryBody, filled(await form_of(request), "action", "to", "reason"))
        article = await self._parts.reader.article(request.match_info["article"])
        await body.decide(self._parts.actions, article.id, actor=actor_of(request))
        ticket = await self._parts.reader.ticket(article.ticket)
        return self._shell.done(request, f"/desk/tickets/{ticket.record.number}")

    async def _write(self, request: web.Request, kind: str) -> web.StreamResponse:
        form, stored = await form_of(request), await self._parts.reader.ticket(request.match_info["ticket"])
        ticket = stored.record
        try:
            held = await self._written(request, kind, stored, form)
        except Refused as error:
            if by_script(request):
                raise
            text = first(form, "text")
            return await self._page.show(
                request, ticket.id, status=error.status, draft=text, draft_kind=kind, notice=_sentence(error.public)
            )
        if held is not None and by_script(request):
            return web.json_response({"held": held.id, "due": held.due, "now": self._parts.clock.now()}, status=201)
        return self._shell.done(request, f"/desk/tickets/{ticket.number}")

    async def _written(self, request: web.Request, kind: str, stored: StoredTicket, form: Form) -> HeldReply | None:
        fields = {"kind": kind, **filled(form, "status", "resolution"), **_said(form, kind)}
        if kind == "reply" and "copies" in form:
            fields["copied"] = _addressees(form.get("copied", []))
        body, principal = checked(MessageBody, fields), session_of(request).principal
        await self._parts.files.demand(principal, [each.sha256 for each in body.attachments])
        writer, key = agent_of(request), first(form, "key")[:KEY_LENGTH]
        writing = body.writing(writer, actor=actor_of(request), key=own_key(principal, key))
        if kind == "reply":
            by = await self._way(stored, first(form, "way"))
            address = address_of(by)
            policy, channel = self._parts.policy(), address.channel if address else ""
            seen = _seen(form, asks_for_messages=bool(channel) and policy.channels[channel].letters)
            writing = replace(writing, seen=seen, force=first(form, "force") == "yes")
            return await self._parts.held_replies.hold(by.record.id, writing, undo=policy.undo_time(channel))
        if session_of(request).principal.agent is None:
            writing = replace(writing, agent="")  # nobody's own token: the note is of whoever has it, not of the agent
        await self._parts.notes.write(stored.record, writing)
        return None

    async def _way(self, stored: StoredTicket, way: str) -> StoredTicket:
        """The ticket of the case by which a reply goes: the one that was chosen, else the one that is open."""
        if way in ("", stored.record.id):
            return stored
        if way not in stored.record.merged:
            raise Conflict(
                f"the ticket that you chose is not merged into {stored.record.number} any more; choose again"
            )
        return await self._parts.reader.ticket(way)


def _said(form: Form, kind: str) -> dict[str, Any]:
    """What is to be sent: a text with files, or a template with its values."""
    if kind == "reply" and (name := first(form, "template")):
        values = {key.partition(f"value:{name}:")[2]: values[0] for key, values in form.items() if values}
        return {"template": {"name": name, "parameters": {key: value for key, value in values.items() if key}}}
    text = first(form, "text").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid("write something first", field="text")
    written = {"text": text, "attachments": _files(form)}
    return written if kind == "note" else {**written, **filled(form, "mode", "format")}


def _files(form: Form) -> list[Any]:
    return [_named(each) for each in form.get("file", [])]


def _seen(form: Form, *, asks_for_messages: bool) -> Seen:
    """What the writer had before their eyes when they began to write."""
    looked = first(form, "looked")
    return Seen(
        article=first(form, "seen") or None,
        at=int(looked) if looked.isascii() and looked.isdigit() else None,
        held=first(form, "held").split(),
        asks_for_messages=asks_for_messages,
    )


def _taken_back(held: HeldReply) -> dict[str, Any]:
    return {"text": held.text, "status": held.status or "", "files": [_file(each) for each in held.attachments]}


def _file(attachment: Attachment) -> dict[str, Any]:
    return attachment.model_dump(mode="json", include={"sha256", "name", "media_type", "size"})


def _named(text: str) -> Any:
    """A file as its upload named it."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Gone("a file is not named as its upload named it; attach it again") from error


def _addressees(values: Sequence[str]) -> list[dict[str, str]]:
    """The people in the boxes that are ticked, and in the line where more can be written."""
    boxes = [box for value in values for box in parse_addresses(value)]
    for box in boxes:
        if normalise_address(box.address) is None:
            raise Invalid(f"{box.address or box.name} is not an e-mail address", field="copied")
    return [{"address": box.address, "name": box.name} for box in boxes]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
