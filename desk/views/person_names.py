"""What to call somebody who wrote: the name they gave, else what their identity shows of them.

An e-mail address or a telephone number tells people apart; the id of a visitor does not, so whoever came by such a
channel is called by its last four characters.
"""

from ...normalizer.channel_facts import Channels

SOMEBODY = "Somebody"


def person_name(name: str, key: str, channels: Channels) -> str:
    """The name, else something to call the identity with this key by: `email:maria@example.org`, `chat:web:…`."""
    if name:
        return name
    kind, _, rest = key.partition(":")
    if kind in channels.identities:
        return rest
    value, anonymous = rest.rpartition(":")[2], channels[kind].anonymous
    return f"{anonymous} {value[-4:]}" if anonymous and value else value or SOMEBODY
