"""Which of our addresses a mail is for.

Taken are the configured addresses and their forms with something behind a plus sign, `support+anything@example.com`,
in any case, and `postmaster` of each of our domains and of none, which every server must take (RFC 5321 section 4.5.1):
our first address there reads it. An address elsewhere that is forwarded to us (`forwarding` of the configuration)
counts as the one of ours that it stands for. What stands behind the plus sign may be a reply token; whether it is one
is only asked when the mail is read, so that a token that fails its check is an ordinary mail to the plain address (and
nobody can try tokens at RCPT).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...normalizer.addresses import normalise_address


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of our addresses, and what stood behind its plus sign; `written` is the address elsewhere that meant it."""

    address: str
    tag: str = ""
    written: str = ""


class OwnAddresses:
    """The configured addresses, in their order, and those elsewhere that are forwarded to them."""

    def __init__(self, addresses: Iterable[str], forwarding: Mapping[str, str] | None = None) -> None:
        self._addresses = tuple(addresses)
        self._elsewhere = dict(forwarding or {})
        self._known = {address: address for address in self._addresses} | self._elsewhere

    @property
    def addresses(self) -> tuple[str, ...]:
        """Ours, in the order of the configuration."""
        return self._addresses

    @property
    def domains(self) -> frozenset[str]:
        """The domains of ours."""
        return frozenset(address.rpartition("@")[2] for address in self._addresses)

    def find(self, address: str) -> Recipient | None:
        """The address of ours that is meant, or None."""
        key = normalise_address(address)
        if key is None:
            return None
        if key in self._known:
            return self._recipient(key)
        local, _, domain = key.rpartition("@")
        plus = local.find("+")
        while plus > 0:
            if (plain := f"{local[:plus]}@{domain}") in self._known:
                return self._recipient(plain, local[plus + 1 :])
            plus = local.find("+", plus + 1)
        return None

    def _recipient(self, key: str, tag: str = "") -> Recipient:
        return Recipient(self._known[key], tag, key if key in self._elsewhere else "")

    def recipient(self, address: str) -> Recipient | None:
        """Who takes mail for this address: `find`, and the postmaster."""
        local, at, domain = address.strip().lower().partition("@")
        if local != "postmaster":
            return self.find(address)
        ours = [each for each in self._addresses if not at or each.endswith(f"@{domain}")]
        return self.find(address) or (Recipient(ours[0]) if ours else None)

    def found(self, addresses: Iterable[str]) -> list[Recipient]:
        """Those of the addresses that are ours."""
        return [recipient for address in addresses if (recipient := self.recipient(address)) is not None]

    def account(self, recipients: Iterable[Recipient]) -> str:
        """The first of our addresses, in configuration order, among the recipients; empty when none is."""
        named = {recipient.address for recipient in recipients}
        return next((address for address in self._addresses if address in named), "")
