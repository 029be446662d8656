"""Message-IDs as mail really carries them: in brackets or without, several in a row, folded in the middle.

`parse_ids` never raises. An id is kept as it was written, without brackets and without the line break of a fold,
because it is only ever compared with ids written by the same software. What is longer than a line may be is no id
(RFC 5322 section 2.1.1).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from ...normalizer.encoded_words import decode_escapes
from . import limits

LONGEST = 998
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(rf"{_UUID}@", re.IGNORECASE)

_BRACKETED = re.compile(r"<([^<>]*)(?:>|\Z)")
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")


def parse_ids(header: str) -> list[str]:
    """All ids of Message-ID, In-Reply-To or References, in order; words beside bracketed ids are prose and no ids."""
    text = decode_escapes(header)
    if "<" in text:
        found = [_FOLD.sub("", match[1]).strip() for match in _BRACKETED.finditer(text)]
    else:
        found = text.replace(",", " ").replace(">", " ").split()
    return list(dict.fromkeys(one for one in found if 0 < len(one) <= LONGEST))


@dataclass(frozen=True)
class Thread:
    """How a mail stands to others: its own id, the ids that it answers, and the thread, oldest first."""

    own: str
    answered: list[str]
    references: list[str]

    @property
    def announces(self) -> tuple[str, ...]:
        """The keys by which later mails may mean this one."""
        return (f"mail:{self.own}",) if self.own else ()

    @property
    def conversation(self) -> tuple[str, ...]:
        """The keys of the mails that it follows, the newest first."""
        ids = dict.fromkeys((*self.answered, *reversed(self.references)))
        return tuple(f"mail:{one}" for one in ids if one != self.own)[: limits.THREAD]

    def answers(self, domains: Collection[str]) -> bool:
        """Whether it follows a mail that was sent from one of these domains."""
        return any(one.rpartition("@")[2].lower() in domains for one in (*self.answered, *self.references))

    def answers_article(self, domains: Collection[str]) -> bool:
        """Whether it follows an article of ours: nobody can guess the id of one (`<uuid>@our domain`)."""
        ids = (one for one in (*self.answered, *self.references) if _OURS.match(one))
        return any(one.rpartition("@")[2].lower() in domains for one in ids)

    @property
    def in_reply_to(self) -> str:
        """The one mail that it answers; empty when it answers none."""
        return (self.answered or self.references[-1:] or [""])[0]


def read_thread(message_id: str, in_reply_to: str, references: str) -> Thread:
    """The thread, from the three headers that tell of it."""
    own = parse_ids(message_id)
    return Thread(own[0] if own else "", parse_ids(in_reply_to), parse_ids(references)[-limits.THREAD :])
