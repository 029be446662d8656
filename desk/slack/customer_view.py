"""The customer's record in a view: who they are and how well that is proven, their tickets, and proposals. Pure.

It opens at once as `loading_view` and is drawn when everything has been read, since Slack gives three seconds.
"""

from collections.abc import Iterator, Sequence

from ...router.records import Ticket
from ..views.labels import standing
from ..views.language_names import language_name
from ..views.people import Person, Profile
from ..views.related_records import RelatedRecord
from . import controls
from .blocks import Json, Moment, Styled, actions, context, divider, fields, header, marked, plain, rich, section
from .elements import Sure, button, link_button
from .handles import Handle
from .plain_words import name, one_line
from .surfaces import modal

IDENTITIES, TICKETS, FIELDS, PROPOSALS = 10, 10, 10, 5


def loading_view(title: str, callback: str) -> Json:
    """What stands there until everything is read."""
    return modal(title, [context(plain("Reading …"))], callback=callback, close="Close")


def customer_view(person: Person, handle: Handle, *, page: str = "") -> Json:
    """The record beside this ticket; `page` is the address of the whole of it on the desk."""
    if person.profile is None:
        blocks = [section(plain("Nothing is known of who wrote this."))]
    else:
        blocks = [*_who(person.profile), *_proposals(person.related, handle), *_tickets(person)]
    more = [actions(link_button("Whole record", controls.DESK_PAGE, page))] if page else []
    return modal("Customer", [*blocks, *more], callback=controls.CUSTOMER_RECORD, close="Close", carries=handle)


def _who(profile: Profile) -> Iterator[Json]:
    yield header(name(profile.name))
    facts = (profile.company, profile.segment, language_name(profile.language) if profile.language else "")
    known = " · ".join(one_line(each, 80) for each in facts if each)
    also = f"also {', '.join(map(name, profile.names[:5]))}" if profile.names else ""
    yield context(plain(" · ".join(filter(None, (known, also))) or "Customer"), marked("since ", Moment(profile.since)))
    for each in profile.identities[:IDENTITIES]:
        proven = "✓" if each.proof.mark == "proven" else "⚠️" if each.proof.mark == "unproven" else "○"
        address = Styled(f"{one_line(each.words.value, 200)}  ", bold=True)
        yield rich(f"{one_line(each.words.kind, 60)}  ", address, f"{proven} {each.proof.word}")
    if len(profile.identities) > IDENTITIES:
        yield context(plain(f"and {len(profile.identities) - IDENTITIES} more"))
    if profile.notes:
        yield rich("📝 ", one_line(profile.notes, 1_000), quoted=True)
    said = {**profile.fields, **profile.external_ids}
    if said:
        yield fields(*(plain(f"{one_line(key, 60)}\n{one_line(value, 300)}") for key, value in list(said.items())[:10]))


def _proposals(related: Sequence[RelatedRecord], handle: Handle) -> Iterator[Json]:
    for place, each in enumerate([each for each in related if not each.is_joined][:PROPOSALS]):
        who = f"{name(each.name)} ({', '.join(one_line(one, 80) for one in each.identities[:2])})"
        pair = f"{each.record}:{each.other}"
        sure = Sure("One person?", "Both records show as one from now on. It can be undone.", "Yes, join them")
        yield section(plain(f"🔗 Perhaps also {who}: {one_line(each.how, 200)}"))
        yield actions(
            button("One person", f"{controls.DECIDE}_{place}", handle.with_(f"join:{pair}"), sure=sure),
            button("Two people", f"{controls.DECIDE}_{place}_apart", handle.with_(f"apart:{pair}")),
        )


def _tickets(person: Person) -> Iterator[Json]:
    shown = person.others[:TICKETS]
    if not shown and not person.elsewhere:
        return
    yield divider()
    hidden = person.others_more + person.elsewhere + len(person.others) - len(shown)
    yield context(plain(f"Other tickets{f' · {hidden} more not shown' if hidden else ''}"))
    for place, each in enumerate(shown):
        yield section(plain(_line(each)), button("Open", f"{controls.OPEN}_{place}", Handle(each.id, each.revision)))


def _line(ticket: Ticket) -> str:
    return f"{ticket.number}  {one_line(ticket.subject, 120) or 'no subject'} · {standing(ticket)} · {ticket.queue}"
