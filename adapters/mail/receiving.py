"""The SMTP listener: who may connect, and what becomes of a mail.

A mail is answered 250 only after intake has stored it durably; the answer names its raw id. Storing goes on to its end
even when the peer goes away meanwhile (the peer will send the mail again, and it will be recognised). When storing
fails or takes longer than `caps.intake_time`, the answer is 451 or 452, whatever went wrong; nothing internal is told.

The bytes are stored exactly as they came, without a header of ours; peer, TLS, reverse path and recipients are kept
beside them as transport facts.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any

import prometheus_client
import structlog

from ...config.errors import EngineFull, Misconfigured, Temporary
from ...config.quantities import HostPort
from ...queue.intake import Accepted, Intake
from ...web.peers import address_of, limited_as
from ...web.places import Places
from ...web.port import open_port
from .fingerprint import dedup_key, external_id, lane
from .message_data import Room
from .recipients import OwnAddresses, Recipient
from .settings import MailSettings
from .smtp_session import SmtpSession

log = structlog.get_logger()

CHANNEL = "mail"
_LARGE = 256 * 1024  # from here on hashing would hold up the loop
_GRACE = 30.0
_SET_APART = 10  # a tenth of the connections, and of the bytes, is for our own mail servers alone
_SHARE = 4  # one peer may have this part of the bytes, or one mail
_FRAMING = 1024  # more than what SMTP adds around a mail

_ANSWERED = prometheus_client.Counter("trunkline_mail_received", "Mails by the answer they got.", ["answer"])


Fit = Callable[[int, str], int]
"""From the connections that a setting asks for, and its path, to those that there are files for."""


class Receiver:
    """The listener; implements `MailServer` for its sessions."""

    def __init__(
        self, settings: MailSettings, intake: Intake, listen: HostPort, fit: Fit = lambda asked, _: asked
    ) -> None:
        self.settings = settings
        caps = settings.caps
        self.in_flight = Places(
            caps.in_flight,
            each=max(caps.in_flight // _SHARE, settings.max_size + _FRAMING),
            set_apart=min(caps.in_flight // _SET_APART, caps.in_flight - settings.max_size),
        )
        self._fit = fit
        self._connections = caps.connections
        self._places = Places()
        self.closing = False
        self.address = listen
        self._listen = listen
        self._intake = intake
        self._own = OwnAddresses(settings.addresses, settings.forwarding)
        self._server: asyncio.Server | None = None
        self._sessions: set[SmtpSession] = set()
        self._storing: set[asyncio.Task[Accepted]] = set()
        self._all_left = asyncio.Event()

    def reconfigure(self, settings: MailSettings) -> None:
        """From the next recipient on, these addresses are ours."""
        self._own = OwnAddresses(settings.addresses, settings.forwarding)

    async def start(self) -> None:
        """Listens; raises Misconfigured when it cannot."""
        if self._server is not None:
            return
        # aiosmtpd logs every peer and address at INFO; ours say what operators need without personal data.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        tls = _tls_context(self.settings)
        self._make_places()
        self.closing = False
        try:
            self._server = await open_port(lambda: SmtpSession(self, tls), self._listen.host, self._listen.port)
        except OSError as error:
            raise Misconfigured(f"cannot listen for mail on {self._listen}: {error.strerror or error}") from error
        self.address = HostPort(self._listen.host, self._server.sockets[0].getsockname()[1])
        log.info("listening for mail", action="smtp_listening", address=str(self.address), tls=tls is not None)

    async def stop(self) -> None:
        """Takes no more connections, lets mails that are under way come to their answer, and ends the rest."""
        if self._server is None:
            return
        server, self._server = self._server, None
        self.closing = True
        server.close()
        for session in list(self._sessions):
            session.dismiss()
        try:
            async with asyncio.timeout(_GRACE):
                while self._sessions:
                    self._all_left.clear()
                    await self._all_left.wait()
        except TimeoutError:
            for session in list(self._sessions):
                session.cut()
        await asyncio.gather(*self._storing, return_exceptions=True)
        await server.wait_closed()

    def _make_places(self) -> None:
        caps = self.settings.caps
        self._connections = self._fit(caps.connections, "channels.mail.caps.connections")
        set_apart = self._connections // _SET_APART
        self._places = Places(self._connections, each=caps.connections_per_peer, set_apart=set_apart)

    # What sessions ask

    def enter(self, session: SmtpSession, peer: str) -> bool:
        """Trusted peers share only the total, a tenth of which is kept for them: all mail may come through one."""
        trusted, was_scarce = self._trusts(peer), self._is_scarce()
        if self.closing or not self._places.take(limited_as(peer), favoured=trusted):
            _ANSWERED.labels("421").inc()
            return False
        self._sessions.add(session)
        if self._is_scarce() and not was_scarce:
            for each in self._sessions:
                each.hurry(self.idle_seconds())
        return True

    def leave(self, session: SmtpSession, peer: str) -> None:
        """One connection less."""
        self._sessions.discard(session)
        self._places.give_back(limited_as(peer))
        if not self._sessions:
            self._all_left.set()

    def idle_seconds(self) -> float:
        """Less when connections run short."""
        caps = self.settings.caps
        return (caps.idle_under_load if self._is_scarce() else caps.idle).total_seconds()

    def room(self, peer: str) -> Room:
        """The room for the mails of a peer."""
        return Room(self.in_flight, peer, trusted=self._trusts(peer))

    def _is_scarce(self) -> bool:
        return self._places.used * 4 >= self._connections * 3

    def _trusts(self, peer: str) -> bool:
        return self.settings.trusts(address_of(peer))

    def find_recipient(self, address: str) -> Recipient | None:
        """The address of ours that is meant."""
        return self._own.recipient(address)

    async def take(self, session: SmtpSession, content: bytes) -> str:
        """Stores the mail and gives the answer."""
        answer = await self._stored(session, content)
        _ANSWERED.labels(answer[:3]).inc()
        return answer

    async def _stored(self, session: SmtpSession, content: bytes) -> str:
        task = asyncio.create_task(self._store(self._facts(session), content))
        self._storing.add(task)
        task.add_done_callback(self._finished)
        try:
            async with asyncio.timeout(self.settings.caps.intake_time.total_seconds()):
                accepted = await asyncio.shield(task)
        except TimeoutError:
            log.warning("storing a mail takes too long", action="mail_deferred", peer=session.peer)
            return "451 4.3.0 Could not be stored in time, please try again later"
        except EngineFull as error:
            log.warning("no room for a mail", action="mail_deferred", peer=session.peer, error=error.detail)
            return "452 4.3.1 Not enough room at present, please try again later"
        except Temporary as error:
            log.warning("a mail could not be stored", action="mail_deferred", peer=session.peer, error=error.detail)
            return "451 4.3.0 Could not be stored, please try again later"
        except Exception:
            log.exception("a mail could not be stored", action="mail_deferred", peer=session.peer)
            return "451 4.3.0 Could not be stored, please try again later"
        return f"250 2.0.0 Stored as {accepted.id}"

    def _finished(self, task: asyncio.Task[Accepted]) -> None:
        self._storing.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has logged it; when nobody did any more, the sender will repeat

    async def _store(self, transport: dict[str, Any], content: bytes) -> Accepted:
        large = len(content) > _LARGE
        external = await asyncio.to_thread(external_id, content) if large else external_id(content)
        return await self._intake.accept(
            channel=CHANNEL,
            account=self._own.account(self._own.found(transport["rcpt_to"])),
            external_id=external,
            kind="message",
            lane=lane(transport["mail_from"], external),
            content=content,
            transport=transport,
            dedup=dedup_key(content, external, transport["rcpt_to"], transport["peer"]),
            says=b"",
        )

    def _facts(self, session: SmtpSession) -> dict[str, Any]:
        return {
            "peer": session.peer,
            "helo": session.name_given,
            "tls": session.is_encrypted,
            "mail_from": session.path.address if session.path is not None else "",
            "rcpt_to": list(session.recipients),
            "trusted": self._trusts(session.peer),
        }


def _tls_context(settings: MailSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"channels.mail.certificate cannot be used: {error}") from error
    return context
