"""What the channel does for the operator of its domains: makes keys, and looks whether the DNS lets mail work."""

from collections.abc import Sequence

from pydantic import ValidationError

from ...config.errors import Misconfigured
from ...config.secret_store import Secrets
from ..card import DomainFact, DomainKey
from .domain_check import DomainCheck
from .key_secrets import read_keys
from .origin.resolver import Resolver
from .settings import DkimKey, MailSettings
from .signing_keys import SigningKey, UnusableKeyError, new_key


class MailDomains:
    """As `adapters.card.Domains` says."""

    def key(self, section: MailSettings, secrets: Secrets, domain: str, selector: str, kind: str) -> DomainKey:
        """The key of this name; made when there is none. Raises Misconfigured."""
        named = _named(domain, selector)
        secret = named.secret
        known = secrets.find(secret)
        if not known:
            secrets.keep({secret.name: new_key("ed25519" if kind == "ed25519" else "rsa")})
        place = secrets.position(secret)
        try:
            key = SigningKey.read(named.domain, named.selector, secrets.find(secret))
        except UnusableKeyError as error:
            raise Misconfigured(f"{place} holds {error}; remove it, and a new one is made") from error
        setting = f"channels.mail.dkim: {{ domain: {named.domain}, selector: {named.selector} }}"
        return DomainKey(
            place=place, made=not known, record=key.record, setting="" if named in section.dkim else setting
        )

    async def facts(
        self, section: MailSettings, secrets: Secrets, domain: str, senders: Sequence[str]
    ) -> Sequence[DomainFact]:
        """All that matters; `senders` are the IP addresses by which our messages reach the world, where known."""
        keys = read_keys(section, secrets, only_those_there=True)
        lookup = Resolver(section.origin.resolvers).ask
        return await DomainCheck(lookup=lookup, settings=section, keys=keys, senders=senders).told(domain)


def _named(domain: str, selector: str) -> DkimKey:
    try:
        return DkimKey(domain=domain, selector=selector)
    except ValidationError as error:
        given = "; ".join(f"{each['loc'][0]} must be {each['msg']}" for each in error.errors())
        raise Misconfigured(f"no key can have this name: {given}") from error
