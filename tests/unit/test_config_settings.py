"""The settings as a whole: the example, the version, the schema, the places."""

import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from pydantic import ValidationError

from trunkline.adapters.chat.settings import ChatSettings
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.engine_settings import SCHEMES, RedisSettings
from trunkline.config.lint import lint
from trunkline.config.loader import load, loads
from trunkline.config.schema import schema
from trunkline.config.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "example.yaml"
CHANNELS = {"mail": MailSettings, "http": HttpSettings, "chat": ChatSettings}
DESK = "queues: { support: { fallback: true } }\n"


@pytest.fixture(scope="module")
def example() -> Settings:
    return load(EXAMPLE, CHANNELS, {})


def test_the_example_is_the_desk_that_is_documented(example: Settings) -> None:
    mail, http, chat = (example.channels[name] for name in ("mail", "http", "chat"))
    assert isinstance(mail, MailSettings)
    assert isinstance(http, HttpSettings)
    assert isinstance(chat, ChatSettings)
    assert chat.root["web"].origins == ()
    assert (example.workspace, str(example.data)) == ("main", "data")
    assert (str(example.listen.http), str(example.listen.smtp)) == ("127.0.0.1:8080", "127.0.0.1:2525")
    assert mail.addresses == ("support@example.test", "billing@example.test")
    assert str(mail.smarthost) == "127.0.0.1:2526"
    assert all(network.is_loopback for network in mail.trusted_peers)
    assert set(http.root["form"].fields) == {"name", "email", "subject", "message", "conversation"}
    assert example.fallback_queue == "support"
    assert {name: (agent.queues, agent.languages, agent.capacity) for name, agent in example.agents.items()} == {
        "ada": (("support",), ("en",), 3),
        "boris": (("support",), ("en", "ru"), 3),
        "carla": (("billing",), ("en", "es"), 3),
    }
    assert {example.weight(channel) for channel in ("mail", "http", "chat")} == {1}


def test_what_the_example_shows_as_comments_is_taken(tmp_path: Path) -> None:
    shown = re.compile(r"^( *)# (redis|origin|calendars|  office|sla|  - name|    [a-z]+|templates):", re.MULTILINE)
    text, count = shown.subn(r"\1\2:", EXAMPLE.read_text("utf-8"))
    assert count == 10
    settings = loads(text.replace("templates: texts", f"templates: {tmp_path}"), "desk.yaml", CHANNELS, {})
    assert (set(settings.calendars), settings.templates) == ({"office"}, tmp_path)
    assert [(policy.name, policy.calendar) for policy in settings.sla] == [("business customers", "office")]


def test_the_example_has_nothing_to_be_told_about(example: Settings) -> None:
    assert lint(example) == []


def test_the_example_reads_the_same_without_the_fast_yaml_library(
    example: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.config.positions._LOADER", yaml.BaseLoader)
    again = load(EXAMPLE, CHANNELS, {})
    assert again.version == example.version
    assert again.where("rules", 1, "then") == example.where("rules", 1, "then")


def test_the_schema_is_a_json_schema_that_the_example_meets() -> None:
    published = schema(CHANNELS)
    jsonschema_rs.meta.validate(published)
    found = jsonschema_rs.Draft202012Validator(published).iter_errors(yaml.safe_load(EXAMPLE.read_text("utf-8")))
    assert [str(each) for each in found] == []


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    validator = jsonschema_rs.Draft202012Validator(schema(CHANNELS))
    for wrong in (
        {},
        {"queues": {}},
        {"queues": {"a": {"fallbak": True}}},
        {"queues": {"a": {}}, "dedup": {"keep": 35}},
    ):
        assert not validator.is_valid(wrong)


def test_every_default_in_the_schema_could_be_written_into_the_file() -> None:
    published = schema(CHANNELS)
    sections = {"the whole": published} | published["$defs"]
    wrong = [
        f"{name}.{key}: {error}"
        for name, section in sections.items()
        for key, setting in section.get("properties", {}).items()
        if "default" in setting
        for error in jsonschema_rs.Draft202012Validator(setting | {"$defs": published["$defs"]}).iter_errors(
            setting["default"]
        )
    ]
    assert wrong == []


def test_every_setting_is_described_in_the_schema() -> None:
    published = schema(CHANNELS)
    sections = {"the whole": published} | published["$defs"]
    silent = {
        f"{name}.{key}"
        for name, section in sections.items()
        for key, setting in section.get("properties", {}).items()
        if not setting.get("description")
        and not published["$defs"].get(str(setting.get("$ref", "")).rpartition("/")[2], {}).get("description")
    }
    assert silent == set()


def test_the_version_follows_what_is_in_force_and_not_how_it_is_written() -> None:
    plain = loads(DESK, "a.yaml", CHANNELS, {})
    assert len(plain.version) == 12
    assert loads("# a comment\n" + DESK + "workspace: main\n", "b.yaml", CHANNELS, {}).version == plain.version
    assert loads(DESK + "workspace: other\n", "a.yaml", CHANNELS, {}).version != plain.version
    assert loads(DESK, "a.yaml", CHANNELS, {"TRUNKLINE_WORKSPACE": "other"}).version != plain.version


def test_the_version_follows_the_sections_of_channels() -> None:
    one, other = (
        loads(DESK + f"channels: {{ mail: {{ addresses: [{address}] }} }}", "a.yaml", CHANNELS, {})
        for address in ("a@example.test", "b@example.test")
    )
    assert one.version != other.version


def test_settings_cannot_be_changed(example: Settings) -> None:
    with pytest.raises(ValidationError):
        example.workspace = "other"
    with pytest.raises(ValidationError):
        example.queues["support"].priority = 1


def test_a_copy_with_other_values_has_another_version_and_other_names(example: Settings) -> None:
    before, names = example.version, example.agent_names
    other = example.model_copy(update={"workspace": "other", "agents": {}})
    assert (example.version, example.agent_names) == (before, names)
    assert names
    assert other.version not in ("", before)
    assert other.agent_names == {}
    assert other.model_copy(update={"workspace": "main", "agents": example.agents}).version == before


def test_a_setting_knows_its_place_and_that_of_what_is_missing() -> None:
    settings = loads("queues:\n  support:\n    fallback: true\n", "a.yaml", {}, {"TRUNKLINE_DATA": "x"})
    assert str(settings.where("queues", "support", "fallback")) == "a.yaml:3:15"
    assert str(settings.where("queues", "support", "offer_time")) == "a.yaml:2:3"
    assert str(settings.where("data")) == "TRUNKLINE_DATA"
    assert str(settings.where("rules", 0)) == "a.yaml:1:1"


def test_the_short_form_of_durability_means_its_mode() -> None:
    assert loads(DESK + "durability: relaxed", "a.yaml", {}, {}).durability.mode == "relaxed"
    assert loads(DESK + "durability: { replicas: 2 }", "a.yaml", {}, {}).durability.mode == "strict"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://engine:6379", "an engine's URL such as"),
        ("redis://engine:6379/abc", "a database as a number"),
        ("redis+cluster://engine:6379/1", "a cluster has only database 0"),
        ("rediss+cluster://engine?db=2", "a cluster has only database 0"),
        ("redis://engine?socket_timeout=60", "socket_timeout is ours to choose"),
        ("redis://engine?protocol=3", "protocol is ours to choose"),
    ],
)
def test_an_address_of_the_engine_that_cannot_work_is_refused_with_what_can(url: str, words: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        RedisSettings(url=url)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_kind_of_address_is_taken(scheme: str) -> None:
    url = f"{scheme}:///run/redis.sock" if scheme == "unix" else f"{scheme}://user:secret@engine:6379"
    assert RedisSettings(url=url).url == url
