"""Whom a reply reaches, and how, in one sentence that stands above the box it is written in. Pure functions, but for
what a channel is asked: whether it knows that nothing reaches them.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...normalizer.channel_facts import Channels, Product
from ...normalizer.envelope import Addressee
from ...normalizer.sending_limits import Destination
from ...router.addressees import plain
from ...router.reply_route import ReplyAddress
from ...router.stored_ticket import StoredTicket
from .person_names import addressee_words, person_name, seen_name
from .products import reply_product

MOST_OFFERED = 20

Hindrance = Callable[[str, Destination], Awaitable[str]]
"""Asks a channel, by its name, why no answer that goes there arrives; empty: nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whether somebody who chats is there, and how they can be reached when they are not."""

    here: bool = False
    left_at: int | None = None
    email: str = ""
    proven: bool = True  # that the address is theirs


@dataclass(frozen=True, kw_only=True)
class ReplyTarget:
    """Where a reply goes."""

    possible: bool
    words: str
    left_at: int | None = None  # stands behind the words, when they tell that somebody left
    onward: str = ""  # stands behind that
    warning: str = ""
    hindrance: str = ""  # why no answer arrives, whatever is written
    here: bool = False
    channel: str = ""
    product: str = ""  # what people know the channel by
    copied: Sequence[Addressee] = ()  # who gets it as well, unless the agent leaves them out
    offered: Sequence[Addressee] = ()  # who was written to before, and gets it when the agent says so
    copies: bool = False  # whether others can get it
    reply_by: int | None = None  # when the channel's window for free answers shuts


def reply_target(
    stored: StoredTicket,
    visitor: Visitor,
    channels: Channels,
    people: Iterable[Addressee] = (),
    ours: Collection[str] = (),
) -> ReplyTarget:
    """Where a reply to this ticket goes; `people` were seen in its conversation, `ours` are addresses of our own."""
    address = address_of(stored)
    if stored.record.status == "closed" and not stored.record.merged_into:
        return ReplyTarget(possible=False, words="This ticket is closed and stays as it is. You can still add a note.")
    if address is None:
        return ReplyTarget(possible=False, words="There is no address an answer could go to. Write a note instead.")
    facts, product, preview = channels[address.channel], reply_product(address, channels), stored.work.preview
    by = partial(ReplyTarget, possible=True, channel=address.channel, product=product.words)
    if not facts.presence:
        warning = _warning(not stored.record.unproven and not address.claimed)
        words = f"Reply to {_called(address, product)} {product.way}"
        until = stored.record.reply_by
        target = by(words=words, warning=warning, reply_by=until)
        if not facts.letters:
            return target
        copied = stored.work.copied
        known = {each.address for each in copied} | {address.to}
        others = {
            each.address: each for each in people if each.address not in known and plain(each.address) not in ours
        }
        return replace(target, copied=copied, offered=list(others.values())[:MOST_OFFERED], copies=True)
    name = person_name(address.name or preview.by, preview.key, channels)
    return by(
        words=f"Reply to {name} {product.way} — {_presence(visitor)}",
        left_at=visitor.left_at,
        onward="" if visitor.here else _onward(visitor),
        warning=_warning(visitor.proven),
        here=visitor.here,
    )


def reply_ways(case: StoredTicket, merged: Sequence[StoredTicket], channels: Channels) -> Sequence[tuple[str, str]]:
    """By which tickets of a case a reply can go, and to whom; empty when there is nothing to choose."""
    tickets = [each for each in (case, *merged) if address_of(each) is not None]
    ways = [(each.record.id, f"{each.record.number} · {whom(each, channels)}{_copies(each)}") for each in tickets]
    return ways if len(ways) > 1 else ()


def choose_below(ways: Sequence[tuple[str, str]]) -> ReplyTarget | None:
    """What is said where a reply goes by one of several tickets."""
    if not ways:
        return None
    return ReplyTarget(possible=True, words="A reply goes to whom you choose below, and to nobody else")


def whom(stored: StoredTicket, channels: Channels) -> str:
    """Whom a reply by this ticket goes to, with the way; empty when there is none."""
    address = address_of(stored)
    if address is None:
        return ""
    facts, product = channels[address.channel], reply_product(address, channels)
    name = person_name(address.name or stored.work.preview.by, stored.work.preview.key, channels)
    return f"{name if facts.presence else _called(address, product)} {product.way}"


def _called(address: ReplyAddress, product: Product) -> str:
    """The address; where it says nothing to people, whoever has it."""
    if not product.anonymous:
        return address.to
    return seen_name(address.name) or f"{product.anonymous} {address.to[-4:]}"


def _copies(stored: StoredTicket) -> str:
    return f", copy to {addressee_words(stored.work.copied)}" if stored.work.copied else ""


async def nothing_known(_: str, __: Destination) -> str:
    """As `Hindrance`, where no channel can be asked."""
    return ""


async def hindrance_of(stored: StoredTicket, ask: Hindrance) -> str:
    """Why no answer to this ticket arrives, as a sentence; empty where nothing is known or nothing can be written."""
    address = address_of(stored)
    if address is None or stored.record.status == "closed":
        return ""
    to = Destination(account=address.account, to=address.to, conversation=address.conversation)
    why = await ask(address.channel, to)
    return f"{why[0].upper()}{why[1:]}." if why else ""


def address_of(stored: StoredTicket) -> ReplyAddress | None:
    """What the ticket is pinned to."""
    return stored.work.reply_to


def _warning(proven: bool) -> str:
    return "" if proven else "Nobody has proven that this address is the writer’s own."


def _presence(visitor: Visitor) -> str:
    if visitor.here:
        return "they are here now"
    return "they are not there" if visitor.left_at is None else "they left"


def _onward(visitor: Visitor) -> str:
    return f"it goes on by e-mail to {visitor.email}" if visitor.email else "they see it when they come back"
