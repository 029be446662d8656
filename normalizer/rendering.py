"""One reply as each channel shows it: plain, HTML, HTML of Telegram, marks of WhatsApp, mrkdwn of Slack. Pure.

`messages_of` gives the messages that a reply becomes, each within the limit and each complete in itself: formatting
that is cut by a part goes on in the next one. `readings_of` gives them as a channel may tell of them. What the writer
did not mark is text everywhere: HTML and mrkdwn are escaped. WhatsApp and Slack know no escape for their marks, so in a
formatted reply stars around a word that were meant as stars are shown bold there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from .formatted_text import Run, runs_of
from .sending_limits import Dialect, TextLimit, Unit
from .splitting import SMALLEST, Cost, characters, pieces_of, utf8_bytes, utf16_units
from .weighted_length import weight, weighted_length

COSTS: Mapping[Unit, Cost] = {
    "characters": characters,
    "utf16": utf16_units,
    "bytes": utf8_bytes,
    "weighted": weight,
    "sms": utf16_units,
}

_FREE = ("telegram_html", "html")
"""Where marks do not count: Telegram's limit is one of the text after its entities are read."""
_WITH_LINKS = ("telegram_html", "html", "mrkdwn")


def taken_by(text: str, unit: Unit) -> int:
    """How much of a limit a text takes."""
    return weighted_length(text) if unit == "weighted" else sum(map(COSTS[unit], text))


def messages_of(
    text: str, limit: TextLimit | None = None, dialect: Dialect = "plain", *, formatted: bool = False
) -> list[str]:
    """The messages, in order, none of them empty; there can be more than `limit.parts`, which is for the caller to see.

    Without a limit it is one.
    """
    return [_text(each, dialect) for each in _messages(text, limit, dialect, formatted=formatted)]


def readings_of(
    text: str, limit: TextLimit | None = None, dialect: Dialect = "plain", *, formatted: bool = False
) -> list[list[str]]:
    """Each of these messages as it may be told of: with its marks, without them, and with addresses behind links."""
    made = _messages(text, limit, dialect, formatted=formatted)
    return [[_text(each, dialect), _text(each, "plain"), _text(_for("plain", each), "plain")] for each in made]


def _messages(text: str, limit: TextLimit | None, dialect: Dialect, *, formatted: bool) -> list[list[Run]]:
    runs = _for(dialect, runs_of(text, formatted=formatted))
    whole = "".join(run.text for run in runs)
    if limit is None or taken_by(whole, limit.unit) <= limit.most:
        made = _cut(runs, whole, [whole.strip()])
        if limit is None or dialect in _FREE or all(_much(each, limit, dialect) <= limit.most for each in made):
            return made
    return _parts(runs, whole, limit, dialect)


def _much(runs: Sequence[Run], limit: TextLimit, dialect: Dialect) -> int:
    return taken_by(_text(runs, dialect), limit.unit)


def _text(runs: Sequence[Run], dialect: Dialect) -> str:
    return "".join(map(_WRITERS[dialect], runs))


def _parts(runs: Sequence[Run], whole: str, limit: TextLimit, dialect: Dialect) -> list[list[Run]]:
    """In parts of the limit; where marks count, a part that is too long with them is parted once more."""
    cost = _cost(limit.unit, dialect)
    pieces = pieces_of(whole, limit.most, cost)
    while True:
        made = _cut(runs, whole, pieces)
        taken = [0 if dialect in _FREE else _much(each, limit, dialect) for each in made]
        smaller = [
            each
            for piece, much in zip(pieces, taken, strict=True)
            for each in (_parted(piece, cost, limit.most / much) if much > limit.most else [piece])
        ]
        if len(smaller) == len(pieces):
            return made
        pieces = smaller


def _parted(piece: str, cost: Cost, share: float) -> list[str]:
    """A piece in smaller ones of about this share of it; a short one, of which only the links are long, by words."""
    much = sum(map(cost, piece))
    if much <= SMALLEST:
        return piece.split()
    return pieces_of(piece, max(SMALLEST, min(much - 1, int(much * share))), cost)


def _cost(unit: Unit, dialect: Dialect) -> Cost:
    """What a character takes as it is written: in Slack an escaped one more."""
    return (lambda character: taken_by(_escaped(character), unit)) if dialect == "mrkdwn" else COSTS[unit]


def _cut(runs: Sequence[Run], whole: str, pieces: Sequence[str]) -> list[list[Run]]:
    made, at = [], 0
    for piece in filter(None, pieces):
        at = whole.index(piece, at)
        made.append(list(_between(runs, at, at + len(piece))))
        at += len(piece)
    return made


def _between(runs: Sequence[Run], first: int, end: int) -> Iterator[Run]:
    at = 0
    for run in runs:
        text = run.text[max(0, first - at) : max(0, end - at)]
        if text:
            yield replace(run, text=text)
        at += len(run.text)


def _for(dialect: Dialect, runs: Sequence[Run]) -> list[Run]:
    """Where links are not shown as such, the address stands behind the words."""
    if dialect in _WITH_LINKS:
        return list(runs)
    links = ((run, f" ({run.url})" if run.url and run.url != run.text else "") for run in runs)
    return [each for run, behind in links for each in (replace(run, url=""), *([Run(behind)] if behind else []))]


def _plain(run: Run) -> str:
    return run.text


def _html(run: Run) -> str:
    text = escape(run.text, quote=False)
    if run.code:
        text = f"<pre>{text}</pre>" if "\n" in run.text else f"<code>{text}</code>"
    else:
        text = f"<i>{text}</i>" if run.italic else text
        text = f"<b>{text}</b>" if run.bold else text
    return f'<a href="{escape(run.url)}">{text}</a>' if run.url else text


def _whatsapp(run: Run) -> str:
    return _marked(run, "```" if "\n" in run.text else "`")


def _mrkdwn(run: Run) -> str:
    text = _escaped(run.text)
    if run.url:
        text = f"<{run.url.replace('|', '%7C').replace('&', '&amp;')}|{text.replace('|', '¦')}>"
    return _marked(replace(run, text=text), "```" if "\n" in run.text else "`")


def _escaped(text: str) -> str:
    """As Slack takes a text that calls nobody and hides no address ("Formatting message text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _marked(run: Run, code: str) -> str:
    """With the marks close to the words, line by line: they count nowhere else."""
    marks = code if run.code else f"{'*' if run.bold else ''}{'_' if run.italic else ''}"
    if not marks:
        return run.text
    lines = [run.text] if run.code else run.text.split("\n")
    return "\n".join(_around(line, marks) for line in lines)


def _around(line: str, marks: str) -> str:
    words = line.strip()
    if not words:
        return line
    at = line.index(words)
    return f"{line[:at]}{marks}{words}{marks[::-1]}{line[at + len(words) :]}"


_WRITERS: Mapping[Dialect, Callable[[Run], str]] = {
    "plain": _plain,
    "html": lambda run: _html(run).replace("\n", "<br>\n") if not run.code else _html(run),
    "telegram_html": _html,
    "whatsapp_marks": _whatsapp,
    "mrkdwn": _mrkdwn,
}
