"""Finding out whether a mail comes from the address it names: asks what must be asked, and no more.

Only what can speak for From is asked for: signatures and a return path of its organisation, and a chain of seals whose
newest is a configured forwarder's. A peer on this machine is not the internet, so it is not held against SPF; neither
is a trusted peer, which hands over what came to it from elsewhere.

Nothing here raises for what a mail says or the DNS does. All of it ends within `patience`: what is not known then is
`pending`, and the caller asks again later.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import prometheus_client

from ....normalizer.addresses import normalise_address, normalise_domain, parse_addresses
from ....normalizer.envelope import Assurance, Envelope, OriginProof, RawMessage
from ....web.peers import address_of
from .arc import ArcVerdict, check_arc, newest_sealer
from .dkim import check_dkim, signing_domain
from .dmarc import check_dmarc
from .handed_over import HandedOver, handed_over
from .judgement import Verdicts, is_forwarder, judge
from .lookup import Lookup
from .organisation import aligned
from .settings import OriginSettings
from .signed_message import LONGEST_FIELD, SignedField, SignedMessage, read_signed
from .spf import SpfVerdict, check_spf

MOST_SIGNATURES = 5  # of the organisation of From; more are tricks
MOST_READ = 50  # of the topmost of all; no more are looked at
LONGEST_MS = 3 * 24 * 3600 * 1000  # after it, what gave no answer is taken as not there
_LARGE = 256 * 1024

_CHECKED = prometheus_client.Counter(
    "trunkline_mail_origin", "Checks of a mail's origin by what they proved.", ["state"]
)


class OriginVerifier:
    """Checks mails with one configuration and one way to ask the DNS; `now` gives seconds since 1970."""

    def __init__(self, settings: OriginSettings, lookup: Lookup, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._lookup = lookup
        self._now = now
        self._own_servers = frozenset(settings.authserv_ids)

    async def proof(self, raw: RawMessage, envelope: Envelope) -> OriginProof | None:
        """What is proven about a message; what was found out before stays. None for receipts, which nobody wrote."""
        if envelope.kind == "delivery":
            return None
        known = raw.transport.get("origin")
        if known:
            return OriginProof.model_validate(known)
        author = "" if envelope.suspend else envelope.sender.identities[0].value
        proof = await self.prove(raw, author)
        if proof.state == "pending" and self._now() * 1000 - raw.received_at > LONGEST_MS:
            proof = proof.model_copy(update={"state": "unproven", "evidence": f"{proof.evidence}, for days"})
        _CHECKED.labels(proof.state).inc()
        return proof

    async def prove(self, raw: RawMessage, author: str) -> OriginProof:
        """What is proven about a mail whose reader found this author (a normalised address, empty for none)."""
        large = len(raw.content) > _LARGE
        message = await asyncio.to_thread(read_signed, raw.content) if large else read_signed(raw.content)
        if not author or _author(message) != author:
            return OriginProof(state="unproven", evidence="From cannot be told for certain")
        domain = author.rpartition("@")[2]
        trusted = raw.transport.get("trusted") is True
        handed = self._handed(raw, message, domain) if trusted else None
        verdicts = Verdicts(author=domain, handed=handed)
        if not self._settings.check or (handed is not None and handed.result != "none"):
            return judge(verdicts, self._settings.forwarders)
        try:
            async with asyncio.timeout(self._settings.patience.total_seconds()):
                return judge(await self._asked(raw, message, verdicts, trusted=trusted), self._settings.forwarders)
        except TimeoutError:
            return OriginProof(state="pending", evidence="the DNS takes too long")

    def _handed(self, raw: RawMessage, message: SignedMessage, author: str) -> HandedOver | None:
        if isinstance(provider := raw.transport.get("authserv_id"), str):
            return handed_over(message, author, {provider}, mailbox=True)
        return handed_over(message, author, self._own_servers)

    async def _asked(self, raw: RawMessage, message: SignedMessage, known: Verdicts, *, trusted: bool) -> Verdicts:
        author, outside = known.author, not (trusted or _is_near(raw))
        own, others = _signatures(message, author)
        spf, arc, signatures = await asyncio.gather(
            self._spf(raw, author, asked=outside),
            self._arc(message),
            asyncio.gather(*(check_dkim(self._lookup, message, field, self._now()) for field in own)),
        )
        dmarc = await check_dmarc(self._lookup, author, spf, signatures) if signatures or outside else None
        return replace(known, spf=spf, signatures=signatures, others=others[:5], dmarc=dmarc, arc=arc)

    async def _spf(self, raw: RawMessage, author: str, *, asked: bool) -> SpfVerdict | None:
        """Only for a return path of From's organisation, since no other could prove anything."""
        path = str(raw.transport.get("mail_from") or "")
        if not asked or not aligned(normalise_domain(path.rpartition("@")[2]) or "", author):
            return None
        return await check_spf(self._lookup, str(raw.transport["peer"]), path, str(raw.transport.get("helo") or ""))

    async def _arc(self, message: SignedMessage) -> ArcVerdict | None:
        sealer = newest_sealer(message)
        return await check_arc(self._lookup, message) if is_forwarder(sealer, self._settings.forwarders) else None


def with_origin(envelope: Envelope, proof: OriginProof | None) -> Envelope:
    """The envelope with its proof: it raises the assurance of the sender, or lowers it where the owner disowns it."""
    if proof is None:
        return envelope
    first, *others = envelope.sender.identities
    if proof.state == "proven":
        first = first.model_copy(update={"assurance": Assurance.ORIGIN, "evidence": proof.evidence})
    elif first.assurance < Assurance.ORIGIN or proof.state == "failed":
        first = first.model_copy(update={"assurance": Assurance.CLAIMED, "evidence": proof.evidence})
    sender = envelope.sender.model_copy(update={"identities": (first, *others)})
    return envelope.model_copy(update={"origin": proof, "sender": sender})


def _signatures(message: SignedMessage, author: str) -> tuple[list[SignedField], list[str]]:
    """The signatures of From's organisation, and which other domains signed, as far as it is worth looking."""
    own: list[SignedField] = []
    others: list[str] = []
    for field in message.all("dkim-signature")[:MOST_READ]:
        domain = signing_domain(field)
        if aligned(domain, author):
            own.append(field)
        elif domain and domain not in others:
            others.append(domain)
        if len(own) == MOST_SIGNATURES:
            break
    return own, others


def _author(message: SignedMessage) -> str | None:
    """The one author as signatures see them; None when there is not exactly one, or From too long to be one's."""
    fields = message.all("from")
    if len(fields) != 1 or len(fields[0].raw) > LONGEST_FIELD:
        return None
    boxes = parse_addresses(fields[0].value.decode("utf-8", "surrogateescape"))
    return normalise_address(boxes[0].address) if len(boxes) == 1 else None


def _is_near(raw: RawMessage) -> bool:
    """Whether the peer is this machine, or nothing that SPF could judge."""
    peer = address_of(str(raw.transport.get("peer", "")))
    return peer is None or peer.is_loopback
