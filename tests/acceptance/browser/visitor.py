"""What a visitor does with the widget on a page, and what they see of it."""

import re

from playwright.async_api import FilePayload, Locator, Page, expect

from .scripted_chat import TEXTS

_SENT = re.compile("|".join(texts[state] for texts in TEXTS.values() for state in ("sent", "read")))


class Visitor:
    """The widget on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator(".launcher")
        self.panel = page.get_by_role("dialog")
        self.box = page.locator(".write textarea")
        self.button = page.locator(".write [type=submit]")
        self.log = page.get_by_role("log")
        self.lines = page.locator(".line > .bubble > p:first-child")
        self.states = page.locator(".visitor > .meta")
        self.notice = page.locator(".notice")
        self.error = page.locator(".error")
        self.files = page.locator(".tray > li")

    async def open(self) -> "Visitor":
        """Open the widget."""
        await self.launcher.click()
        await expect(self.panel).to_be_visible()
        return self

    async def write(self, *texts: str) -> None:
        """Write messages and send them with Enter, one after another."""
        for text in texts:
            await self.box.fill(text)
            await self.box.press("Enter")
            await expect(self.lines.filter(has_text=text).first).to_be_visible()

    async def sees(self, *texts: str) -> None:
        """These lines, in this order and no others; waits for them."""
        await expect(self.lines).to_have_text(list(texts))

    async def all_sent(self) -> None:
        """Everything that was written is stored, and is shown to be."""
        await expect(self.states.filter(has_not_text=_SENT)).to_have_count(0)

    def line(self, text: str) -> Locator:
        """One line."""
        return self.page.locator(".line").filter(has_text=text)

    async def files_chosen(self, *names: str, content: bytes = b"content", media_type: str = "image/jpeg") -> None:
        """Choose files with the button."""
        chosen: list[FilePayload] = [{"name": name, "mimeType": media_type, "buffer": content} for name in names]
        await self.page.locator("input[type=file]").set_input_files(chosen)
