"""`check`, `schema`, `parse`: what needs no engine."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import typer
from typer.testing import CliRunner

from trunkline.config.errors import Misconfigured
from trunkline.gateway.channels import CARDS
from trunkline.gateway.command.main import app
from trunkline.gateway.command.schemas import NAMES
from trunkline.normalizer.envelope import Envelope

EXAMPLE = str(Path(__file__).parents[2] / "config" / "example.yaml")
MAIL = b"From: Maria <maria@example.org>\r\nTo: support@example.test\r\nSubject: Lamp\r\n\r\nMy lamp is broken.\r\n"


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one(run: CliRunner, name: str) -> None:
    result = run.invoke(app, ["schema", name])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    if name != "api":
        jsonschema_rs.meta.validate(found)


def test_the_envelopes_that_parse_prints_fit_the_published_schema(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "lamp.eml").write_bytes(MAIL)
    result = run.invoke(app, ["parse", "mail", str(tmp_path / "lamp.eml"), "--config", EXAMPLE])
    assert result.exit_code == 0
    envelope = json.loads(result.stdout)
    schema = json.loads(run.invoke(app, ["schema", "envelope"]).stdout)
    jsonschema_rs.validate(schema, envelope)
    assert Envelope.model_validate(envelope).text == "My lamp is broken."


def test_what_cannot_be_read_is_a_line_of_its_own_and_the_rest_is_read(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text('{"email": "maria@example.org", "message": "hello"}')
    (tmp_path / "bad.json").write_text('{"email": ')
    names = [str(tmp_path / name) for name in ("bad.json", "absent.json", "good.json")]
    result = run.invoke(app, ["parse", "http", *names, "--config", EXAMPLE])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [line.get("file") for line in lines] == [names[0], names[1], None]
    assert "not JSON" in lines[0]["error"]
    assert lines[1]["error"] == "no such file or directory"
    assert lines[2]["text"] == "hello"


def test_a_dash_is_the_standard_input(run: CliRunner) -> None:
    result = run.invoke(app, ["parse", "mail", "-", "--config", EXAMPLE], input=MAIL)
    assert json.loads(result.stdout)["subject"] == "Lamp"


def test_a_line_of_a_visitor_is_read_as_the_chat_reads_it(run: CliRunner) -> None:
    frame = json.dumps(
        {"type": "message", "id": "0123456789abcdef", "text": "Is anybody there?", "email": "m@example.org"}
    )
    envelope = json.loads(run.invoke(app, ["parse", "chat", "-", "--config", EXAMPLE], input=frame).stdout)
    assert (envelope["account"], envelope["text"]) == ("web", "Is anybody there?")
    assert [each["kind"] for each in envelope["sender"]["identities"]] == ["chat:web", "email"]
    refused = run.invoke(app, ["parse", "chat", "-", "--config", EXAMPLE], input='{"type": "typing"}')
    assert (refused.exit_code, "not a message of a visitor" in refused.stdout) == (1, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pigeon", "-"], "there is no channel 'pigeon'; there are: mail"),
        (["chat", "-", "--source", "shop"], "there is no source 'shop'; there are: web"),
        (["mail", "-"], "messages of the channel mail cannot be read from files"),
    ],
)
def test_what_cannot_be_read_from_files_is_told(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.setitem(CARDS, "mail", replace(CARDS["mail"], read_file=None))
    result = run.invoke(app, ["parse", *words, "--config", EXAMPLE], input="")
    assert isinstance(result.exception, Misconfigured)
    assert told in result.exception.detail


def test_a_channel_that_is_not_configured_reads_files_all_the_same(run: CliRunner) -> None:
    post = {"events": [{"type": "message", "timestamp": 1, "source": {"userId": "U1"}}]}
    post["events"][0]["message"] = {"id": "1", "type": "text", "text": "Hello"}
    result = run.invoke(app, ["parse", "line", "-", "--config", EXAMPLE], input=json.dumps(post))
    assert json.loads(result.stdout)["text"] == "Hello"


def test_parsing_is_repeatable(run: CliRunner) -> None:
    first, second = (run.invoke(app, ["parse", "mail", "-", "--config", EXAMPLE], input=MAIL) for _ in range(2))
    assert first.stdout == second.stdout


def test_check_tells_rule_tests_that_fail_with_their_place_and_warnings_do_not_fail(
    run: CliRunner, tmp_path: Path
) -> None:
    text = Path(EXAMPLE).read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("expect: { queue: support, tags: [] }", "expect: { queue: billing, tags: [] }"))
    result = run.invoke(app, ["check", "--config", str(wrong)])
    line = next(number for number, each in enumerate(wrong.read_text().splitlines(), 1) if "gate 12" in each) + 1
    assert result.exit_code == 1
    assert f"{wrong}:{line}:" in result.stderr
    assert "found queue support, expected queue billing" in result.stderr
    doubtful = tmp_path / "doubtful.yaml"
    doubtful.write_text("queues: { a: { fallback: true } }\nagents: { x: { name: X, queues: [a], languages: [] } }\n")
    result = run.invoke(app, ["check", "--config", str(doubtful)])
    assert result.exit_code == 0
    assert "warning" in result.stderr


def test_check_takes_the_file_with_and_without_the_option_but_not_two(run: CliRunner, tmp_path: Path) -> None:
    for words in ([EXAMPLE], ["--config", EXAMPLE]):
        result = run.invoke(app, ["check", *words])
        assert (result.exit_code, result.stdout.startswith(f"{EXAMPLE}: nothing wrong")) == (0, True), result.output
    both = run.invoke(app, ["check", EXAMPLE, "--config", str(tmp_path / "other.yaml")])
    assert both.exit_code == 2
    assert "name one configuration" in both.stderr


@pytest.mark.parametrize(
    "words",
    [["tail"], ["explain", "T-1"], ["dead"], ["dead", "list"], ["suspended"], ["token", "list"], ["backup", "new"]],
)
def test_without_a_configuration_a_command_says_that_the_engine_cannot_be_found(
    run: CliRunner, tmp_path: Path, words: list[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("queues: { a: { fallback: perhaps } }\n")
    result = run.invoke(app, [*words, "--config", str(bad)])
    assert isinstance(result.exception, Misconfigured)
    first, *mistakes = result.exception.detail.splitlines()
    assert first == "the configuration cannot be read, so the engine cannot be found:"
    assert mistakes
    assert all(line.startswith(f"{bad}:1:") for line in mistakes)
    assert "problems" in result.exception.facts, "told as it is, without the name of the command before it"


def test_an_option_before_the_command_it_is_meant_for_is_refused(run: CliRunner) -> None:
    result = run.invoke(app, ["dead", "--config", EXAMPLE, "list"])
    assert result.exit_code == 2
    assert "write --config behind list" in result.stderr


def test_the_demo_says_that_it_writes_into_the_data_folder(run: CliRunner) -> None:
    assert "It writes into the data folder" in run.invoke(app, ["demo", "--help"]).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["simulate", "--from", "2026-02-02", "--to", "2026-02-01"], "--from must lie before --to"),
        (["plan", "--zone", "Europe/Nowhere"], "there is no time zone 'Europe/Nowhere'; one is Europe/Berlin"),
    ],
)
def test_days_and_zones_that_are_none_are_refused(run: CliRunner, words: list[str], told: str) -> None:
    result = run.invoke(app, words)
    assert result.exit_code == 2
    assert told in re.sub(r"[\s│]+", " ", result.stderr)


TESTS = Path(__file__).parents[1]
WRITTEN = "\n".join(file.read_text() for file in sorted(TESTS.rglob("*.py")))


def _offered(command: Any, *path: str) -> Iterator[tuple[str, str]]:
    """Every command by itself, and with each of its options."""
    yield " ".join(path), ""
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            yield " ".join(path), max(parameter.opts, key=len)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _offered(inner, *path, name)


OFFERED = sorted(_offered(typer.main.get_command(app)))
OF_SEVERAL = {"--limit", "--raw", "--yes"}
"""Options that several commands declare, each for itself."""


@pytest.mark.parametrize(("name", "option"), OFFERED)
def test_every_command_and_every_option_is_tried_by_a_test(name: str, option: str) -> None:
    given = [option] if option and option not in OF_SEVERAL else [*name.split(), *([option] if option else [])]
    line = '[" ].*?'.join(f'[" ]{re.escape(word)}' for word in given)
    assert re.search(f'{line}[" ]', WRITTEN), f"no test runs `trunkline {name} {option}`"


def test_help_lists_every_command(run: CliRunner) -> None:
    expected = {"serve", "engine", "web", "smtp", "worker", "check", "schema", "parse", "explain"}
    expected |= {"dead", "suspended", "tail", "token", "backup", "demo"}
    listed = {line.split()[0] for line in run.invoke(app, ["--help"]).stdout.splitlines() if line.startswith("  ")}
    assert listed >= expected
