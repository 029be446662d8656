"""Mails from files, for the command line."""

from ...config.errors import Unreadable
from ...normalizer.envelope import raw_from_file
from ...normalizer.outgoing import Parsed
from .fingerprint import external_id
from .parsing import MailReader
from .receiving import CHANNEL
from .recipients import OwnAddresses
from .settings import MailSettings


def read_file(content: bytes, settings: MailSettings) -> Parsed:
    """A mail from a file as the channel would read it, with no transport facts; for the command line.

    Runs in this process. Raises Unreadable.
    """
    reader = MailReader(OwnAddresses(settings.addresses, settings.forwarding), b"")
    try:
        return reader.read(raw_from_file(content, CHANNEL, external_id=external_id(content)))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("the reader broke on it; send it to whoever makes Trunkline, if you may") from error
