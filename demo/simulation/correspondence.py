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
from .background_tasks import BackgroundTasks
from .contacts import Contact
from .letters import first_letter, next_letter, reminder, text_of
from .pace import Pace

THINKING = (3.0, 9.0)
AGAIN_AFTER = 2.5  # a mail that is delivered twice

_CODE = re.compile(r"(?<![\w-])(\d{6})(?![\w-])")
_OWN = {"invoice": "billing", "refund": "billing", "delivery": "orders", "damaged": "orders"}
_KNOWS_THE_ADDRESS = 0.6


@dataclass
class _Expecting:
    """A customer who expects an answer by mail; `said` counts their turns."""

    contact: Contact
    said: int = 0


class Correspondence:
    """The mailboxes of all customers; `read` is called with every mail that the gateway sends them."""

    def __init__(
        self, smtp: HostPort, pace: Pace, tasks: BackgroundTasks, *, seed: int, run: str, addresses: tuple[str, ...]
    ) -> None:
        self._smtp = smtp
        self._pace = pace
        self._seed = seed
        self._run = run
        self._addresses = addresses
        self._expecting: dict[str, list[_Expecting]] = {}
        self._codes: dict[str, asyncio.Future[str]] = {}
        self.tasks = tasks

    async def carry_out(self, contact: Contact) -> None:
        """Write first; an impatient one writes once more when nobody answers."""
        mail = first_letter(contact, self._address_for(contact), run=self._run)
        expecting = self.expect(contact)
        await self._send(mail)
        if "twice" in contact.quirks:
            await self._pace.wait(AGAIN_AFTER)
            await self._send(mail)
        if contact.person.habit == "angry":
            await self._pace.wait(contact.person.patience * 2)
            if expecting.said == 0:
                await self._send(reminder(contact, mail, run=self._run))

    def expect(self, contact: Contact) -> _Expecting:
        """From now on this customer reads their mail."""
        expecting = _Expecting(contact)
        self._expecting.setdefault(contact.person.email, []).append(expecting)
        return expecting

    def expect_code(self, contact: Contact) -> "asyncio.Future[str]":
        """The code that will come by mail to prove the customer's address."""
        self.expect(contact)
        code = self._codes[contact.person.email] = asyncio.get_running_loop().create_future()
        return code

    async def read(self, mail: EmailMessage) -> None:
        """Read a mail, and go on with what the contact has left to say."""
        _, address = parseaddr(str(mail["To"]))
        code = self._codes.get(address)
        if code is not None and not code.done() and (found := _CODE.search(text_of(mail))):
            code.set_result(found[1])
            return
        expecting = self._of(address, mail)
        if expecting is None or mail["Auto-Submitted"] is not None:
            return
        says = (*expecting.contact.turns, *([expecting.contact.thanks] if expecting.contact.thanks else []))
        expecting.said += 1
        if expecting.said <= len(says):
            self.tasks.run(self._answer(expecting.contact, mail, says[expecting.said - 1], expecting.said))

    def _of(self, address: str, mail: EmailMessage) -> _Expecting | None:
        """The contact that a mail answers: by its thread, else the customer's last."""
        contacts = self._expecting.get(address, [])
        thread = f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}"
        by_thread = (each for each in contacts if f"<{self._run}.{each.contact.number}@" in thread)
        return next(by_thread, contacts[-1] if contacts else None)

    async def _answer(self, contact: Contact, answered: EmailMessage, text: str, turn: int) -> None:
        await self._pace.wait(contact.dice(self._seed, "thinking", turn).uniform(*THINKING))
        await self._send(next_letter(contact, answered, text, run=self._run, turn=turn))

    def _address_for(self, contact: Contact) -> str:
        dice = contact.dice(self._seed, "address")
        own = [address for address in self._addresses if address.startswith(_OWN.get(contact.topic, "\0"))]
        return own[0] if own and dice.random() < _KNOWS_THE_ADDRESS else self._addresses[0]

    async def _send(self, mail: EmailMessage) -> None:
        try:
            await aiosmtplib.send(mail, hostname=self._smtp.host, port=self._smtp.port, timeout=30)
        except aiosmtplib.SMTPException as error:
            raise ConnectionError(f"a mail of the demo was not taken: {type(error).__name__}") from error
