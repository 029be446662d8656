"""The readers of the configured mailboxes, and the ways out by their providers, put together."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from ...config.secret_store import Secrets
from ...queue.unread_sources import UnreadSources
from ..card import ChannelParts
from .imap.access import access_to
from .imap.cursor import MailboxCursor
from .imap.mailbox_settings import MailboxSettings
from .imap.reader import MailboxReader
from .imap.reading import MailboxReading
from .imap.sent_folder import SentFolder
from .mailbox_intake import MailboxIntake
from .sending import MailServer
from .sent_mails import left_here
from .settings import MailSettings


def mailbox_readers(
    mailboxes: Mapping[str, MailboxSettings], largest: int, parts: ChannelParts
) -> Sequence[MailboxReader]:
    """A reader for each; mails of more than `largest` bytes are not fetched."""
    return [_reader(name, settings, largest, parts) for name, settings in mailboxes.items()]


def _reader(name: str, settings: MailboxSettings, largest: int, parts: ChannelParts) -> MailboxReader:
    cursor = MailboxCursor(parts.engine, parts.clock, name, holder=str(uuid4()))
    take = MailboxIntake(name, settings, parts.intake).take
    reading = MailboxReading(
        name, settings, cursor=cursor, take=take, clock=parts.clock, largest=largest, left_here=left_here
    )
    access, sources = access_to(name, settings, parts.secrets), UnreadSources(parts.engine, parts.clock)
    return MailboxReader(name, settings, cursor=cursor, reading=reading, access=access, sources=sources)


def submissions(section: MailSettings, secrets: Secrets) -> Mapping[str, MailServer]:
    """By which servers mails from the addresses of mailboxes leave; of several for one address the first."""
    found: dict[str, MailServer] = {}
    for name, settings in section.mailboxes.items():
        if settings.submission_server is not None:
            found.setdefault(settings.address, submission_of(name, settings, section, secrets))
    return found


def sent_folders(section: MailSettings, secrets: Secrets) -> Mapping[str, SentFolder]:
    """Where copies of what leaves from the addresses of mailboxes are put; of several for one address the first."""
    found: dict[str, SentFolder] = {}
    for name, settings in section.mailboxes.items():
        if settings.files_sent:
            found.setdefault(settings.address, SentFolder(name, settings, access_to(name, settings, secrets)))
    return found


def submission_of(name: str, settings: MailboxSettings, section: MailSettings, secrets: Secrets) -> MailServer:
    """The server that takes mails from a mailbox, signed in to in the same way."""
    return MailServer(
        address=settings.submission_server,
        tls=settings.submission_tls,
        own_name=section.own_name,
        access=access_to(name, settings, secrets),
        authority=settings.authority,
    )
