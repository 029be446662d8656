"""What the cards say is printed, and stands in docs/channels/index.md with the tests that prove it."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trunkline.gateway.channel_table import NOT_TOLD, PROOFS, properties, rows
from trunkline.gateway.channels import CARDS
from trunkline.gateway.command.main import app

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "config" / "example.yaml")
INDEX = ROOT / "docs" / "channels" / "index.md"


def test_the_page_of_all_channels_is_made_of_their_cards() -> None:
    text = INDEX.read_text(encoding="utf-8")
    for card in CARDS.values():
        for name, words in rows(card):
            (line,) = [line for line in text.splitlines() if line.startswith(f"| **{name}** |")]
            assert words in line.split(" | "), f"run make channels: {card.name}, {name}"


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", INDEX.read_text(encoding="utf-8"))
    assert [link for link in links if not (INDEX.parent / link).exists()] == []
    assert len(links) == len(CARDS) + len(PROOFS)


def test_every_proof_is_a_test_that_there_is() -> None:
    assert PROOFS.keys() <= set(properties())
    for path, name in (proof.split("::") for proof in PROOFS.values()):
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(CARDS))
def test_a_card_tells_every_property(name: str) -> None:
    told = dict(rows(CARDS[name]))
    assert NOT_TOLD not in told.values()


def test_ways_that_take_different_answers_are_told_apart() -> None:
    told = dict(rows(CARDS["twilio"]))
    assert told["formatting"] == "SMS: plain text; RCS: plain text; WhatsApp: WhatsApp's marks"
    assert told["window for answers"] == "24 h (WhatsApp)"
    assert told["files that go"].startswith("SMS: 10 of them; image (8 kinds) up to 5 MiB")


def test_a_limit_is_told_with_its_unit_and_a_size_in_words() -> None:
    told = dict(rows(CARDS["telegram"]))
    assert told["text that goes"] == "4,096 characters (UTF-16), in up to 20 messages"
    assert told["files that come"].endswith(", up to 20 MiB, fetched afterwards")
    assert told["files that go"] == "up to 50 MiB"


def test_the_command_prints_the_configured_channels_or_all() -> None:
    configured = CliRunner().invoke(app, ["channels", "--config", EXAMPLE])
    assert configured.exit_code == 0
    heads = [line for line in configured.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads[0].startswith("mail (E-mail): ")
    assert not any(line.startswith("line ") for line in heads)
    every = CliRunner().invoke(app, ["channels", "--all"]).stdout
    assert all(f"{card.name} ({card.facts.words})" in every for card in CARDS.values())
    assert re.search(r"^  deletes +yes$", every, re.MULTILINE)
