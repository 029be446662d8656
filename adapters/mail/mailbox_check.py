"""Whether the mailboxes let us in, for their operator; and connecting one of them."""

from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches

from ...config.errors import CredentialsRefused, Misconfigured, Temporary
from ...config.secret_store import Secrets
from ..card import DomainFact
from .imap.access import access_to
from .imap.connecting import Connecting
from .imap.mailbox_settings import MailboxSettings
from .imap.reader import opened
from .imap.session import Denied, ImapSession
from .mailboxes import submission_of
from .sending import Smarthost
from .settings import MailSettings


class MailMailboxes:
    """What the channel mail does for whoever runs its mailboxes."""

    async def connect(
        self, section: MailSettings, secrets: Secrets, name: str, tell: Callable[[str], None], ask: Callable[[str], str]
    ) -> None:
        """Walk a person through it. Raises Misconfigured, CredentialsRefused, DeliveryDeferred."""
        if name not in section.mailboxes:
            close = get_close_matches(name, section.mailboxes, n=1)
            known = f"did you mean {close[0]}?" if close else f"known are {', '.join(section.mailboxes) or 'none'}"
            raise Misconfigured(f"channels.mail.mailboxes has no {name}: {known}")
        await Connecting(name=name, settings=section.mailboxes[name], secrets=secrets, tell=tell, ask=ask).run()

    async def facts(self, section: MailSettings, secrets: Secrets, only: str = "") -> Sequence[DomainFact]:
        """Of every mailbox, or one, whether it can be read and sent from."""
        chosen = {name: each for name, each in section.mailboxes.items() if only in ("", name)}
        return [fact for name, each in chosen.items() for fact in await _told(name, each, section, secrets)]


async def _told(name: str, settings: MailboxSettings, section: MailSettings, secrets: Secrets) -> list[DomainFact]:
    found = [await reading_of(name, settings, secrets)]
    if settings.submission_server is not None:
        found.append(await sending_of(name, settings, section, secrets))
    return found


async def reading_of(name: str, settings: MailboxSettings, secrets: Secrets) -> DomainFact:
    """Whether a mailbox lets us in, has the folders that are read, and tells of mails by itself."""
    return await _tried(name, lambda: _read(name, settings, secrets))


async def sending_of(name: str, settings: MailboxSettings, section: MailSettings, secrets: Secrets) -> DomainFact:
    """Whether the provider's server would take mails; none is sent."""
    server = submission_of(name, settings, section, secrets)
    return await _tried(name, lambda: _sent(Smarthost(server)))


async def _tried(subject: str, work: Callable[[], Awaitable[str]]) -> DomainFact:
    try:
        return DomainFact(subject=subject, level="good", words=await work())
    except (CredentialsRefused, Misconfigured) as error:
        return DomainFact(subject=subject, level="wrong", words=error.detail)
    except Temporary as error:
        return DomainFact(subject=subject, level="unknown", words=error.detail)


async def _read(name: str, settings: MailboxSettings, secrets: Secrets) -> str:
    access = access_to(name, settings, secrets)
    try:
        session = await opened(settings, access)
        try:
            await _demand_folders(session, settings.folders)
            idle = "" if session.has_idle else f"; it has no IDLE, so it is looked at every {settings.poll}"
        finally:
            await session.close()
    finally:
        await access.close()
    return f"{settings.imap_server} lets {settings.login} in; there is {', '.join(settings.folders)}{idle}"


async def _demand_folders(session: ImapSession, folders: Sequence[str]) -> None:
    """Raises Misconfigured for one that there is not, with those that there are."""
    for folder in folders:
        try:
            await session.select(folder)
        except Denied as error:
            there = ", ".join(await session.folders()) or "none"
            raise Misconfigured(f"the folder {folder} cannot be read: {error.detail}; there are: {there}") from error


async def _sent(server: Smarthost) -> str:
    try:
        return f"{await server.probe()} takes mails from it"
    finally:
        await server.close()
