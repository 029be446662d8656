"""What teaches the desk in Slack within a minute: the help of /desk, the first message to an agent, a digest. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from . import controls
from .blocks import Bold, Channel, Json, Moment, Piece, actions, context, marked, plain, rich, section
from .elements import button
from .handles import Handle
from .plain_words import name, one_line
from .surfaces import Message

COMMANDS: Mapping[str, str] = {
    "": "what needs you now",
    "take T-1042": "take a ticket",
    "open T-1042": "its card, wherever it is",
    "reply T-1042": "write to its customer",
    "find lamp": "tickets with these words",
    "customer maria@example.org": "who somebody is, by address or number",
    "new": "open a ticket by hand",
    "canned thanks": "the text of a canned reply",
    "available, busy, away 30": "whether you are offered work",
    "handover": "give your open tickets on",
    "help": "this",
}
_RULE = (
    (
        "Have it? ",
        "What you type in its thread goes to the customer, after some seconds in which you can take it back.",
    ),
    ("Do not have it? ", "What you type is a note. A button sends it, or takes the ticket and sends it."),
    ("For colleagues only: ", "begin with 🔒 or note:, or mention somebody."),
)


def help_message(command: str = "/desk", *, unknown: str = "") -> Message:
    """What the command can do; `unknown` is what somebody wrote instead."""
    told = [section(plain(f"There is no “{one_line(unknown, 60)}” here."))] if unknown else []
    lines: list[Piece] = [
        piece for words, what in COMMANDS.items() for piece in (Bold(f"{command} {words}".strip()), f"  {what}", "\n")
    ]
    blocks = [*told, section(marked(*lines, most=2_900)), context(*_rules())]
    return Message(words=f"What {command} can do", blocks=blocks)


def first_message(agent: str, queues: Iterable[str], command: str = "/desk") -> Message:
    """What an agent is told once, when they are first seen; `queues` are the ids of the channels that they serve."""
    channels = [piece for each in queues for piece in (Channel(each), " ")]
    where: list[Piece] = ["Your tickets come to ", *channels] if channels else ["You serve no queue yet."]
    words = f"Hello {name(agent)}, this is your desk in Slack."
    return Message(
        words=words,
        blocks=[
            section(plain(f"👋 {words} It takes a minute.")),
            context(marked(*where)),
            rich("1.  ", "Press Take on a card, or Accept on what you are offered here."),
            rich(
                "2.  ", "Answer in the thread of the card. Before it leaves you see to whom it goes, and can undo it."
            ),
            rich("3.  ", "Choose Solved on the card. It opens again when the customer writes."),
            context(*_rules()),
            context(plain(f"{command} help says more; my Home tab shows what needs you.")),
            actions(
                button("I am available", controls.PRESENCE, "available", look="primary"),
                button("Help", controls.HELP, Handle()),
            ),
        ],
        event=controls.OTHER_EVENT,
    )


def digest_message(queue: str, new: int, since: int, lines: Sequence[str], *, waiting: int, late: int = 0) -> Message:
    """In place of many cards, when more come than a channel takes: how many, the most urgent, and that none is lost."""
    words = f"{new} tickets came to {one_line(queue, 60)} in a burst"
    rest = f" and {new - len(lines[:10])} more" if new > len(lines[:10]) else ""
    blocks = [
        section(marked("🌊 ", Bold(words), " since ", Moment(since, "clock"))),
        *([rich("\n".join(f"• {one_line(each, 150)}" for each in lines[:10]) + rest, quoted=True)] if lines else []),
        context(
            plain(f"{waiting} wait{f', {late} of them late' if late else ''}. Offers go on as ever; cards follow.")
        ),
        actions(button("What waits", controls.FIND, Handle()), button("New ticket", controls.NEW_TICKET, Handle())),
    ]
    return Message(words=words, blocks=blocks, event=controls.OTHER_EVENT, payload={"digest": since})


def _rules() -> list[Json]:
    return [marked(Bold(head.strip()), " ", words) for head, words in _RULE]
