"""Who else gets an answer, beside the address that a ticket is pinned to.

By default the people to whom the customer wrote last: the others in To and Cc of the newest proven mail of somebody
who gets the answers, and whoever wrote it. A mail that nobody has proven, or of somebody else, adds nobody, however
often they write, because it could name anybody, and a reply address can be passed on; its people are offered to the
agent, who decides. At most `MOST` get one answer. Who an
agent leaves out or adds stays so until a customer writes to others.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..config.errors import Invalid
from ..normalizer.addresses import normalise_address
from ..normalizer.envelope import Addressee, Envelope
from ..normalizer.joining import PROVEN
from .reply_route import ReplyAddress

MOST = 20


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a ticket knows of people: its pinned address, and who else gets its answers."""

    pinned: str = ""
    copied: Sequence[Addressee] = ()

    @classmethod
    def of(cls, stored: Mapping[bytes, bytes]) -> "Known":
        """From a ticket as the engine gave it."""
        pinned = json.loads(stored.get(b"_reply_to", b"null")) or {}
        copied = json.loads(stored.get(b"_copied", b"[]"))
        return cls(
            pinned=pinned.get("to", ""),
            copied=[Addressee(**each) for each in copied],
        )


def written_to(envelope: Envelope, known: Known | None, address: ReplyAddress | None) -> tuple[Addressee, ...] | None:
    """Who gets the answers from this message on; None when it changes nothing. Without `known` it opens the ticket."""
    writer = next(iter(envelope.sender.identities), None)
    if writer is None or writer.kind != "email" or writer.assurance < PROVEN or envelope.automation != "none":
        return None
    if known is None:
        return _others(envelope.addressees, {address.to if address else "", writer.value})
    if writer.value not in {known.pinned, *(each.address for each in known.copied)}:
        return None
    author = Addressee(address=writer.value, name=envelope.sender.name)
    return _others((author, *envelope.addressees), {known.pinned})


def chosen(asked: Iterable[Addressee], pinned: str, ours: Collection[str]) -> tuple[Addressee, ...]:
    """Whom an agent chose, each once. Raises Invalid, naming who cannot get a copy, and when they are too many."""
    found = tuple(each for each in _once(asked) if each.address != pinned)
    for each in found:
        if normalise_address(each.address) != each.address:
            raise Invalid(f"{each.address!r} is not an e-mail address", field="copied")
        if plain(each.address) in ours:
            raise Invalid(f"{each.address} is an address of ours; the answer would come back", field="copied")
    if len(found) > MOST:
        raise Invalid(f"at most {MOST} others get an answer; these are {len(found)}", field="copied")
    return found


def plain(address: str) -> str:
    """The address without what stands behind a plus sign."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _others(people: Iterable[Addressee], without: Collection[str]) -> tuple[Addressee, ...]:
    return tuple(each for each in _once(people) if each.address not in without)[:MOST]


def _once(people: Iterable[Addressee]) -> Iterable[Addressee]:
    found: dict[str, Addressee] = {}
    for each in people:
        found.setdefault(each.address, each)
    return found.values()
