"""Who is at the other end: a visitor with a token, somebody whom the page signed in, or somebody new.

A signed identity goes before a token. A token of a person who was signed in, and a connection that rests on it, count
only until that identity ends; so whoever finds a browser after its owner has left, or an identity, does not read on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...normalizer.envelope import Assurance
from ...queue.clock import Clock
from ...queue.conversation_log import conversation_name
from . import visitor_token
from .close_codes import OutOfTime, Unproven
from .rate_limits import RateLimits
from .signed_identity import SignedIdentity, verify_identity
from .sites import Site


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is at the other end."""

    site: str
    id: str
    token: str
    assurance: Assurance = Assurance.CHANNEL
    subject: str = ""
    email: str = ""  # that the page vouches for
    name: str = ""
    signed_in_as: str = ""
    """Who they are by what the page says, when they go on in a conversation that they began before (signing_in.py)."""
    until: int | None = None
    """Milliseconds; when the identity ends that this rests on."""

    def has_ended(self, now: int) -> bool:
        """Whether that time has come."""
        return self.until is not None and now >= self.until

    def demand_identity(self, now: int) -> None:
        """Raises Unproven when the identity has ended."""
        if self.has_ended(now):
            raise Unproven("the identity has run out (exp)")

    @property
    def conversation(self) -> str:
        """The name of their conversation."""
        return conversation_name(self.site, self.id)


class Admission:
    """Tells who visitors are."""

    def __init__(self, key: bytes, clock: Clock, caps: Mapping[str, RateLimits]) -> None:
        self._key = key
        self._clock = clock
        self._caps = caps

    def visitor(self, site: Site, token: str | None, identity: str | None, peer: str) -> Visitor:
        """Who it is; somebody new when nothing is shown. Raises Unproven, Overloaded for too many new ones,
        and ClockAstray."""
        if identity and site.settings.identity != "off":
            return self._signed_in(site, self._verified(site, identity))
        if site.settings.identity == "required":
            raise Unproven("this chat is for people who are signed in to the page")
        if token:
            return self.known(site, token, anonymous=True)
        self._caps[site.name].demand_visitor(peer)
        visitor = visitor_token.new_visitor()
        return Visitor(site=site.name, id=visitor, token=self._fresh(site, visitor))

    def known(self, site: Site, token: str, *, anonymous: bool = False) -> Visitor:
        """The visitor of a token; with `anonymous` a token of somebody signed in is not enough. Raises Unproven."""
        now = self._clock.now()
        found = visitor_token.read(self._key, site.name, now, token)
        if found.signed and anonymous:
            raise Unproven("the page must say again who is signed in")
        if not found.signed and site.settings.identity == "required":
            raise Unproven("this chat is for people who are signed in to the page")
        if not found.signed and now - found.issued > visitor_token.RENEWED_AFTER_MS:
            token = self._fresh(site, found.visitor)
        return Visitor(site=site.name, id=found.visitor, token=token)

    def anonymous(self, site: Site, token: str | None) -> str:
        """The visitor of a token that rests on no identity; empty when it is none of those."""
        try:
            found = visitor_token.read(self._key, site.name, self._clock.now(), token or "")
        except Unproven:
            return ""
        return "" if found.signed else found.visitor

    def _verified(self, site: Site, identity: str) -> SignedIdentity:
        """Who they are, until when by our own clock."""
        clock = self._clock
        try:
            found = verify_identity(identity, site.secret, site.name, clock.true_now())
        except OutOfTime:
            clock.demand_agreement()
            raise
        return replace(found, until=found.until + clock.ahead)

    def _signed_in(self, site: Site, identity: SignedIdentity) -> Visitor:
        now = self._clock.now()
        return Visitor(
            site=site.name,
            id=identity.visitor,
            token=visitor_token.issue(self._key, site.name, identity.visitor, now, until=identity.until),
            assurance=Assurance.CONTROL,
            subject=identity.subject,
            email=identity.email,
            name=identity.name,
            until=identity.until,
        )

    def _fresh(self, site: Site, visitor: str) -> str:
        return visitor_token.issue(self._key, site.name, visitor, self._clock.now())
