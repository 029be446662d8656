"""Mail from outside: a server that takes our replies, and a client that delivers to us."""

import asyncio
import email
import email.policy
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr

from .gateway import Gateway

LIMIT = 30.0
LARGEST = 32 * 1024 * 1024  # bytes of a mail


class Sink:
    """Takes every mail, and keeps it; for an address of `refuses` it says that nobody is there."""

    def __init__(self) -> None:
        self.refuses = set[str]()
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, str]] = []
        self._news = asyncio.Condition()

    async def mail(self, wanted: Callable[[EmailMessage], bool] = lambda _: True) -> EmailMessage:
        """The first mail that fits, as soon as it has come."""
        try:
            async with asyncio.timeout(LIMIT), self._news:
                await self._news.wait_for(lambda: any(wanted(mail) for mail in self.mails))
        except TimeoutError:
            came = [f"{mail['To']}: {mail['Subject']}" for mail in self.mails]
            raise AssertionError(f"no such mail has come; these have: {came}") from None
        return next(mail for mail in self.mails if wanted(mail))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, as RFC 5321 says."""
        sender = recipient = ""
        writer.write(b"220 sink.example\r\n")
        try:
            while line := (await reader.readline()).decode("utf-8", "replace").strip():
                verb, answer = line[:4].upper(), "250 2.0.0 ok"
                if verb == "MAIL":
                    sender = line.partition("<")[2].partition(">")[0]
                elif verb == "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    answer = "550 5.1.1 no such user" if recipient in self.refuses else answer
                elif verb == "DATA":
                    writer.write(b"354 go on\r\n")
                    await self._take(await reader.readuntil(b"\r\n.\r\n"), sender, recipient)
                writer.write(f"{'221 2.0.0 bye' if verb == 'QUIT' else answer}\r\n".encode())
                await writer.drain()
                if verb == "QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _take(self, data: bytes, sender: str, recipient: str) -> None:
        content = data[:-3].replace(b"\r\n..", b"\r\n.")
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        async with self._news:
            self.mails.append(mail)
            self.envelopes.append((sender, recipient))
            self._news.notify_all()


@asynccontextmanager
async def listening_sink(port: int) -> AsyncIterator[Sink]:
    """A sink on this port."""
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", port, limit=LARGEST)
    try:
        yield sink
    finally:
        server.close()


def written(
    text: str,
    *,
    sender: str = "maria@example.org",
    to: str = "support@example.test",
    subject: str = "My lamp",
    **headers: str,
) -> EmailMessage:
    """A mail as a person writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">"))
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


async def deliver(gateway: Gateway, mail: EmailMessage | bytes, *, to: str = "", sender: str = "") -> None:
    """Hand it to the gateway, which must take it."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=email.policy.SMTP)
    address = to or (str(mail["To"]) if isinstance(mail, EmailMessage) else "")
    reverse = sender or (parseaddr(str(mail["From"]))[1] if isinstance(mail, EmailMessage) else "")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", gateway.smtp_port, timeout=LIMIT) as client:
            client.sendmail(reverse, [address], raw)

    await asyncio.to_thread(send)


def plain(mail: EmailMessage) -> str:
    """Its text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
