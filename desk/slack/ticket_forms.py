"""The small views about one ticket: declining it, its fields, who gets it, escalation, a merge. Pure."""

from collections.abc import Sequence

from ...router.records import AgentState
from ..views.labels import PRIORITIES
from ..views.merge_words import MergeWords
from . import controls
from .blocks import Json, context, plain, rich
from .card_blocks import title_runs, who_words
from .elements import Option, labelled, menu, options_answer, search_menu, text_field
from .plain_words import name, one_line
from .surfaces import modal
from .ticket_card import Card

TAGS = 500  # characters of all tags


def declining_view(card: Card) -> Json:
    """Why an offer is declined, in the agent's own words."""
    reason = text_field(controls.REASON, lines=True, most=300, first=True, placeholder="So that the next one knows")
    blocks = [*_about(card), labelled("Why not you?", reason, block_id="reason")]
    return modal("Decline", blocks, callback=controls.DECLINING, submit="Decline", carries=card.handle)


def editing_view(card: Card, *, subject: str, tags: Sequence[str], language: str, queues: Sequence[str]) -> Json:
    """The fields of a ticket; what is left as it was is not changed."""
    priorities = [Option(words, str(number)) for number, words in PRIORITIES.items()]
    in_queues = [Option(each, each) for each in queues]
    blocks = [
        labelled("Subject", text_field(controls.SUBJECT, begin=subject, most=300), block_id="subject", optional=True),
        labelled(
            "Priority",
            menu("Priority", controls.PRIORITY, priorities, chosen=str(card.priority)),
            block_id="priority",
        ),
        labelled("Queue", menu("Queue", controls.QUEUE, in_queues, chosen=card.queue), block_id="queue"),
        labelled(
            "Tags",
            text_field(controls.TAGS, begin=", ".join(tags), most=TAGS),
            block_id="tags",
            hint="With commas between them.",
            optional=True,
        ),
        labelled(
            "Language",
            text_field(controls.LANGUAGE, begin=language, most=8),
            block_id="language",
            hint="Its code, such as de.",
            optional=True,
        ),
    ]
    return modal(f"Edit {card.number}", blocks, callback=controls.EDITING, submit="Save", carries=card.handle)


def assigning_view(card: Card) -> Json:
    """To whom it is given; the menu asks for colleagues while one types (`agents_answer`)."""
    blocks = [
        *_about(card),
        labelled("To", search_menu("A colleague", controls.AGENT), block_id="agent"),
        _note("What they should know"),
    ]
    return modal(f"Assign {card.number}", blocks, callback=controls.ASSIGNING, submit="Assign", carries=card.handle)


def agents_answer(agents: Sequence[AgentState], asked: str = "") -> Json:
    """Colleagues with these letters, the one with the most room first."""
    words = asked.casefold()
    found = [each for each in agents if words in f"{each.name} {each.id}".casefold()]
    ranked = sorted(found, key=lambda each: (each.presence != "available", each.load - each.capacity, each.name))
    return options_answer([Option(name(each.name), each.id, _how(each)) for each in ranked])


def escalating_view(card: Card, targets: Sequence[tuple[str, str]]) -> Json:
    """Where it escalates to, by value and words, and why."""
    options = [Option(words, value) for value, words in targets]
    to = [labelled("To", menu("Queue or person", controls.QUEUE, options), block_id="queue")] if options else []
    reason = text_field(controls.REASON, lines=True, most=1_000, first=True)
    blocks = [
        *_about(card),
        *(to or [context(plain("There is nobody to escalate to; a note tells your lead."))]),
        labelled("Why", reason, block_id="reason", hint="It is added as a note that only colleagues see."),
    ]
    return modal(
        f"Escalate {card.number}", blocks, callback=controls.ESCALATING, submit="Escalate", carries=card.handle
    )


def merging_view(card: Card, likely: Sequence[Option] = ()) -> Json:
    """Into which ticket; `likely` are those of the same customer, of which the first is chosen."""
    chosen = likely[0] if likely else None
    field = search_menu("Number, or words of it", controls.TICKET, chosen=chosen)
    hint = "Its customer's other tickets come first. You see what changes before it happens."
    blocks = [*_about(card), labelled("Merge into", field, block_id="ticket", hint=hint)]
    return modal(f"Merge {card.number}", blocks, callback=controls.MERGING, submit="Next", carries=card.handle)


def merge_confirmed_view(card: Card, into: str, words: MergeWords) -> Json:
    """What the merge will change; `into` is the id of the ticket that will stand for both."""
    warned = [context(plain(f"⚠️ {one_line(each, 600)}")) for each in words.warnings]
    changes = [rich(f"• {one_line(each, 600)}") for each in words.changes]
    reason = labelled("Why", text_field(controls.REASON, most=300), block_id="reason", optional=True)
    return modal(
        "Merge?",
        [*warned, *changes, reason],
        callback=controls.MERGING,
        submit="Merge",
        close="Back",
        carries=card.handle.with_(into),
    )


def _about(card: Card) -> list[Json]:
    return [rich(*title_runs(card)), context(plain(who_words(card)))]


def _note(label: str) -> Json:
    field = text_field(controls.NOTE, lines=True, most=1_000)
    return labelled(label, field, block_id="note", optional=True, hint="A note that only colleagues see.")


def _how(agent: AgentState) -> str:
    """`available · 3 of 5`."""
    return f"{agent.presence} · {agent.load} of {agent.capacity} in use"
