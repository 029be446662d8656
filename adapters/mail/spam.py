"""What the spam filter of a server that hands over says of a mail.

Read are the headers of rspamd, SpamAssassin (and what imitates it), Microsoft 365 and Amazon SES. They are believed of
trusted peers only, because anybody can write them; a filter must take off what comes from outside in its name. Where
they differ, the worst word counts. Scores are as the filter gives them: rspamd's and SpamAssassin's rise with what
speaks against a mail, Microsoft's confidence level goes from -1 to 9.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from ...normalizer.envelope import SpamVerdict
from .mime import Headers

Word = Literal["spam", "unsure", "ham"]
Told = Iterator[tuple[Word | None, float | None, str]]

_ORDER: Mapping[Word, int] = {"spam": 2, "unsure": 1, "ham": 0}
_NUMBER = r"-?\d{1,6}(?:\.\d{1,6})?"
_SCORE = re.compile(rf"\b(?:score|hits|tagged_above)\s?=\s?({_NUMBER})", re.IGNORECASE)
_RSPAMD = re.compile(rf":\s?(True|False)\s?\[\s?({_NUMBER})\s?/\s?{_NUMBER}\s?\]", re.IGNORECASE)
_FIRST = re.compile(rf"\s*({_NUMBER})\b")
_LEVEL = re.compile(rf"\bSCL:({_NUMBER})", re.IGNORECASE)
_FILTERED = re.compile(r"\bSFV:(\w{3,4})", re.IGNORECASE)
_CATEGORY = re.compile(r"\bCAT:(\w{2,10})", re.IGNORECASE)
_ACTIONS: Mapping[str, Word] = {
    "reject": "spam",
    "quarantine": "spam",
    "discard": "spam",
    "add header": "spam",
    "rewrite subject": "spam",
    "soft reject": "unsure",
    "greylist": "unsure",
    "no action": "ham",
}
_MICROSOFT: Mapping[str, Word] = {
    "spm": "spam",
    "sks": "spam",
    "skb": "spam",
    "nspm": "ham",
    "skn": "ham",
    "ska": "ham",
}
_BAD = frozenset({"spm", "hspm", "phsh", "hphsh", "hphish", "malw", "spoof", "uimp", "dimp", "gimp"})
_SES: Mapping[str, Word] = {"fail": "spam", "gray": "unsure", "pass": "ham"}
_LONGEST = 4000


def read_spam(headers: Headers) -> SpamVerdict | None:
    """The worst that the filters said; None when none said anything. A score without a word is `unsure`."""
    told = [
        each for name, read in _READERS.items() for value in headers.all(name)[:5] for each in read(value[:_LONGEST])
    ]
    if not told:
        return None
    words = [(_ORDER[word], word, by) for word, _, by in told if word]
    _, verdict, filter_ = max(words) if words else (0, "unsure", told[0][2])
    scores = [(by == filter_, score) for _, score, by in told if score is not None]
    return SpamVerdict(verdict=verdict, score=max(scores)[1] if scores else None, by=filter_)


def _status(value: str) -> Told:
    """`X-Spam-Status: Yes, score=7.1 required=5.0 tests=…`; `X-Spam-Flag: YES`; `X-Spam: Yes`."""
    answer = value.strip().lower()
    if answer.startswith(("yes", "no", "true", "false")):
        score = _SCORE.search(value)
        yield (
            "spam" if answer.startswith(("yes", "true")) else "ham",
            float(score[1]) if score else None,
            "SpamAssassin",
        )


def _rspamd_result(value: str) -> Told:
    """`X-Spamd-Result: default: False [2.30 / 15.00]; …`."""
    if match := _RSPAMD.search(value):
        yield "spam" if match[1].lower() == "true" else "ham", float(match[2]), "rspamd"


def _rspamd_action(value: str) -> Told:
    if word := _ACTIONS.get(value.strip().lower()):
        yield word, None, "rspamd"


def _score(by: str) -> Callable[[str], Told]:
    """A score alone says nothing of where the limit is; it is kept beside the word that does."""

    def read(value: str) -> Told:
        if match := _FIRST.match(value):
            yield None, float(match[1]), by

    return read


def _level(value: str) -> Told:
    """Microsoft: -1 was not filtered, 0 and 1 are no spam, 5 and 6 are, 9 surely."""
    if match := _FIRST.match(value):
        yield _of_level(float(match[1])), float(match[1]), "Microsoft"


def _forefront(value: str) -> Told:
    level, filtered, category = _LEVEL.search(value), _FILTERED.search(value), _CATEGORY.search(value)
    score = float(level[1]) if level else None
    words: list[Word] = [_of_level(score)] if score is not None else []
    words += [_MICROSOFT[filtered[1].lower()]] if filtered and filtered[1].lower() in _MICROSOFT else []
    words += ["spam"] if category and category[1].lower() in _BAD else []
    if words:
        worst: Word = max(words, key=_ORDER.__getitem__)
        yield worst, score, "Microsoft"


def _of_level(level: float) -> Word:
    return "spam" if level >= 5 else "unsure" if level >= 2 else "ham"


def _ses(value: str) -> Told:
    if word := _SES.get(value.strip().lower()):
        yield word, None, "Amazon SES"


_READERS: Mapping[str, Callable[[str], Told]] = {
    "x-spamd-result": _rspamd_result,
    "x-rspamd-action": _rspamd_action,
    "x-rspamd-score": _score("rspamd"),
    "x-spam-status": _status,
    "x-spam-flag": _status,
    "x-spam": _status,
    "x-spam-score": _score("SpamAssassin"),
    "x-ms-exchange-organization-scl": _level,
    "x-forefront-antispam-report": _forefront,
    "x-ses-spam-verdict": _ses,
    "x-ses-virus-verdict": _ses,
}
