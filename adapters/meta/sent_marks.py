"""The mark that what we send carries, so that Meta tells of it by the id of our article.

`metadata` of Messenger comes back in echoes, `biz_opaque_callback_data` of WhatsApp in receipts. Other programs may
send from the same account and mark things as well, so ours begins with our name. Of an answer in several messages each
says which it is (`trunkline:<article>:2/3`), because what is told of one ends no answer of which more is to be sent.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

_OURS = "trunkline:"
_PLACE = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})\Z", re.ASCII)


@dataclass(frozen=True)
class Mark:
    """Our `article` and the message of it, from 1, of so many; of a single one, and of another's, both are 0."""

    article: str = ""
    part: int = 0
    parts: int = 0

    @property
    def last(self) -> bool:
        """No message of the answer comes after it."""
        return 0 < self.part == self.parts


def mark_of(article: str, part: int = 1, parts: int = 1) -> str:
    """The mark of a message of an article."""
    return f"{_OURS}{article}:{part}/{parts}" if parts > 1 else f"{_OURS}{article}"


def read_mark(mark: Any) -> Mark:
    """What a mark names; nothing for another's."""
    if not isinstance(mark, str) or not mark.startswith(_OURS):
        return Mark()
    article, _, place = mark.removeprefix(_OURS).partition(":")
    found = _PLACE.match(place)
    try:
        known = str(UUID(article))
    except ValueError:
        return Mark()
    if place and found is None:
        return Mark()
    return Mark(known, int(found[1]), int(found[2])) if found else Mark(known)
