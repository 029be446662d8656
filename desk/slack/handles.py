"""What a control carries: which ticket it is about, at which revision it was drawn, and one more word. Pure.

    019abc… 17 solved

Nothing that anybody wrote goes into it, and nothing that is read from it is believed: whoever handles the click reads
the ticket again, and a revision that is not the stored one says that the card was old.
"""

import re
from dataclasses import dataclass

from ...config.errors import Invalid

_HANDLE = re.compile(r"(?P<ticket>[\w:-]{1,60}) (?P<revision>\d{1,12})(?: (?P<about>[\w:.,@/+-]{1,100}))?\Z", re.ASCII)
_NO_TICKET = "-"


@dataclass(frozen=True)
class Handle:
    """As it is written, at most 150 characters, so that it fits into an option of a menu."""

    ticket: str = ""
    revision: int = 0
    about: str = ""  # such as an article, a held reply, a status, an agent

    def __str__(self) -> str:
        return f"{self.ticket or _NO_TICKET} {self.revision} {self.about}".rstrip()

    def with_(self, about: str) -> "Handle":
        """The same about something else."""
        return Handle(self.ticket, self.revision, about)


def read_handle(value: str) -> Handle:
    """As a control brought it back. Raises Invalid for what is none of ours."""
    found = _HANDLE.match(value)
    if found is None:
        raise Invalid("this control carries nothing of ours")
    ticket = "" if found["ticket"] == _NO_TICKET else found["ticket"]
    return Handle(ticket, int(found["revision"]), found["about"] or "")
