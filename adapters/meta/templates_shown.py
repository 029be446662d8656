"""A template that was shown on Messenger or Instagram, as text: of a product, of buttons, of cards. Pure.

Customers send the product that they ask about; echoes have what another program sent them. A button is its words in
brackets, a card its title and what stands below it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .said import line

_MOST = 20


def template_lines(payload: Mapping[str, Any]) -> list[str]:
    """Its lines; none where there is nothing to read in it."""
    return list(_lines(payload))


def _lines(payload: Mapping[str, Any]) -> Iterator[str]:
    product = payload.get("product")
    if text := line(payload.get("text"), 2000):
        yield text
    for element in (*_mappings(payload.get("elements")), *_mappings(product and _of(product, "elements"))):
        title, below = line(element.get("title")), line(element.get("subtitle"))
        if title or below:
            yield f"{title} ({below})" if title and below else title or below
        yield from _buttons(element)
    yield from _buttons(payload)


def _buttons(holder: Mapping[str, Any]) -> Iterator[str]:
    for button in _mappings(holder.get("buttons")):
        if title := line(button.get("title")):
            yield f"[{title}]"


def _of(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else None


def _mappings(found: Any) -> list[Mapping[str, Any]]:
    given = found if isinstance(found, list) else []
    kept: list[Mapping[str, Any]] = [each for each in given if isinstance(each, dict)]
    return kept[:_MOST]
