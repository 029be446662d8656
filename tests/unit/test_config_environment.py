"""Every single value can be set from the environment, and a variable that means nothing is an error."""

from pathlib import Path

import pytest
from pydantic import Field, RootModel

from trunkline.config.errors import Misconfigured
from trunkline.config.loader import loads
from trunkline.config.section import Section
from trunkline.config.settings import Settings

DESK = """\
queues:
  support: { fallback: true }
  second-line: {}
agents:
  ada: { name: Ada, queues: [support], capacity: 3 }
channels:
  http:
    web-form: { reply: mail }
  mail: { addresses: [a@example.test, b@example.test] }
rules:
  - { name: r, then: { priority: 2 } }
"""


class _Mail(Section):
    addresses: tuple[str, ...]


class _Source(Section):
    reply: str


class _Http(RootModel[dict[str, _Source]]):
    root: dict[str, _Source] = Field(description="The sources.")


def _load(text: str = DESK, **environ: str) -> Settings:
    return loads(text, "desk.yaml", {"mail": _Mail, "http": _Http}, environ)


def _complaints(**environ: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        _load(**environ)
    return str(caught.value).splitlines()


def test_a_variable_sets_what_the_file_does_not_name() -> None:
    settings = _load(TRUNKLINE_LISTEN__HTTP="0.0.0.0:80", TRUNKLINE_DATA="/srv/desk")
    assert str(settings.listen.http) == "0.0.0.0:80"
    assert str(settings.listen.smtp) == "127.0.0.1:2525"
    assert settings.data == Path("/srv/desk")


def test_a_variable_replaces_what_the_file_says() -> None:
    assert _load(TRUNKLINE_AGENTS__ADA__CAPACITY="7").agents["ada"].capacity == 7


def test_names_of_variables_are_taken_in_any_case() -> None:
    assert str(_load(trunkline_listen__SMTP="127.0.0.1:26").listen.smtp) == "127.0.0.1:26"


def test_what_cannot_stand_in_the_name_of_a_variable_is_written_as_an_underscore() -> None:
    settings = _load(
        TRUNKLINE_QUEUES__SECOND_LINE__AUTO_ACCEPT="yes", TRUNKLINE_CHANNELS__HTTP__WEB_FORM__REPLY="callback"
    )
    assert settings.queues["second-line"].auto_accept
    http = settings.channels["http"]
    assert isinstance(http, _Http)
    assert http.root["web-form"].reply == "callback"


def test_items_of_lists_are_numbered() -> None:
    settings = _load(TRUNKLINE_CHANNELS__MAIL__ADDRESSES__1="c@example.test", TRUNKLINE_RULES__0__THEN__PRIORITY="1")
    mail = settings.channels["mail"]
    assert isinstance(mail, _Mail)
    assert mail.addresses == ("a@example.test", "c@example.test")
    assert settings.rules[0].then.priority == 1


def test_a_section_left_empty_in_the_file_can_be_filled() -> None:
    assert (
        _load(DESK + "redis:\n", TRUNKLINE_REDIS__URL="redis://:secret@db:6379").redis.url == "redis://:secret@db:6379"
    )


def test_a_password_from_the_environment_is_not_shown_with_the_settings() -> None:
    assert "s3cret" not in repr(_load(TRUNKLINE_REDIS__URL="redis://:s3cret@db:6379"))


def test_an_empty_variable_is_an_empty_text() -> None:
    assert _load(DESK + "redis: { url: redis://db }\n", TRUNKLINE_REDIS__URL="").redis.url == ""


def test_the_mode_of_durability_can_be_set_by_its_short_name() -> None:
    assert _load(TRUNKLINE_DURABILITY="relaxed").durability.mode == "relaxed"
    assert _load(TRUNKLINE_DURABILITY__REPLICAS="2").durability.replicas == 2


def test_variables_that_are_no_settings_are_left_alone() -> None:
    plain = _load()
    environ = {
        "TRUNKLINE_CONFIG": "desk.yaml",
        "TRUNKLINE_ADMIN_TOKEN": "t",
        "TRUNKLINE_SECRET_HTTP_FORM": "s",
        "PATH": "/bin",
        "XTRUNKLINE_DATA": "/",
    }
    assert _load(**environ).version == plain.version


def test_a_wrong_value_names_the_variable() -> None:
    assert _complaints(TRUNKLINE_LISTEN__HTTP="8080") == [
        'TRUNKLINE_LISTEN__HTTP: found "8080", expected host:port such as 127.0.0.1:8080 or [::1]:8080; '
        "listen.http: Host and port for HTTP: API, forms, hooks."
    ]


def test_a_variable_that_names_no_setting_is_an_error() -> None:
    assert _complaints(TRUNKLINE_LISTEN__HTPP="127.0.0.1:1") == [
        'TRUNKLINE_LISTEN__HTPP: found the unknown key "htpp" in listen, expected one of connections, '
        "connections_per_peer, http, smtp, trusted_proxies; did you mean http?"
    ]


def test_a_variable_for_a_whole_section_is_an_error() -> None:
    assert _complaints(TRUNKLINE_LISTEN="127.0.0.1:1") == [
        "TRUNKLINE_LISTEN: found a mapping at listen, expected the name of a single value; add __ and a name"
    ]


def test_a_variable_inside_a_single_value_is_an_error() -> None:
    (told,) = _complaints(TRUNKLINE_AGENTS__ADA__CAPACITY__MAIL="1")
    assert told == (
        "TRUNKLINE_AGENTS__ADA__CAPACITY__MAIL: found a part of agents.ada.capacity, "
        "expected agents.ada.capacity as one value; the file has one value"
    )


def test_a_variable_for_an_item_that_is_not_there_is_an_error() -> None:
    (told,) = _complaints(TRUNKLINE_RULES__1__NAME="x")
    assert told == "TRUNKLINE_RULES__1__NAME: found rules.1, expected an item of the list rules by its number, 0 to 0"


def test_two_variables_for_one_setting_are_an_error() -> None:
    (told,) = _complaints(TRUNKLINE_DATA="a", trunkline_data="b")
    assert told == "trunkline_data: found the same setting in TRUNKLINE_DATA, expected one of them"


def test_a_variable_that_could_mean_two_keys_is_an_error() -> None:
    with pytest.raises(Misconfigured) as caught:
        _load(
            "queues: { support: {fallback: true}, a-b: {}, a_b: {} }",
            TRUNKLINE_QUEUES__A_B__PRIORITY="1",
        )
    assert str(caught.value) == (
        "TRUNKLINE_QUEUES__A_B__PRIORITY: found a name that means a-b and a_b, expected one of them; set it in the file"
    )


def test_mistakes_in_file_and_environment_are_told_together() -> None:
    with pytest.raises(Misconfigured) as caught:
        _load(DESK + "data:\n", TRUNKLINE_FOO="1")
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["TRUNKLINE_FOO", "desk.yaml:12:6"]
