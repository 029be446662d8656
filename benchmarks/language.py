"""How often the language of a sentence is told: right, wrong, unknown, for each language and over all, and the time.

    python -m benchmarks.language [FILE]

FILE holds sentences under lines like `[da]`; lines with `#` are comments. Without one, the customers' sentences of the
tests are scored. Each is scored as it stands, in small letters, in capitals, without marks and with one slip of the
finger; mean over the languages, in percent. No hint is given: this is the worst case.
"""

import random
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from tests.corpora.sentences import sentences
from trunkline.normalizer.language import detect

_PLAIN = str.maketrans("łŁđĐøØßæÆıðœ", "lLdDoOsaAido")


def without_marks(text: str) -> str:
    """As people write who have no key for `ł` or `ã`; other scripts stay as they are."""
    if not any("a" <= char <= "z" for char in text):
        return text
    return "".join(
        char for char in unicodedata.normalize("NFD", text.translate(_PLAIN)) if not unicodedata.combining(char)
    )


def with_a_slip(text: str) -> str:
    """Two neighbours exchanged, or a letter left out or doubled; the same slip each time."""
    rnd = random.Random(text)
    inside = [at for at in range(1, len(text) - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    if not inside:
        return text
    at = rnd.choice(inside)
    here, following = text[at], text[at + 1]
    return text[:at] + rnd.choice((following + here, following, here + here + following)) + text[at + 2 :]


def score(rows: list[tuple[str, str]], change: Callable[[str], str]) -> dict[str, Counter[str]]:
    """For each language how many were told right, wrong, or not at all."""
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for code, text in rows:
        found = detect(change(text)).code
        told[code]["right" if found == code else "unknown" if found == "unknown" else "wrong"] += 1
    return told


def mean(told: dict[str, Counter[str]], what: str) -> float:
    """The share in percent, each language counting the same."""
    return sum(100 * each[what] / each.total() for each in told.values()) / len(told)


def main() -> None:
    """Print the scores."""
    rows = sentences(*map(Path, sys.argv[1:]))
    detect("The first text loads the model.")
    changes: dict[str, Callable[[str], str]] = {
        "as it stands": str,
        "small letters": str.lower,
        "capitals": str.upper,
        "without marks": without_marks,
        "with a slip": with_a_slip,
    }
    for name, change in changes.items():
        began = time.process_time()
        told = score(rows, change)
        each = (time.process_time() - began) / len(rows) * 1e6
        print(
            f"{name:14}",
            *(f"{what} {mean(told, what):5.1f}" for what in ("right", "wrong", "unknown")),
            f"{each:.0f} µs",
        )
        if change is str:
            print("  ", *(f"{code} {c['right']}/{c['wrong']}/{c['unknown']}" for code, c in sorted(told.items())))


if __name__ == "__main__":
    main()
