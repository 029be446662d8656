"""What a channel must do whose messages name files that are fetched later, tried on every adapter that has such."""

from typing import Any

import pytest

from tests.memory_sink import MemorySink
from trunkline.adapters.contract import Adapter
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed, TooLarge
from trunkline.normalizer.envelope import Attachment

CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 2_000


def sink(largest: int = 2 * len(CONTENT)) -> MemorySink:
    return MemorySink(largest)


async def named(subject: Any) -> Attachment:
    """The one file of a message that came."""
    if not subject.gives_files:
        pytest.skip("messages of this channel name no files")
    await subject.adapter.start()
    assert await subject.deliver_file("1", CONTENT) == "taken"
    (envelope,) = (await subject.adapter.parse(subject.intake.raws[-1])).envelopes
    (file,) = envelope.attachments
    assert isinstance(file, Attachment)
    return file


def test_a_channel_that_fetches_files_is_tried_with_some(subject: Any) -> None:
    assert subject.gives_files == (type(subject.adapter).fetch is not Adapter.fetch)


async def test_a_file_is_named_without_asking_for_it_and_fetched_whole(subject: Any) -> None:
    file = await named(subject)
    assert (file.state, file.sha256, file.problem) == ("fetching", "", "")
    assert file.fetch
    for _ in range(2):
        into = sink()
        await subject.adapter.fetch(subject.account, file.fetch, into)
        assert into.content == CONTENT


@pytest.mark.parametrize("answer", ["later", "away"])
async def test_a_file_that_cannot_be_had_now_is_put_off(subject: Any, answer: str) -> None:
    file = await named(subject)
    subject.set_far_end(answer)
    with pytest.raises(DeliveryDeferred):
        await subject.adapter.fetch(subject.account, file.fetch, sink())


async def test_a_file_that_is_gone_for_good_says_so_in_words(subject: Any) -> None:
    file = await named(subject)
    subject.set_far_end("never")
    with pytest.raises(DeliveryFailed) as raised:
        await subject.adapter.fetch(subject.account, file.fetch, sink())
    assert raised.value.detail


async def test_what_is_too_large_is_not_taken(subject: Any) -> None:
    file = await named(subject)
    into = sink(largest=100_000)
    with pytest.raises(TooLarge):
        await subject.adapter.fetch(subject.account, file.fetch, into)
    assert len(into.content) < len(CONTENT)


@pytest.mark.parametrize("reference", ["", "..", "../../etc/passwd", "https://evil.example/a", "\0", "x" * 5000])
async def test_what_is_no_reference_of_the_channel_brings_nothing(subject: Any, reference: str) -> None:
    await named(subject)
    subject.set_far_end("never")
    with pytest.raises((DeliveryFailed, DeliveryDeferred)):
        await subject.adapter.fetch(subject.account, reference, sink())
