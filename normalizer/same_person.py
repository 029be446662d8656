"""Who is the same person: the identities that one message proves to be one person's, and those that only speak for it.

Two different identities belong together only when control of each was proven while the message was written: a signed
widget token that names an address, a code that was sent there. What is less (bound by the channel, of proven origin,
claimed) says something about that one identity only. A message always stands for its first identity.

Where the origin of a message with several identities is proven, a signed source says that they are one person's. That
is its word, which a person can follow. So can the same full name at a company's own domain be a hint, where the address
is a person's. What somebody only writes of themselves (a signature, a contact card, an unsigned form) is none.
"""

import re
from collections.abc import Sequence
from functools import cache

from .envelope import Assurance, Identity, Sender
from .folding import fold
from .mail_domains import is_public

MOST = 8
"""Identities of one message that are looked at."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_WORDS = 5
_ROLES = """
abuse accounting accounts admin administrator alerts billing bookings bot buchhaltung careers contact contato
customerservice do donotreply enquiries events feedback finance hello help helpdesk hostmaster hr info information
invoice invoices it jobs kontakt legal mail mailer mailerdaemon marketing media members news newsletter no noreply
notification notifications notify office operations orders payments postmaster press privacy purchasing reception
rechnung reply returns root sales scan scanner security service services shop staff subscriptions support system team
tech ticket tickets verkauf web webmaster welcome wordpress
"""


def of_one_person(sender: Sender) -> Sequence[Identity]:
    """The first identity and, when control of it is proven, every other of which it is proven too; none twice."""
    first = sender.identities[:1]
    if not first or first[0].assurance < Assurance.CONTROL:
        return first
    proven = {each.key: each for each in reversed(sender.identities) if each.assurance >= Assurance.CONTROL}
    return [*first, *(each for key, each in reversed(proven.items()) if key != first[0].key)][:MOST]


def named_beside(sender: Sender) -> Sequence[Identity]:
    """The identities that a message of proven origin names as the same person's, and does not prove to be."""
    if not sender.identities or sender.identities[0].assurance < Assurance.ORIGIN:
        return ()
    joined = {each.key for each in of_one_person(sender)}
    named = {each.key: each for each in sender.identities[:MOST] if each.assurance >= Assurance.ORIGIN}
    return [each for key, each in named.items() if key not in joined]


def full_name(name: str) -> str:
    """A name of two to five words, folded and in one order, so that “Lee, Maria” is Maria Lee; empty for any other."""
    words = _WORD.findall(fold(name))
    return " ".join(sorted(words)) if 2 <= len(words) <= _MOST_WORDS else ""


def company_domain(identity: Identity) -> str:
    """The domain of a person's address at a company's own; empty for a public provider and for `info@`."""
    local, _, domain = identity.value.rpartition("@") if identity.kind == "email" else ("", "", "")
    words = _WORD.findall(local)
    return "" if is_public(domain) or not _role_words().isdisjoint(words) else domain


@cache
def _role_words() -> frozenset[str]:
    return frozenset(_ROLES.split())
