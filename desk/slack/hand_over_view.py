"""The view in which an agent hands tickets over at the end of a shift, and what the receiver is told. Pure."""

from collections.abc import Iterator, Sequence

from ..views.inbox_rows import Row
from . import controls
from .blocks import Json, context, plain, section
from .elements import Option, labelled, link_button, one_of, search_menu, several, text_field
from .handles import Handle
from .plain_words import name, one_line
from .surfaces import Message, modal

GROUP, MOST = 10, 50  # boxes in one field, and in all
TO_QUEUE, TO_AGENT = "queue", "agent"


def hand_over_view(rows: Sequence[Row], *, ends: bool = False) -> Json:
    """All of an agent's open tickets, ticked; `ends`: their shift ends soon."""
    told = [context(plain("Your shift ends soon. What you do not hand over stays yours."))] if ends else []
    if not rows:
        return modal("Hand over", [section(plain("Nothing of yours is open."))], callback=controls.HANDING_OVER)
    ways = [Option("Back to its queue", TO_QUEUE), Option("To a colleague", TO_AGENT)]
    note = text_field(controls.NOTE, lines=True, most=1_000)
    blocks = [
        *told,
        *_groups(rows[:MOST]),
        labelled("Where to", one_of(controls.QUEUE, ways, chosen=TO_QUEUE), block_id="queue"),
        labelled("Colleague", search_menu("A colleague", controls.AGENT), block_id="agent", optional=True),
        labelled("What they should know", note, block_id="note", hint="A note on each of them.", optional=True),
    ]
    return modal("Hand over", blocks, callback=controls.HANDING_OVER, submit="Hand over")


def handed_over_message(giver: str, note: str, tickets: Sequence[tuple[Handle, str, str]]) -> Message:
    """What the receiver is told: each ticket by its handle, a line about it, and the address of its thread."""
    count = f"{len(tickets)} ticket{'' if len(tickets) == 1 else 's'}"
    words = f"{name(giver)} handed {count} over to you"
    lines = [
        section(plain(one_line(line, 200)), link_button("Open", f"{controls.OPEN}_{place}", thread) if thread else None)
        for place, (_, line, thread) in enumerate(tickets[:40])
    ]
    said = [context(plain(f"🔒 {note}"))] if note else []
    return Message(words=words, blocks=[section(plain(f"🤝 {words}")), *said, *lines], event=controls.OTHER_EVENT)


def _groups(rows: Sequence[Row]) -> Iterator[Json]:
    """In groups of ten, as many as Slack takes in one field."""
    for begin in range(0, len(rows), GROUP):
        options = [Option(f"{row.number} {one_line(row.who, 30)}", row.id, row.preview) for row in rows[begin:][:GROUP]]
        boxes = several(f"{controls.TICKETS}_{begin}", options, chosen=[each.value for each in options])
        label = "Tickets" if not begin else "… more"
        yield labelled(label, boxes, block_id=f"tickets-{begin}", optional=True)
