"""How many SMS a text is: what the carrier bills, and what the agent should see before sending.

The default alphabet has 160 places a message; a text of several is sent in parts of 153, because each carries a header
that joins them. Nine characters take two places, and no part ends between them. One character outside of it makes the
whole text UCS-2: 70 places, 67 a part, an emoji takes two (3GPP TS 23.038 section 6.2.1, TS 23.040 section 9.2.3.24).

What a provider replaces by itself, such as curly quotes by straight ones, is not foreseen here; then it is less.
"""

from dataclasses import dataclass
from typing import Literal

from .splitting import utf16_units

_DEFAULT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Segments:
    """`parts` messages; `left` places are free in the last; `odd` is what makes it UCS-2, in the order of the text."""

    alphabet: Literal["GSM-7", "UCS-2"]
    parts: int
    left: int
    odd: str = ""


def segments_of(text: str) -> Segments:
    """The parts of a text; an empty one is none."""
    odd = "".join(dict.fromkeys(each for each in text if each not in _DEFAULT and each not in _EXTENDED))
    whole, part = (70, 67) if odd else (160, 153)
    places = [utf16_units(each) if odd else 1 + (each in _EXTENDED) for each in text]
    alphabet: Literal["GSM-7", "UCS-2"] = "UCS-2" if odd else "GSM-7"
    taken = sum(places)
    if taken <= whole:
        return Segments(alphabet, int(bool(text)), whole - taken, odd)
    parts, free = 1, part
    for each in places:
        if each > free:
            parts, free = parts + 1, part
        free -= each
    return Segments(alphabet, parts, free, odd)
