"""`trunkline channels check` at Slack: the token and its scopes, the channels, Socket Mode."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.slack import OURS, SUPPORT, FakeSlack
from trunkline.adapters.findings import Finding
from trunkline.adapters.slack.asking import ask
from trunkline.adapters.slack.settings import SlackSettings
from trunkline.config.secret_store import Secrets

TOKEN, APP_TOKEN = "xoxb-of-the-tests", "xapp-of-the-tests"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(TOKEN, "a signing secret", APP_TOKEN) as fake:
        yield fake


async def asked(slack: FakeSlack, tmp_path: Path, token: str = TOKEN, **more: Any) -> list[Finding]:
    environ = {"ACME": "a signing secret", "ACME_TOKEN": token, "ACME_APP": APP_TOKEN}
    secrets = Secrets(tmp_path, {f"TRUNKLINE_SECRET_SLACK_{n}": v for n, v in environ.items()}, allow_generate=False)
    return list(await ask(SlackSettings.model_validate({"acme": {"api": slack.api} | more}), secrets))


async def test_a_workspace_that_is_right_is_told_so_and_where_to_look_for_the_events(
    slack: FakeSlack, tmp_path: Path
) -> None:
    found = await asked(slack, tmp_path, channels=[SUPPORT])
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "good"),
        ("scopes", "good"),
        (SUPPORT, "good"),
        ("events", "look"),
    ]
    assert f"@support in Example ({OURS}" in found[0].words
    assert "/v1/slack/acme" in found[-1].remedy


async def test_socket_mode_is_asked_for_a_connection(slack: FakeSlack, tmp_path: Path) -> None:
    assert {each.level for each in await asked(slack, tmp_path, receive="socket")} == {"good"}
    slack.app_token = "another"
    last = (await asked(slack, tmp_path, receive="socket"))[-1]
    assert (last.level, "slack_acme_app" in last.remedy) == ("wrong", True)


async def test_each_scope_that_is_missing_is_named(slack: FakeSlack, tmp_path: Path) -> None:
    slack.scopes = slack.scopes.replace(",files:write", "").replace("users:read.email,", "")
    found = await asked(slack, tmp_path, agent_names=True)
    assert [each.words for each in found if each.level == "wrong"] == [
        "the app has no files:write",
        "the app has no chat:write.customize",
    ]
    assert [each.words for each in found if "email" in each.words and each.level == "look"]


async def test_a_channel_that_the_app_is_not_in_is_named_with_what_to_write_there(
    slack: FakeSlack, tmp_path: Path
) -> None:
    slack.refusals["conversations.history"] = ["not_in_channel"]
    (wrong,) = (each for each in await asked(slack, tmp_path, channels=[SUPPORT]) if each.level == "wrong")
    assert (wrong.subject, "/invite" in wrong.remedy) == (SUPPORT, True)


async def test_the_workspace_among_other_teams_is_to_be_looked_at(slack: FakeSlack, tmp_path: Path) -> None:
    found = await asked(slack, tmp_path, teams=[OURS])
    assert [each.subject for each in found if each.level == "look"] == ["teams", "events"]


async def test_a_token_that_is_refused_is_named_by_its_secret_and_not_told(slack: FakeSlack, tmp_path: Path) -> None:
    found = (await asked(slack, tmp_path, token="xoxb-another"))[0]
    assert (found.level, "slack_acme_token" in found.remedy, "another" in str(found)) == ("wrong", True, False)
