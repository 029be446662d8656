"""What a card says of its channel is so; docs/channels/index.md names these tests."""

from typing import Any

import pytest

from trunkline.config.errors import CredentialsRefused, DeliveryFailed, Unreadable
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Parsed
from trunkline.normalizer.sending_limits import Destination

from .subject import Alter
from .test_adapters import outgoing, received

POSTED = {"signature", "token"}
FORGERIES: dict[str, Alter] = {
    "missing": lambda _: None,
    "empty": lambda _: "",
    "truncated": lambda right: right[:-1],
    "longer": lambda right: f"{right}A",
    "another": lambda right: right[::-1],
    "not ASCII": lambda right: f"é{right}",
    "huge": lambda right: (right * 7000)[:7000],
    "binary": lambda _: "\udc80\udcff",
}
BODIES = [b"\xff\xfe\0", b"{", b"[]", b'{"events":1}', b"<xml>" * 100, b'"' + b"[" * 5000]


def posted(subject: Any) -> None:
    if subject.proof not in POSTED:
        pytest.skip(f"it is proven by the {subject.proof}")


# In


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_the_channel_did_not_send_is_401_and_nothing_is_stored(subject: Any, forgery: str) -> None:
    posted(subject)
    await subject.adapter.start()
    assert await subject.post_as(FORGERIES[forgery]) == 401
    assert subject.intake.raws == []


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_is_the_channels_and_cannot_be_read_is_taken_and_set_aside_whole(
    subject: Any, body: bytes
) -> None:
    posted(subject)
    if not subject.seals_any:
        pytest.skip("there is no post of these bytes alone")
    await subject.adapter.start()
    status = await subject.post_as(lambda right: right, body)
    if subject.card.name == "http":  # the sender is a program of ours, which has to hear of it
        assert (status, subject.intake.raws) == (422, [])
        return
    assert status in {200, 202}
    for raw in subject.intake.raws:
        assert raw.content == body
        with pytest.raises(Unreadable):
            await subject.adapter.parse(raw)


async def test_a_post_that_is_too_large_is_refused_and_not_stored(subject: Any) -> None:
    posted(subject)
    await subject.adapter.start()
    assert await subject.post_as(lambda right: right, b"x" * (subject.largest + 1)) == 413
    assert subject.intake.raws == []


@pytest.mark.parametrize("kind", ["edit", "delete", "reaction"])
async def test_a_change_names_the_message_that_it_is_of(subject: Any, kind: str) -> None:
    if not getattr(subject.card.capability.incoming, f"{kind}s"):
        pytest.skip(f"it does not tell of a {kind}")
    await subject.adapter.start()
    await subject.deliver_change(kind)
    parsed: list[Parsed] = [await subject.adapter.parse(raw) for raw in subject.intake.raws]
    (message,), (change,) = (each.envelopes for each in parsed)
    assert (message.kind, change.kind, change.amends) == ("message", kind, message.external_id)
    assert change.conversation in {message.conversation, ()}
    assert change.account == message.account


async def test_the_end_of_the_window_for_answers_is_told(subject: Any) -> None:
    window = subject.card.capability.answers.window
    await subject.adapter.start()
    assert await subject.deliver_windowed() == "taken"
    (envelope,) = (await subject.adapter.parse(subject.intake.raws[-1])).envelopes
    at = envelope.sent_at or envelope.received_at
    assert envelope.reply_by == (at + window * 1000 if window else None)


# Out


async def test_a_text_as_long_as_the_card_allows_is_taken_whole(subject: Any) -> None:
    limit = subject.card.facts.sends(Destination(account=subject.account, to=subject.address)).text
    if limit is None:
        pytest.skip("any length is taken")
    await received(subject)
    words = "Word " * (limit.most * min(limit.parts, 3) // 5 - 20)
    await subject.adapter.send(outgoing(subject, text=f"{words}end."))
    assert b"end." in subject.arrived[-1]


async def test_the_card_tells_whether_the_channel_can_be_asked_what_arrived(subject: Any) -> None:
    assert subject.adapter.looks_up is subject.card.capability.looks_up


async def test_a_file_that_the_card_does_not_allow_is_refused_before_anything_is_sent(subject: Any) -> None:
    files = subject.card.facts.sends(Destination(account=subject.account, to=subject.address)).files
    if files.count != 0 and files.size is None:
        pytest.skip("files are limited by the configuration alone")
    size = 1 if files.size is None else files.size + 1
    file = Attachment(name="bill.pdf", media_type="application/pdf", size=size, sha256="0" * 64)
    await received(subject)
    with pytest.raises(DeliveryFailed):
        await subject.adapter.send(outgoing(subject, attachments=(file,)))
    assert subject.arrived == []


async def test_credentials_that_the_channel_does_not_know_are_told_as_such(subject: Any) -> None:
    if not subject.has_vendor:
        pytest.skip("it is sent to without credentials of a vendor")
    await received(subject)
    subject.refuse_credentials()
    with pytest.raises(CredentialsRefused):
        await subject.adapter.send(outgoing(subject))
    assert subject.arrived == []
