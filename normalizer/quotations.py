"""The quotation below an answer of ours: what it answers, as mail programs quote it.

The line above each message names who wrote it, with the address, and when; it holds no words of any language, and our
own reader knows it by its shape (quote_headings.py), so that it is cut again when the answer to the answer comes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from pydantic import Field

from .envelope import Record


class Quoted(Record):
    """A message of the conversation."""

    author: str
    address: str
    at: int = Field(description="Milliseconds.")
    text: str
    answered: bool = Field(description="It came after our last answer, so that this one answers it.")

    @property
    def heading(self) -> str:
        """The line above it."""
        when = datetime.fromtimestamp(self.at // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"{self.author} <{self.address}>, {when}:" if self.author else f"<{self.address}>, {when}:"


def quotation(messages: Sequence[Quoted]) -> str:
    """The plain text, the newest message first; empty when there are none."""
    return "\n\n".join(f"{each.heading}\n{_marked(each.text)}" for each in messages)


def quotation_html(messages: Sequence[Quoted]) -> str:
    """The same as HTML."""
    return "".join(
        f'<p>{escape(each.heading)}</p><blockquote type="cite">{"<br>".join(map(escape, each.text.splitlines()))}'
        "</blockquote>"
        for each in messages
    )


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
