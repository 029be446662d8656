"""What simulated customers do on their phones: they slip, wait, and speak silence that a player plays."""

import asyncio
import struct
from random import Random
from typing import Any

from trunkline.demo.simulation.contacts import Contact
from trunkline.demo.simulation.pace import Pace
from trunkline.demo.simulation.people import Person
from trunkline.demo.simulation.phones.phone_customers import PhoneCustomers, with_slip
from trunkline.demo.simulation.phones.phone_line import Heard, PhoneFile, PhoneLine
from trunkline.demo.simulation.phones.voice_note import RATE, voice_note


def test_a_slip_changes_one_word_and_is_never_the_text_itself() -> None:
    for number in range(50):
        slipped = with_slip("asked for a new password 3 times", Random(number))
        assert slipped != "asked for a new password 3 times"
        assert sorted(slipped) == sorted("asked for a new password 3 times")
    assert with_slip("aa bb", Random(1)) == "aa bb…"


def test_a_voice_note_is_an_ogg_stream_of_opus_as_long_as_it_says() -> None:
    pages = voice_note(3).split(b"OggS")[1:]
    assert b"OpusHead" in pages[0]
    assert b"OpusTags" in pages[1]
    assert len(pages) == 2 + 3
    assert (pages[0][1], pages[-1][1]) == (2, 4), "the first begins the stream and the last ends it"
    assert struct.unpack("<q", pages[-1][2:10]) == (3 * RATE,)


def test_the_checksum_of_a_page_is_that_of_ogg() -> None:
    page = b"OggS" + voice_note(1).split(b"OggS")[1]
    told, zeroed = struct.unpack("<I", page[22:26])[0], page[:22] + bytes(4) + page[26:]
    value = 0
    for byte in zeroed:  # RFC 3533: CRC-32 by 0x04c11db7, from zero, not reflected
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    assert told == value


async def test_within_a_time_is_what_comes_or_nothing() -> None:
    never, at_once = asyncio.Event(), asyncio.Event()
    at_once.set()

    async def sleep(seconds: float) -> None:
        await (at_once if seconds else never).wait()

    pace = Pace(1.0, sleep=sleep)
    queue = asyncio.Queue[str]()
    assert await pace.within(1, queue.get()) is None
    queue.put_nowait("a word")
    assert await pace.within(0, queue.get()) == "a word"


class Line(PhoneLine):
    """Writes down what happens; has so many answers in store."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.done: list[tuple[Any, ...]] = []
        for _ in range(answers):
            self.heard.put_nowait(Heard(id="7", text="It is on its way."))

    async def say(self, text: str) -> str:
        self.done.append(("say", text))
        return str(len(self.done))

    async def show(self, file: PhoneFile, text: str = "") -> None:
        self.done.append(("show", file.media_type, text))


async def carried_out(answers: int, quirks: frozenset[Any], turns: tuple[str, ...] = ()) -> Line:
    person = Person(
        name="A B",
        email="a@example.org",
        language="en",
        habit="plain",
        patience=1,
        ways=("sms",),
        phone="+447700900001",
    )
    contact = Contact(
        number=1,
        at=0,
        person=person,
        way="sms",
        topic="hours",
        subject="",
        opening=("Hello", "are you open tomorrow?"),
        turns=turns,
        thanks="Thank you!",
        quirks=quirks,
    )
    line = Line(answers)
    await PhoneCustomers(lambda _: line, Pace(1.0, sleep=lambda _: asyncio.sleep(0)), seed=1).carry_out(contact)
    return line


async def test_who_is_answered_goes_on_and_thanks() -> None:
    line = await carried_out(2, frozenset(), ("And on Sunday?",))
    said = [each[1] for each in line.done]
    assert said == ["Hello", "are you open tomorrow?", "And on Sunday?", "Thank you!"]


async def test_who_hears_nothing_asks_once_and_no_more() -> None:
    line = await carried_out(0, frozenset(), ("And on Sunday?",))
    assert len(line.done) == 3
    assert "And on Sunday?" not in [each[1] for each in line.done]


async def test_where_there_is_no_gesture_words_do_it() -> None:
    line = await carried_out(1, frozenset({"edit", "thumb", "voice", "file", "number"}))
    (_, hello), (_, slipped), corrected, photo, voice, number, thumb = line.done
    assert hello == "Hello"
    assert slipped != "are you open tomorrow?"
    assert corrected == ("say", "*are you open tomorrow?")
    assert photo[:2] == ("show", "image/png")
    assert voice == ("show", "audio/ogg", "")
    assert number == ("say", "+447700900001")
    assert thumb == ("say", "👍")
