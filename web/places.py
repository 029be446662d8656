"""So many at one time: in total, and of one holder. The one way in which anything here is counted that comes and goes.

What is counted may be connections, streams, messages or bytes; a holder is whoever shall not take everything: a peer, a
visitor, or nobody in particular. Some places can be set apart for those who are favoured, who share only the total.
How often somebody may ask is another question, see `PeerLimiter`.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..config.errors import Overloaded, Temporary


class Places:
    """At most `most` units are taken, `each` of them by one holder, who may always have one thing, however large."""

    def __init__(self, most: float = math.inf, *, each: float = math.inf, set_apart: int = 0) -> None:
        self._most = most
        self._each = each
        self._set_apart = set_apart
        self._by_holder: Counter[str] = Counter()
        self.used = 0

    def held_by(self, holder: str) -> int:
        """The units that a holder has."""
        return self._by_holder[holder]

    def take(self, holder: str = "", units: int = 1, *, favoured: bool = False) -> bool:
        """Take them; false, and nothing taken, when there are not so many left."""
        if self.used + units > self._most - (0 if favoured else self._set_apart):
            return False
        if not favoured and self.is_beyond_share(holder, units):
            return False
        self.used += units
        self._by_holder[holder] += units
        return True

    def is_beyond_share(self, holder: str, units: int = 1) -> bool:
        """Whether so many more would be beyond the share of a holder."""
        held = self._by_holder.get(holder, 0)
        return held > 0 and held + units > self._each

    def give_back(self, holder: str = "", units: int = 1) -> None:
        """They are free again."""
        self.used -= units
        self._by_holder[holder] -= units
        if self._by_holder[holder] <= 0:
            del self._by_holder[holder]

    @contextmanager
    def held(self, holder: str = "", *, refusal: Callable[[], Temporary] = Overloaded) -> Iterator[None]:
        """Hold one to the end of the block. Raises what `refusal` gives when there is none left."""
        if not self.take(holder):
            raise refusal()
        try:
            yield
        finally:
            self.give_back(holder)
