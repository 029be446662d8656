"""`trunkline channels check` asks X: whose the token is, what it may do, where X posts to, of what it tells."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.x import KEY, KEY_SECRET, OWNER, TOKEN, TOKEN_SECRET, FakeX
from trunkline.adapters.findings import Finding
from trunkline.adapters.x.card import CARD
from trunkline.adapters.x.settings import XSettings
from trunkline.config.secret_store import Secrets

HERE = "https://desk.example/v1/x/shop"
HOOK = {"id": "1976325569252868099", "url": HERE, "valid": True}


@pytest.fixture
async def x() -> AsyncIterator[FakeX]:
    async with FakeX(webhooks=[HOOK]) as listening:
        yield listening


async def asked(x: FakeX, tmp_path: Path, *, token_secret: str = TOKEN_SECRET, **shop: Any) -> list[Finding]:
    known = {"SHOP": KEY_SECRET, "SHOP_KEY": KEY, "SHOP_TOKEN": TOKEN, "SHOP_TOKEN_SECRET": token_secret}
    secrets = Secrets(
        tmp_path, {f"TRUNKLINE_SECRET_X_{name}": given for name, given in known.items()}, allow_generate=False
    )
    section = XSettings.model_validate({"shop": {"id": OWNER, "api": x.base, **shop}})
    assert CARD.ask is not None
    found = list(await CARD.ask(section, secrets))
    assert not any(secret in str(found) for secret in (KEY_SECRET, TOKEN, TOKEN_SECRET, token_secret))
    return found


def activity(type_: str, who: str = OWNER) -> dict[str, Any]:
    return {"event_type": type_, "filter": {"user_id": who}, "subscription_id": "1", "webhook_id": HOOK["id"]}


async def test_an_account_that_is_right_is_told_so(x: FakeX, tmp_path: Path) -> None:
    found = await asked(x, tmp_path)
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "good"),
        ("webhook", "good"),
        ("subscription", "good"),
    ]
    assert "@examplelamps" in found[0].words


@pytest.mark.parametrize(
    ("posts", "told", "missing"),
    [
        ("all", ["dm.received", "post.mention.create"], ""),
        ("none", ["dm.received"], ""),
        ("all", ["dm.received"], "mentions"),
        ("all", [], "direct messages and mentions"),
    ],
)
async def test_either_of_its_ways_of_telling_is_enough(
    x: FakeX, tmp_path: Path, posts: str, told: list[str], missing: str
) -> None:
    x.subscribed = False
    x.activities = [activity("dm.received", "99"), *map(activity, told)]
    last = (await asked(x, tmp_path, posts=posts))[-1]
    assert (last.subject, last.level) == ("subscription", "wrong" if missing else "good")
    assert last.words.endswith(missing or ", ".join(told))


@pytest.mark.parametrize(
    ("webhooks", "words", "remedy"),
    [
        (None, "X does not say where it posts to: 403", "does the app's plan"),
        ([], "X posts nowhere that ends with /v1/x/shop", "register the address"),
        ([HOOK | {"url": "https://desk.example/v1/x/other"}], "X posts nowhere", "register the address"),
        ([HOOK | {"valid": False}], "no more, because its challenge was not answered", f"PUT /2/webhooks/{HOOK['id']}"),
    ],
)
async def test_what_is_wrong_with_the_address_is_said_with_what_to_do(
    x: FakeX, tmp_path: Path, webhooks: list[dict[str, Any]] | None, words: str, remedy: str
) -> None:
    x.webhooks = webhooks
    (wrong,) = [each for each in await asked(x, tmp_path) if each.subject == "webhook"]
    assert (wrong.level, words in wrong.words, remedy in wrong.remedy) == ("wrong", True, True)


async def test_a_token_of_another_account_or_without_direct_messages_is_named(x: FakeX, tmp_path: Path) -> None:
    x.access = "read-write"
    found = await asked(x, tmp_path, id="99")
    assert [(each.subject, each.level) for each in found[:2]] == [("credentials", "wrong"), ("permissions", "wrong")]
    assert OWNER in found[0].words
    assert "make the access token anew" in found[1].remedy


async def test_a_token_that_x_does_not_know_is_named_by_its_secrets(x: FakeX, tmp_path: Path) -> None:
    (found,) = await asked(x, tmp_path, token_secret="a-secret-that-is-wrong")
    assert (found.subject, found.level) == ("credentials", "wrong")
    assert "x_shop_token_secret" in found.remedy


async def test_a_secret_that_is_missing_is_a_finding_of_its_account(x: FakeX, tmp_path: Path) -> None:
    section = XSettings.model_validate({"shop": {"id": OWNER, "api": x.base}})
    assert CARD.ask is not None
    (found,) = await CARD.ask(section, Secrets(tmp_path, {}, allow_generate=False))
    assert (found.account, found.subject, found.level) == ("shop", "secret", "wrong")
    assert "x_shop" in found.words


async def test_x_that_is_not_reached_is_unknown(x: FakeX, tmp_path: Path) -> None:
    (found,) = await asked(x, tmp_path, api="http://127.0.0.1:1")
    assert (found.level, "is not reached" in found.words) == ("unknown", True)
