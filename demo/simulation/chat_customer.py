"""Chat customers: they connect, type, say a few short things, wait with the patience they have, read, ask on, thank and
leave. Some load the page anew in the middle, some send a photo, some leave an address and prove it.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

from .browser import Browser
from .chat_line import ChatLine, Ended
from .contacts import Contact
from .correspondence import Correspondence
from .desk_client import Unreachable
from .pace import Pace
from .people import Person
from .pictures import broken_lamp

IdentityOf = Callable[[Person], str]

TYPED_A_SECOND = 9.0  # characters
LONGEST_TYPING = 5.0
READING = 1.2
QUIET = 5.0  # after a line the customer waits so long for the next, before they take their turn
GONE = 3.0  # a page that is loaded anew
TRIES = 4

_NAME = re.compile(r"\{agent\}")


class ChatCustomers:
    """Carries out contacts by chat."""

    def __init__(
        self,
        browser: Browser,
        pace: Pace,
        letters: Correspondence,
        *,
        site: str,
        identity_of: IdentityOf | None,
    ) -> None:
        self._browser = browser
        self._pace = pace
        self._letters = letters
        self._site = site
        self._identity_of = identity_of

    async def carry_out(self, contact: Contact) -> None:
        """One contact, to its end."""
        identity = self._identity_of
        person = contact.person
        signed = (lambda: identity(person)) if identity is not None and person.member else None
        line = ChatLine(self._browser, self._site, language=person.language, identity=signed)
        try:
            await _Chat(contact, line, self._pace, self._letters).run()
        finally:
            await line.leave()


class _Chat:
    """One contact by chat."""

    def __init__(self, contact: Contact, line: ChatLine, pace: Pace, letters: Correspondence) -> None:
        self._contact = contact
        self._line = line
        self._pace = pace
        self._letters = letters
        self._hello = _NAME.split(contact.talk.agent.hello)[0]
        self._connecting = asyncio.Lock()

    async def run(self) -> None:
        await self._connected()
        for text in self._contact.opening:
            await self._say(text)
        if "file" in self._contact.quirks:
            await self._show_a_photo()
        if "address" in self._contact.quirks and not self._contact.person.member:
            await self._leave_an_address()
        if "reload" in self._contact.quirks:
            await self._load_anew()
        for text in (*self._contact.turns, self._contact.thanks):
            if not await self._answered():
                return
            if text:
                await self._say(text)
        if self._contact.thanks:
            await self._listen(self._contact.person.patience / 2)
        await self._pace.wait(READING)

    async def _answered(self) -> bool:
        """Wait for an answer and read it; False when the patience was over first."""
        manners, patience = self._contact.talk.chat, self._contact.person.patience
        if await self._listen(patience):
            return True
        dice = self._contact.dice(0, "waiting")
        await self._say(dice.choice(manners.waiting))
        if await self._listen(patience):
            return True
        await self._say(dice.choice(manners.leaving))
        return False

    async def _listen(self, patience: float) -> bool:
        """Whether somebody says something more than hello; all lines until it is quiet are read."""
        answered = False
        while (line := await self._heard(QUIET if answered else patience)) is not None:
            await self._take_in(int(line["position"]))
            greeted = line["from"] != "agent" or str(line["text"]).startswith(self._hello)
            answered = answered or not greeted
        return answered

    async def _heard(self, of_life: float) -> Mapping[str, Any] | None:
        """The next line; a connection that breaks meanwhile is made again, as a page does by itself."""
        hearing = asyncio.create_task(self._line.heard.get())
        waiting = asyncio.create_task(self._pace.wait(of_life))
        try:
            while not (hearing.done() or waiting.done()):
                breaking = asyncio.create_task(self._line.broken.wait())
                await asyncio.wait({hearing, waiting, breaking}, return_when=asyncio.FIRST_COMPLETED)
                if breaking.done():
                    await self._connected()
                breaking.cancel()
            return hearing.result() if hearing.done() else None
        finally:
            hearing.cancel()
            waiting.cancel()

    async def _take_in(self, position: int) -> None:
        await self._steadily(lambda: self._line.seen(position, "delivered"))
        await self._pace.wait(READING)
        await self._steadily(lambda: self._line.seen(position, "read"))

    async def _say(self, text: str, files: tuple[Mapping[str, Any], ...] = ()) -> None:
        """Type it, say it, and keep to it over any break of the connection."""
        await self._steadily(self._line.typing)
        await self._pace.wait(min(LONGEST_TYPING, 0.6 + len(text) / TYPED_A_SECOND / 3))
        await self._steadily(lambda: self._line.say(text, files), again=False)

    async def _show_a_photo(self) -> None:
        number = self._contact.number
        file = await self._line.upload(f"IMG_{2000 + number % 800}.png", broken_lamp(number % 4))
        if file is not None:
            await self._say(self._contact.talk.chat.file, (file,))

    async def _leave_an_address(self) -> None:
        await self._say(self._contact.talk.chat.address)
        code = self._letters.expect_code(self._contact)
        await self._steadily(lambda: self._line.prove(self._contact.person.email))
        self._letters.tasks.run(self._prove(code))

    async def _prove(self, code: "asyncio.Future[str]") -> None:
        """Fetch the code from the mailbox and type it in."""
        typed = await code
        await self._pace.wait(READING * 2)
        if not self._line.left:
            await self._steadily(lambda: self._line.code(typed))

    async def _load_anew(self) -> None:
        async with self._connecting:
            await self._line.close()
            await self._pace.wait(GONE)
            await self._connect(anew=True)

    async def _steadily(self, act: Callable[[], Any], *, again: bool = True) -> None:
        """Do it; when the connection breaks, connect again, and do it again unless connecting does it by itself."""
        try:
            await act()
        except Ended:
            await self._connected()
            if again:
                await act()

    async def _connected(self) -> None:
        """Connect, unless it is done: the conversation and the code may both find that the connection has ended."""
        async with self._connecting:
            if not self._line.connected:
                await self._connect()

    async def _connect(self, *, anew: bool = False) -> None:
        """Connect, again after a while when there is no room or the server goes away."""
        for attempt in range(TRIES):
            try:
                await self._line.connect(anew=anew)
            except (Ended, *Unreachable):
                if attempt == TRIES - 1:
                    raise
                await self._pace.wait(GONE * (attempt + 1))
            else:
                return
