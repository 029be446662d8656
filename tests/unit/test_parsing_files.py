"""`trunkline parse`: channels that are not configured, accounts that are others', and words that an operator knows."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from trunkline.adapters.vendor_post import what_is_wrong
from trunkline.config.errors import Misconfigured, Unreadable
from trunkline.gateway.channels import CARDS
from trunkline.gateway.command.main import app

FIXTURES = Path(__file__).parents[1] / "fixtures"
DESK = "queues: { support: { fallback: true } }\nagents: { ada: { name: Ada, queues: [support], languages: [en] } }\n"
OTHER = "AC" + "ff" * 16


@pytest.fixture
def parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def parsed(channel: str, *files: str, configured: str = "") -> Result:
        Path("trunkline.yaml").write_text(DESK + (f"channels: {configured}\n" if configured else ""))
        return CliRunner().invoke(app, ["parse", channel, *(str(FIXTURES / channel / each) for each in files)])

    return parsed


@pytest.mark.parametrize(
    ("channel", "file", "account"),
    [
        ("telegram", "text.json", "example"),
        ("twilio", "sms.txt", "example"),
        ("slack", "text.json", "example"),
        ("line", "text.json", "example"),
        ("wechat", "text.xml", "example"),
    ],
)
def test_a_channel_that_is_not_configured_is_read_as_if_it_were_and_says_so(
    parse: Any, channel: str, file: str, account: str
) -> None:
    result = parse(channel, file)
    assert f"no channels.{channel} (docs/channels/{channel}.md says how it is written)" in result.stderr
    assert f"read as if for {account}" in result.stderr
    assert json.loads(result.stdout.splitlines()[0]).get("account") == account, result.output


def test_a_channel_whose_settings_say_how_it_is_read_is_not_read_without_them(parse: Any) -> None:
    assert parse("http").exit_code == 2
    result = CliRunner().invoke(app, ["parse", "http", "-"], input="{}")
    assert isinstance(result.exception, Misconfigured)
    assert "README.md#a-first-message says how it is written" in str(result.exception)


def test_every_channel_can_be_read_without_being_configured_or_says_that_it_cannot() -> None:
    assert [name for name, card in CARDS.items() if card.assumed is None] == ["http"]
    for card in CARDS.values():
        if card.assumed is not None:
            card.settings.model_validate(card.assumed)


def test_a_post_of_another_account_of_twilio_is_read_and_remarked_upon(parse: Any) -> None:
    section = "{ twilio: { support: { sid: %s, address: 'https://desk.example' } } }"
    theirs = parse("twilio", "sms.txt", configured=section % OTHER)
    assert (theirs.exit_code, "posted to support it would be set aside" in theirs.stderr) == (0, True), theirs.output
    assert OTHER in theirs.stderr
    given = next(word for word in theirs.stderr.split() if word.startswith("AC")).rstrip(",")
    ours = parse("twilio", "sms.txt", configured=section % given)
    assert (ours.exit_code, ours.stderr) == (0, "")


def test_an_event_of_another_account_of_meta_is_read_and_remarked_upon(parse: Any) -> None:
    section = "{ meta: { shop: { product: messenger, id: '1' } } }"
    result = parse("meta", "messenger_text.json", configured=section)
    assert "posted here it would be set aside: no account of ours is the" in result.stderr


def test_a_channel_of_slack_that_is_not_listened_to_is_named_with_those_that_are(parse: Any) -> None:
    result = parse("slack", "text.json", configured="{ slack: { acme: { channels: [C0NNNNNNN] } } }")
    told = json.loads(result.stdout)["nothing"]
    assert told.startswith("the channel C")
    assert told.endswith("is not listened to: `channels` names C0NNNNNNN")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("message"), "it has no message"),
        (IndexError("list index out of range"), "something that it has to have is not there"),
        (TypeError("string indices must be integers"), "a value in it is of another kind than it has to be"),
        (ValueError("no timestamp"), "no timestamp"),
        (ValueError("invalid literal for int() with base 10: 'x'"), "a value in it is none that can be"),
        (ValueError("could not convert string to float: 'x'"), "a value in it is none that can be"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "a value in it is none that can be"),
        (OverflowError("int too large"), "a value in it is none that can be"),
        (Unreadable("the body is not JSON in UTF-8"), "the body is not JSON in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_without_words_of_python(error: Exception, words: str) -> None:
    assert what_is_wrong(error) == words


def test_no_fixture_that_cannot_be_read_is_told_in_words_of_python(parse: Any) -> None:
    for channel in ("telegram", "twilio", "slack", "line", "meta", "wechat", "x"):
        broken = [each.name for each in (FIXTURES / channel).iterdir() if each.name.startswith(("broken", "unknown"))]
        told = parse(channel, *broken).stdout
        assert '"error"' in told
        assert not any(word in told for word in ("Error", "NoneType", "literal", "object is not", "Traceback")), told
