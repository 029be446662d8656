"""Domains that are made to look like another, as `раypal.com` with two Cyrillic letters.

`looks_confusable` is a warning for the agent and a fact for rules, never a reason to refuse. It follows what browsers
do before they show a name in its own script (Unicode Technical Standard 39, sections 4 and 5, in the shape of
Chromium's IDN display policy): a label is suspicious when it mixes scripts that no language mixes, when every letter of
it has a Latin twin although the top-level domain is Latin, or when it holds letters that only imitate ASCII. Imitations
within ASCII (`examp1e`) are not seen.
"""

import unicodedata

import idna

# Scripts that one language writes side by side (UTS 39 section 5.2, "highly restrictive").
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Letters of other scripts that look like a lower-case Latin one (UTS 39 confusables.txt).
_TWINS = frozenset("асԁеһіјӏорԛѕԝхуѵүьԍ" + "οανικρτυωγηχ" + "օոսցհյզ")
_IMITATIONS = frozenset("ıȷɑɡɩʋʟʏɪɴʀꞵ")


def looks_confusable(domain: str) -> bool:
    """Whether the domain, as A-labels or as people read it, imitates another one."""
    if domain.isascii() and "xn--" not in domain.lower():
        return False
    labels = [_as_read(label) for label in domain.lower().split(".") if label]
    latin_top = bool(labels) and labels[-1].isascii()
    return any(_suspicious(label, latin_top=latin_top) for label in labels if not label.isascii())


def _as_read(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return label


def _suspicious(label: str, *, latin_top: bool) -> bool:
    scripts = {_script(char) for char in label if char.isalpha()}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return True
    if any(char in _IMITATIONS for char in label):
        return True
    return latin_top and "LATIN" not in scripts and all(char in _TWINS for char in label if char.isalpha())


def _script(char: str) -> str:
    name = unicodedata.name(char, "UNKNOWN")
    return "KATAKANA" if char == "ー" else name.partition(" ")[0]
