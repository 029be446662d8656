"""Whether a customer says that they are done with a matter: it is settled, they take it back, or only give thanks.

    resolved    “Hat sich erledigt, danke!” · “You can close the ticket”
    cancelled   “Please ignore my last mail” · “Retiro mi consulta”
    thanks      nothing but thanks, greetings and names

By whole phrases of the fourteen languages in which we write ourselves (`closing_words.json`, compared under the one
fold). Each language is asked by itself, and one no is enough: a question, a wish, a condition, a “but”, another
request, a negation outside of the phrase, or more words than such a message has. So “it is not solved”, “please do not
ignore this” and “please cancel my order” are none of it. What is said in other words is missed; a person decides.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from .folding import fold

Says = Literal["", "resolved", "cancelled", "thanks"]

MOST_CHARACTERS = 400
MOST_BESIDE = 4  # words in the clause of a phrase, beside it
MOST_WORDS: Mapping[Says, int] = {"resolved": 7, "cancelled": 12}  # in all other clauses, beside thanks and names

_UNBROKEN = frozenset({"zh"})  # scripts without spaces between words
_SENTENCE = re.compile(r"[.!…。！;；\n]+")
_CLAUSE = re.compile(r"[,，、:()]| [-–—] ")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_QUESTION = re.compile(r"[?？¿]")
_FIGURES = re.compile(r"\d")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class _Language:
    """The phrases of one language, compiled; each of them has one of the stems, which are quick to look for."""

    stems: Sequence[str]
    resolved: re.Pattern[str]
    cancelled: re.Pattern[str]
    negation: re.Pattern[str]
    doubt: re.Pattern[str]
    ask: re.Pattern[str]
    polite: re.Pattern[str]
    joins: re.Pattern[str]
    harmless: re.Pattern[str]
    core: re.Pattern[str]
    thanks: re.Pattern[str]


def says_of(text: str, names: Sequence[str] = ()) -> Says:
    """What a short text comes to; `names` are those of its author, which may stand below it."""
    if not text.strip() or len(text) > MOST_CHARACTERS or _QUESTION.search(text):
        return ""
    folded = fold(text).replace("’", "'")
    clauses = [clause for sentence in _SENTENCE.split(folded) for clause in _clauses(sentence)]
    author = frozenset(word for name in names for word in _WORD.findall(fold(name)))
    for language in _languages().values():
        if any(stem in folded for stem in language.stems) and (says := _says(language, clauses, author)):
            return says
    return ""


def _clauses(sentence: str) -> Iterator[str]:
    for clause in _CLAUSE.split(sentence):
        if filled := _SPACES.sub(" ", clause).strip():
            yield filled


def _says(language: _Language, clauses: Sequence[str], author: frozenset[str]) -> Says:
    clauses = [language.harmless.sub(" ", clause) for clause in clauses]
    if _only_thanks(language, clauses, author):
        return "thanks"
    found = [_phrases(language, clause) for clause in clauses]
    said = {each.says for each in found if each.says}
    beside = " ".join(each.left for each in found)
    if (
        not said
        or any(each.is_turned for each in found)
        or language.doubt.search(beside)
        or language.ask.search(beside)
    ):
        return ""
    says: Says = "cancelled" if "cancelled" in said else "resolved"
    others = language.thanks.sub(" ", " ".join(each.left for each in found if not each.says))
    more = [word for word in _WORD.findall(others) if word not in author]
    if len(more) > MOST_WORDS[says] or (says == "resolved" and language.negation.search(beside)):
        return ""
    return says


@dataclass(frozen=True)
class _Clause:
    """What a clause says by one of the phrases, and the words beside them."""

    says: Says
    left: str
    is_turned: bool = False  # around: by a negation, or by how it goes on


def _phrases(language: _Language, clause: str) -> _Clause:
    left, cancels = language.cancelled.subn(" ", clause)
    left, resolves = language.resolved.subn(" ", left)
    left = _without_please(language, left, asked=bool(cancels))
    if not cancels and not resolves:
        return _Clause(says="", left=left)
    more = language.thanks.sub(" ", left)
    goes_on = bool(language.joins.search(more)) or len(_WORD.findall(more)) > MOST_BESIDE
    turned = goes_on or bool(language.negation.search(left))
    return _Clause(says="cancelled" if cancels else "resolved", left=left, is_turned=turned)


def _without_please(language: _Language, clause: str, *, asked: bool) -> str:
    """Without the word that begs for what the phrase asks, or stands alone between commas."""
    plain = language.polite.sub(" ", clause)
    return plain if asked or not _WORD.search(plain) else clause


def _only_thanks(language: _Language, clauses: Sequence[str], author: frozenset[str]) -> bool:
    whole = " ".join(clauses)
    if not language.core.search(whole) or _FIGURES.search(whole):
        return False
    return not [word for word in _WORD.findall(language.thanks.sub(" ", whole)) if word not in author]


@cache
def _languages() -> Mapping[str, _Language]:
    source = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return {code: _compiled(words, unbroken=code in _UNBROKEN) for code, words in source.items()}


def _compiled(words: Mapping[str, Any], *, unbroken: bool) -> _Language:
    def whole(*phrases: str) -> re.Pattern[str]:
        either = "|".join(fold(phrase) for phrase in phrases)
        return re.compile(f"(?:{either})" if unbroken else rf"(?<![\w'])(?:{either})(?![\w'])")

    return _Language(
        stems=tuple(fold(words["stems"]).split()),
        resolved=whole(*words["resolved"]),
        cancelled=whole(*words["cancelled"]),
        negation=whole(words["negations"]),
        doubt=whole(words["doubts"]),
        ask=whole(words["asks"]),
        polite=whole(words["polite"]),
        joins=whole(words["and"]),
        harmless=whole(words["harmless"]),
        core=whole(words["core"]),
        thanks=whole(*words["thanks"].split()),
    )
