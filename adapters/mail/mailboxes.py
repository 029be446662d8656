"""The readers of the configured mailboxes, put together."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from ...config.secret_store import Secret, Secrets
from ..card import ChannelParts
from .imap.cursor import MailboxCursor
from .imap.mailbox_settings import MailboxSettings, password_of
from .imap.reader import MailboxReader, Password
from .imap.reading import MailboxReading
from .mailbox_intake import MailboxIntake


def mailbox_readers(
    mailboxes: Mapping[str, MailboxSettings], largest: int, parts: ChannelParts
) -> Sequence[MailboxReader]:
    """A reader for each; mails of more than `largest` bytes are not fetched."""
    return [_reader(name, settings, largest, parts) for name, settings in mailboxes.items()]


def _reader(name: str, settings: MailboxSettings, largest: int, parts: ChannelParts) -> MailboxReader:
    cursor = MailboxCursor(parts.engine, parts.clock, name, holder=str(uuid4()))
    intake = MailboxIntake(name, settings, parts.intake)
    reading = MailboxReading(name, settings, cursor=cursor, take=intake.take, clock=parts.clock, largest=largest)
    return MailboxReader(
        name, settings, cursor=cursor, reading=reading, password=password_in(parts.secrets, password_of(name))
    )


def password_in(secrets: Secrets, secret: Secret) -> Password:
    """The secret as it is now, read anew each time, so that another one counts without a restart."""

    async def password() -> str:
        return secrets.get(secret)

    return password
