"""From what a source sent to the envelope: who wrote, how well that is proven, what it joins."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.field_mapping import FieldMapping, read_content
from trunkline.adapters.http_source.parsing import HttpReader, read_file
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.config.errors import Invalid, Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage
from trunkline.queue.clock import ManualClock

SETTINGS = HttpSettings.model_validate(
    {
        "form": {
            "fields": {
                "name": "name", "email": "email", "subject": "subject", "message": "message",
                "conversation": "conversation", "phone": "phone", "language": "lang", "order": "order",
            },
            "country": "DE",
            "form": {"labels": {"order": {"en": "Order"}}},
        },
        "shop": {
            "fields": {
                "customer": "user.id", "email": "user.email", "message": "text", "conversation": "thread",
                "sequence": "n",
            },
            "required": ["message"],
            "assurance": "A2",
        },
    }
)  # fmt: skip
RAW_ID = "0199e8a0-1c2d-7f00-8000-0123456789ab"
MESSAGE: dict[str, Any] = {"name": "Maria", "email": "Maria@Example.org", "message": "Hello", "conversation": "c-1"}


def raw(content: bytes, account: str = "form", face: str = "signed", **transport: Any) -> RawMessage:
    return RawMessage(
        id=RAW_ID,
        channel="http",
        account=account,
        external_id="msg_1",
        received_at=1_800_000_000_000,
        content=content,
        transport={"face": face, "peer": "198.51.100.7", **transport},
        sequence=42,
    )


def parsed(content: dict[str, Any], **facts: Any) -> Envelope:
    (envelope,) = HttpReader(SETTINGS).read(raw(json.dumps(content).encode(), **facts)).envelopes
    return envelope


def from_form(**values: str) -> Envelope:
    body = urlencode({"form_id": "x", "website": "", **values}).encode()
    (envelope,) = HttpReader(SETTINGS).read(raw(body, face="form", language="de")).envelopes
    return envelope


def test_a_signed_post_becomes_one_envelope() -> None:
    envelope = parsed({**MESSAGE, "subject": "Order\n 5\x00", "message": " a\r\nb\x07\r ", "order": "4711\x1b"})
    assert envelope.id == str(uuid5(UUID(RAW_ID), "0"))
    assert (envelope.channel, envelope.account, envelope.external_id, envelope.kind) == (
        "http",
        "form",
        "msg_1",
        "message",
    )
    assert (envelope.subject, envelope.text, envelope.order) == ("Order 5", "a\nb", f"{42:020d}")
    assert (envelope.sender.name, envelope.recipients, envelope.raw_id) == ("Maria", ("form",), RAW_ID)
    assert envelope.ext == {"face": "signed", "conversation": "c-1"}
    assert envelope.fields == {"order": "4711"}


def test_the_same_bytes_give_the_same_envelope() -> None:
    assert parsed(MESSAGE) == parsed(MESSAGE)


def test_a_signed_conversation_is_found_and_announced_by_its_source() -> None:
    envelope = parsed(MESSAGE)
    assert envelope.conversation == envelope.announces == ("http:form:c-1",)
    assert parsed({**MESSAGE, "conversation": None}).conversation == ()


def test_the_sender_is_as_well_proven_as_the_source_says() -> None:
    (claimed,) = parsed(MESSAGE).sender.identities
    assert (claimed.key, claimed.assurance, claimed.evidence) == ("email:maria@example.org", Assurance.CLAIMED, "")
    content = {"user": {"id": 77, "email": "maria@example.org"}, "text": "hi"}
    email, customer = parsed(content, account="shop").sender.identities
    assert (email.key, customer.key) == ("email:maria@example.org", "http:shop:77")
    assert email.assurance == customer.assurance == Assurance.ORIGIN
    assert "shop" in email.evidence


def test_without_an_address_the_conversation_is_the_person() -> None:
    (known,) = parsed({"text": "hi", "thread": "t-9"}, account="shop").sender.identities
    (alone,) = parsed({"text": "hi"}, account="shop").sender.identities
    assert (known.key, alone.key) == ("http:shop:conversation:t-9", "http:shop:conversation:msg_1")


def test_phone_numbers_are_identities_when_they_are_numbers() -> None:
    assert [one.key for one in parsed({**MESSAGE, "phone": "030 123456"}).sender.identities] == [
        "email:maria@example.org",
        "phone:+4930123456",
    ]
    envelope = parsed({**MESSAGE, "phone": "call me"})
    assert [one.kind for one in envelope.sender.identities] == ["email"]
    assert envelope.fields == {"phone": "call me"}


def test_a_mapped_sequence_orders_the_conversation() -> None:
    content = {"user": {"id": 7}, "text": "hi", "n": 9}
    earlier, later = parsed(content, account="shop"), parsed({**content, "n": 10}, account="shop")
    assert earlier.order < later.order == f"{10:020d}"


def test_a_form_is_never_proven_and_never_joins() -> None:
    envelope = from_form(email="maria@example.org", message="Hallo", conversation="c-1", lang="ru", order="4711")
    assert (envelope.conversation, envelope.announces, envelope.ext["conversation"]) == ((), (), "")
    assert {one.assurance for one in envelope.sender.identities} == {Assurance.CLAIMED}
    assert (envelope.ext["face"], envelope.fields) == ("form", {"order": "4711"})
    assert envelope.language.code == "de"


def test_the_page_of_a_vouched_source_is_still_only_a_claim() -> None:
    settings = {"fields": {"email": "e", "message": "m"}, "assurance": "A2", "form": {}}
    reader = HttpReader(HttpSettings.model_validate({"form": settings}))
    (envelope,) = reader.read(raw(b"email=maria%40example.org&message=hi", face="form")).envelopes
    assert [one.assurance for one in envelope.sender.identities] == [Assurance.CLAIMED]


def test_facts_of_trust_are_not_taken_from_the_body() -> None:
    body = urlencode({"email": "a@b.example", "message": "hi", "face": "signed", "assurance": "A4"}).encode()
    for face in ("form", "", "SIGNED"):
        (envelope,) = HttpReader(SETTINGS).read(raw(body, face=face)).envelopes
        assert (envelope.sender.identities[0].assurance, envelope.ext["face"]) == (Assurance.CLAIMED, "form")


@pytest.mark.parametrize(
    ("content", "account"), [(b"{}", "form"), (b"{", "form"), (b'{"message": "x"}', "form"), (b"{}", "gone")]
)
def test_what_does_not_fit_any_more_is_set_aside(content: bytes, account: str) -> None:
    with pytest.raises(Unreadable, match=account):
        HttpReader(SETTINGS).read(raw(content, account))


def test_a_file_is_read_by_the_first_source_that_it_fits() -> None:
    assert read_file(json.dumps(MESSAGE).encode(), SETTINGS).envelopes[0].account == "form"
    assert read_file(b'{"text": "hi"}', SETTINGS).envelopes[0].account == "shop"
    with pytest.raises(Unreadable):
        read_file(b'{"text": "hi"}', SETTINGS, source="form")
    with pytest.raises(Unreadable):
        read_file(b"no json", SETTINGS)


TEXT = st.text(max_size=30) | st.sampled_from(
    ["a@b.example", "ü@münchen.example", "x" * 300, "\u202e", "\0", "+49 30 1"]
)


@given(st.dictionaries(st.sampled_from(sorted(SETTINGS.root["form"].fields.values())), TEXT | st.integers()))
def test_whatever_the_mapping_takes_can_be_read_and_written(content: dict[str, Any]) -> None:
    body = json.dumps({"email": "a@b.example", "message": "hello", **content}).encode()
    try:
        fields = FieldMapping(SETTINGS.root["form"]).read(read_content(body))
    except Invalid:
        with pytest.raises(Unreadable):
            read_file(body, SETTINGS, source="form")
        return
    envelope = read_file(body, SETTINGS, source="form").envelopes[0]
    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope
    assert fields.lane_key.isprintable()
    assert not {"\0", "\r", "\x1b"} & set(envelope.text + envelope.subject + envelope.sender.name)


async def test_the_channel_offers_what_the_contract_asks() -> None:
    channel = HttpChannel(SETTINGS, intake=None, secret_of=lambda _: "whsec_" + "A" * 43, clock=ManualClock(0))  # type: ignore[arg-type]
    assert channel.channel == "http"
    assert channel.outgoing_id("article-1", "form") == "article-1"
    await channel.start()
    assert (await channel.parse(raw(json.dumps(MESSAGE).encode()))).envelopes[0].text == "Hello"
    await channel.stop()
    await channel.stop()
