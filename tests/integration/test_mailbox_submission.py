"""Answers from a mailbox leave by its provider's own server, signed in to as the mailbox is."""

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aiohttp.test_utils import TestServer
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.mailbox_check import MailMailboxes
from trunkline.adapters.mail.mailboxes import submissions
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import CredentialsRefused, DeliveryDeferred
from trunkline.config.quantities import HostPort
from trunkline.config.secret_store import Secrets
from trunkline.normalizer.outgoing import Outgoing

from ..fakes.token_server import CLIENT, CLIENT_SECRET, SCOPE, TokenServer

SUPPORT, SHOP = "support@example.test", "shop@example.test"


class LongLines(SMTP):
    """Takes lines as long as tokens are."""

    command_size_limits: ClassVar = defaultdict(lambda: 8192)
    line_length_limit = 8192


class Submission:
    """A provider's server: only who is let in sends, and only in the name of the mailbox."""

    def __init__(self, tokens: TokenServer) -> None:
        self.tokens = tokens
        self.mails: list[tuple[str, list[str]]] = []
        self.port = 0
        self.signed_in: list[str] = []
        self.refuses = 0
        self.answer = "250 2.0.0 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        data = given[4]
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (SUPPORT.encode(), b"a password"), handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  (aiosmtpd's name)
        user, _, token = base64.b64decode(args[1]).decode().strip("\1").partition("\1auth=Bearer ")
        self.signed_in.append(token)
        if self.refuses:
            self.refuses -= 1
            await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
            assert await server._reader.readline() == b"\r\n"
            await server.push("535 5.7.8 Username and Password not accepted")
            return AuthResult(success=False, handled=True)
        return AuthResult(success=user == f"user={SUPPORT}", handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append((envelope.mail_from, envelope.rcpt_tos))
        return self.answer

    async def handle_MAIL(self, _server: Any, session: Any, envelope: Any, address: str, _: list[str]) -> str:  # noqa: N802
        if not session.authenticated or address != SUPPORT:
            return "550 5.7.60 SMTP; Client does not have permissions to send as this sender"
        envelope.mail_from = address
        return "250 OK"


@pytest.fixture
async def submission() -> AsyncIterator[Submission]:
    tokens = TokenServer(SUPPORT)
    async with TestServer(tokens.application()) as running:
        tokens.url = str(running.make_url("/token"))
        made, loop = Submission(tokens), asyncio.get_running_loop()

        def protocol() -> SMTP:
            return LongLines(
                made,
                loop=loop,
                authenticator=made.authenticate,
                auth_require_tls=False,
                auth_exclude_mechanism=["LOGIN"],
            )

        server = await loop.create_server(protocol, "127.0.0.1", 0)
        made.port = server.sockets[0].getsockname()[1]
        yield made
        server.close()


def section(submission: Submission, **given: Any) -> MailSettings:
    mailbox = {"address": SUPPORT, "imap": "127.0.0.1:9", "imap_tls": "none"}
    mailbox |= {"submission": f"127.0.0.1:{submission.port}", "submission_tls": "none"}
    return MailSettings.model_validate(
        {"addresses": [SUPPORT, SHOP], "smarthost": "127.0.0.1:9", "mailboxes": {"support": mailbox | given}}
    )


def oauth(submission: Submission) -> dict[str, Any]:
    return {"sign_in": "refresh_token", "client_id": CLIENT, "token_url": submission.tokens.url, "scope": SCOPE}


def secrets_in(folder: Path, key: str) -> Secrets:
    made = Secrets(folder / "secrets", {}, allow_generate=False)
    made.keep({"mail_support": key, "mail_support_client": CLIENT_SECRET})
    return made


@asynccontextmanager
async def channel(settings: MailSettings, secrets: Secrets) -> AsyncIterator[MailChannel]:
    async def blob(_: str) -> bytes:
        return b""

    made = MailChannel(
        settings,
        intake=None,  # type: ignore[arg-type]  # nothing comes in here
        token_key=b"k" * 32,
        read_blob=blob,
        listen=HostPort("127.0.0.1", 0),
        submissions=submissions(settings, secrets),
    )
    try:
        yield made
    finally:
        await made.stop()


def answer(account: str = SUPPORT, **given: Any) -> Outgoing:
    fields = {"article_id": "a1", "ticket_id": "t1", "number": "T-1", "channel": "mail", "account": account}
    fields |= {
        "external_id": "a1@example.test",
        "to": "ann@a.example",
        "subject": "Lamp",
        "text": "Hello",
        "created_at": 1,
    }
    return Outgoing.model_validate(fields | given)


async def test_an_answer_leaves_in_the_name_of_the_mailbox_alone(submission: Submission, tmp_path: Path) -> None:
    async with channel(section(submission), secrets_in(tmp_path, "a password")) as mail:
        sent = await mail.send(answer())
        await mail.send(answer(automatic=True))

    assert sent.detail == "250 2.0.0 OK"
    assert submission.mails == [(SUPPORT, ["ann@a.example"])] * 2


async def test_answers_from_other_addresses_leave_by_the_smarthost(submission: Submission, tmp_path: Path) -> None:
    async with channel(section(submission), secrets_in(tmp_path, "a password")) as mail:
        with pytest.raises(DeliveryDeferred, match=r"cannot connect to 127\.0\.0\.1:9"):
            await mail.send(answer(SHOP))
    async with channel(section(submission, sends=False), secrets_in(tmp_path, "a password")) as mail:
        with pytest.raises(DeliveryDeferred, match=r"cannot connect to 127\.0\.0\.1:9"):
            await mail.send(answer())
    assert submission.mails == []


async def test_the_token_of_the_mailbox_lets_us_send_and_one_that_is_refused_is_had_anew(
    submission: Submission, tmp_path: Path
) -> None:
    submission.refuses = 1
    async with channel(section(submission, **oauth(submission)), secrets_in(tmp_path, "refresh-1")) as mail:
        await mail.send(answer())
    assert len(submission.signed_in) == len(submission.tokens.grants) == 2
    assert submission.mails == [(SUPPORT, ["ann@a.example"])]


async def test_whom_the_server_does_not_let_in_is_told_so_without_the_secret(
    submission: Submission, tmp_path: Path
) -> None:
    async with channel(section(submission), secrets_in(tmp_path, "another-password")) as mail:
        with pytest.raises(CredentialsRefused, match=r"cannot connect to .*: 535") as told:
            await mail.send(answer())
    assert "another-password" not in str(told.value)


async def test_too_many_mails_a_day_are_put_off_and_not_given_up(submission: Submission, tmp_path: Path) -> None:
    submission.answer = "550 5.4.5 Daily user sending limit exceeded"
    async with channel(section(submission), secrets_in(tmp_path, "a password")) as mail:
        with pytest.raises(DeliveryDeferred, match="sent too much") as told:
            await mail.send(answer())
    assert told.value.asked == 3600


async def test_the_check_says_of_every_mailbox_whether_it_can_be_read_and_sent_from(
    submission: Submission, tmp_path: Path
) -> None:
    facts = await MailMailboxes().facts(section(submission), secrets_in(tmp_path, "a password"))
    wrong = await MailMailboxes().facts(section(submission), secrets_in(tmp_path / "other", "another"))

    assert [fact.level for fact in facts] == ["unknown", "good"]
    assert facts[1].words == f"127.0.0.1:{submission.port} takes mails from it"
    assert wrong[1].level == "wrong"
