"""A request to prove an address: what is asked of whom, which code it is, and what a message says to it. Pure.

The customer of a ticket says that an address is theirs. A code of eight digits is mailed there, and whoever can say it
*in this ticket, from the identity that was asked*, proven as well as the channel proves anybody, has shown control of
both: they are one person's (A3, normalizer/same_person.py). Nobody else's words count, not even as a try.

A code is good for a day, once, for five tries, and only the newest of a ticket is. It is drawn from a key and a random
number, so neither the request nor the order of the mail has it. Eight digits and five tries: one guess in 20 million.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from ..normalizer.envelope import Assurance, Envelope, Identity, Record

LIFETIME_MS = 24 * 3_600_000
TRIES = 5
SEARCHED = 4000
"""Characters of a message in which a code is looked for."""

_CODE = re.compile(r"(?<![0-9])([0-9]{4})[ \u00a0\u202f-]?([0-9]{4})(?![0-9])")


class ProofRequest(Record):
    """One request, as it is kept until it is answered."""

    ticket: str
    number: str = Field(description="Of the ticket, for people.")
    identity: str = Field(description="Who was asked, and has to say the code: the key of an identity.")
    address: str = Field(description="The e-mail address to which the code went.")
    nonce: str
    asked_at: int
    until: int = Field(description="Milliseconds; when the code runs out.")
    by: str = Field(description="Who asked for it: agent:ada, token:crm.")
    tries: int = Field(default=0, description="How many wrong codes were said.")

    def code(self, key: bytes) -> str:
        """The eight digits."""
        words = "\0".join(("trunkline proof code", self.ticket, self.identity, self.address, self.nonce))
        return f"{int.from_bytes(hmac.digest(key, words.encode(), 'sha256')[:8], 'big') % 100_000_000:08d}"

    @property
    def key(self) -> str:
        """The key of the identity that is to be proven."""
        return f"email:{self.address}"

    @property
    def told(self) -> str:
        """The address as the history of a ticket and the feed tell of it, where it stays: `m…@example.org`."""
        local, _, domain = self.address.rpartition("@")
        return f"{local[:1]}…@{domain}"


@dataclass(frozen=True, kw_only=True)
class ProofAnswer:
    """What a message says to a request."""

    kind: Literal["given", "failed"]
    request: ProofRequest
    seen: str
    """The request as it was kept."""
    left: ProofRequest | None
    """As it is kept from now on; None when it is over."""

    def planned(self) -> dict[str, str]:
        """What the script that files does about it."""
        left = self.left.model_dump_json() if self.left else ""
        told = {"kind": f"ticket.proof_{self.kind}", "told": self.request.told}
        return {"ticket": self.request.ticket, "seen": self.seen, "left": left, **told}

    def envelope(self, envelope: Envelope) -> Envelope:
        """The message with what it proves of who wrote."""
        if self.kind != "given":
            return envelope
        evidence = f"a code sent by mail came back in {self.request.number}"
        first, *others = envelope.sender.identities
        proven = {"assurance": max(first.assurance, Assurance.CONTROL), "evidence": evidence}
        address = Identity(kind="email", value=self.request.address, assurance=Assurance.CONTROL, evidence=evidence)
        identities = (
            first.model_copy(update=proven),
            address,
            *(each for each in others if each.key != self.request.key),
        )
        return envelope.model_copy(update={"sender": envelope.sender.model_copy(update={"identities": identities})})


def answer_to(seen: str, envelope: Envelope, *, proven_from: Assurance, key: bytes, now: int) -> ProofAnswer | None:
    """What a message of its ticket says to the request as it is kept; None when it says nothing to it.

    `proven_from`: from where on a writer of its channel is who they say.
    """
    request = ProofRequest.model_validate_json(seen)
    wrote = envelope.sender.identities[0] if envelope.sender.identities else None
    if wrote is None or wrote.key != request.identity or wrote.assurance < proven_from:
        return None
    if envelope.automation != "none" or now >= request.until or request.tries >= TRIES:
        return None
    said = codes_in(envelope.text)[: TRIES - request.tries]
    if not said:
        return None
    expected = request.code(key).encode()
    if any([hmac.compare_digest(expected, each.encode()) for each in said]):  # noqa: C419  (each takes the same time)
        return ProofAnswer(kind="given", request=request, seen=seen, left=None)
    left = request.model_copy(update={"tries": request.tries + len(said)})
    return ProofAnswer(kind="failed", request=request, seen=seen, left=left if left.tries < TRIES else None)


def codes_in(text: str) -> list[str]:
    """What looks like a code, in the digits of any script, in one word or in two groups of four; each once."""
    digits = (str(unicodedata.decimal(char, char)) for char in text[:SEARCHED])
    return list(dict.fromkeys("".join(match.groups()) for match in _CODE.finditer("".join(digits))))
