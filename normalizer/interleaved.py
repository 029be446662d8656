"""Answers that somebody wrote between the lines of what we sent them.

A quotation is cut because it repeats. When the message that it repeats is one of ours, it can be compared: lines of the
quotation that we never sent, and that stand between lines that we did send, are the person's. `answers_between` gives
them with the lines that they answer. What mail programs change on the way (line breaks, marks, blanks, case, links)
does not count; what gateways add before our first line or behind our last is no answer. Linear in the quotation.
"""

import re
from collections.abc import Sequence

from .envelope import Envelope
from .folding import fold
from .quote_headings import is_marker

_WORD = re.compile(r"\w+")
_LINK = re.compile(r"[<(\[]?(?:https?://|mailto:)[^\s>)\]]+[>)\]]?")
_MARKS = re.compile(r"(?:\s{0,3}[>＞])+\s?")
_MOST_LINES = 2000
_TELLING = 3  # words of a line of ours that tell that the quotation is of our message


def with_answers(envelope: Envelope, sent: str) -> Envelope:
    """The envelope of a message that quotes what we sent, with the answers between our lines in its text."""
    answers = answers_between(envelope.quoted, sent)
    if not answers or answers in envelope.text:
        return envelope
    return envelope.model_copy(update={"text": "\n\n".join(filter(None, (envelope.text, answers)))})


def answers_between(quoted: str, sent: str) -> str:
    """The part of the quotation from the first answer's question to the last answer; empty when there is none."""
    lines = [_MARKS.sub("", line, count=1) for line in quoted.splitlines()[:_MOST_LINES]]
    ours = f" {' '.join(_words(sent))} "
    said = [_said(line, ours) for line in lines]
    if not any(own and len(_words(line)) >= _TELLING for line, own in zip(lines, said, strict=True)) and not any(
        _begins(line, ours) for line in lines
    ):
        return ""
    known = [at for at, own in enumerate(said) if own]
    if not known:
        return ""
    answers = [at for at in range(known[0], known[-1] + 1) if not said[at] and lines[at].strip()]
    # What follows our last line without an empty line between was written under it.
    behind = known[-1] + 1
    while behind < len(lines) and lines[behind].strip() and said[behind] is False:
        answers.append(behind)
        behind += 1
    if not answers:
        return ""
    first = max((at for at in known if at < answers[0]), default=answers[0])
    shown = (f"> {lines[at]}" if said[at] else lines[at] for at in range(first, answers[-1] + 1))
    return "\n".join(line.rstrip() for line in shown if not is_marker(line)).strip("\n")


def _said(line: str, ours: str) -> bool | None:
    """Whether we sent the line; None for one without words."""
    words = _words(line)
    if not words:
        return None
    return is_marker(line) or f" {' '.join(words)} " in ours


def _begins(line: str, ours: str) -> bool:
    """Whether the line begins as one of ours: the answer was written behind the question."""
    words = _words(line)[: _TELLING + 1]
    return len(words) > _TELLING and f" {' '.join(words)} " in ours


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(fold(_LINK.sub(" ", text)))
