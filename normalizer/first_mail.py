"""A mail that answers none of ours: is what it quotes known here?

Somebody adds the support to a thread that runs already, or passes a message on without saying so. What the others wrote
is new to us then, and often all that matters. Known is what we wrote or got, and what the writer says once more.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .folding import fold

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMail:
    """Who wrote it (a normalised address, a name), and which domains are ours."""

    writer: str
    name: str = ""
    ours: Collection[str] = ()

    def is_news(self, head: Iterable[str]) -> bool:
        """Whether the quotation that begins with these lines is news here."""
        text = "\n".join(head)
        found = [(match[0].lower(), match[1].lower()) for match in _ADDRESS.finditer(text)]
        if any(domain in self.ours for _, domain in found):
            return False
        others = [address for address, _ in found if address != self.writer]
        if others or not found:
            return bool(others) or not (self.name and fold(self.name) in fold(text))
        return False
