"""A desk with the channel mail whose mails are checked, with a DNS of the test."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.quantities import HostPort
from trunkline.normalizer.envelope import RawMessage
from trunkline.normalizer.outgoing import Parsed
from trunkline.router.intake_handler import IntakeHandler
from trunkline.router.records import Article, Ticket

from ..unit.mail_origin.corpus import MARIA, ZONE, Case
from ..unit.mail_origin.zone import ZoneLookup
from .conftest import SETTINGS
from .mail_reading import read_here

if TYPE_CHECKING:
    from .conftest import Desk

OURS = "support@company.example"
KEY = b"k" * 32
OFTEN = {"per_address_per_hour": 1000, "again_after": "0s"}


class Post:
    """The channel mail on a desk, with a DNS of the test; whoever is proven is acknowledged, however often."""

    def __init__(self, desk: "Desk", acknowledgement: Mapping[str, Any] = OFTEN, **origin: Any) -> None:
        desk.configure(SETTINGS | {"acknowledgement": acknowledgement})
        self.desk = desk
        self.lookup = ZoneLookup(ZONE)
        given = {"forwarders": ["lists.example"], "authserv_ids": ["mx.company.example"]} | origin
        self.channel = MailChannel(
            MailSettings.model_validate({"addresses": [OURS], "origin": given}),
            intake=desk.intake,
            token_key=KEY,
            read_blob=desk.blobs.get,
            listen=HostPort("127.0.0.1", 0),
            lookup=self.lookup,
            now=lambda: desk.clock.now() / 1000,
        )
        read_here(self.channel, KEY)
        desk.intake_handler = IntakeHandler(
            desk.engine, desk.clock, desk.blobs, desk.filer, parsers={"mail": self.parse}
        )
        desk.filers._handler = desk.intake_handler.handle

    async def parse(self, raw: RawMessage) -> Parsed:
        """The mails of the corpus have one Message-ID and say the same; here each case is a mail by itself."""
        (envelope,) = (parsed := await self.channel.parse(raw)).envelopes
        apart = envelope.model_copy(update={"ext": {**envelope.ext, "message_id": raw.external_id}})
        return parsed.model_copy(update={"envelopes": (apart,)})

    async def take(self, case: Case, *, to: str = OURS, **headers: str) -> str:
        """The mail as the listener stores it, with headers that nobody signed; the raw id."""
        top = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
        self.desk.clock.advance(1)
        accepted = await self.desk.intake.accept(
            channel="mail",
            account=OURS,
            external_id=case.what,
            kind="message",
            lane=MARIA,
            content=(top + case.mail).replace("\n", "\r\n").encode(),
            transport={
                "peer": case.peer,
                "mail_from": case.mail_from,
                "helo": case.helo,
                "trusted": case.trusted,
                "rcpt_to": [to],
            },
        )
        return accepted.id

    async def article(self, ticket: Ticket, place: int = 0) -> Article:
        return list(await self.desk.reader.articles(ticket.id))[place]
