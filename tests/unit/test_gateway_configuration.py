"""Where the configuration is looked for, what follows from it, and what may change while it runs."""

import re
from pathlib import Path
from typing import Any

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.config.loader import loads
from trunkline.config.secret_store import Secrets
from trunkline.config.settings import Settings
from trunkline.gateway.channels import ReplyRoutes, models, needed_secrets
from trunkline.gateway.checking import check_settings
from trunkline.gateway.configuration import BUILT_IN, configure, configure_or_built_in, place_of
from trunkline.gateway.reloading import CHANGEABLE, changed_for_good
from trunkline.router.reply_route import Route

MINIMAL = "queues: { support: { fallback: true } }\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_option_goes_before_the_variable_and_both_before_the_usual_places(here: Path) -> None:
    (here / "trunkline.yaml").write_text(MINIMAL)
    assert place_of(Path("mine.yaml"), {"TRUNKLINE_CONFIG": "theirs.yaml"}) == Path("mine.yaml")
    assert place_of(None, {"TRUNKLINE_CONFIG": "theirs.yaml"}) == Path("theirs.yaml")
    assert place_of(None, {}) == Path("trunkline.yaml")


def test_in_a_checkout_the_example_is_taken(here: Path) -> None:
    (here / "config").mkdir()
    (here / "config" / "example.yaml").write_text(MINIMAL)
    assert place_of(None, {}) == Path("config/example.yaml")


def test_without_any_the_complaint_says_how_to_name_one(here: Path) -> None:
    with pytest.raises(Misconfigured, match=r"trunkline\.yaml: found no such file .* --config or TRUNKLINE_CONFIG"):
        configure(None, {})


def test_commands_that_need_none_take_the_example_that_is_installed(here: Path) -> None:
    assert configure_or_built_in(None, {}).path == BUILT_IN
    with pytest.raises(Misconfigured):
        configure_or_built_in(Path("mine.yaml"), {})


def test_the_level_of_the_log_is_not_taken_for_a_setting(here: Path) -> None:
    (here / "trunkline.yaml").write_text(MINIMAL)
    settings = configure(None, {"TRUNKLINE_LOG_LEVEL": "debug", "TRUNKLINE_WORKSPACE": "other"}).settings
    assert settings.workspace == "other"


def test_the_data_folder_counts_from_the_working_directory(here: Path) -> None:
    (here / "trunkline.yaml").write_text(MINIMAL)
    assert configure(None, {}).folder.root == here / "data"


def _example(**environ: str) -> Settings:
    return configure(BUILT_IN, environ).settings


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("TRUNKLINE_WORKSPACE", "other", "workspace"),
        ("TRUNKLINE_LISTEN__HTTP", "127.0.0.1:1", "listen.http"),
        ("TRUNKLINE_CHANNELS__MAIL__NAME", "Another Desk", "channels.mail.name"),
        ("TRUNKLINE_ENGINE__MEMORY_MARK", "60", "engine.memory_mark"),
    ],
)
def test_what_the_process_is_made_of_needs_a_restart(variable: str, value: str, path: str) -> None:
    assert changed_for_good(_example(), _example(**{variable: value})) == [path]


def test_what_decisions_are_made_by_can_change_while_running() -> None:
    changed = _example(TRUNKLINE_AGENTS__ADA__CAPACITY="9", TRUNKLINE_QUEUES__SUPPORT__OFFER_TIME="10s")
    assert changed_for_good(_example(), changed) == []


def test_the_addresses_of_mail_can_change_while_running_and_nothing_else_of_it() -> None:
    section = _example().channels["mail"]
    changed = section.model_copy(update={"addresses": ("sales@example.test",), "forwarding": {}})
    settings = _example().model_copy(update={"channels": {**_example().channels, "mail": changed}})
    assert changed_for_good(_example(), settings) == []
    renamed = changed.model_copy(update={"name": "Another Desk"})
    settings = settings.model_copy(update={"channels": {**settings.channels, "mail": renamed}})
    assert changed_for_good(_example(), settings) == ["channels.mail.name"]


def test_every_section_is_either_changeable_or_not() -> None:
    assert set(Settings.model_fields) >= CHANGEABLE


def test_the_example_has_nothing_wrong() -> None:
    checked = check_settings(_example())
    assert not checked.wrong
    assert checked.problems == []
    assert "7 rule tests passed" in checked.summary


def _checked_with(secrets_folder: Path, **environ: str) -> list[str]:
    settings = _example(TRUNKLINE_LISTEN__SMTP=environ.pop("smtp"))
    secrets = Secrets(secrets_folder, environ, settings.listen.loopback)
    checked = check_settings(settings, secrets)
    assert checked.wrong is bool(checked.problems)
    assert not check_settings(settings).wrong, "left out, secrets are not looked for"
    return [str(problem) for problem in checked.problems]


def test_secrets_that_serve_would_miss_beyond_loopback_are_errors_that_name_their_variables(tmp_path: Path) -> None:
    (tmp_path / "reply_token").touch(mode=0o600)
    (tmp_path / "reply_token").write_text("kept in the folder")
    errors = _checked_with(tmp_path, smtp="0.0.0.0:25", TRUNKLINE_ADMIN_TOKEN="tlk_known")
    assert all("error: serve would refuse" in error for error in errors)
    missed = sorted(variable for error in errors for variable in re.findall(r"TRUNKLINE_SECRET_(\w+)", error))
    assert missed == ["CHAT_TOKEN", "CHAT_WEB", "HTTP_FORM"]
    assert _checked_with(tmp_path / "absent", smtp="127.0.0.1:25") == []
    assert not (tmp_path / "absent").exists(), "checking makes up none"


def _desk(text: str) -> Settings:
    desk = "queues: { a: { fallback: true } }\nagents: { ada: { name: Ada, queues: [a], languages: [en] } }\n"
    return loads(desk + text, "desk.yaml", models(), {})


def _problems(text: str) -> list[str]:
    return [str(each) for each in check_settings(_desk(text)).problems]


MAIL = "channels: { mail: { addresses: [support@example.com, desk@eu.example.org], "


def test_a_secret_that_is_never_made_up_is_missed_on_loopback_too(tmp_path: Path) -> None:
    sending = "smarthost: '127.0.0.1:25', smarthost_username: desk"
    settings = _desk(f"{MAIL}{sending}, dkim: [{{ domain: example.com, selector: desk1 }}] }} }}")
    secrets = Secrets(tmp_path / "secrets", {}, settings.listen.loopback)
    checked = check_settings(settings, secrets)
    assert checked.wrong
    dkim, password = map(str, checked.problems)
    assert dkim.startswith(
        f"{tmp_path}/secrets/dkim_example_com_desk1: error: serve would refuse: "
        "found no secret, expected the secret dkim_example_com_desk1; set TRUNKLINE_SECRET_DKIM_EXAMPLE_COM_DESK1"
    )
    assert dkim.endswith("trunkline mail key example.com desk1 makes one")
    assert "TRUNKLINE_SECRET_MAIL_SMARTHOST" in password
    with pytest.raises(Misconfigured) as refused:
        secrets.require(needed_secrets(settings))
    assert len(refused.value.facts["problems"]) == 2, "the same as serve says"


def test_a_secret_that_others_may_read_is_told_once(tmp_path: Path) -> None:
    for name in ("dkim_example_com_desk1", "reply_token"):
        (tmp_path / name).write_text("anything")
        (tmp_path / name).chmod(0o644)
    settings = _desk(f"{MAIL}dkim: [{{ domain: example.com, selector: desk1 }}] }} }}")
    checked = check_settings(settings, Secrets(tmp_path, {}, settings.listen.loopback))
    assert [(each.position.source, "chmod 600" in str(each)) for each in checked.problems] == [
        (str(tmp_path / "dkim_example_com_desk1"), True),
        (str(tmp_path / "reply_token"), True),
    ]


@pytest.mark.parametrize(
    ("mail", "told"),
    [
        (
            "trusted_peers: [0.0.0.0/0]",
            "92: warning: 0.0.0.0/0 takes in strangers, whose mails are then believed to come from whomever they name; "
            "name your own mail servers; mail from others is checked",
        ),
        ("trusted_peers: [10.0.0.0/8, '::1', 'fc00::/7', 192.0.2.0/24]", ""),
        (
            "dkim: [{ domain: exmaple.com, selector: s }]",
            "93: warning: none of `addresses` is of exmaple.com: it signs nothing; did you mean example.com?",
        ),
        (
            "dkim: [{ domain: elsewhere.test, selector: s }]",
            "93: warning: none of `addresses` is of elsewhere.test: it signs nothing; "
            "it can sign for eu.example.org, example.com",
        ),
        ("dkim: [{ domain: example.com, selector: s }, { domain: example.org, selector: s }]", ""),
        (
            "origin: { check: no, forwarders: [lists.example] }",
            "109: warning: forwarders has no effect, because origin.check is off; leave one of them out",
        ),
        (
            "origin: { check: no, resolvers: ['127.0.0.1:53'] }",
            "108: warning: resolvers has no effect, because origin.check is off; leave one of them out",
        ),
        ("origin: { check: no, authserv_ids: [mx.example.com] }", ""),
        ("origin: { check: yes, forwarders: [lists.example] }", ""),
    ],
)
def test_what_the_settings_of_mail_can_hardly_mean_is_told(mail: str, told: str) -> None:
    assert _problems(f"{MAIL}{mail} }} }}") == ([f"desk.yaml:3:{told}"] if told else [])


def test_two_listeners_on_one_address_are_an_error() -> None:
    mail = f"{MAIL}}} }}\n"
    assert _problems(mail + "listen: { http: 127.0.0.1:8080, smtp: 127.0.0.1:8080 }") == [
        "desk.yaml:4:39: error: listen.http and listen.smtp cannot both be had: 127.0.0.1:8080 and 127.0.0.1:8080; "
        "give one of them another port"
    ]
    assert len(_problems(mail + "listen: { http: 0.0.0.0:2525 }")) == 1, "the address of mail is the usual one"
    without = _problems("channels: { chat: { web: {} } }\nlisten: { http: 127.0.0.1:2525 }")
    assert without == [], "nothing listens for mail"


def test_a_ledger_of_erasures_that_goes_with_the_data_folder_is_told() -> None:
    mail = f"{MAIL}}} }}\n"
    assert _problems(mail + "data: here\nerasure_ledger: here/ledger") == [
        "desk.yaml:5:17: warning: the ledger of erasures is lost together with the data folder, in which here/ledger "
        "lies; name a folder on another disk"
    ]
    assert _problems(mail + "data: here\nerasure_ledger: here/erased") == [], "as if it were left out"
    assert _problems(mail + "data: here\nerasure_ledger: elsewhere/ledger") == []


def test_a_rule_that_asks_what_can_never_hold_is_told_without_its_tests() -> None:
    rules = """\
customer_fields: { seats: { type: number } }
rules:
  - name: large
    when: { customer: { seats: { contains: 50 } } }
    then: { priority: 1 }
    tests: [{ given: { customer: { seats: 50 } }, expect: { priority: 1 } }]
  - name: urgent
    when: { keywords: urgent }
    then: { priority: 1 }
    tests: [{ given: { text: urgent }, expect: { priority: 2 } }]
"""
    comparison, other = _problems(f"{MAIL}}} }}\n{rules}")
    assert comparison.startswith(
        "desk.yaml:7:44: error: customer.seats never meets `contains`: it is of the type number"
    )
    assert other.startswith("desk.yaml:13:"), "what else fails is told as well"


def by_mail(account: str) -> Route:
    return Route(channel="mail", account=account, writes_to="email")


@pytest.mark.parametrize(
    ("channel", "account", "expected"),
    [
        ("mail", "billing@example.test", by_mail("billing@example.test")),
        ("mail", "gone@example.test", by_mail("support@example.test")),
        ("http", "form", by_mail("support@example.test")),
        ("api", "", by_mail("support@example.test")),
        ("chat", "web", Route(channel="chat", account="web")),
    ],
)
def test_replies_leave_the_way_that_belongs_to_the_message(channel: str, account: str, expected: Any) -> None:
    assert ReplyRoutes(_example())(channel, account) == expected


SHOP = """
channels:
  http:
    shop:
      fields: { message: text, conversation: thread }
      reply: callback
      callback: { url: https://shop.example/hook }
"""


def test_replies_of_a_source_with_a_callback_go_there(here: Path) -> None:
    (here / "trunkline.yaml").write_text(MINIMAL + SHOP)
    routes = ReplyRoutes(configure(None, {}).settings)
    assert routes("http", "shop") == Route(channel="http", account="shop")
    assert routes("api", "") is None, "there is no mail"
