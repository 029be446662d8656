"""Simulated customers: they write by mail and through the signed source, and some answer what they are answered."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import parseaddr
from random import Random

import aiosmtplib

from ...config.quantities import HostPort
from .cast import Opening, Person, chance, the_cast
from .desk_client import DeskClient
from .errands import Errands
from .script import Script

PAUSE_SECONDS = 4.0
THINKING_SECONDS = 9.0
BY_POST = 0.3
ANSWERS_BACK = 0.5
TO_THE_FIRST_ADDRESS = 0.8


class Customers:
    """A service; `read` is called with every mail that the gateway sends them."""

    def __init__(
        self,
        script: Script,
        client: DeskClient,
        errands: Errands,
        *,
        smtp: HostPort,
        addresses: Sequence[str],
        sources: Sequence[str],
        now: Callable[[], int],
    ) -> None:
        self._script = script
        self._client = client
        self._errands = errands
        self._smtp = smtp
        self._addresses = addresses
        self._sources = sources
        self._now = now
        self._answers: Counter[str] = Counter()
        self._run = f"{now():x}"  # a demo played again is not taken for the same messages

    async def start(self) -> None:
        """They begin to write, and go on until all errands end."""
        self._errands.run(self._write_on())

    async def stop(self) -> None:
        """Their errands end with all others."""

    async def read(self, mail: EmailMessage) -> None:
        """Some answer what a person wrote to them."""
        _, address = parseaddr(str(mail["To"]))
        person = next((each for each in the_cast().people if each.email == address), None)
        if person is None or mail["Auto-Submitted"] is not None:
            return
        self._answers[address] += 1
        dice = chance(self._script.seed, "answer", address, self._answers[address])
        if dice.random() < ANSWERS_BACK:
            self._errands.run(self._answer(person, mail, dice))

    async def _write_on(self) -> None:
        number = 0
        while True:
            dice = chance(self._script.seed, "opening", number)
            person = dice.choice(the_cast().people)
            opening = dice.choice(the_cast().openings[person.language])
            by_post = bool(self._sources) and dice.random() < BY_POST
            write = self._post if by_post else self._mail
            self._errands.run(write(person, opening, number, dice))
            number += 1
            await asyncio.sleep(self._script.seconds(dice.expovariate(1 / PAUSE_SECONDS)))

    async def _mail(self, person: Person, opening: Opening, number: int, dice: Random) -> None:
        first = dice.random() < TO_THE_FIRST_ADDRESS
        mail = _mail(person, self._addresses[0 if first else -1], opening.subject, opening.text)
        mail["Message-ID"] = f"<{self._run}.{number}@{person.email.rpartition('@')[2]}>"
        await self._send(mail)

    async def _post(self, person: Person, opening: Opening, number: int, dice: Random) -> None:
        fields = {
            "name": person.name,
            "email": person.email,
            "subject": opening.subject,
            "message": opening.text,
            "conversation": f"{self._run}-{number}",
        }
        await self._client.post(dice.choice(self._sources), f"demo_{self._run}_{number}", self._now(), fields)

    async def _answer(self, person: Person, answered: EmailMessage, dice: Random) -> None:
        await asyncio.sleep(self._script.seconds(dice.uniform(0.3, 1) * THINKING_SECONDS))
        to = parseaddr(str(answered["Reply-To"] or answered["From"]))[1]
        subject = f"Re: {str(answered['Subject']).removeprefix('Re: ')}"
        mail = _mail(person, to, subject, dice.choice(the_cast().further[person.language]))
        mail["Message-ID"] = f"<{self._run}.{self._answers[person.email]}.{dice.getrandbits(32):x}@{person.email}>"
        mail["In-Reply-To"] = str(answered["Message-ID"])
        mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
        await self._send(mail)

    async def _send(self, mail: EmailMessage) -> None:
        try:
            await aiosmtplib.send(mail, hostname=self._smtp.host, port=self._smtp.port, timeout=30)
        except aiosmtplib.SMTPException as error:
            raise ConnectionError(f"a mail of the demo was not taken: {type(error).__name__}") from error


def _mail(person: Person, to: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f'"{person.name}" <{person.email}>'
    mail["To"], mail["Subject"] = to, subject
    mail.set_content(text)
    return mail
