"""What to call somebody who wrote: the name they gave, else what their identity shows of them.

An e-mail address or a telephone number tells people apart; the id of a visitor does not, so a visitor is called by its
last four characters.
"""

SOMEBODY = "Somebody"

_TELLING = ("email", "phone", "sms")


def person_name(name: str, key: str) -> str:
    """The name, else something to call the identity with this key by: `email:maria@example.org`, `chat:web:…`."""
    if name:
        return name
    kind, _, rest = key.partition(":")
    if kind in _TELLING:
        return rest
    value = rest.rpartition(":")[2]
    return f"Visitor {value[-4:]}" if kind == "chat" and value else value or SOMEBODY
