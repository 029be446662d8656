"""Lines of the feed on a terminal: `06:31:24  T-7  offered to ada until 06:36:24`.

The words are those of `desk/views/happenings.py`, with ids in place of names. What people wrote is not repeated,
except, when it is asked for, the subject and who wrote.
"""

from collections.abc import Mapping
from typing import Any

from ...queue.feed import FeedLine
from .happenings import SENTENCES, differs, event_of, who
from .happenings import sentence as in_words
from .times import hour

Data = Mapping[str, Any]


def sentence(line: FeedLine, *, words: bool = False) -> str:
    """One line; `words` shows subjects and names of customers too."""
    ticket = line.data.get("ticket") or {}
    about = str(ticket.get("number") or line.subject)
    shown = _words(line.data) if words and line.kind in ("message.received", "message.queued") else ""
    return f"{hour(line.time)}  {about:<8} {_told(line)}{_until(line)}{shown}"


def _told(line: FeedLine) -> str:
    if line.kind not in SENTENCES:
        return line.kind
    told = in_words(event_of(line), {})
    return told[:1].lower() + told[1:] if told else _unnamed(line.data)


def _unnamed(data: Data) -> str:
    """A change of which the history has nothing to say; a line of the feed is shown all the same."""
    changes = data.get("changes") or {}
    changed = [name for name, pair in changes.items() if name != "reason" and differs(pair)]
    what = ", ".join(changed) or ("set to what it was" if changes else "changed")
    return f"{what} by {who(str(data.get('actor') or ''), {})}"


def _until(line: FeedLine) -> str:
    offer = (line.data.get("ticket") or {}).get("offer") or {}
    return f" until {hour(offer['expires_at'])}" if line.kind == "ticket.offered" and offer else ""


def _words(data: Data) -> str:
    article = data.get("article") or {}
    author = (article.get("author") or {}).get("name") or ""
    subject = str(article.get("subject") or article.get("text") or "").split("\n")[0][:60]
    return f"  {author}: {subject}" if author else f"  {subject}"
