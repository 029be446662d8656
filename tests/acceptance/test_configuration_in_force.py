"""A configuration with mistakes is told whole and changes nothing; a good one takes effect while it runs."""

# ruff: noqa: ASYNC240 (the files are small, and nobody else waits for this loop)

import signal
import smtplib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trunkline.queue.server_binary import ServerBinary

from .gateway import EXAMPLE, Gateway, gateway
from .mails import deliver, written


async def test_every_mistake_is_told_with_its_place_and_nothing_is_started(fresh: Gateway) -> None:
    bad = fresh.folder / "bad.yaml"
    text = EXAMPLE.read_text().replace("capacity: 5 }", "capacity: many }").replace("fallback: true", "fallbak: true")
    bad.write_text(text)
    for command in ("serve", "worker", "check"):
        process = await fresh.run(command, "--config", str(bad))
        assert await process.ended() == 1
        assert process.said == []
        places = [line.partition(": found ")[0] for line in process.told]
        assert len(places) == 5, process.transcript
        assert all(place.startswith(f"{bad}:") and place.count(":") == 2 for place in places)
        assert 'found "many", expected a whole number' in process.told[2]
    assert not fresh.data.exists()


async def test_a_variable_that_names_no_setting_is_a_mistake(fresh: Gateway) -> None:
    process = await fresh.run("serve", TRUNKLINE_LISTEN__HTPP="127.0.0.1:1")
    assert await process.ended() == 1
    assert process.told[0].startswith("TRUNKLINE_LISTEN__HTPP: found ")


async def test_an_address_that_is_taken_is_one_line(fresh: Gateway) -> None:
    await fresh.start()
    async with gateway(listen__http=f"127.0.0.1:{fresh.http_port}") as second:
        process = await second.run("serve")
        assert await process.ended() == 1
        (line,) = process.told
        assert line.startswith(f"trunkline: cannot listen on 127.0.0.1:{fresh.http_port}: ")
        assert "address already in use; choose another: listen.http (TRUNKLINE_LISTEN__HTTP)" in line
        assert line.endswith(f", or TRUNKLINE_LISTEN__HTTP=127.0.0.1:{fresh.http_port + 1000}")
        assert not (second.data / "engine.json").exists(), "its engine was stopped again"


async def test_a_mail_address_that_is_taken_names_its_place_in_the_file(fresh: Gateway) -> None:
    await fresh.start()
    async with gateway() as second:
        config = second.folder / "mine.yaml"
        config.write_text(EXAMPLE.read_text().replace("127.0.0.1:2525", f"127.0.0.1:{fresh.smtp_port}"))
        del second.environ["TRUNKLINE_LISTEN__SMTP"]
        process = await second.run("serve", "--config", str(config))
        assert await process.ended() == 1
        (line,) = process.told
        number = next(n for n, each in enumerate(config.read_text().splitlines(), 1) if each.startswith("  smtp:"))
        assert f"choose another: listen.smtp ({config}:{number}:9), or TRUNKLINE_LISTEN__SMTP=127.0.0.1:" in line


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["token", "list"]])
async def test_an_engine_that_cannot_be_reached_is_told_with_the_setting_and_the_remedy(
    fresh: Gateway, words: list[str]
) -> None:
    process = await fresh.run(*words, TRUNKLINE_REDIS__URL="redis://:a-password@127.0.0.1:1")
    assert await process.ended() == 1
    (line,) = process.told
    assert line.startswith("trunkline: TRUNKLINE_REDIS__URL: the engine of redis.url cannot be used: ")
    assert "127.0.0.1:1" in line
    assert "Start it, or name another in redis.url or TRUNKLINE_REDIS__URL" in line
    assert "a-password" not in line


async def test_beyond_loopback_no_secret_is_made_up(server_binary: ServerBinary) -> None:
    async with gateway(listen__http="0.0.0.0:0") as open_to_all:
        del open_to_all.environ["TRUNKLINE_SECRET_HTTP_FORM"]
        process = await open_to_all.run("serve")
        assert await process.ended() == 1
        assert any("TRUNKLINE_SECRET_HTTP_FORM" in line for line in process.told)
        assert any("TRUNKLINE_SECRET_REPLY_TOKEN" in line for line in process.told), "all at once"


@pytest.fixture
def copy(fresh: Gateway) -> Path:
    """A copy of the example that the test may change."""
    config = fresh.folder / "mine.yaml"
    config.write_text(EXAMPLE.read_text())
    fresh.environ["TRUNKLINE_CONFIG"] = str(config)
    return config


async def test_a_changed_rule_takes_effect_on_a_hangup(fresh: Gateway, copy: Path) -> None:
    process = await fresh.start()
    copy.write_text(copy.read_text().replace("- refund # English", "- lamp\n        - refund"))
    process.send(signal.SIGHUP)
    await process.until('"action": "reloaded"')
    (line,) = process.log("reloaded")
    assert line["config"] != line["was"]
    async with fresh.api() as api:
        await deliver(fresh, written("My lamp does not work at all.", subject="Lamp"))
        created = await api.until("ticket.created")
        assert created["data"]["ticket"]["queue"] == "billing"
        assert created["data"]["ticket"]["config"] == line["config"], "the decision names the version that made it"


async def test_an_address_of_ours_that_is_added_is_served_on_a_hangup_and_one_that_is_gone_is_refused(
    fresh: Gateway, copy: Path
) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, written("Do you sell lamps?", subject="Before"))
        await api.until("ticket.created")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await deliver(fresh, written("Too early", to="sales@example.test"))
        copy.write_text(copy.read_text().replace("billing@example.test]", "billing@example.test, sales@example.test]"))
        process.send(signal.SIGHUP)
        await process.until('"action": "reloaded"')
        await deliver(fresh, written("Do you sell lamps?", subject="Sales", to="sales@example.test"))
        made = await api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "Sales")
        assert made["data"]["ticket"]["account"] == "sales@example.test"
    copy.write_text(copy.read_text().replace(", sales@example.test]", "]"))
    process.send(signal.SIGHUP)
    await process.until('"action": "reloaded"', behind=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await deliver(fresh, written("Too late", to="sales@example.test"))


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("capacity: 5 }", "capacity: many }", "expected a whole number"),
        ("then: { queue: billing }", "then: { queue: support }", "expected queue billing"),
        ("workspace: main", "workspace: other", "a change of this needs a restart"),
        ("name: Example Desk", "name: Another Desk", "channels.mail.name: a change of this needs a restart"),
    ],
)
async def test_a_configuration_that_cannot_be_taken_is_logged_and_the_running_one_stays(
    fresh: Gateway, copy: Path, before: str, after: str, problem: str
) -> None:
    process = await fresh.start()
    good = copy.read_text()
    copy.write_text(good.replace(before, after))
    process.send(signal.SIGHUP)
    await process.until('"action": "reload_refused"')
    (line,) = process.log("reload_refused")
    assert any(problem in each for each in line["problems"])
    assert process.alive
    async with fresh.api() as api:
        await deliver(fresh, written("I want a refund.", subject="Refund"))
        created = await api.until("ticket.created")
        assert (created["data"]["ticket"]["queue"], created["data"]["ticket"]["config"]) == ("billing", line["config"])
    copy.write_text(good)
    process.send(signal.SIGHUP)
    await process.until('"action": "reloaded"')


async def test_capacity_that_a_reload_adds_is_filled_at_once_and_not_by_the_sweep(fresh: Gateway, copy: Path) -> None:
    good = copy.read_text()
    copy.write_text(good.replace("capacity: 5 }", "capacity: 0 }"))
    process = await fresh.start()
    async with fresh.api() as api:
        await api.presence("ada")
        await deliver(fresh, written("Is nobody there?", subject="Nobody"))
        await api.until("ticket.created")
        (ticket,) = await api.tickets()
        assert ticket["offer"] is None
        copy.write_text(good)
        process.send(signal.SIGHUP)
        await process.until('"action": "reloaded"')
        offered = await api.until("ticket.offered")
        assert offered["subject"] == ticket["id"]
        assert await api.metric("trunkline_sweep_found_total") == 0


_PROMISES = """
calendars:
  office: {{ zone: UTC, hours: {{ monday-sunday: "00:00-24:00" }}, special_days: {special} }}
sla:
  - {{ name: all, calendar: {calendar}, targets: {{ first_response: 4h }} }}
"""


async def test_a_calendar_that_a_reload_changes_moves_what_is_owed_and_one_that_cannot_be_changes_nothing(
    fresh: Gateway, copy: Path
) -> None:
    good = copy.read_text()
    copy.write_text(good + _PROMISES.format(calendar="office", special=_closed(days=2)))
    process = await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, written("When are you open?", subject="Hours"))
        owed = (await api.until("clock.reckoned"))["data"]["ticket"]["clocks"]["first_response"]
        assert owed["due"] > owed["began"] + 24 * 3_600_000
        assert owed["calendar"] == "office"
        copy.write_text(good + _PROMISES.format(calendar="office", special=_closed(days=4)))
        process.send(signal.SIGHUP)
        promised = await api.until("ticket.promised")
        before, after = promised["data"]["changes"]["due"]
        assert (before, after) == (owed["due"], owed["due"] + 48 * 3_600_000 - 2 * 60_000)
        assert promised["data"]["ticket"]["clocks"]["first_response"]["due"] == after
        copy.write_text(good + _PROMISES.format(calendar="nowhere", special="{}"))
        process.send(signal.SIGHUP)
        await process.until('"action": "reload_refused"')
        (ticket,) = await api.tickets()
        assert ticket["clocks"]["first_response"]["due"] == after


def _closed(*, days: int) -> str:
    """Closed but for their last minute: today and the days after it."""
    today = datetime.now(UTC).date()
    return "{ " + ", ".join(f'{today + timedelta(days=ahead)}: "23:59-24:00"' for ahead in range(days)) + " }"
