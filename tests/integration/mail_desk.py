"""A desk with the channel mail: mails come in as bytes, and what leaves is kept as a server would get it."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.fingerprint import dedup_key, external_id, lane
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.quantities import HostPort
from trunkline.gateway.channels import policy_of
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.queue.intake import Accepted
from trunkline.router.intake_handler import IntakeHandler
from trunkline.router.records import Article, Ticket
from trunkline.router.ticket_requests import Writing

from .conftest import SETTINGS
from .mail_reading import read_here

if TYPE_CHECKING:
    from .conftest import Desk

SUPPORT, BILLING = "support@example.test", "billing@example.test"
ANN, BOB = "ann@a.example", "bob@a.example"


@dataclass(frozen=True)
class Left:
    """A mail that left, with the reverse path and the first recipient of its SMTP envelope."""

    reverse_path: str
    recipient: str
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"]).strip("<>")

    @property
    def reply_to(self) -> str:
        return str(self.mail["Reply-To"].addresses[0].addr_spec)


def letter(text: str = "My lamp is broken.", **headers: str) -> str:
    """A mail of Ann's; headers are given with underscores, and left out where empty."""
    given = {"From": f"Ann <{ANN}>", "To": SUPPORT, "Subject": "Lamp", "Message-ID": "<m1@a.example>"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return "\n".join([*lines, "", text, ""])


class MailDesk:
    """Mails of people whom our own server has proven, unless it is said otherwise."""

    def __init__(self, desk: "Desk", *, key: bytes = b"k" * 32, domain: str = "example.test", **settings: Any) -> None:
        desk.policy = policy_of(desk.policy.settings)
        self.desk, self.left, self.addresses = desk, list[Left](), [f"{box}@{domain}" for box in ("support", "billing")]
        self.channel = MailChannel(
            MailSettings.model_validate(
                {"addresses": self.addresses, "origin": {"check": False, "authserv_ids": []}} | settings
            ),
            intake=desk.intake,
            token_key=key,
            read_blob=desk.blobs.get,
            listen=HostPort("127.0.0.1", 0),
            now=lambda: desk.clock.now() / 1000,
        )
        read_here(self.channel, key)
        desk.intake_handler = IntakeHandler(
            desk.engine, desk.clock, desk.blobs, desk.filer, parsers={"mail": self.channel.parse}
        )
        desk.filers._handler = desk.intake_handler.handle
        desk.delivery._senders = {"mail": self.send}

    def configure(self, **settings: Any) -> None:
        """Other settings of the desk."""
        self.desk.configure(SETTINGS | settings)

    async def send(self, outgoing: Outgoing) -> Sent:
        """The smarthost."""
        mail = self.channel._composer.compose(outgoing)
        self.left.append(Left(mail.reverse_path, mail.recipients[0], mail.content))
        return Sent(reference=outgoing.external_id)

    async def take(
        self,
        mail: str | bytes,
        *,
        to: str | tuple[str, ...] = SUPPORT,
        mail_from: str = ANN,
        trusted: bool = True,
        peer: str = "10.0.0.5",
    ) -> Accepted:
        """A mail comes in, and everything is worked off that is then ready."""
        content = mail if isinstance(mail, bytes) else mail.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        recipients = [to] if isinstance(to, str) else list(to)
        self.desk.clock.advance(1)
        external = external_id(content)
        facts = {"peer": peer, "mail_from": mail_from, "helo": "mx", "trusted": trusted, "rcpt_to": recipients}
        accepted = await self.desk.intake.accept(
            channel="mail",
            account=recipients[0].partition("+")[0] + "@" + recipients[0].rpartition("@")[2]
            if "+" in recipients[0]
            else recipients[0],
            external_id=external,
            kind="message",
            lane=lane(mail_from, external),
            content=content,
            transport=facts,
            dedup=dedup_key(content, external, recipients, peer),
            says=b"",
        )
        await self.desk.settle()
        return accepted

    async def answer(self, ticket: Ticket, text: str = "Try another bulb.", **writing: Any) -> Left:
        """Ada answers; the mail that leaves."""
        await self.desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="agent:ada", **writing))
        await self.desk.settle()
        return self.left[-1]

    async def opened(self, mail: str = "", **way: Any) -> Ticket:
        """Ann writes; the ticket."""
        await self.take(mail or letter(), **way)
        return (await self.desk.tickets())[-1]

    async def ticket(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now."""
        return (await self.desk.reader.ticket(ticket.id)).record

    async def articles(self, ticket: Ticket, *kinds: str) -> list[Article]:
        """Its articles of these kinds; messages, where none is named."""
        return [each for each in await self.desk.reader.articles(ticket.id) if each.kind in (kinds or ("message",))]

    async def suspended(self) -> list[str]:
        """Why messages wait for a person."""
        return [each.cause for each in await self.desk.intake_handler.suspended.list()]
