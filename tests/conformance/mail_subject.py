"""The channel mail for the conformance tests: SMTP both ways.

Mails are read in this process; that they are read in one of its own is tried in tests/integration/test_mail_sandbox.py.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import aiosmtplib
from aiosmtpd.smtp import SMTP

from tests.integration.mail_reading import read_here
from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.origin.lookup import RecordKind
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.mail.webhook_face import MailWebhooks
from trunkline.config.errors import EngineUnavailable
from trunkline.config.quantities import HostPort

from .subject import Answer, Subject

ADDRESS = HostPort("127.0.0.1", 0)
TOKEN_KEY = b"a key of the tests"


class MailSubject(Subject):
    """Mail: SMTP both ways."""

    account = "support@example.test"
    listens_itself = True
    sender_key = "email:maria@example.org"
    has_vendor = False
    more: ClassVar[dict[str, Any]] = {}

    async def open(self) -> None:
        self._answers: dict[str, str] = {
            "taken": "250 2.0.0 taken",
            "later": "451 4.3.0 later",
            "never": "554 5.0.0 no",
        }
        self._far_end = "taken"
        self._arrived: list[bytes] = []
        loop = asyncio.get_running_loop()
        self._sink = await loop.create_server(lambda: SMTP(self, hostname="sink", loop=loop), "127.0.0.1", 0)
        port = self._sink.sockets[0].getsockname()[1]
        given = {"addresses": [self.account], "smarthost": f"127.0.0.1:{port}", **self.more}
        settings = MailSettings.model_validate(given)
        self.channel = MailChannel(
            settings,
            intake=self.intake,
            token_key=TOKEN_KEY,
            read_blob=self._blob,
            listen=ADDRESS,
            lookup=_no_records,
            webhooks=self._webhooks(settings),
        )
        read_here(self.channel, TOKEN_KEY)
        self.adapter = self.channel

    def _webhooks(self, _: MailSettings) -> MailWebhooks | None:
        return None

    async def close(self) -> None:
        await self.channel.stop()
        self._sink.close()

    async def deliver(self, identifier: str, text: str) -> Answer:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=self.channel.address.port, local_hostname="c", start_tls=False
        )
        try:
            await client.connect()
            await client.sendmail("maria@example.org", [self.account], mail(identifier, text))
        except aiosmtplib.SMTPResponseException as error:
            return "later" if 400 <= error.code < 500 else "never"
        except aiosmtplib.SMTPConnectError as error:
            raise ConnectionRefusedError(str(error)) from error
        finally:
            client.close()
        return "taken"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self._far_end = answer
        if answer == "away":
            self._sink.close()

    @property
    def arrived(self) -> list[bytes]:
        return self._arrived

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        if self._far_end == "silent":
            server.transport.abort()
            return ""
        if self._far_end == "taken":
            self._arrived.append(envelope.content)
        return self._answers[self._far_end]

    @staticmethod
    async def _blob(sha256: str) -> bytes:
        raise EngineUnavailable(f"no blob {sha256}")


def mail(identifier: str, text: str) -> bytes:
    """A mail of Maria's under an id of its own."""
    head = f"From: maria@example.org\r\nMessage-ID: <{identifier}@example.org>\r\nSubject: Hello\r\n"
    return f"{head}\r\n{text}\r\n".encode()


async def _no_records(_: str, __: RecordKind) -> Sequence[str]:
    return ()


SUBJECT = MailSubject
