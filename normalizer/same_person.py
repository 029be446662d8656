"""Who is the same person: the identities that one message proves to be one person's.

Two different identities belong together only when control of each was proven while the message was written: a signed
widget token that names an address, a code that was sent there. What is less (bound by the channel, of proven origin,
claimed) says something about that one identity only. A message always stands for its first identity.
"""

from collections.abc import Sequence

from .envelope import Assurance, Identity, Sender

MOST = 8
"""Identities of one message that are looked at."""


def of_one_person(sender: Sender) -> Sequence[Identity]:
    """The first identity and, when control of it is proven, every other of which it is proven too; none twice."""
    first = sender.identities[:1]
    if not first or first[0].assurance < Assurance.CONTROL:
        return first
    proven = {each.key: each for each in reversed(sender.identities) if each.assurance >= Assurance.CONTROL}
    return [*first, *(each for key, each in reversed(proven.items()) if key != first[0].key)][:MOST]
