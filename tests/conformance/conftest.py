"""The adapters that keep the contract of `adapters/contract.py`, each with the other end of its channel.

Every channel of gateway/channels.py is tried, and the template; a new one joins with a class like `MailSubject` and a
line in `SUBJECTS`. The cases are the same for all.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import aiosmtplib
import pytest
from aiohttp import ClientSession, web
from aiosmtpd.smtp import SMTP

from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.skeleton import CARD, SkeletonChannel, SkeletonSettings
from trunkline.config.errors import EngineUnavailable
from trunkline.config.quantities import HostPort
from trunkline.gateway.channels import CARDS
from trunkline.queue.clock import ManualClock
from trunkline.web.service import WebService, new_application
from trunkline.web.webhook_signing import key_of, signed_headers

from .chat_subject import ChatSubject
from .subject import Answer, Subject, url_of

ADDRESS = HostPort("127.0.0.1", 0)


class MailSubject(Subject):
    """Mail: SMTP both ways."""

    account = "support@example.test"
    listens_itself = True
    sender_key = "email:maria@example.org"

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
        settings = MailSettings.model_validate({"addresses": [self.account], "smarthost": f"127.0.0.1:{port}"})
        self.channel = MailChannel(
            settings, intake=self.intake, token_key=b"a key of the tests", read_blob=self._blob, listen=ADDRESS
        )
        self.adapter = self.channel

    async def close(self) -> None:
        await self.channel.stop()
        self._sink.close()

    async def deliver(self, identifier: str, text: str) -> Answer:
        content = (
            f"From: maria@example.org\r\nMessage-ID: <{identifier}@example.org>\r\nSubject: Hello\r\n\r\n{text}\r\n"
        )
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=self.channel.address.port, local_hostname="c", start_tls=False
        )
        try:
            await client.connect()
            await client.sendmail("maria@example.org", [self.account], content.encode())
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


class SkeletonSubject(Subject):
    """The template to copy: posts both ways."""

    account = "desk"
    sender_key = "skeleton:maria"
    secret = b"a secret of the tests"

    async def open(self) -> None:
        self._far_end = "taken"
        self._arrived: list[bytes] = []
        vendor = web.Application()
        vendor.router.add_post("/", self._take)
        self._vendor = WebService(vendor, "127.0.0.1", 0)
        await self._vendor.start()
        self._channel = self._made(url_of(self._vendor))
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, endpoint: str) -> Any:
        settings = SkeletonSettings(endpoint=endpoint)
        return SkeletonChannel(settings, intake=self.intake, secret=self.secret)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self._vendor.stop()

    async def deliver(self, identifier: str, text: str) -> Answer:
        body = json.dumps({"from": "maria", "text": text}).encode()
        signature = hmac.new(self.secret, identifier.encode() + b"." + body, "sha256").hexdigest()
        headers = {"X-Skeleton-Id": identifier, "X-Skeleton-Signature": signature}
        async with (
            ClientSession() as session,
            session.post(url_of(self._service, "v1/skeleton"), data=body, headers=headers) as response,
        ):
            return "taken" if response.status == 202 else "later" if response.status == 503 else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self._far_end = answer

    @property
    def arrived(self) -> list[bytes]:
        return self._arrived

    async def _take(self, request: web.Request) -> web.Response:
        if self._far_end in {"away", "silent"}:
            assert request.transport is not None
            request.transport.abort()
        if self._far_end == "taken":
            self._arrived.append(await request.read())
        return web.Response(status={"taken": 200, "later": 503, "never": 400}.get(self._far_end, 500))


class HttpSubject(SkeletonSubject):
    """HTTP: signed posts in, callbacks out."""

    account = "shop"
    sender_key = "email:maria@example.org"
    webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    now = 1_800_000_000

    def _made(self, endpoint: str) -> Any:
        shop = {
            "fields": {"email": "from", "message": "text"},
            "reply": "callback",
            "callback": {"url": endpoint, "allow_private": True},
        }
        return HttpChannel(
            HttpSettings.model_validate({self.account: shop}),
            intake=self.intake,
            secret_of=lambda _: self.webhook_secret,
            clock=ManualClock(self.now * 1000),
        )

    async def deliver(self, identifier: str, text: str) -> Answer:
        body = json.dumps({"from": "maria@example.org", "text": text}).encode()
        headers = signed_headers(key_of(self.webhook_secret), identifier, self.now, body)
        async with (
            ClientSession() as session,
            session.post(url_of(self._service, "v1/inbound/shop"), data=body, headers=headers) as response,
        ):
            return "taken" if response.status == 202 else "later" if response.status == 503 else "never"


SUBJECTS: dict[str, type[Subject]] = {
    "chat": ChatSubject,
    "http": HttpSubject,
    "mail": MailSubject,
    "skeleton": SkeletonSubject,
}


ALL = CARDS | {CARD.name: CARD}


@pytest.fixture(params=sorted(ALL))
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each adapter in turn, not yet started."""
    made = SUBJECTS[request.param]()
    made.card = ALL[request.param]
    await made.open()
    yield made
    await made.close()
