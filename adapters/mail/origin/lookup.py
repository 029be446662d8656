"""What the checks of a mail's origin ask of the DNS.

One function: a name and a kind of record in, the records out as text. A name that does not exist, or has no such
record, gives nothing; only a question that got no answer raises `NameServiceUnavailable`, and then no check may say
pass or fail. Tests hand in a function of their own; the real one is `resolver.Resolver.ask`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

RecordKind = Literal["TXT", "A", "AAAA", "MX", "PTR"]

Lookup = Callable[[str, RecordKind], Awaitable[Sequence[str]]]
"""TXT: the strings of a record joined, a byte a character (latin-1). MX: host names, best first. PTR: names."""

_LONGEST_LABEL = 63  # RFC 1035 section 2.3.4
_LONGEST_NAME = 253


def is_name(name: str) -> bool:
    """Whether the DNS could know this name: labels of 1 to 63 octets, at most 253 in all."""
    labels = name.removesuffix(".").split(".")
    return len(name) <= _LONGEST_NAME and all(0 < len(label) <= _LONGEST_LABEL for label in labels)


def same_name(name: str) -> str:
    """The form in which names are compared."""
    return name.removesuffix(".").lower()
