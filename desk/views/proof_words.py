"""How well it is proven who wrote: each assurance as a word, a sentence and a mark. Never the mark or colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...normalizer.envelope import Assurance


@dataclass(frozen=True, kw_only=True)
class Proof:
    """An assurance as it is shown."""

    word: str
    meaning: str
    mark: str  # the name of the symbol, and the class that colours it


PROOFS: Mapping[Assurance, Proof] = {
    Assurance.CLAIMED: Proof(word="unproven", meaning="Anybody could have typed this", mark="unproven"),
    Assurance.CHANNEL: Proof(word="known here", meaning="The channel says that it is the same visitor", mark="channel"),
    Assurance.ORIGIN: Proof(word="origin proven", meaning="It came from where it says", mark="proven"),
    Assurance.CONTROL: Proof(word="proven", meaning="They have shown that it is theirs", mark="proven"),
    Assurance.VOUCHED: Proof(word="vouched for", meaning="An agent or the company says so", mark="proven"),
}
