"""Which European, Turkish, Baltic or Vietnamese character set a text in Latin letters is in.

The letters beyond ASCII are few there, and every set has letters in the same places: `ñ` of windows-1252 is `ń` of
windows-1250. So the text is read in each set, and that one is taken whose letters the language of its reading writes:
Poles write `ń`, and nobody writes `³` inside a word. `latin_codec` gives another set than the usual one only where that
is plainly better. Where the usual reading is plain the rest is not looked at; else it takes about half a millisecond.
"""

import re
import unicodedata

from .language_shares import shares

_LONGEST = 400  # bytes looked at
_HIGH = bytes(range(0x80, 0x100))
_FEWEST = 3
_PLAIN = 0.95
_BETTER = 0.1
_BETTER_OF_FEW = 0.5  # where there are few letters beyond ASCII, and a set that not everybody names
_ENOUGH = 0.6
_ALIKE = 0.06  # so little says nothing: the more usual set is meant
_CODECS = ("cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-15", "cp1258", "mac-roman")  # the most usual first
LATIN = frozenset(_CODECS) | {"cp1252"}
_WORLDWIDE = "éèüöáíñóçäêëïàôâîùûòúì"  # in names and borrowed words
# By language, the most frequent first.
_LETTERS = {
    "af": "ëêéèôîïöûüáä", "az": "əıiçşğüö", "bs": "šžćčđ", "ca": "éàóèíòçúïü", "cs": "íáěéžřšýůčúťňóď",
    "cy": "ŷâôêîûŵïëöá", "da": "åøæéöüä", "de": "üäößéèàç", "en": _WORLDWIDE, "es": "óíáéñúüç", "et": "äõüöšž",
    "eu": "ñçéáü", "fi": "äöåéšžü", "fr": "éèàêçôîùâûïëœæüÿöñ", "ga": "áíéóú", "gl": "óáéíñúüïç", "hr": "šžćčđ",
    "hu": "éáóöíőüúű", "id": "éè", "is": "ðíáéöóþúýæ", "it": "àèùòéìç", "lt": "ėšįųžūąčę", "lv": "āīēšūņļžķģč",
    "ms": "éè", "nl": "ëéïèöüóáêàç", "no": "åøæéèòêóôöüä", "pl": "łżąęóśćńź", "pt": "ãçáéíóêõúâàôü",
    "ro": "ăşţșțîâ", "sk": "áíéýčžšúťôľňäďóŕĺ", "sl": "čšžćđ", "sq": "ëçé", "sr": "šžćčđ", "sv": "åäöéüèàáæø",
    "tl": "ñéáó", "tr": "ıüşçğöâîû",
    "vi": "đàáạôơưảấêâộầớếềợờăủụứậạãúíìịốồểặừựắởổệùọóòữũõỏéẻẽẹèỉĩýỳỷỹỵằẳẵẫẩễỗỡửđ",
}  # fmt: skip
_WEIGHTS = {
    code: {letter: 1 - 0.2 * rank / len(letters) for rank, letter in reversed(list(enumerate(letters)))}
    for code, letters in _LETTERS.items()
}
_LETTER = r"[A-Za-zÀ-ɏḀ-ỿ]"
_SIGNS = "₫¹¼½¾ªº±¶¦¬÷†‡‰ƒ¢£¥∫∑∏≤≥◊²³°µ×"
_STRANGE = re.compile(
    rf"(?<={_LETTER})[^\w\s\x00-\x7f’‘–—…´\xad\u0300-\u036f](?={_LETTER})|[{_SIGNS}](?={_LETTER})|(?<={_LETTER})[{_SIGNS}]"
    rf"|(?<={_LETTER})[¡¿‚„](?!{_LETTER})|[®©](?={_LETTER})|[\x80-\x9f\ufffd¤¸¨¯˛ˇ˙˝˘ˆ˜]"
)
_USUAL_SIGN = re.compile(r"\b[cdkm]?m[²³]|°[CF]\b|\b[Nn][º°]|µ(?=[mglFs]\b)|£(?=[A-Z])|(?<=[lL])·(?=[lL])")
_WORDS = re.compile(r"[^\W\d_]+")


def latin_codec(data: bytes, usual: str = "cp1252") -> str:
    """The codec that the text is likeliest in: the usual one, unless another is plainly better."""
    sample = data[:_LONGEST]
    plain = _worth(sample, usual)
    if plain >= _PLAIN:
        return usual
    worth = {codec: _worth(sample, codec) for codec in _CODECS if codec != usual}
    most = max(worth.values())
    few = usual != "cp1252" and len(sample) - len(sample.translate(None, _HIGH)) < _FEWEST
    if most < max(_ENOUGH, plain + (_BETTER_OF_FEW if few else _BETTER)):
        return usual
    return next(codec for codec, each in worth.items() if each >= most - _ALIKE)


def _worth(sample: bytes, codec: str) -> float:
    """From 0 to 1: how likely it is that somebody wrote what stands there in this set."""
    text = unicodedata.normalize("NFC", sample.decode(codec, "replace"))
    strange = len(_STRANGE.findall(_USUAL_SIGN.sub("", text))) + abs(text.count("«") - text.count("»"))
    text = text.lower()
    letters = [char for char in text if char > "\x7f" and char.isalpha()]
    if not letters:
        return 1 / (1 + strange)
    if strange > len(letters):
        return 0.0
    found = shares(" ".join(_WORDS.findall(text)))
    return sum(share * _covered(code, letters, strange) for code, share in found.items())


def _covered(code: str, letters: list[str], strange: int) -> float:
    weights = _WEIGHTS.get(code, {})
    return float((sum(weights.get(letter, 0.0) for letter in letters) / (len(letters) + strange)) ** 2)
