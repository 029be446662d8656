"""Webhooks as other desks recorded them are read as an expert reads them.

The shapes are those that public repositories and the vendors' documentation show: what an old API sent, what a library
passed on, what somebody cut or crossed out, and what is rare. The people are made up. `expected.yaml` in each folder
says what is read in a recording: its envelopes with what is worth a look, `nothing`, or `aside`.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from trunkline.config.errors import Unreadable
from trunkline.gateway.channels import CARDS
from trunkline.normalizer.envelope import Envelope

FIXTURES = Path(__file__).parents[1] / "fixtures"
TABLE = "expected.yaml"
CONFIGURED: dict[str, Any] = {
    "telegram": {"support": {"username": "ExampleSupportBot"}},
    "slack": {"support": {}},
    "mail": {"addresses": ["support@kiln.example"]},
}
"""Whoever has an account reads as that; without one all who wrote are customers."""


def _tables() -> dict[str, dict[str, Any]]:
    found = {path.parents[1].name: yaml.safe_load(path.read_text()) for path in FIXTURES.glob(f"*/other_desks/{TABLE}")}
    assert len(found) >= 5
    return found


TABLES = _tables()
CASES = [(channel, name) for channel, table in sorted(TABLES.items()) for name in table]


def recording(channel: str, name: str) -> bytes:
    (path,) = (FIXTURES / channel / "other_desks").glob(f"{name}.*")
    return path.read_bytes()


def section(channel: str) -> BaseModel:
    return CARDS[channel].settings.model_validate(CONFIGURED.get(channel, {}))


def read(channel: str, name: str) -> str | list[Envelope]:
    reader = CARDS[channel].read_file
    assert reader is not None
    try:
        found = reader(recording(channel, name), section(channel), "")
    except Unreadable:
        return "aside"
    assert bool(found.envelopes) != bool(found.nothing)
    return list(found.envelopes) or "nothing"


def shown(envelope: Envelope) -> dict[str, Any]:
    """An envelope in the words of the tables."""
    identities = [each.key for each in envelope.sender.identities]
    reaction, delivery = envelope.reaction, envelope.delivery
    return {
        "kind": envelope.kind,
        "direction": envelope.direction,
        "from": identities[0] if identities else "",
        "also": identities[1:],
        "name": envelope.sender.name,
        "thread": "".join(f"{each}\n" for each in envelope.conversation),
        "id": envelope.external_id,
        "at": envelope.sent_at,
        "subject": envelope.subject,
        "text": envelope.text,
        "starts": envelope.text,
        "quoted": envelope.quoted,
        "language": envelope.language.code,
        "automation": envelope.automation,
        "files": [f"{each.name} {each.media_type}" for each in envelope.attachments],
        "fetch": [each.fetch for each in envelope.attachments],
        "states": [each.state for each in envelope.attachments],
        "contacts": [" ".join((each.name, *each.phones, *each.emails)) for each in envelope.contacts],
        "original": envelope.originals[0].name if envelope.originals else "",
        "answers": envelope.in_reply_to,
        "amends": envelope.amends,
        "emoji": reaction.emoji if reaction else "",
        "removed": bool(reaction and reaction.removed),
        "delivery": f"{delivery.state} {delivery.reference}".strip() if delivery else "",
        "came_as": envelope.ext.get("came_as", ""),
        "suspend": bool(envelope.suspend),
    }


def differences(envelope: Envelope, expected: dict[str, Any]) -> dict[str, Any]:
    found = shown(envelope)
    wanted = {"kind": "message"} | expected
    return {name: found[name] for name, value in wanted.items() if not _fits(name, found[name], value)}


def _fits(name: str, found: Any, value: Any) -> bool:
    """The beginning of a text; the end of one of the thread keys, before which stand channel and account."""
    if name == "starts":
        return bool(found.startswith(value))
    return f":{value}\n" in found if name == "thread" else bool(found == value)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize(("channel", "name"), CASES, ids=lambda each: each)
def test_a_recording_is_read_as_an_expert_reads_it(channel: str, name: str) -> None:
    expected, found = TABLES[channel][name], read(channel, name)
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
        return
    wanted = expected if isinstance(expected, list) else [expected]
    assert [differences(each, told) for each, told in zip(found, wanted, strict=True)] == [{}] * len(wanted)


@pytest.mark.parametrize("channel", sorted(TABLES))
def test_every_recording_is_in_the_table(channel: str) -> None:
    kept = {path.stem for path in (FIXTURES / channel / "other_desks").iterdir() if path.name != TABLE}
    assert kept == set(TABLES[channel])


@pytest.mark.parametrize("channel", sorted({*TABLES} - {"mail"}))  # which is always configured
def test_a_channel_that_is_not_configured_reads_recordings_too(channel: str) -> None:
    reader, bare = CARDS[channel].read_file, CARDS[channel].settings.model_validate(CARDS[channel].assumed)
    assert reader is not None
    for name, expected in TABLES[channel].items():
        if not isinstance(expected, str):
            assert reader(recording(channel, name), bare, "").envelopes, name
