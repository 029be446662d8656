"""How faults are put into clean evidence: each names the rule that must find it and words that it must say."""

from collections.abc import Callable
from dataclasses import dataclass

from .evidence import Evidence
from .history import Action, Attempt, Message, Outcome, Sight, Stay
from .picture import Fields

Put = Callable[[Evidence], None]

STRANGE = "01900000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class SeededFault:
    """One fault."""

    rule: str
    words: str
    put: Put

    @property
    def name(self) -> str:
        """What it does."""
        return self.put.__name__.strip("_")


FAULTS: list[SeededFault] = []


def found_as(rule: str, words: str) -> Callable[[Put], Put]:
    """Adds a fault to the list."""

    def remember(put: Put) -> Put:
        FAULTS.append(SeededFault(rule, words, put))
        return put

    return remember


def the_ticket(evidence: Evidence, number: str) -> Fields:
    """The ticket with this number."""
    return next(ticket for ticket in evidence.picture.tickets.values() if ticket["number"] == number)


def the_article(evidence: Evidence, message: str) -> str:
    """The article that holds this message."""
    return evidence.filed[message][0]


def an_outgoing(evidence: Evidence) -> Fields:
    """One article that leaves us by mail."""
    outgoing = (fields for fields in evidence.picture.articles.values() if fields.get("delivery"))
    return next(fields for fields in outgoing if fields["channel"] != "chat")


def an_attempt(message: str, outcome: Outcome, *, seconds: float = 0.1, raw_id: str = "", answer: str = "") -> Attempt:
    """A try that nobody made."""
    return Attempt(message=message, began=900, ended=900 + seconds, outcome=outcome, raw_id=raw_id, answer=answer)


def tell(evidence: Evidence, *records: Attempt | Action | Message | Sight | Stay) -> None:
    """Writes more into the history."""
    for record in records:
        evidence.history.add(record)
