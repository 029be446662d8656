"""Whether what a customer writes opens a solved ticket again, as `queues.<name>.reopen` has it.

The same settings say what becomes of an open one when nothing else is said: it is suggested to solve it, or it is
solved (`queues.<name>.settled`).

Only what a person says does. Three things do not: thanks alone, or that all is settled, leave the ticket solved, and it
is filed there; what comes longer after the solving than `within` opens a ticket that follows it up; so does everything
that comes to a closed one. Thanks under another subject, or with a file, are more than thanks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..config.desk_settings import ReopenSettings
from ..normalizer.envelope import Envelope
from ..normalizer.subjects import bare_subject, without_numbers
from ..queue.clock import Clock
from .policy import CurrentPolicy

STAYS = "it stays solved, since nothing else is said"


@dataclass(frozen=True, kw_only=True)
class CaseStanding:
    """How the ticket that stands for a case stands; `solved_at` in ms, of one that was ever solved."""

    status: str = ""
    queue: str = ""
    subject: str = ""
    solved_at: int | None = None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """By the fields of the ticket; one that was solved by an earlier Trunkline has changed since at most."""
        solved = fields.get("_solved_at") or fields.get("updated_at")
        return cls(
            status=fields.get("status") or "",
            queue=fields.get("queue") or "",
            subject=fields.get("subject") or "",
            solved_at=solved,
        )


NAMES = ("status", "queue", "subject", "_solved_at", "updated_at")
"""The fields of a ticket by which `CaseStanding.of` tells."""


class Reopening:
    """Decides it by the settings in force."""

    def __init__(self, policy: CurrentPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock

    def is_over(self, standing: CaseStanding, envelope: Envelope) -> bool:
        """It is solved for too long to be opened again by this message."""
        within = self._settings(standing).within
        if standing.status != "solved" or within is None or self.stays(standing, envelope) or not envelope.is_spoken:
            return False
        return self._clock.now() - (standing.solved_at or 0) >= within.total_seconds() * 1000

    def stays(self, standing: CaseStanding, envelope: Envelope) -> bool:
        """It is solved, and this message says nothing that needs anybody."""
        return standing.status == "solved" and self.confirms(standing, envelope) and not self._settings(standing).thanks

    def confirms(self, standing: CaseStanding, envelope: Envelope) -> bool:
        """It is an answer in the ticket that says nothing else."""
        return bool(envelope.says) and not envelope.attachments and _is_answer(envelope.subject, standing.subject)

    def solves(self, standing: CaseStanding, envelope: Envelope) -> bool:
        """It is such an answer, and its queue is one that solves by it; thanks in a chat are only polite."""
        queue = self._policy().settings.queues.get(standing.queue)
        if queue is None or queue.settled != "solve" or not self.confirms(standing, envelope):
            return False
        return envelope.says != "thanks" or not self._policy().channels[envelope.channel].live

    def _settings(self, standing: CaseStanding) -> ReopenSettings:
        queue = self._policy().settings.queues.get(standing.queue)
        return queue.reopen if queue is not None else ReopenSettings()


def _is_answer(subject: str, to: str) -> bool:
    """The subject is that of an answer, or the ticket's own, or none."""
    bare = bare_subject(subject)
    return bare != without_numbers(subject) or bare.casefold() in ("", bare_subject(to).casefold())
