"""What a channel takes of a reply, looked at before it is taken: its window, its lengths, its files, its ways. Pure.

A reply that the channel would refuse is refused here, with the field and words that say what to do instead, so that its
writer hears it while they still have the text before them. Outside of the window for free answers only a template of
the vendor's leaves, if one is configured.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..config.canned_replies import PLACEHOLDERS
from ..config.errors import Invalid, WindowShut
from ..config.vendor_templates import PLACE, ChoiceTemplate, TemplateSettings, TemplateText
from ..normalizer.outgoing import UsedTemplate
from ..normalizer.sending_limits import Destination, Sends
from ..normalizer.sending_plan import sending_plan
from .policy import Policy
from .reply_route import ReplyAddress
from .stored_ticket import StoredTicket
from .ticket_requests import TemplateChoice, Writing


def sends_of(policy: Policy, address: ReplyAddress, mode: str = "") -> Sends:
    """What may be sent to this address, in this of the channel's ways."""
    to = Destination(account=address.account, to=address.to, conversation=address.conversation, mode=mode)
    return policy.channels[address.channel].sends(to)


def templates_of(policy: Policy, address: ReplyAddress) -> Mapping[str, TemplateText]:
    """The templates that can be sent from the account, by name."""
    return policy.templates.get((address.channel, address.account), {})


def values_of(stored: StoredTicket, address: ReplyAddress, agent: str) -> dict[str, str]:
    """What {customer}, {agent} and {number} stand for."""
    return {"customer": address.name or stored.work.said_last.by, "agent": agent, "number": stored.record.number}


def checked_reply(
    writing: Writing, stored: StoredTicket, address: ReplyAddress, policy: Policy, *, agent: str, now: int
) -> Writing:
    """The reply as it will be sent; `agent` is the writer's name. Raises WindowShut, Invalid."""
    sends = sends_of(policy, address, writing.mode)
    if writing.mode and writing.mode not in sends.modes:
        ways = ", ".join(sends.modes) or "one way only"
        raise Invalid(f"{writing.mode!r} is no way in which the channel sends; there is {ways}", field="mode")
    if writing.template is not None:
        return _as_template(writing, writing.template, templates_of(policy, address), values_of(stored, address, agent))
    if is_shut(stored.record.reply_by, now):
        raise _shut(stored, tuple(templates_of(policy, address)))
    for refusal in sending_plan(writing.text, writing.attachments, sends, formatted=writing.formatted).refusals:
        raise Invalid(refusal.words, field=refusal.field)
    return writing


def is_shut(reply_by: int | None, now: int) -> bool:
    """Whether the window for free answers is shut."""
    return reply_by is not None and now >= reply_by


def _shut(stored: StoredTicket, templates: tuple[str, ...]) -> WindowShut:
    named = f"send a template ({', '.join(templates)})" if templates else "configure a template for the account"
    return WindowShut(
        f"the channel takes free answers only for a time after the customer wrote, and that is over for "
        f"{stored.record.number}: {named}, or write to another address of theirs",
        reply_by=stored.record.reply_by,
        templates=templates,
    )


def _as_template(
    writing: Writing, choice: TemplateChoice, known: Mapping[str, TemplateText], values: Mapping[str, str]
) -> Writing:
    template = known.get(choice.name)
    if template is None:
        have = ", ".join(known) or "none"
        raise Invalid(f"there is no template {choice.name} for the account; it has {have}", field="template")
    if writing.attachments:
        raise Invalid("a template takes no files", field="attachments")
    if unknown := [name for name in choice.parameters if name not in template.parameters]:
        raise Invalid(f"the template {choice.name} has no place {unknown[0]}", field="template")
    filled = filled_in(template, values) | {name: value.strip() for name, value in choice.parameters.items()}
    if empty := [name for name, value in filled.items() if not value]:
        raise Invalid(f"the template {choice.name} needs a value for {empty[0]}", field="template")
    own = {"vendor": template.vendor} if isinstance(template, TemplateSettings) else {}
    choices = template.choices if isinstance(template, ChoiceTemplate) else ()
    used = UsedTemplate(name=choice.name, language=template.language, parameters=filled, choices=choices, **own)
    text = PLACE.sub(lambda place: filled[place[1]], template.text)
    return replace(writing, text=text, formatted=False, used=used)


def filled_in(template: TemplateText, values: Mapping[str, str]) -> dict[str, str]:
    """The values of its parameters as the configuration has them."""
    return {name: _filled(value, values) for name, value in template.parameters.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDERS.sub(lambda match: match["space"] + values[match["name"]] if values[match["name"]] else "", text)
