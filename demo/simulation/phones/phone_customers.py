"""Customers who write on their phones, by Telegram, SMS or WhatsApp: a few lines, a photo or a voice message, and on.

Unlike in the chat on a page nobody has to stay: who gets no answer asks once, puts the phone away, and reads what comes
later. They correct what they mistyped, and some thank with a mark.
"""

from collections.abc import Callable
from random import Random

from ..contacts import Contact
from ..pace import Pace
from ..people import Person
from ..pictures import broken_lamp
from .phone_line import Heard, PhoneFile, PhoneLine
from .voice_note import voice_note

LineOf = Callable[[Person], PhoneLine]

TYPED_A_SECOND = 14.0  # characters
LONGEST_TYPING = 6.0
NOTICING = 2.0
PATIENT = 2  # times the patience that they have in the chat of a page
LONG_AGO = 6  # times that: nothing is expected any more
THINKING = (2.0, 6.0)


class PhoneCustomers:
    """Carries out contacts on one way."""

    def __init__(self, line_of: LineOf, pace: Pace, *, seed: int) -> None:
        self._line_of = line_of
        self._pace = pace
        self._seed = seed

    async def carry_out(self, contact: Contact) -> None:
        """One contact, to its end."""
        dice = contact.dice(self._seed, "phone")
        await _Conversation(contact, self._line_of(contact.person), self._pace, dice).run()


class _Conversation:
    """One contact on one line."""

    def __init__(self, contact: Contact, line: PhoneLine, pace: Pace, dice: Random) -> None:
        self._contact = contact
        self._line = line
        self._pace = pace
        self._dice = dice

    async def run(self) -> None:
        await self._open()
        for text in self._contact.turns:
            if await self._answered() is None:
                return
            await self._say(text)
        answer = await self._answered()
        if answer is not None and "thumb" in self._contact.quirks:
            await self._line.like(answer)
        elif answer is not None and self._contact.thanks:
            await self._say(self._contact.thanks)

    async def _open(self) -> None:
        quirks, opening = self._contact.quirks, self._contact.opening
        for text in opening[:-1]:
            await self._say(text)
        await self._say(opening[-1], mistyped="edit" in quirks)
        if "file" in quirks:
            await self._pace.wait(NOTICING)
            await self._line.show(_photo(self._contact.number), self._contact.talk.chat.file)
        if "voice" in quirks:
            await self._pace.wait(NOTICING)
            await self._line.show(_spoken(self._dice.randrange(2, 7)))
        if "number" in quirks:
            await self._line.give_number(self._contact.person.phone)

    async def _answered(self) -> Heard | None:
        """The next answer; None when none comes. Whoever waits asks once."""
        patience = self._contact.person.patience * PATIENT
        answer = await self._pace.within(patience, self._line.heard.get())
        if answer is None:
            await self._say(self._dice.choice(self._contact.talk.chat.waiting))
            answer = await self._pace.within(patience * LONG_AGO, self._line.heard.get())
        if answer is not None:
            await self._pace.wait(self._dice.uniform(*THINKING))
        return answer

    async def _say(self, text: str, *, mistyped: bool = False) -> None:
        await self._pace.wait(min(LONGEST_TYPING, 0.5 + len(text) / TYPED_A_SECOND))
        if not mistyped:
            await self._line.say(text)
            return
        message = await self._line.say(with_slip(text, self._dice))
        await self._pace.wait(NOTICING)
        await self._line.correct(message, text)


def with_slip(text: str, dice: Random) -> str:
    """The text with two letters of its longest word in the wrong order; never as it was."""
    longest = max(text.split(), key=len)
    places = [at for at in range(1, len(longest) - 1) if longest[at] != longest[at + 1]]
    if not places:
        return f"{text}…"
    at = dice.choice(places)
    slipped = longest[:at] + longest[at + 1] + longest[at] + longest[at + 2 :]
    return text.replace(longest, slipped, 1)


def _photo(number: int) -> PhoneFile:
    return PhoneFile(name=f"IMG_{2000 + number % 4}.png", media_type="image/png", content=broken_lamp(number % 4))


def _spoken(seconds: int) -> PhoneFile:
    return PhoneFile(name=f"voice-{seconds}.ogg", media_type="audio/ogg", content=voice_note(seconds), seconds=seconds)
