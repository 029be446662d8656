"""Signatures: what tickets need, each known once, and filed under the rarest of its tokens, the anchor.

An agent looks only under their own tokens; what they find there shares its most selective condition with them. The
anchor is the token that the fewest agents of the configuration have, of equals the first. The mean work of a signature
(from being taken until it is finished) is learned here too.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .tickets import Signature
from .tuning import Tuning
from .workers import Worker


@dataclass(slots=True)
class Known:
    """What is known of one signature."""

    tokens: frozenset[str]
    anchor: str
    """By the agents of now."""
    work: int


class Signatures:
    """All signatures that were seen."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._known: dict[Signature, Known] = {}
        self._holders: Counter[str] = Counter()

    def of(self, signature: Signature) -> Known:
        """What is known of it; it is known from now on."""
        known = self._known.get(signature)
        if known is None:
            known = Known(frozenset(signature), self._anchor(signature), self._tuning.mean_work)
            self._known[signature] = known
        return known

    def agents_changed(self, agents: Iterable[Worker]) -> None:
        """Work the anchors out anew. What is filed under the old ones is found there until it is filed again."""
        self._holders = Counter(token for agent in agents for token in agent.tokens)
        for signature, known in self._known.items():
            known.anchor = self._anchor(signature)

    def _anchor(self, signature: Signature) -> str:
        return min(signature, key=lambda token: (self._holders[token], token))

    def finished(self, signature: Signature, took: int) -> None:
        """Learn from a finished ticket that took so long, in milliseconds."""
        known = self.of(signature)
        known.work += (min(took, 60 * self._tuning.mean_work) - known.work) // self._tuning.work_memory
