"""Mails from files, and from recorded posts of providers, for the command line."""

from ...config.errors import Unreadable
from ...normalizer.envelope import raw_from_file
from ...normalizer.outgoing import Parsed
from .fingerprint import external_id
from .parsing import MailReader
from .receiving import CHANNEL
from .recipients import OwnAddresses
from .settings import MailSettings
from .webhooks.recorded import arrived_in


def read_file(content: bytes, settings: MailSettings) -> Parsed:
    """A mail from a file as the channel would read it, without what only a server of ours knows; for the command line.

    A post of a provider, in which there is one, is read too.
    Runs in this process. Raises Unreadable.
    """
    reader = MailReader(OwnAddresses(settings.addresses, settings.forwarding), b"")
    try:
        posted = arrived_in(content)
        mail, facts = (content, {}) if posted is None else (posted.content, posted.facts("a provider", trust=False))
        return reader.read(raw_from_file(mail, CHANNEL, external_id=external_id(mail), transport=facts))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("the reader broke on it; send it to whoever makes Trunkline, if you may") from error
