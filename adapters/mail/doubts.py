"""What the section `channels.mail` can hardly mean, for `trunkline check`. Nothing of it stops anything."""

from collections.abc import Iterator
from difflib import get_close_matches

from ...config.networks import takes_in_strangers
from ..card import Doubt
from .settings import MailSettings

_OF_THE_CHECKS = ("forwarders", "resolvers", "patience")


def doubts(section: MailSettings) -> Iterator[Doubt]:
    """Each with its path in the section."""
    for index, network in enumerate(section.trusted_peers):
        if takes_in_strangers(network):
            words = f"{network} takes in strangers, whose mails are then believed to come from whomever they name"
            yield Doubt(("trusted_peers", index), words, "name your own mail servers; mail from others is checked")
    yield from _signing(section)
    if not section.origin.check:
        for name in _OF_THE_CHECKS:
            if name in section.origin.model_fields_set:
                words = f"{name} has no effect, because origin.check is off"
                yield Doubt(("origin", name), words, "leave one of them out")


def _signing(section: MailSettings) -> Iterator[Doubt]:
    """Keys that sign none of our mails."""
    ours = sorted({address.rpartition("@")[2] for address in section.addresses})
    for index, key in enumerate(section.dkim):
        if not any(f".{domain}".endswith(f".{key.domain}") for domain in ours):
            close = get_close_matches(key.domain, ours, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"it can sign for {', '.join(ours)}"
            yield Doubt(("dkim", index, "domain"), f"none of `addresses` is of {key.domain}: it signs nothing", remedy)
