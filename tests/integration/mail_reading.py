"""Mails are read in the process of the test: a parser process for each test costs more than the test.

test_mail_sandbox.py tries the parser processes themselves.
"""

from collections.abc import Mapping, Sequence

from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.adapters.mail.sandbox import Sandbox
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import RawMessage
from trunkline.normalizer.outgoing import Parsed


class ReadingHere(Sandbox):
    """Reads as a parser process does, without one."""

    def __init__(self, addresses: Sequence[str], key: bytes, *, forwarding: Mapping[str, str] | None = None) -> None:
        super().__init__(addresses, key, forwarding=forwarding)
        self._key = key
        self.reconfigure(addresses, forwarding or {})

    def reconfigure(self, addresses: Sequence[str], forwarding: Mapping[str, str]) -> None:
        super().reconfigure(addresses, forwarding)
        self._reader = MailReader(OwnAddresses(list(addresses), dict(forwarding)), self._key)

    async def parse(self, raw: RawMessage) -> Parsed:
        try:
            return self._reader.read(raw)
        except RecursionError as error:
            raise Unreadable("reading it takes too much") from error


def read_here(channel: MailChannel, key: bytes) -> None:
    """From now on the channel reads in this process."""
    settings = channel.settings
    channel._sandbox = ReadingHere(settings.addresses, key, forwarding=settings.forwarding)
