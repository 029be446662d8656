"""Customers who fill in a form: on its page, or in a system of ours that posts it signed. Their answers come by mail.

A page takes only so many messages of one address; who finds it full is helped by the system.
"""

from collections.abc import Callable, Sequence

from .browser import Browser
from .contacts import Contact
from .correspondence import Correspondence
from .desk_client import DeskClient

ON_THE_PAGE = 0.6


class FormCustomers:
    """Carries out contacts by form."""

    def __init__(
        self,
        browser: Browser,
        client: DeskClient,
        letters: Correspondence,
        *,
        seed: int,
        run: str,
        sources: Sequence[str],
        pages: Sequence[str],
        now: Callable[[], int],
    ) -> None:
        """`pages` are the sources that have a page."""
        self._browser = browser
        self._client = client
        self._letters = letters
        self._seed = seed
        self._run = run
        self._sources = sources
        self._pages = pages
        self._now = now

    async def carry_out(self, contact: Contact) -> None:
        """Send the form, perhaps twice."""
        dice = contact.dice(self._seed, "form")
        source = dice.choice(self._sources)
        person, times = contact.person, 2 if "twice" in contact.quirks else 1
        fields = {
            "name": person.name,
            "email": person.email,
            "subject": contact.subject,
            "message": contact.opening[0],
        }
        self._letters.expect(contact)
        by_page = source in self._pages and dice.random() < ON_THE_PAGE
        if by_page and await self._browser.fill_in(source, person.language, fields, times=times):
            return
        for _ in range(times):
            signed = {**fields, "conversation": f"{self._run}-{contact.number}"}
            await self._client.post(source, f"demo_{self._run}_{contact.number}", self._now(), signed)
