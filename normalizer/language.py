"""The language of a text, as far as it can be told.

Hints come first: the locale of the channel, the customer's record, in the order of their weight. A hint holds unless
the text plainly speaks against it: it is written in another script, or it is long enough and clearly another language
(mail programs announce the language of their menus, not of the text). Then the script, then what the model and the
words make likely (`language_shares`).

What stays unsure is `unknown`: `ok thx`, and a sentence that Croats and Bosnians write alike. A wrong language costs
more than none: it is offered to speakers of that language alone while one is on duty, answered in it, and kept on the
customer's record as the hint for the next message; `unknown` only sends a person to anybody. So a sentence of three
words or more needs a share of 0.55, which weighs one wrong answer as two unknown ones, and less than that needs 0.85.
Codes are ISO 639-1.
"""

import re
import unicodedata
from collections.abc import Sequence

from .envelope import Language
from .language_shares import SAME, shares

_LONGEST = 600
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[#@]\w+|(?<!\w)\w*\d\w*|^>.*$", re.MULTILINE)
_HINT = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]+)*(?:;.*)?")
# Scripts that one language of ours writes; the first found in the text decides.
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u3096\u30a1-\u30fa]")),
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff]")),
    ("th", re.compile("[\u0e01-\u0e30\u0e40-\u0e46]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("hy", re.compile("[\u0531-\u0587]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("km", re.compile("[\u1780-\u17b3]")),
    ("ta", re.compile("[\u0b85-\u0bb9]")),
    ("te", re.compile("[\u0c05-\u0c39]")),
    ("zh", re.compile("[\u3400-\u9fff\U00020000-\U0002fa1f]")),
)
_SHARED_SCRIPTS = {
    "CYRILLIC": "ru uk be bg sr mk kk ky tg tt mn ba cv os ce uz",
    "ARABIC": "ar fa ur ps sd ug ku ckb yi",
    "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "bn as",
}
_UNIQUE = frozenset(code for code, _ in _SCRIPTS)
_NOT_LATIN = _UNIQUE.union(*(codes.split() for codes in _SHARED_SCRIPTS.values())) - {"sr", "uz", "ku", "az"}
_SURE = 0.55
_SURE_OF_A_WORD = 0.85
_SENTENCE = 3
_WORLDWIDE = 10
_AGAINST_HINT = 0.85
_SPEAKS_AGAINST = 24


def detect(text: str, hints: Sequence[str] = ()) -> Language:
    """The language of the text; hints are language tags (`en`, `pt-BR`), the weightiest first."""
    text = _words(text)
    letters = sum(map(str.isalpha, text))
    script = _script(text) if letters else None
    anybodys = script is None and letters < _WORLDWIDE  # `ok` and `lol` are written in Latin letters by everybody
    usable = [hint for hint in map(_code, hints) if hint and (anybodys or _fits(hint, script))]
    if not letters:
        return _hinted(usable)
    if script in _UNIQUE:
        return _hinted(usable) if usable else _by_script(script, letters)
    found = shares(text)
    code, share = max(found.items(), key=lambda each: each[1])
    if usable:
        against = code not in usable and share >= _AGAINST_HINT and letters >= _SPEAKS_AGAINST
        if not against or found.get(usable[0], 0.0) > 1 - _AGAINST_HINT:
            return _hinted(usable)
    sentence = len(set(text.split())) >= _SENTENCE
    sure = share >= _SURE if sentence else share >= _SURE_OF_A_WORD and letters >= _WORLDWIDE
    if not sure or len(code) != 2:
        return Language()
    return Language(code=code, confidence=round(share, 3), source="detected")


def _words(text: str) -> str:
    text = " ".join(_NO_WORDS.sub(" ", text[: 4 * _LONGEST]).split())[:_LONGEST].lower()
    return text if text.isascii() else unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))


def _code(hint: str) -> str | None:
    match = _HINT.fullmatch(hint.strip())
    if match is None:
        return None
    code = match[1].lower()
    code = SAME.get(code, code)
    return code if len(code) == 2 and code not in {"un", "xx", "zz"} else None


def _hinted(usable: Sequence[str]) -> Language:
    return Language(code=usable[0], confidence=0.9, source="hint") if usable else Language()


def _by_script(code: str, letters: int) -> Language:
    # A few Han characters may be Japanese as well.
    if code == "zh" and letters < 3:
        return Language()
    return Language(code=code, confidence=0.95 if code != "zh" else 0.9, source="detected")


def _script(text: str) -> str | None:
    """The language of the script, the name of a script that several share, or None for Latin letters."""
    if text.isascii():
        return None
    letters = [char for char in text[:200] if char.isalpha()]
    foreign = [char for char in letters if char > "\u036f"]
    if 3 * len(foreign) < len(letters):
        return None
    shown = "".join(foreign)
    for code, pattern in _SCRIPTS:
        if pattern.search(shown):
            return code
    names = {unicodedata.name(char, "").partition(" ")[0] for char in foreign[:20]}
    return next((name for name in _SHARED_SCRIPTS if name in names), None)


def _fits(code: str, script: str | None) -> bool:
    if script is None:
        return code not in _NOT_LATIN
    if script in _UNIQUE:
        return code == script or (script == "zh" and code == "ja") or (script == "he" and code == "yi")
    return code in _SHARED_SCRIPTS[script].split()
