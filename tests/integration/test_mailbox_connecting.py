"""Connecting a mailbox: what a person is told, and the refresh token that is kept."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp.test_utils import TestServer

from trunkline.adapters.mail.imap.connecting import AUTHORIZE, REDIRECT, Connecting
from trunkline.adapters.mail.imap.mailbox_settings import MailboxSettings
from trunkline.config.errors import CredentialsRefused, Misconfigured
from trunkline.config.secret_store import Secrets

from ..fakes.token_server import CLIENT, CLIENT_SECRET, SCOPE, TokenServer

USER = "support@example.test"


@pytest.fixture
async def tokens() -> AsyncIterator[TokenServer]:
    server = TokenServer(USER)
    server.refresh_token = "refresh-7"
    async with TestServer(server.application()) as running:
        server.url = str(running.make_url("/token"))
        yield server


class Person:
    """Somebody at a terminal, who goes where they are sent."""

    def __init__(self, tokens: TokenServer, folder: Path, environ: dict[str, str] | None = None, **given: Any) -> None:
        settings = {"address": USER, "sign_in": "refresh_token", "client_id": CLIENT, "token_url": tokens.url}
        self.secrets = Secrets(folder / "secrets", environ or {}, allow_generate=False)
        self.secrets.keep({"mail_support_client": CLIENT_SECRET})
        self.tokens = tokens
        self.told: list[str] = []
        self.slept: list[float] = []
        self.comes_back: dict[str, str] = {"code": "the-code"}
        self.connecting = Connecting(
            name="support",
            settings=MailboxSettings.model_validate(settings | {"scope": SCOPE} | given),
            secrets=self.secrets,
            tell=self.told.append,
            ask=self._answer,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _answer(self, _: str) -> str:
        page = next(word for words in self.told for word in words.split() if word.startswith(AUTHORIZE))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        assert (asked["client_id"], asked["scope"], asked["access_type"]) == (CLIENT, SCOPE, "offline")
        assert asked["code_challenge_method"] == "S256"
        self.tokens.challenge, self.tokens.redirect = asked["code_challenge"], asked["redirect_uri"]
        return f"{REDIRECT}?{urlencode({'state': asked['state']} | self.comes_back)}\n"


async def test_a_code_that_is_typed_elsewhere_connects_a_mailbox_at_microsoft(
    tokens: TokenServer, tmp_path: Path
) -> None:
    person = Person(tokens, tmp_path, provider="microsoft")
    tokens.pending = ["authorization_pending", "slow_down"]

    await person.connecting.run()

    assert "https://provider.example/device and type the code ABCD-1234" in person.told[0]
    assert person.slept == [5, 5, 10]
    kept = tmp_path / "secrets" / "mail_support"
    assert kept.read_text() == "refresh-7\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "refresh-7" not in "".join(person.told)


async def test_an_address_that_is_copied_back_connects_a_mailbox_at_google(tokens: TokenServer, tmp_path: Path) -> None:
    person = Person(tokens, tmp_path, provider="google")

    await person.connecting.run()

    assert (tmp_path / "secrets" / "mail_support").read_text() == "refresh-7\n"


@pytest.mark.parametrize(
    ("comes_back", "words"),
    [
        ({"error": "access_denied"}, "says no: access_denied"),
        ({"code": "the-code", "state": "another"}, "not the address that this request led to"),
        ({"code": "another-code"}, "says no: invalid_grant"),
    ],
)
async def test_what_comes_back_otherwise_connects_nothing(
    comes_back: dict[str, str], words: str, tokens: TokenServer, tmp_path: Path
) -> None:
    person = Person(tokens, tmp_path, provider="google")
    person.comes_back = comes_back

    with pytest.raises(CredentialsRefused, match=words):
        await person.connecting.run()
    assert not (tmp_path / "secrets" / "mail_support").exists()


async def test_nobody_is_asked_anything_while_the_secret_of_the_application_is_missing(
    tokens: TokenServer, tmp_path: Path
) -> None:
    person = Person(tokens, tmp_path, provider="google")
    (tmp_path / "secrets" / "mail_support_client").unlink()

    with pytest.raises(Misconfigured, match="TRUNKLINE_SECRET_MAIL_SUPPORT_CLIENT"):
        await person.connecting.run()
    assert person.told == []


async def test_a_person_who_says_no_or_does_nothing_ends_it(tokens: TokenServer, tmp_path: Path) -> None:
    person = Person(tokens, tmp_path, provider="microsoft")
    tokens.pending = ["authorization_declined"]
    with pytest.raises(CredentialsRefused, match="authorization_declined"):
        await person.connecting.run()

    tokens.pending = ["authorization_pending"] * 1000
    with pytest.raises(CredentialsRefused, match="nobody agreed in time"):
        await person.connecting.run()


async def test_a_secret_that_the_environment_gives_is_not_connected_over(tokens: TokenServer, tmp_path: Path) -> None:
    person = Person(tokens, tmp_path, {"TRUNKLINE_SECRET_MAIL_SUPPORT": "old"}, provider="microsoft")

    with pytest.raises(Misconfigured, match="TRUNKLINE_SECRET_MAIL_SUPPORT gives the secret"):
        await person.connecting.run()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sign_in": "password", "imap": "imap.example:993"}, "app password"),
        ({"sign_in": "client_credentials", "provider": "microsoft", "tenant": "t"}, "IMAP.AccessAsApp"),
        ({"sign_in": "service_account", "provider": "google"}, "Domain-wide delegation"),
    ],
)
async def test_where_nobody_has_to_agree_it_says_what_to_click(
    given: dict[str, Any], words: str, tokens: TokenServer, tmp_path: Path
) -> None:
    person = Person(tokens, tmp_path, **given)

    await person.connecting.run()

    assert words in person.told[0]
    assert str(tmp_path / "secrets" / "mail_support") in person.told[0]
