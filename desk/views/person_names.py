"""What to call somebody who wrote: the name they gave, else what their identity shows of them.

A name of which nothing is seen, such as one of zero-width characters, counts as none.

An e-mail address or a telephone number tells people apart; the id of a visitor does not, so whoever came by such a
channel is called by its last four characters.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ...normalizer.channel_facts import Channels
from ...normalizer.envelope import Addressee

SOMEBODY = "Somebody"
MOST_NAMED = 10
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing


@dataclass(frozen=True, kw_only=True)
class IdentityWords:
    """An identity as people are shown it."""

    kind: str  # E-mail; Chat (shop), when it counts at one account of a channel
    value: str
    is_address: bool  # that tells people apart


def identity_words(key: str, channels: Channels) -> IdentityWords:
    """The words for the identity with this key: `email:maria@example.org`, `chat:shop:…`, `http:crm:conversation:…`."""
    kind, _, rest = key.partition(":")
    if known := channels.identities.get(kind):
        return IdentityWords(kind=known, value=rest, is_address=True)
    account, among, _ = rest.partition(":")
    value, anonymous = rest.rpartition(":")[2], channels.nameless.get(kind, "")
    return IdentityWords(
        kind=f"{kind.capitalize()} ({account})" if among and (kind in channels or not anonymous) else kind.capitalize(),
        value=f"{anonymous} {value[-4:]}" if anonymous and value else value or SOMEBODY,
        is_address=False,
    )


def person_name(name: str, key: str, channels: Channels) -> str:
    """The name, else something to call the identity with this key by."""
    return seen_name(name) or identity_words(key, channels).value


def seen_name(name: str) -> str:
    """The name; empty when nothing of it is seen."""
    return name if _is_seen(name) else ""


def _is_seen(name: str) -> bool:
    """Whether anything of it leaves a mark: letters, digits, signs and symbols, by their Unicode category."""
    return any(unicodedata.category(each)[0] in "LNPS" and each not in _BLANK for each in name)


def addressee_words(addressees: Sequence[Addressee]) -> str:
    """Names and addresses of the first of them, and how many more there are; empty when there are none."""
    words = [f"{each.name} ({each.address})" if each.name else each.address for each in addressees[:MOST_NAMED]]
    more = len(addressees) - MOST_NAMED
    return ", ".join([*words, f"and {more} more"] if more > 0 else words)


def mailbox(addressee: Addressee) -> str:
    """Name and address as one value of a form, as mail programs write them (RFC 5322 section 3.4)."""
    name = addressee.name.replace("\\", r"\\").replace('"', r"\"")
    return f'"{name}" <{addressee.address}>' if name else addressee.address
