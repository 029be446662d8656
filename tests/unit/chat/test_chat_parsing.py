"""From stored bytes to envelopes: the same every time, and trust only from what the connection proved."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.chat.parsing import read_raw
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

VISITOR = "0123456789abcdef" * 2
MARIA = {"subject": "maria", "email": "maria@example.org", "name": "Maria"}


def raw(content: Any, **facts: Any) -> RawMessage:
    given_ = {"face": "socket", "peer": "127.0.0.1", "visitor": VISITOR, "assurance": 1, "identity": None}
    return RawMessage(
        id="0193512e-cccc-7000-8000-000000000001",
        channel="chat",
        account="web",
        external_id=f"{VISITOR}:message-number-1",
        received_at=1_800_000_000_000,
        content=content if isinstance(content, bytes) else json.dumps(content).encode(),
        transport=given_ | facts,
        sequence=7,
    )


def message(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"id": "message-number-1", "text": text, "files": [], "email": "", "language": "", "page": ""} | fields


def parsed(content: Any, **facts: Any) -> Envelope:
    (envelope,) = read_raw(raw(content, **facts)).envelopes
    return envelope


def identities(envelope: Envelope) -> list[tuple[str, str, Assurance]]:
    return [(each.kind, each.value, each.assurance) for each in envelope.sender.identities]


def test_a_message_joins_the_conversation_of_its_visitor() -> None:
    envelope = parsed(
        message("Meine Lampe leuchtet nicht mehr, bitte helfen Sie mir.\r\n\x00", page="https://shop.example/")
    )
    assert envelope.conversation == envelope.announces == (f"chat:web:{VISITOR}",)
    assert envelope.text == "Meine Lampe leuchtet nicht mehr, bitte helfen Sie mir."
    assert envelope.language.code == "de"
    assert envelope.ext == {"conversation": VISITOR, "page": "https://shop.example/"}
    assert envelope.order == f"{7:020d}"
    assert identities(envelope) == [("chat:web", VISITOR, Assurance.CHANNEL)]


def test_the_language_of_the_browser_decides_where_the_text_does_not() -> None:
    assert parsed(message("ok"), language="et").language.code == "et"


def test_who_is_signed_in_is_proven_and_named_and_so_is_their_address() -> None:
    envelope = parsed(message(email="someone.else@example.org"), assurance=3, identity=MARIA)
    assert identities(envelope) == [
        ("chat:web", VISITOR, Assurance.CONTROL),
        ("email", "maria@example.org", Assurance.CONTROL),
        ("email", "someone.else@example.org", Assurance.CLAIMED),
    ]
    assert envelope.sender.name == "Maria"


def test_a_code_proves_address_and_visitor_together() -> None:
    envelope = parsed(message(email="maria@example.org"), proven="maria@example.org")
    assert identities(envelope) == [
        ("chat:web", VISITOR, Assurance.CONTROL),
        ("email", "maria@example.org", Assurance.CONTROL),
    ]


def test_what_is_typed_proves_nothing() -> None:
    content = message(email="maria@example.org", name="Maria", assurance=4, identity=MARIA, proven="maria@example.org")
    envelope = parsed(content)
    assert identities(envelope) == [
        ("chat:web", VISITOR, Assurance.CHANNEL),
        ("email", "maria@example.org", Assurance.CLAIMED),
    ]
    assert envelope.sender.name == ""


def test_a_receipt_is_one_envelope_for_each_article() -> None:
    envelopes = read_raw(raw({"state": "read", "position": 4, "articles": ["a", "b"]})).envelopes
    assert [(each.kind, each.delivery.reference) for each in envelopes if each.delivery] == [
        ("delivery", "a"),
        ("delivery", "b"),
    ]
    assert len({each.id for each in envelopes} | {each.external_id for each in envelopes}) == 4
    assert envelopes[0].delivery is not None
    assert envelopes[0].delivery.state == "read"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        {"id": "1"},
        message(files=[{"sha256": "a"}]),
        message(files=7),
        {"state": "liked", "articles": ["a"]},
        b"[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_set_aside(content: Any) -> None:
    with pytest.raises(Unreadable):
        read_raw(raw(content))


@settings(deadline=None)
@given(st.text(), st.text(), st.text(max_size=60))
def test_the_same_bytes_give_the_same_envelope(text: str, page: str, email: str) -> None:
    stored = raw(message(text, page=page, email=email))
    assert read_raw(stored) == read_raw(stored)
    assert all(each.assurance <= Assurance.CHANNEL for each in read_raw(stored).envelopes[0].sender.identities)


def test_without_its_transport_facts_nothing_is_read() -> None:
    with pytest.raises(Unreadable):
        read_raw(raw(message()).model_copy(update={"transport": {}}))
