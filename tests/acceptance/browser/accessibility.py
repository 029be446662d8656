"""What keeps people out of a page, as far as a machine can judge it: names, roles, contrast, sizes, focus.

    assert await faults(page) == []
    assert focus_faults(await stops(page)) == []     # Tab goes through the page, and one always sees where one is

The rules are those of WCAG 2.2: 1.1.1, 1.4.3, 1.4.10, 2.1.2, 2.4.2, 2.4.3, 2.4.7, 2.5.8, 3.1.1, 4.1.2. They are applied
to what is displayed now, so a test calls this in each state of a page that it wants looked at.
"""

from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

_RULES = Path(__file__).with_name("accessibility.js").read_text("utf-8")

_FOCUSED = Path(__file__).with_name("focused.js").read_text("utf-8")


@dataclass(frozen=True)
class Stop:
    """A place where the focus rests on its way through a page."""

    name: str
    marked: bool
    inside: bool


async def faults(page: Page, *, smallest: int = 24) -> list[str]:
    """What is wrong with the page as it stands; `smallest` is the least side of a control, in CSS pixels."""
    found: list[str] = await page.evaluate(_RULES, {"smallest": smallest})
    return found


async def focused(page: Page) -> Stop | None:
    """Where the focus is; None when it is nowhere in particular."""
    found = await page.evaluate(_FOCUSED)
    return Stop(**found) if found else None


async def stops(page: Page, *, most: int = 200, key: str = "Tab") -> list[Stop]:
    """Where the focus rests, one Tab after another, from where it is until it leaves the page or is back."""
    found: list[Stop] = []
    for _ in range(most):
        await page.keyboard.press(key)
        stop = await focused(page)
        if stop is None or (found and stop == found[0]):
            return found
        found.append(stop)
    return found


def focus_faults(found: list[Stop]) -> list[str]:
    """Stops that cannot be seen."""
    unmarked = [f"{stop.name}: the focus does not show" for stop in found if not stop.marked]
    return unmarked + [f"{stop.name}: focused where nobody sees it" for stop in found if not stop.inside]
