"""`trunkline channels check` at Meta: tokens, webhooks, and which accounts post to the app."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.meta import INSTAGRAM, NUMBER, PAGE
from tests.fakes.meta_app import APP, BUSINESS, FakeMetaApp
from trunkline.adapters.findings import Finding
from trunkline.adapters.meta import settings as meta_settings
from trunkline.adapters.meta.asking import ask
from trunkline.adapters.meta.settings import MetaSettings
from trunkline.config.secret_store import Secrets

TOKEN, SECRET = "a token of the tests", "an app secret of the tests"
HERE = "https://desk.example/v1/meta/shop"
IDS = {"messenger": PAGE, "instagram": INSTAGRAM, "whatsapp": NUMBER}
OBJECTS = {"messenger": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}
PRODUCTS = tuple(IDS)
NOW = 1_796_000_000.0
FIELDS = (
    *("messages", "messaging_postbacks", "message_edits", "message_edit", "message_reactions", "message_deliveries"),
    *("message_reads", "messaging_seen", "message_echoes", "standby"),
)


@pytest.fixture
async def meta() -> AsyncIterator[FakeMetaApp]:
    async with FakeMetaApp(TOKEN, SECRET) as fake:
        right = {
            "callback_url": HERE,
            "active": True,
            "fields": [{"name": each, "version": "v24.0"} for each in FIELDS],
        }
        fake.webhooks = [{"object": each, **right} for each in OBJECTS.values()]
        scopes = ["pages_messaging", "instagram_manage_messages", "whatsapp_business_messaging"]
        rights = [{"scope": "whatsapp_business_messaging", "target_ids": [BUSINESS]}]
        fake.about = {"scopes": scopes, "granular_scopes": rights}
        yield fake


async def asked(meta: FakeMetaApp, tmp_path: Path, product: str = "messenger", **more: Any) -> list[Finding]:
    given = {"product": product, "id": IDS[product], "api": meta.base}
    environ = {"SHOP": SECRET, "SHOP_TOKEN": TOKEN} | {
        name.upper(): str(more.pop(name)) for name in ["shop", "shop_token"] if name in more
    }
    secrets = Secrets(tmp_path, {f"TRUNKLINE_SECRET_META_{n}": v for n, v in environ.items()}, allow_generate=False)
    return list(await ask(MetaSettings.model_validate({"shop": given | more}), secrets, lambda: NOW))


def wrong(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.subject, each.words) for each in found if each.level == "wrong"]


@pytest.mark.parametrize("product", PRODUCTS)
async def test_an_account_that_is_right_is_told_so(meta: FakeMetaApp, tmp_path: Path, product: str) -> None:
    found = await asked(meta, tmp_path, product)
    assert {each.level for each in found} == {"good"}, found
    assert {"credentials", "webhook", "subscribed"} <= {each.subject for each in found}


@pytest.mark.parametrize("product", PRODUCTS)
async def test_an_account_that_posts_nothing_to_the_app_is_named(
    meta: FakeMetaApp, tmp_path: Path, product: str
) -> None:
    meta.subscribed = ["1234"]
    ((subject, words),) = wrong(await asked(meta, tmp_path, product))
    assert (subject, "posts nothing to the app" in words) == ("subscribed", True)


@pytest.mark.parametrize(
    ("told", "subject", "words"),
    [
        ({"scopes": ["pages_show_list"]}, "permissions", "no pages_messaging, only pages_show_list"),
        ({"is_valid": False, "error": {"message": "Session has expired"}}, "credentials", "Session has expired"),
        ({"expires_at": int(NOW) + 86_400}, "token's end", "the access token ends on 2026-12-01"),
    ],
)
async def test_what_is_wrong_with_a_token_is_said_with_what_to_do(
    meta: FakeMetaApp, tmp_path: Path, told: dict[str, Any], subject: str, words: str
) -> None:
    meta.about |= told
    found = next(each for each in await asked(meta, tmp_path) if each.level == "wrong")
    assert (found.subject, words in found.words, bool(found.remedy)) == (subject, True, True)


async def test_a_token_that_ends_some_day_is_to_be_looked_at(meta: FakeMetaApp, tmp_path: Path) -> None:
    meta.about |= {"expires_at": int(NOW) + 50 * 86_400}
    assert [each.subject for each in await asked(meta, tmp_path) if each.level == "look"] == ["token's end"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"object": "permissions"}, "Meta posts nothing about page"),
        (
            {"callback_url": "https://desk.example/v1/meta/another"},
            "Meta posts to https://desk.example/v1/meta/another",
        ),
        ({"active": False}, f"Meta does not post to {HERE} for now"),
        ({"fields": ["feed"]}, "Meta does not post messages"),
    ],
)
async def test_a_webhook_that_is_not_right_is_said_with_what_to_do(
    meta: FakeMetaApp, tmp_path: Path, told: dict[str, Any], words: str
) -> None:
    meta.webhooks = [{**each, **told} for each in meta.webhooks if each["object"] == "page"]
    assert [each[1] for each in wrong(await asked(meta, tmp_path))] == [words]


async def test_fields_that_are_missing_beside_messages_are_to_be_looked_at(meta: FakeMetaApp, tmp_path: Path) -> None:
    meta.webhooks = [{**each, "fields": ["messages"]} for each in meta.webhooks]
    (look,) = (each for each in await asked(meta, tmp_path) if each.level == "look")
    assert "message_reads" in look.words


async def test_a_secret_of_another_app_and_a_token_that_is_none_are_named_and_not_told(
    meta: FakeMetaApp, tmp_path: Path
) -> None:
    (of_app,) = await asked(meta, tmp_path, shop="s3cret")
    (of_token,) = await asked(meta, tmp_path, shop_token="t0ken")
    assert ("meta_shop" in of_app.remedy, "meta_shop_token" in of_token.remedy) == (True, True)
    assert [each.level for each in (of_app, of_token)] == ["wrong", "wrong"]
    assert ("s3cret" in str(of_app), "t0ken" in str(of_token)) == (False, False)


async def test_a_token_of_another_page_and_a_number_that_is_not_connected_are_named(
    meta: FakeMetaApp, tmp_path: Path
) -> None:
    ((subject, words),) = wrong(await asked(meta, tmp_path, id="1"))
    assert (subject, PAGE in words) == ("id", True)
    meta.number["status"] = "PENDING"
    ((subject, words),) = wrong(await asked(meta, tmp_path, "whatsapp"))
    assert (subject, "is PENDING" in words) == ("number", True)


async def test_a_token_that_does_not_show_the_business_account_is_to_be_looked_at(
    meta: FakeMetaApp, tmp_path: Path
) -> None:
    meta.about |= {"granular_scopes": []}
    assert [each.subject for each in await asked(meta, tmp_path, "whatsapp") if each.level == "look"] == ["subscribed"]


async def test_with_instagram_login_the_account_is_asked_and_the_webhook_looked_at(
    meta: FakeMetaApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meta_settings, "INSTAGRAM_LOGIN", "localhost")
    found = await asked(meta, tmp_path, "instagram", api=meta.base.replace("127.0.0.1", "localhost"))
    told = [("credentials", "good"), ("webhook", "look"), ("files of answers", "look")]
    assert [(each.subject, each.level) for each in found] == told
    assert "@exampleshop" in found[0].words
    assert APP not in str(found)
