"""The answers of the DNS that are still good, in a bounded amount of memory.

They are bounded by what they weigh, not by their number: a stranger's zone says how long its answers are, and one may
have 60 KB. Those that were not asked for the longest go first. Times are seconds of whatever clock the caller has.
"""

import sys
from collections import OrderedDict
from collections.abc import Sequence

from .lookup import RecordKind

_OWN_OCTETS = 600  # of an entry without its records: name, tuples, place in the table

Question = tuple[str, RecordKind]


class KeptAnswers:
    """Answers until they expire, `octets` of memory at most."""

    def __init__(self, octets: int) -> None:
        self.octets = 0  # in use
        self._most = octets
        self._kept: OrderedDict[Question, tuple[float, Sequence[str]]] = OrderedDict()

    def get(self, question: Question, now: float) -> Sequence[str] | None:
        """The records, perhaps none; None when nothing is known."""
        expires, records = self._kept.get(question, (now, ()))
        if expires <= now:
            self._drop(question)
            return None
        self._kept.move_to_end(question)
        return records

    def put(self, question: Question, records: Sequence[str], expires: float) -> None:
        """Keeps an answer, in place of an older one and of as many others as it needs."""
        self._drop(question)
        self._kept[question] = expires, records
        self.octets += _weight(records)
        while self.octets > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, question: Question) -> None:
        if question in self._kept:
            self.octets -= _weight(self._kept.pop(question)[1])


def _weight(records: Sequence[str]) -> int:
    return _OWN_OCTETS + sys.getsizeof(records) + sum(map(sys.getsizeof, records))
