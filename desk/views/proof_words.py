"""How well it is proven who wrote: each assurance as a word, a sentence and a mark. Never the mark or colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...normalizer.envelope import Assurance, OriginProof
from ...router.records import Author


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

_SEEN = Proof(
    word="unproven, seen before",
    meaning="Anybody could have typed this address; whoever reads what is sent there has answered us before",
    mark="unproven",
)
_PENDING = Proof(word="not checked yet", meaning="A question about the sender got no answer so far", mark="unproven")
_FAILED = Proof(
    word="disowned", meaning="Who owns this address says that such a message is not theirs", mark="unproven"
)


def proof_of(author: Author, origin: OriginProof | None) -> Proof:
    """How well it is proven who wrote an article."""
    if author.assurance is Assurance.CLAIMED and origin is not None:
        unproven = _SEEN if author.seen else PROOFS[author.assurance]
        return {"pending": _PENDING, "failed": _FAILED}.get(origin.state, unproven)
    return PROOFS[author.assurance]
