"""The free agents, under each of their tokens, so that a ticket finds the best of them in few looks.

    free   (patient, token)   slowness, idle since, agent   those who have room for such a ticket
    duty   token              agent                         those who are on duty, with room or without

The slowness is 100,000 less what one more ticket would add to the agent's rate at the speed of the token; whoever adds
most comes first, of equals the longest idle, then the id. There are two sets because somebody with a letter in hand has
no room for another letter, but has for a chat.
"""

from bisect import bisect_left, insort

from .workers import Worker

MOST = 100_000


class FreeAgents:
    """Who can be asked."""

    def __init__(self) -> None:
        self.free: dict[tuple[bool, str], list[tuple[int, int, str]]] = {}
        self.duty: dict[str, list[str]] = {}

    def refresh(self, agent: Worker, now: int) -> None:
        """Put somebody where they belong now; to be called after whatever changes it."""
        self.leave(agent)
        if agent.keeps is not None or not agent.offerable(now):
            return
        for patient in (False, True):
            if agent.has_room(1, patient=patient):
                gain = agent.gain(patient=patient)
                for token in agent.tokens:
                    slowness = MOST - gain * agent.speeds.get(token, 1000) // 1000
                    member = (slowness, agent.idle_since, agent.id)
                    insort(self.free.setdefault((patient, token), []), member)
                    agent.stands.append((patient, token, member))

    def leave(self, agent: Worker) -> None:
        """Somebody cannot be asked."""
        for patient, token, member in agent.stands:
            _remove(self.free[patient, token], member)
        agent.stands = []

    def with_token(self, token: str, *, patient: bool) -> int:
        """How many free agents have a token."""
        return len(self.free.get((patient, token), ()))

    def duty_of(self, agent: str, had: frozenset[str], has: frozenset[str]) -> None:
        """Somebody has these tokens on duty, who had those."""
        for token in had - has:
            self.duty[token].remove(agent)
        for token in has - had:
            insort(self.duty.setdefault(token, []), agent)


def _remove(members: list[tuple[int, int, str]], member: tuple[int, int, str]) -> None:
    at = bisect_left(members, member)
    assert members[at] == member
    del members[at]
