"""Access tokens for mailboxes: had from a token server, and believed by a real Dovecot."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from trunkline.adapters.mail.imap.access import TokenAccess
from trunkline.adapters.mail.imap.mailbox_settings import MailboxSettings
from trunkline.adapters.mail.imap.reader import opened
from trunkline.config.errors import AccountUnavailable, CredentialsRefused, Misconfigured
from trunkline.config.secret_store import Secrets

from ..dovecot import USER, Dovecot
from ..fakes.token_server import CLIENT, CLIENT_SECRET, SCOPE, TokenServer, public_pem

_OAUTH2 = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""


@pytest.fixture
async def tokens() -> AsyncIterator[TokenServer]:
    server = TokenServer(USER)
    async with TestServer(server.application()) as running:
        server.url = str(running.make_url("/token"))
        yield server


@pytest.fixture
def dovecot(tokens: TokenServer) -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        keys = folder / "keys" / "default" / "RS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(public_pem(tokens.signing))
        (folder / "oauth2.conf").write_text(
            f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
            "username_attribute = email\n"
        )
        server = Dovecot(folder, more=_OAUTH2.format(folder=folder), mechanisms="plain login xoauth2")
        server.start()
        yield server
        server.kill()


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    made = Secrets(tmp_path / "secrets", {}, allow_generate=False)
    made.keep({"mail_support": "refresh-1", "mail_support_client": CLIENT_SECRET})
    return made


def settings(tokens: TokenServer, **given: Any) -> MailboxSettings:
    common = {"address": USER, "imap": "localhost:993", "sign_in": "refresh_token", "client_id": CLIENT}
    return MailboxSettings.model_validate(common | {"token_url": tokens.url, "scope": SCOPE} | given)


class Ways:
    """The ways in that a test opens."""

    def __init__(self, tokens: TokenServer, secrets: Secrets) -> None:
        self.tokens, self.secrets = tokens, secrets
        self.now = 1_790_000_000.0
        self.made: list[TokenAccess] = []

    def access(self, **given: Any) -> TokenAccess:
        self.made.append(TokenAccess("support", settings(self.tokens, **given), self.secrets, lambda: self.now))
        return self.made[-1]


@pytest.fixture
async def ways(tokens: TokenServer, secrets: Secrets) -> AsyncIterator[Ways]:
    made = Ways(tokens, secrets)
    yield made
    for access in made.made:
        await access.close()


@pytest.mark.parametrize("sign_in", ["refresh_token", "client_credentials", "service_account"])
async def test_every_kind_of_token_opens_the_mailbox(
    sign_in: str, tokens: TokenServer, tmp_path: Path, dovecot: Dovecot
) -> None:
    secrets = Secrets(tmp_path / "others", {}, allow_generate=False)
    key = {"refresh_token": "refresh-1", "client_credentials": CLIENT_SECRET}
    secrets.keep(
        {"mail_support": key.get(sign_in, json.dumps(tokens.key_file())), "mail_support_client": CLIENT_SECRET}
    )
    given = {"imap": f"localhost:{dovecot.implicit}", "authority": str(dovecot.authority), "sign_in": sign_in}
    access = TokenAccess("support", settings(tokens, **given), secrets)

    session = await opened(settings(tokens, **given), access)

    assert (await session.select("INBOX")).next_uid == 1
    await session.close()
    await access.close()


async def test_a_token_that_the_mailbox_does_not_take_is_tried_again_as_another_one_once(
    tokens: TokenServer, secrets: Secrets, dovecot: Dovecot
) -> None:
    given = {"imap": f"localhost:{dovecot.implicit}", "authority": str(dovecot.authority)}
    access = TokenAccess("support", settings(tokens, **given), secrets)
    tokens.bad_tokens = 1

    await (await opened(settings(tokens, **given), access)).close()
    assert len(tokens.grants) == 2

    tokens.bad_tokens = 10
    access._until = 0.0
    with pytest.raises(CredentialsRefused, match=r"does not let support@example\.test in"):
        await opened(settings(tokens, **given), access)
    assert len(tokens.grants) == 4
    await access.close()


async def test_a_token_is_used_again_until_shortly_before_it_expires(ways: Ways) -> None:
    access = ways.access()
    first = await access.credential()
    ways.now += 3400
    assert await access.credential() == first
    ways.now += 100
    await access.credential()

    assert ways.tokens.grants == ["refresh_token"] * 2


async def test_a_refresh_token_that_was_given_anew_is_kept_for_the_next_start(ways: Ways, tmp_path: Path) -> None:
    ways.tokens.rotates = True
    await ways.access().credential()

    kept = tmp_path / "secrets" / "mail_support"
    assert kept.read_text() == "refresh-2\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    await ways.access().credential()
    assert kept.read_text() == "refresh-3\n"


async def test_only_a_secret_that_somebody_gives_is_another_one(ways: Ways, tmp_path: Path) -> None:
    ways.tokens.rotates = True
    access = ways.access()
    mark = access.mark()
    await access.credential()
    ways.now += 4000
    await access.credential()
    assert access.mark() == mark

    (tmp_path / "secrets" / "mail_support").write_text("refresh-9")
    assert access.mark() != mark


async def test_a_secret_of_the_environment_stays_and_the_token_is_had_all_the_same(
    tokens: TokenServer, tmp_path: Path
) -> None:
    environ = {"TRUNKLINE_SECRET_MAIL_SUPPORT": "refresh-1", "TRUNKLINE_SECRET_MAIL_SUPPORT_CLIENT": CLIENT_SECRET}
    tokens.rotates = True
    access = TokenAccess("support", settings(tokens), Secrets(tmp_path / "none", environ, allow_generate=False))

    assert (await access.credential()).bearer
    assert not (tmp_path / "none").exists()
    await access.close()


@pytest.mark.parametrize(
    ("break_it", "error", "words"),
    [
        ({"revoked": True}, CredentialsRefused, "invalid_grant: Token … has been expired or revoked"),
        ({"down": True}, AccountUnavailable, "puts it off: 503 try later"),
    ],
)
async def test_what_the_token_server_says_is_told_without_a_secret(
    break_it: dict[str, bool], error: type[Exception], words: str, ways: Ways
) -> None:
    vars(ways.tokens).update(break_it)

    with pytest.raises(error, match=words) as told:
        await ways.access().credential()

    assert type(told.value) is error
    assert "refresh-1" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("mail_support_client", "another", "invalid_client: the secret … is wrong"),
        ("mail_support", "refresh-0", "invalid_grant: Token … has been"),
    ],
)
async def test_a_wrong_secret_is_credentials_refused(
    name: str, value: str, words: str, ways: Ways, tmp_path: Path
) -> None:
    (tmp_path / "secrets" / name).write_text(value)

    with pytest.raises(CredentialsRefused, match=words):
        await ways.access().credential()


@pytest.mark.parametrize("key", ["not json", "{}", '{"client_email": "a", "private_key_id": "b", "private_key": "c"}'])
async def test_what_is_no_key_of_a_service_account_is_named_with_its_place(
    key: str, ways: Ways, tmp_path: Path
) -> None:
    (tmp_path / "secrets" / "mail_support").write_text(key)

    with pytest.raises(Misconfigured, match=r"secrets/mail_support: not the key of a service account"):
        await ways.access(sign_in="service_account").credential()


def test_a_credential_shows_its_secret_to_nobody(tokens: TokenServer, secrets: Secrets) -> None:
    from trunkline.adapters.mail.imap.access import Credential

    assert "hidden" not in repr(Credential("ann", "hidden"))
