"""The channel `mail`: SMTP, mailboxes and providers in, SMTP out, and the reading of what came in.

Receiving, reading and sending are parts of their own (`receiving`, `imap/` and `webhooks/`; `sandbox`, `parsing` and
`origin/`; `composing` and `sending`); this puts them together as the contract asks. Process roles use what they need:
the one that listens calls `start`, the worker reads the mailboxes and calls `parse` and `send`, every one calls `stop`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from aiohttp import web
from prometheus_client.core import Metric

from ...config.errors import DeliveryDeferred, DeliveryFailed, TrunklineError, Unreadable
from ...config.quantities import HostPort
from ...normalizer.envelope import Attachment, RawMessage
from ...normalizer.outgoing import Outgoing, Parsed, Sent
from ...queue.intake import Intake
from ...queue.service import Service
from ..contract import Adapter
from .composing import Composer, Mail
from .imap.reader import MailboxReader, mailbox_metrics
from .imap.sent_folder import SentFolder
from .origin.lookup import Lookup
from .origin.organisation import organisation
from .origin.resolver import Resolver
from .origin.verifying import OriginVerifier, with_origin
from .receiving import CHANNEL, Fit, Receiver
from .sandbox import Sandbox
from .sending import MailServer, Smarthost, smarthost_of
from .sent_mails import SENT_FOLDER
from .settings import MailSettings
from .signing import Signer
from .signing_keys import SigningKey
from .webhook_face import UNREADABLE, MailWebhooks

FILES_AT_ONCE = 2  # mails with files on their way; each is held in memory several times over, encoded and not

ReadBlob = Callable[[str], Awaitable[bytes]]
"""Gives the bytes of a blob by its sha256."""


class MailChannel(Adapter):
    """Mail, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: MailSettings,
        *,
        intake: Intake,
        token_key: bytes,
        read_blob: ReadBlob,
        listen: HostPort,
        smarthost_password: str = "",
        signing_keys: Sequence[SigningKey] = (),
        fit: Fit = lambda asked, _: asked,
        lookup: Lookup | None = None,
        now: Callable[[], float] = time.time,
        mailboxes: Sequence[MailboxReader] = (),
        submissions: Mapping[str, MailServer] | None = None,
        sent_folders: Mapping[str, SentFolder] | None = None,
        webhooks: MailWebhooks | None = None,
    ) -> None:
        """`lookup` asks the DNS about senders, left out the servers of the settings; `now` is in seconds since 1970.

        `submissions` are the servers by which mails from some of our addresses leave, `sent_folders` where copies of
        them are put, by address.
        """
        self.settings = settings
        self._receiver = Receiver(settings, intake, listen, fit)
        self._origin = OriginVerifier(settings.origin, lookup or Resolver(settings.origin.resolvers).ask, now)
        self._sandbox = Sandbox(
            settings.addresses, token_key, forwarding=settings.forwarding, processes=settings.parsers
        )
        self._composer = Composer(
            addresses=settings.addresses,
            name=settings.name,
            key=token_key,
            numbered=settings.subject_number,
            quote=settings.quote,
            signer=Signer(signing_keys),
        )
        self._smarthost = Smarthost(smarthost_of(settings, smarthost_password))
        self._submissions = {address: Smarthost(server) for address, server in (submissions or {}).items()}
        self._sent_folders = sent_folders or {}
        self._read_blob = read_blob
        self._heavy = asyncio.Semaphore(FILES_AT_ONCE)
        self._mailboxes = mailboxes
        self._webhooks = webhooks

    @property
    def address(self) -> HostPort:
        """Where it listens; after `start` with the port that was really taken."""
        return self._receiver.address

    def outgoing_id(self, article_id: str, account: str) -> str:
        """The Message-ID of an article, without brackets: the same for every attempt to send it."""
        known = account if account in self.settings.addresses else self.settings.addresses[0]
        return f"{article_id}@{known.rpartition('@')[2]}"

    def reconfigure(self, section: MailSettings) -> None:
        """Other addresses: for recipients and mails from now on; what is being read is read with those of before."""
        self.settings = section
        self._receiver.reconfigure(section)
        self._sandbox.reconfigure(section.addresses, section.forwarding)
        self._composer = replace(self._composer, addresses=section.addresses)

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a mail in a process of its own, and find out whether it comes from its author; raises Unreadable."""
        if raw.transport.get(UNREADABLE) is True:
            raise Unreadable("the post has no mail in it: see docs/channels/mail_webhooks.md for what to set there")
        parsed = await self._sandbox.parse(raw)
        if raw.transport.get(SENT_FOLDER) is True:
            return parsed
        envelopes = [with_origin(envelope, await self._origin.proof(raw, envelope)) for envelope in parsed.envelopes]
        return parsed.model_copy(update={"envelopes": tuple(envelopes)})

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand a mail to its server; raises DeliveryDeferred, DeliveryFailed, DeliveryUnknown."""
        if not outgoing.attachments:
            return await self._sent(outgoing, self._composer.compose(outgoing))
        async with self._heavy:
            files = [(attachment, await self._content(attachment)) for attachment in outgoing.attachments]
            mail = await asyncio.to_thread(self._composer.compose, outgoing, files)
            return await self._sent(outgoing, mail)

    async def start(self) -> None:
        """Listen."""
        self._sandbox.start()
        await self._receiver.start()

    def routes(self, application: web.Application) -> None:
        """Where providers post mails."""
        if self._webhooks is not None:
            self._webhooks.mount(application)

    def workers(self) -> Sequence[Service]:
        """What reads mailboxes."""
        return self._mailboxes

    def metrics(self) -> Iterable[Metric]:
        """Whether the mailboxes are read, as far as this process reads them; what became of providers' posts."""
        return [*mailbox_metrics(self._mailboxes), *(self._webhooks.metrics() if self._webhooks else ())]

    async def warm_up(self) -> None:
        """Begin a process that reads mails, and read the list of public suffixes."""
        await asyncio.to_thread(organisation, "example.org")
        first = b"From: a@b.example\r\n\r\n"
        with suppress(TrunklineError):
            await self.parse(
                RawMessage(id=str(UUID(int=0)), channel=CHANNEL, external_id="", received_at=0, content=first)
            )

    async def stop(self) -> None:
        """Let mails under way come to their end, in and out."""
        await self._receiver.stop()
        for server in (self._smarthost, *self._submissions.values()):
            await server.close()
        for folder in self._sent_folders.values():
            await folder.stop()
        await self._sandbox.stop()
        if self._webhooks is not None:
            await self._webhooks.close()

    async def _sent(self, outgoing: Outgoing, mail: Mail) -> Sent:
        """A provider lets the owner of a mailbox send in no other name, the reverse path included."""
        if server := self._submissions.get(outgoing.account):
            detail = await server.deliver(replace(mail, reverse_path=outgoing.account))
        else:
            detail = await self._smarthost.deliver(mail)
        if folder := self._sent_folders.get(outgoing.account):
            folder.put(outgoing.external_id, mail.content)
        return Sent(reference=outgoing.external_id, detail=detail)

    async def _content(self, attachment: Attachment) -> bytes:
        try:
            return await self._read_blob(attachment.sha256)
        except TrunklineError as error:
            if not error.temporary:
                raise DeliveryFailed(f"the attachment {attachment.name} cannot be read: {error.detail}") from error
            raise DeliveryDeferred(f"an attachment cannot be read now: {error.detail}") from error
