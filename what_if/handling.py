"""How long work takes and how fast offers are accepted, learned from what happened; pure.

The work of a ticket is that of the same ticket on that day, in its agent's time of attendance. In other hands it is
scaled by how the two agents compare on the work of the same queues, drawn towards no difference where there is little
to compare (`SHRINKAGE` tickets count as much as the doubt). What nobody worked on takes what is usual in its queue.
"""

import math
from collections.abc import Iterable, Mapping
from statistics import median

from .attendance import Attendance
from .history import Episode, Passage

SHRINKAGE = 20
MOST_PACE = 3.0
USUAL_WORK = 480_000  # ms, where nothing at all was recorded (Tuning.mean_work)
USUAL_REACTION = 5_000  # ms until an offer is accepted


class Handling:
    """What was learned from these tickets."""

    def __init__(self, passages: Iterable[Passage], attendance: Attendance) -> None:
        self._work: dict[tuple[str, int], int] = {}
        self._reactions: dict[str, list[int]] = {}
        self._answers: dict[tuple[str, int | None, str], tuple[str, int]] = {}
        by_queue: dict[str, list[tuple[str, int]]] = {}
        for passage in passages:
            for number, episode in enumerate(passage.episodes):
                self._learn_reactions(passage.id, number, episode)
                if episode.agent is None or episode.taken_at is None or episode.ended_at is None:
                    continue
                took = attendance.between(episode.agent, episode.taken_at, episode.ended_at)
                self._work[passage.id, number] = took
                by_queue.setdefault(episode.kind.queue, []).append((episode.agent, took))
        self._usual = {queue: int(median(took for _, took in work)) for queue, work in by_queue.items()}
        reactions = [each for some in self._reactions.values() for each in some]
        self._usual_reaction = int(median(reactions)) if reactions else USUAL_REACTION
        self.paces = _paces(by_queue)

    def work(self, passage: Passage, number: int, agent: str) -> int:
        """How long this agent would work on the episode of this number, in ms of attendance."""
        took = self._work.get((passage.id, number))
        episode = passage.episodes[number]
        if took is None or episode.agent is None:
            return int(self.usual(episode.kind.queue) * self.paces.get(agent, 1.0))
        if agent == episode.agent:
            return took
        return int(took * self.paces.get(agent, 1.0) / self.paces.get(episode.agent, 1.0))

    def usual(self, queue: str) -> int:
        """What is usual in a queue, in ms."""
        return self._usual.get(queue, USUAL_WORK)

    def answer(self, ticket: str, number: int, agent: str) -> tuple[str, int] | None:
        """What the agent said to the offer of this ticket (accepted, declined) and after how long; None: not asked.

        In the episode of this number, else in any.
        """
        return self._answers.get((ticket, number, agent)) or self._answers.get((ticket, None, agent))

    def reaction(self, agent: str) -> int:
        """How long they usually take to accept, in ms."""
        some = self._reactions.get(agent)
        return int(median(some)) if some else self._usual_reaction

    def _learn_reactions(self, ticket: str, number: int, episode: Episode) -> None:
        for each in episode.tries:
            if each.ended is None or each.how not in ("accepted", "declined"):
                continue
            answer = (each.how, each.ended - each.at)
            self._answers[ticket, number, each.agent] = answer
            self._answers.setdefault((ticket, None, each.agent), answer)
            if each.how == "accepted":
                self._reactions.setdefault(each.agent, []).append(each.ended - each.at)


def _paces(by_queue: Mapping[str, list[tuple[str, int]]]) -> dict[str, float]:
    """By agent, how much longer than others they take for work of the same queues; 1 is as everybody."""
    apart: dict[str, list[float]] = {}
    for work in by_queue.values():
        logs = [(agent, math.log(max(took, 1_000))) for agent, took in work]
        mean = sum(log for _, log in logs) / len(logs)
        for agent, log in logs:
            apart.setdefault(agent, []).append(log - mean)
    paces = {agent: math.exp(sum(some) / (len(some) + SHRINKAGE)) for agent, some in apart.items()}
    return {agent: min(MOST_PACE, max(1 / MOST_PACE, pace)) for agent, pace in paces.items()}
