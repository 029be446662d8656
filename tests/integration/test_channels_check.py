"""`trunkline channels check`: vendors are asked, and what is wrong is said with what to do about it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from typer.testing import CliRunner

from tests.fakes.line import FakeLine
from tests.fakes.telegram import FakeTelegram
from tests.fakes.wechat import FakeWechat
from trunkline.adapters.address_asking import asked_for_files
from trunkline.adapters.findings import Finding
from trunkline.adapters.line.asking import ask as ask_line
from trunkline.adapters.line.settings import LineSettings
from trunkline.adapters.telegram.asking import ask as ask_telegram
from trunkline.adapters.telegram.settings import TelegramSettings
from trunkline.adapters.wechat.asking import ask as ask_wechat
from trunkline.adapters.wechat.settings import WechatSettings
from trunkline.config.secret_store import Secrets
from trunkline.gateway.command.main import app
from trunkline.web.service import WebService, new_application

TOKEN = "4711:a-token-of-the-tests"
HERE = "https://desk.example/v1"
APP_ID = "wxba5fad812f8e6fb9"


@pytest.fixture
async def line() -> AsyncIterator[FakeLine]:
    async with FakeLine(TOKEN, "a secret") as fake:
        fake.endpoint = {"endpoint": f"{HERE}/line/shop", "active": True}
        yield fake


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram(TOKEN)
    await fake.start()
    fake.bots[TOKEN].webhook = {"url": f"{HERE}/telegram/shop"}
    yield fake
    await fake.stop()


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWechat]:
    async with FakeWechat(APP_ID, TOKEN, "", "") as fake:
        yield fake


def secrets(tmp_path: Path, token: str = TOKEN) -> Secrets:
    names = ("LINE_SHOP_TOKEN", "TELEGRAM_SHOP", "WECHAT_SHOP")
    return Secrets(tmp_path, {f"TRUNKLINE_SECRET_{name}": token for name in names}, allow_generate=False)


async def of_line(line: FakeLine, tmp_path: Path, **more: str) -> list[Finding]:
    """What LINE says; that files cannot be sent without an address is told besides."""
    section = LineSettings.model_validate({"shop": {"api": line.base, "data_api": line.base}})
    *found, files = await ask_line(section, secrets(tmp_path, **more))
    assert (files.subject, files.level) == ("files of answers", "look")
    assert "channels.line.shop.address" in files.remedy
    return found


async def of_telegram(telegram: FakeTelegram, tmp_path: Path, token: str = TOKEN, **bot: Any) -> list[Finding]:
    section = TelegramSettings.model_validate({"shop": {"api": telegram.url, **bot}})
    return list(await ask_telegram(section, secrets(tmp_path, token)))


async def test_an_account_of_line_that_is_right_is_told_so_after_a_post_of_line(line: FakeLine, tmp_path: Path) -> None:
    found = await of_line(line, tmp_path)
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "good"),
        ("webhook", "good"),
        ("a post of LINE", "good"),
    ]
    assert "Example (@216ru)" in found[0].words


@pytest.mark.parametrize(
    ("endpoint", "tried", "words", "remedy"),
    [
        ({}, {}, "LINE posts nowhere", "set the Webhook URL"),
        ({"endpoint": f"{HERE}/line/other", "active": True}, {}, "LINE posts to", "/v1/line/shop"),
        ({"endpoint": f"{HERE}/line/shop", "active": False}, {}, "switched off", "Use webhook"),
        (
            {"endpoint": f"{HERE}/line/shop", "active": True},
            {"success": False, "statusCode": 401, "reason": "ERROR_STATUS_CODE"},
            "401 ERROR_STATUS_CODE",
            "channel secret",
        ),
    ],
)
async def test_what_is_wrong_at_line_is_said_with_what_to_do(
    line: FakeLine, tmp_path: Path, endpoint: dict[str, Any], tried: dict[str, Any], words: str, remedy: str
) -> None:
    line.endpoint, line.tried = endpoint, tried
    last = (await of_line(line, tmp_path))[-1]
    assert (last.level, words in last.words, remedy in last.remedy) == ("wrong", True, True)


async def test_a_token_that_the_vendor_does_not_know_is_named_by_its_secret_and_not_told(
    line: FakeLine, telegram: FakeTelegram, tmp_path: Path
) -> None:
    other = "4711:another-token"
    found = [*await of_line(line, tmp_path, token=other), *await of_telegram(telegram, tmp_path, token=other)]
    assert [(each.subject, each.level) for each in found] == [("credentials", "wrong")] * 2
    assert ["line_shop_token" in found[0].remedy, "telegram_shop" in found[1].remedy] == [True, True]
    assert other not in str(found)


async def test_a_vendor_that_is_not_reached_is_unknown(line: FakeLine, tmp_path: Path) -> None:
    line.breaks_off = True
    section = LineSettings.model_validate({"shop": {"api": "http://127.0.0.1:1", "data_api": line.base}})
    found, _ = await ask_line(section, secrets(tmp_path))
    assert (found.level, "is not reached" in found.words) == ("unknown", True)


async def test_whether_files_can_be_fetched_from_us_is_tried() -> None:
    ours, other = new_application(), web.Application()
    services = [WebService(each, "127.0.0.1", 0) for each in (ours, other)]
    for service in services:
        await service.start()
    here, elsewhere = (f"http://127.0.0.1:{service.address[1]}" for service in services)
    found = [await asked_for_files("shop", "channels.line.shop.address", each) for each in (here, elsewhere)]
    for service in services:
        await service.stop()
    found.append(await asked_for_files("shop", "channels.line.shop.address", here))
    assert [each.level for each in found] == ["good", "wrong", "look"]
    assert all(each.remedy for each in found[1:])


async def test_a_bot_that_is_right_is_told_so(telegram: FakeTelegram, tmp_path: Path) -> None:
    found = await of_telegram(telegram, tmp_path, username="ExampleSupportBot")
    assert [each.level for each in found] == ["good", "good"]
    telegram.bots[TOKEN].webhook = {}
    assert [each.level for each in await of_telegram(telegram, tmp_path, receive="poll")] == ["good", "good"]


@pytest.mark.parametrize(
    ("bot", "url", "trouble", "subject"),
    [
        ({"username": "AnotherBot"}, f"{HERE}/telegram/shop", {}, "username"),
        ({}, "", {}, "webhook"),
        ({}, f"{HERE}/telegram/other", {}, "webhook"),
        ({"receive": "poll"}, f"{HERE}/telegram/shop", {}, "webhook"),
        (
            {},
            f"{HERE}/telegram/shop",
            {"pending_update_count": 3, "last_error_message": "Wrong response from the webhook: 502 Bad Gateway"},
            "last trouble",
        ),
    ],
)
async def test_what_is_wrong_at_telegram_is_said_with_what_to_do(
    telegram: FakeTelegram, tmp_path: Path, bot: dict[str, Any], url: str, trouble: dict[str, Any], subject: str
) -> None:
    telegram.bots[TOKEN].webhook, telegram.bots[TOKEN].trouble = {"url": url}, trouble
    wrong = [each for each in await of_telegram(telegram, tmp_path, **bot) if each.level == "wrong"]
    assert [each.subject for each in wrong] == [subject]
    assert wrong[0].remedy


async def of_wechat(wechat: FakeWechat, tmp_path: Path, token: str = TOKEN) -> list[Finding]:
    section = WechatSettings.model_validate({"shop": {"app_id": APP_ID, "api": wechat.base}})
    return list(await ask_wechat(section, secrets(tmp_path, token)))


async def test_an_account_of_wechat_that_is_right_is_told_so_with_how_many_answers_are_left(
    wechat: FakeWechat, tmp_path: Path
) -> None:
    found = await of_wechat(wechat, tmp_path)
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "good"),
        ("answers", "good"),
        ("webhook", "good"),
    ]
    assert "499999 of 500000" in found[1].words


@pytest.mark.parametrize(
    ("quota", "reached", "subject", "level", "words"),
    [
        ({"daily_limit": 0}, {}, "answers", "wrong", "may not send customer service messages"),
        ({"daily_limit": 9, "remain": 0}, {}, "answers", "wrong", "all 9 of today"),
        ({}, {"dns": []}, "webhook", "wrong", "no machine by its name"),
        ({}, {"errcode": 40201, "errmsg": "invalid url"}, "webhook", "wrong", "40201"),
        ({}, {"ping": [{"ip": "203.0.113.9", "package_loss": "100%"}]}, "webhook", "unknown", "203.0.113.9"),
    ],
)
async def test_what_is_wrong_at_wechat_is_said_with_what_to_do(
    wechat: FakeWechat,
    tmp_path: Path,
    quota: dict[str, int],
    reached: dict[str, Any],
    subject: str,
    level: str,
    words: str,
) -> None:
    wechat.quota, wechat.reached = wechat.quota | quota, wechat.reached | reached
    (wrong,) = [each for each in await of_wechat(wechat, tmp_path) if each.level != "good"]
    assert (wrong.subject, wrong.level, words in wrong.words, bool(wrong.remedy)) == (subject, level, True, True)


async def test_an_app_secret_or_an_address_that_wechat_does_not_know_is_named_and_not_told(
    wechat: FakeWechat, tmp_path: Path
) -> None:
    (found,) = await of_wechat(wechat, tmp_path, "another-secret")
    assert (found.subject, found.level, "wechat_shop" in found.remedy) == ("credentials", "wrong", True)
    assert "another-secret" not in str(found)
    wechat.stranger = True
    (found,) = await of_wechat(wechat, tmp_path)
    assert ("203.0.113.7" in found.words, "whitelist" in found.remedy) == (True, True)


def test_the_command_says_what_is_wrong_and_ends_with_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_SECRET_LINE_SHOP", "a secret")
    monkeypatch.setenv("TRUNKLINE_SECRET_LINE_SHOP_TOKEN", TOKEN)
    file = tmp_path / "desk.yaml"
    nowhere = "http://127.0.0.1:1"
    file.write_text(
        f"data: {tmp_path / 'data'}\nchannels: {{ line: {{ shop: {{ api: '{nowhere}', data_api: '{nowhere}' }} }} }}\n"
        "queues: { support: { fallback: true } }\n"
    )
    result = CliRunner().invoke(app, ["channels", "check", "--config", str(file)])
    assert (result.exit_code, "unknown line shop" in " ".join(result.stdout.split())) == (1, True), result.output


def test_a_channel_whose_secrets_are_missing_keeps_no_other_from_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRUNKLINE_SECRET_X_SHOP", raising=False)
    file = tmp_path / "desk.yaml"
    file.write_text(
        f"data: {tmp_path / 'data'}\nchannels: {{ chat: {{ web: {{}} }}, x: {{ shop: {{ id: '1' }} }},"
        " line: { shop: {} } }\nqueues: { support: { fallback: true } }\n"
    )
    result = CliRunner().invoke(app, ["channels", "check", "--config", str(file)])
    told = " ".join(result.stdout.split())
    assert result.exit_code == 1, result.output
    assert "look chat web page: it has no vendor; it is this gateway's own open /chat/web here" in told
    assert ("wrong line shop secret:" in told, "TRUNKLINE_SECRET_X_SHOP" in told) == (True, True)
