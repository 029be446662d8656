"""A channel is its folder and its name in one list: nothing else of the product knows it by name or imports it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trunkline.config.secret_store import variable
from trunkline.gateway.channels import CARDS, FOLDERS, facts
from trunkline.gateway.configuration import BUILT_IN, configure

ROOT = Path(__file__).parents[2]
LIST = ROOT / "gateway" / "channels.py"
MEANS_ANOTHER_THING = {
    ("config/foreign_constructs.py", "line"),  # of a file
    ("config/error_messages.py", "slack"),  # the agents' Slack, desk.slack
    ("config/references.py", "slack"),
    ("config/rule_test_settings.py", "mail"),  # the channel of a rule's test that names none
    ("config/sign_in_settings.py", "http"),  # the scheme of a link
    ("config/slack_desk_settings.py", "http"),  # how the agents' Slack reaches us
    ("config/vendor_settings.py", "http"),
    ("desk/openid/provider.py", "http"),
    ("desk/pages/sanitise.py", "http"),  # the scheme of a link
    ("gateway/command/main.py", "mail"),  # the commands about domains
    ("gateway/process.py", "http"),  # the setting listen.http
    ("gateway/services.py", "http"),
    ("gateway/checking.py", "http"),
    ("normalizer/mailboxes.py", "http"),
    ("queue/conversation_log.py", "line"),  # of a log
    ("queue/intake.py", "line"),
    ("router/assignment/tickets.py", "mail"),  # the channel of a ticket of the model that names none
    ("web/openapi.py", "http"),  # the kind of a security scheme
}

AGENTS_SLACK = (
    "desk/slack/",
    "desk/stores/slack_",
    "gateway/slack_desk",
    "gateway/command/slack",
)  # where agents work, and no channel


def product() -> Iterator[Path]:
    """The modules outside adapters/ and demo/: the demo plays customers of certain channels, so it knows them."""
    for folder in ("config", "desk", "gateway", "normalizer", "queue", "router", "web"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if path != LIST)


def names_in(source: str) -> Iterator[str]:
    """The names of channels among the texts of a module, and the channels' folders that it imports from."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in CARDS:
            yield str(node.value)
        if isinstance(node, ast.ImportFrom):
            yield from (folder for folder in FOLDERS if f"adapters.{folder}" in (node.module or ""))


def test_no_module_outside_its_folder_knows_a_channel_by_name() -> None:
    found = {(str(path.relative_to(ROOT)), name) for path in product() for name in names_in(path.read_text())}
    found = {(path, name) for path, name in found if not (path.startswith(AGENTS_SLACK) and name in ("slack", "http"))}
    assert found - MEANS_ANOTHER_THING == set()


def test_a_name_or_an_import_is_seen_wherever_it_stands() -> None:
    source = "def late(channel):\n from ..adapters.chat.settings import X\n return channel == 'mail'\n"
    assert sorted(names_in(source)) == ["chat", "mail"]


def test_every_folder_with_a_card_is_in_the_list() -> None:
    assert sorted(path.parent.name for path in (ROOT / "adapters").glob("*/card.py")) == sorted(FOLDERS)


def test_reading_a_configuration_loads_no_channel() -> None:
    words = "import sys, trunkline.gateway.configuration; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.split()
    modules = {name.removeprefix("trunkline.adapters.") for name in loaded if name.startswith("trunkline.adapters.")}
    assert {f"{folder}.card" for folder in FOLDERS} < modules
    assert [name for name in modules if name.endswith(".channel")] == []
    assert {"aiosmtpd", "aiosmtplib", "jwt", "telegram", "twilio", "slack_bolt"} & set(loaded) == set()


@pytest.mark.parametrize("name", sorted(CARDS))
def test_a_card_says_all_that_people_see(name: str) -> None:
    card = CARDS[name]
    assert card.name == name
    assert card.facts.words
    assert card.facts.mark
    assert card.facts.way
    assert card.read_file is not None


def test_secrets_of_the_example_have_names_that_can_be_variables() -> None:
    settings = configure(BUILT_IN, {}).settings
    for name, section in settings.channels.items():
        for secret in CARDS[name].secrets(section):
            assert variable(secret.name).startswith("TRUNKLINE_SECRET_")


def test_what_nobody_has_told_of_is_called_by_its_name_and_treated_with_care() -> None:
    unknown = facts()["carrier pigeon"]
    assert (unknown.words, unknown.live, unknown.letters) == ("carrier pigeon", False, False)


@pytest.mark.parametrize(
    ("channel", "account", "told"),
    [
        ("line", {"address": "https://desk.example.com"}, "webhook https://desk.example.com/v1/line/shop"),
        ("line", {}, "webhook /v1/line/shop"),
        ("telegram", {"address": "https://desk.example.com"}, "posts to https://desk.example.com/v1/telegram/shop"),
        (
            "meta",
            {"product": "messenger", "id": "1042", "address": "https://desk.example.com"},
            "webhook https://desk.example.com/v1/meta/shop",
        ),
    ],
)
def test_the_start_tells_the_whole_address_that_a_vendor_needs_where_it_is_known(
    channel: str, account: dict[str, str], told: str
) -> None:
    card = CARDS[channel]
    assert card.greeting(card.settings.model_validate({"shop": account})) == told
