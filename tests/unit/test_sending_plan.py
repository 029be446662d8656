"""What will be sent of a reply, and what of it the channel does not take."""

import pytest

from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.sending_limits import FileLimits, Sends, TextLimit
from trunkline.normalizer.sending_plan import sending_plan
from trunkline.normalizer.weighted_length import weighted_length

MB = 1024 * 1024


def file(name: str, kind: str, size: int) -> Attachment:
    return Attachment(name=name, media_type=kind, size=size, sha256="0" * 64)


def refused(sends: Sends, text: str = "hello", *files: Attachment) -> list[str]:
    return [f"{each.field}: {each.words}" for each in sending_plan(text, files, sends).refusals]


def test_without_limits_everything_is_one_message() -> None:
    plan = sending_plan("x" * 100_000, [file("a.exe", "application/x-dosexec", MB)] * 30, Sends())
    assert (plan.messages, plan.most, plan.refusals) == (1, None, ())


def test_a_long_text_leaves_in_parts_and_is_refused_when_they_are_too_many() -> None:
    sends = Sends(text=TextLimit(most=20, parts=2))
    assert refused(sends, "One sentence here. Another one there.") == []
    assert refused(sends, "word " * 20) == [
        "text: the text is too long: the channel takes 2 messages of 20; shorten it"
    ]


def test_segments_of_an_sms_are_counted() -> None:
    plan = sending_plan("ż" * 71, [], Sends(text=TextLimit(most=1600, unit="sms", parts=3)))
    (segments,) = plan.segments
    assert (segments.parts, segments.odd) == (2, "ż")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (FileLimits(count=0, instead="send a link"), "the channel takes no files; send a link"),
        (FileLimits(total=9 * MB), "the channel takes 9 MB of files at once, and these are more"),
        (FileLimits(count=1), "the channel takes at most 1 files at once"),
        (FileLimits(kinds={"image/": 5 * MB}, size=20 * MB), "a.png is larger than the 5 MB that the channel takes"),
        (FileLimits(kinds={"image/": 50 * MB}, size=8 * MB), "a.png is larger than the 8 MB that the channel takes"),
        (
            FileLimits(kinds={"image/": 50 * MB}, others=False),
            "a.pdf is of a kind that the channel does not take (application/pdf)",
        ),
    ],
)
def test_a_file_that_is_not_taken_is_named_with_the_reason(limits: FileLimits, words: str) -> None:
    files = file("a.png", "image/png", 9 * MB), file("a.pdf", "application/pdf", MB)
    assert refused(Sends(files=limits), "hello", *files) == [f"attachments: {words}"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("hello", 5),
        ("日本語", 6),
        ("https://example.org/" + "a" * 100, 23),
        ("see https://example.org/x and http://example.org/y", 55),
        ("👩‍👩‍👧‍👦", 2),
        ("🇩🇪", 2),
        ("👍🏽", 2),
        ("1️⃣", 2),
        ("e\u0301", 1),
        ("“quoted” – it’s", 15),
    ],
)
def test_x_counts_characters_by_their_weight(text: str, length: int) -> None:
    assert weighted_length(text) == length
