"""What an agent does on the desk page by keyboard, and what they see of a conversation."""

from typing import Any

from playwright.async_api import Locator, Page, expect


class Agent:
    """The desk of one agent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.offers = page.locator("#list li.offer")
        self.box = page.locator("#text")
        self.said = page.locator("#timeline > .entry:not(.held, .note, .system) .said-text")
        self.held = page.locator("#timeline > .entry.held")
        self.typing = page.locator("#typing")

    async def accepts(self) -> str:
        """Take what is offered; the number of the ticket."""
        await expect(self.offers.first).to_be_visible()
        await self.page.keyboard.press("a")
        await expect(self.page.locator("#ticket")).to_be_visible()
        return str(await self.page.locator("#ticket").get_attribute("data-number"))

    async def types(self, text: str) -> None:
        """Write a reply, and do not send it."""
        if not await self.box.evaluate("box => box === document.activeElement"):
            await self.page.keyboard.press("r")
        await expect(self.box).to_be_focused()
        await self.page.keyboard.type(text)

    async def sends(self) -> None:
        """Send what was written; returns when the desk has taken it."""
        await self.page.keyboard.press("Control+Enter")
        await expect(self.box).to_have_value("")

    async def replies(self, text: str) -> None:
        """Write a reply that leaves after a while."""
        await self.types(text)
        await self.sends()

    def entry(self, text: str) -> Locator:
        """One article."""
        return self.page.locator("#timeline > .entry").filter(has_text=text)

    async def receipt(self, text: str, state: str) -> None:
        """Returns when this reply has this receipt."""
        receipt = self.entry(text).locator(".receipt")
        await expect(receipt).to_have_attribute("data-state", state)

    async def sees(self, *texts: Any) -> None:
        """These messages and replies, in this order and no others; waits for them."""
        await expect(self.said).to_have_text(list(texts))
