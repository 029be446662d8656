"""An offer, as a direct message to the agent who is asked; and what is left of it when it is settled. Pure."""

from ..views.labels import DECLINES
from . import controls
from .blocks import Bold, Channel, Json, Link, Moment, Piece, actions, context, marked, plain, rich
from .card_blocks import card_words, excerpt_block, state_line, title_runs, who_words
from .elements import Option, button, menu
from .plain_words import name, one_line
from .surfaces import Message
from .ticket_card import Card

OTHER = "other"  # the reason that opens a view to write one


def offer_message(card: Card, *, why: str = "") -> Message:
    """While it can be accepted; `why` it came to this agent. A reason to decline is one choice, without a view."""
    until = card.offer.expires_at if card.offer else 0
    reasons = [Option(words, str(card.handle.with_(str(number)))) for number, words in enumerate(DECLINES)]
    return _message(
        f"You are offered {card_words(card)}",
        card,
        [
            context(marked("👋 ", Bold("Yours?"), " Answer by ", Moment(until, "clock"))),
            rich(*title_runs(card)),
            context(plain(who_words(card))),
            *excerpt_block(card.excerpt, card.files),
            *([context(plain(f"You were asked because you {why}"))] if why else []),
            actions(
                button("Accept", controls.ACCEPT, card.handle, look="primary"),
                menu(
                    "Decline because…",
                    controls.DECLINE,
                    [*reasons, Option("Another reason…", str(card.handle.with_(OTHER)))],
                ),
                button("Customer", controls.CUSTOMER, card.handle),
            ),
        ],
    )


def accepted_message(card: Card, now: int, *, where: str = "", thread: str = "") -> Message:
    """Theirs now: where its thread is, by the id of the channel and the address of the thread."""
    at: list[Piece] = ["✅ You have it. "]
    if thread:
        at += ["Its thread: ", Link(thread, "open")]
    if thread and where:
        at += [" in ", Channel(where)]
    return _message(
        f"You have {card_words(card)}",
        card,
        [
            rich(*title_runs(card)),
            context(marked(*at)),
            state_line(card, now),
            actions(button("Reply…", controls.REPLY, card.handle, look="primary")),
        ],
    )


def passed_message(card: Card, *, missed: bool, away: bool = False, taken_by: str = "") -> Message:
    """It went on: declined, not answered in time, or taken by somebody else; `away`: nothing more is offered them."""
    what = "You did not answer in time" if missed else f"{name(taken_by)} has it" if taken_by else "You declined"
    rest = ", so you are set away and nothing more is offered to you." if away else "; a colleague is asked."
    said = f"{what}{rest if not taken_by else '.'}"
    back = [actions(_available(), block_id="presence")] if away else []
    words = f"{card.number} {one_line(card.title, 120)}"
    return _message(f"{said} {words}", card, [context(plain(f"{'⌛' if missed else '↪️'} {words}"), plain(said)), *back])


def _available() -> Json:
    return button("I am available", controls.PRESENCE, "available", look="primary")


def _message(words: str, card: Card, blocks: list[Json]) -> Message:
    payload = {"ticket": card.ticket, "rev": card.revision, "offer": True}
    return Message(words=words, blocks=blocks, event=controls.TICKET_EVENT, payload=payload)
