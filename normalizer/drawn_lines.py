"""Is what stands under a drawn line a signature?

`-- ` alone in a line begins one (RFC 3676 section 4.3), unless it stands in code. People draw lines in logs, tables and
lists, below headings and between topics, too: under any other line, and under `--` that lost its blank, stands a
signature only when it begins with a name or with contact data and does not go on with sentences or data.
"""

import re
from collections.abc import Sequence

from .folding import fold

STANDARD = "-- "
CONTACT = re.compile(
    r"https?://|www\.|@[\w-]+\.\w|(?:\+|\b00|\()\d[\d\s()./-]{5,}\d|\b\d{2,5}[\s./-]\d{2,4}[\s./-]\d{2,6}\b|skype:|"
    r"linkedin|\A\W?(?:tel|fon|phone|mobil\w*|cell|handy|fax|e-?mail|t|m|f|тел)[.:]{1,2}\s",
    re.IGNORECASE,
)
WORD = re.compile(r"\w+")

_LINE = re.compile(r"[*_]{0,2}\s?\\?(?:[-–—‐―=~─━═＝－]\s?){2,}[*_]{0,2}|[_＿]{2,}|(?:[-=~*＊#+:・]\s?){5,}")
_TWO_DASHES = re.compile(r"[*_]{0,2}\s?\\?--\s?[*_]{0,2}")
_CODE = re.compile(
    r"\A(?:--|//|#|/\*)\s|\A(?=\S*\d)(?=\S*[-./:])[\w./:-]+\Z|"
    r"\s[<>]?=\s|\w=\S|;\Z|[{}]|\A[$%>]+ |\A[a-z][\w.-]*:(?:\s+[a-z'\"\[{-]|\s*\Z)|"
    r"\A(?:SELECT|FROM|WHERE|AND|OR|SET|VALUES|INTO|LIMIT|UNION|(?:LEFT |INNER )?JOIN|INSERT|UPDATE|DELETE|DROP|CREATE|"
    r"ALTER|(?:ORDER|GROUP) BY|HAVING|GO)\b"
)
_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S*[.!?…:;]\Z|(?:\S+\s+){8,}|[。！？]\Z")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.-]*\Z")
_PARTICLES = re.compile(
    r"(?:a[flv]|bin|d[aeiou]|del|della|de[nr]|dos|e[lt]|l[ae]|of|ten|van|von|y|zu|и)\Z", re.IGNORECASE
)
_WIDEST = 100
_NEAR = 20  # lines above in which the same line may stand
_FIRST = 3  # lines in which the name, or the first of the contact data, stands


def is_drawn(line: str) -> bool:
    """Whether the line is drawn of dashes, or the like."""
    return bool(_LINE.fullmatch(line.strip()))


def names_author(line: str, author: str) -> bool:
    """Whether a short line holds a word of the author's name."""
    folded, names = fold(line), [name for name in WORD.findall(fold(author)) if len(name) > 1]
    words = WORD.findall(folded)
    # Scripts without capitals write given name and surname together, or not.
    return len(words) <= 6 and any(name in words or (name.upper() == name and name in folded) for name in names)


def begins_signature(lines: Sequence[str], index: int, author: str) -> bool:
    """Whether the drawn line with this index has a signature below it."""
    above, line = lines[index - 1].strip() if index else "", lines[index].strip()
    below = [text for each in lines[index + 1 :] if (text := each.strip(" \t*_")) and not is_drawn(each)]
    if not below or any(len(each) > _WIDEST or each.endswith(("?", "？")) for each in below):
        return False
    first = below[:_FIRST]
    if _is_code(first[0]) or (above and _is_code(above)) or _is_fenced(lines[:index]):
        return False
    if lines[index] == STANDARD or any(names_author(each, author) for each in first):
        return True
    if _TWO_DASHES.fullmatch(line) and not _parts_topics(lines, index):
        return not any(_SENTENCE.search(each) for each in first)
    spoken = any(_SENTENCE.search(each) and not CONTACT.search(each) for each in below)
    if _parts_topics(lines, index):
        return not spoken and any(CONTACT.search(each) for each in below)
    return not spoken and not _underlines(above, line) and _is_told(first)


def _is_fenced(above: Sequence[str]) -> bool:
    """Whether the place stands in a block of code, as Markdown marks them."""
    return sum(line.lstrip().startswith("```") for line in above) % 2 == 1


def _parts_topics(lines: Sequence[str], index: int) -> bool:
    """Whether the same line stands above or below, too, with text between."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    place = filled.index(index)
    above = any(is_drawn(lines[at]) for at in filled[: max(0, place - 1)][-_NEAR:])
    return above or any(is_drawn(lines[at]) for at in filled[place + 2 :])


def _underlines(above: str, line: str) -> bool:
    """A heading, or the head of a table, with its line right below it."""
    as_long = len(line) > 3 and abs(len(above) - len(line)) <= 2
    return bool(above) and (" " in line or as_long or above.endswith((":", "：")))


def _is_code(line: str) -> bool:
    return _CODE.search(line) is not None and CONTACT.search(line) is None


def _is_told(lines: Sequence[str]) -> bool:
    """Whether a name or contact data begins here."""
    return _is_name(lines[0]) or any(CONTACT.search(line) for line in lines)


def _is_name(line: str) -> bool:
    words = line.rstrip(",").replace(",", " ").split()
    if not 1 <= len(words) <= 5 or not all(_NAME_WORD.match(word) or word in {"&", "|", "-"} for word in words):
        return False
    return all(word[0].isupper() or _PARTICLES.match(word) or not word[0].isalpha() for word in words)
