"""Customers who write mails: they send the first one, read what comes, and some answer it.

It is also where the answers of all other ways arrive: forms are answered by mail, a chat goes on by mail when its
visitor has left, and the codes that prove an address come here.
"""

import asyncio
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib

from ...config.quantities import HostPort
from .errands import Errands
from .letters import first_letter, next_letter, reminder, text_of
from .pace import Pace
from .visits import Visit

THINKING = (3.0, 9.0)
AGAIN_AFTER = 2.5  # a mail that is delivered twice

_CODE = re.compile(r"(?<![\w-])(\d{6})(?![\w-])")
_OWN = {"invoice": "billing", "refund": "billing", "delivery": "orders", "damaged": "orders"}
_KNOWS_THE_ADDRESS = 0.6


@dataclass
class _Expecting:
    """A customer who expects an answer by mail; `said` counts their turns."""

    visit: Visit
    said: int = 0


class Correspondence:
    """The mailboxes of all customers; `read` is called with every mail that the gateway sends them."""

    def __init__(
        self, smtp: HostPort, pace: Pace, errands: Errands, *, seed: int, run: str, addresses: tuple[str, ...]
    ) -> None:
        self._smtp = smtp
        self._pace = pace
        self._seed = seed
        self._run = run
        self._addresses = addresses
        self._expecting: dict[str, list[_Expecting]] = {}
        self._codes: dict[str, asyncio.Future[str]] = {}
        self.errands = errands

    async def visit(self, visit: Visit) -> None:
        """Write first; an impatient one writes once more when nobody answers."""
        mail = first_letter(visit, self._address_for(visit), run=self._run)
        expecting = self.expect(visit)
        await self._send(mail)
        if "twice" in visit.quirks:
            await self._pace.wait(AGAIN_AFTER)
            await self._send(mail)
        if visit.person.habit == "angry":
            await self._pace.wait(visit.person.patience * 2)
            if expecting.said == 0:
                await self._send(reminder(visit, mail, run=self._run))

    def expect(self, visit: Visit) -> _Expecting:
        """From now on this customer reads their mail."""
        expecting = _Expecting(visit)
        self._expecting.setdefault(visit.person.email, []).append(expecting)
        return expecting

    def expect_code(self, visit: Visit) -> "asyncio.Future[str]":
        """The code that will come by mail to prove the customer's address."""
        self.expect(visit)
        code = self._codes[visit.person.email] = asyncio.get_running_loop().create_future()
        return code

    async def read(self, mail: EmailMessage) -> None:
        """Read a mail, and go on with what the visit has left to say."""
        _, address = parseaddr(str(mail["To"]))
        code = self._codes.get(address)
        if code is not None and not code.done() and (found := _CODE.search(text_of(mail))):
            code.set_result(found[1])
            return
        expecting = self._of(address, mail)
        if expecting is None or mail["Auto-Submitted"] is not None:
            return
        says = (*expecting.visit.turns, *([expecting.visit.thanks] if expecting.visit.thanks else []))
        expecting.said += 1
        if expecting.said <= len(says):
            self.errands.run(self._answer(expecting.visit, mail, says[expecting.said - 1], expecting.said))

    def _of(self, address: str, mail: EmailMessage) -> _Expecting | None:
        """The visit that a mail answers: by its thread, else the customer's last."""
        visits = self._expecting.get(address, [])
        thread = f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}"
        by_thread = (each for each in visits if f"<{self._run}.{each.visit.number}@" in thread)
        return next(by_thread, visits[-1] if visits else None)

    async def _answer(self, visit: Visit, answered: EmailMessage, text: str, turn: int) -> None:
        await self._pace.wait(visit.dice(self._seed, "thinking", turn).uniform(*THINKING))
        await self._send(next_letter(visit, answered, text, run=self._run, turn=turn))

    def _address_for(self, visit: Visit) -> str:
        dice = visit.dice(self._seed, "address")
        own = [address for address in self._addresses if address.startswith(_OWN.get(visit.topic, "\0"))]
        return own[0] if own and dice.random() < _KNOWS_THE_ADDRESS else self._addresses[0]

    async def _send(self, mail: EmailMessage) -> None:
        try:
            await aiosmtplib.send(mail, hostname=self._smtp.host, port=self._smtp.port, timeout=30)
        except aiosmtplib.SMTPException as error:
            raise ConnectionError(f"a mail of the demo was not taken: {type(error).__name__}") from error
