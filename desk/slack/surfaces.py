"""A message, a view and the App Home as they are handed to Slack, within what it takes of each as a whole. Pure.

Nothing unfurls, no name becomes a mention, and the words for notifications are escaped. What does not fit into a
message any more is left out from its end, before its controls, and the message says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import block_limits as limits
from .blocks import Json, context, escaped, plain, text_of
from .plain_words import cut, one_line, running_text


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message; `words` is what notifications, screen readers and clients without blocks say."""

    words: str
    blocks: Sequence[Json]
    event: str = ""  # the type of its metadata
    payload: Mapping[str, Any] = field(default_factory=dict)

    def with_payload(self, **more: Any) -> "Message":
        """The same, with more in its metadata, such as the id by which it is found again."""
        return replace(self, payload={**self.payload, **more})

    def without_blocks(self) -> "Message":
        """What is left when Slack takes no blocks of it."""
        return replace(self, blocks=())

    def arguments(self) -> Json:
        """What chat.postMessage, chat.update and a response_url take, besides where it goes."""
        metadata = {"event_type": self.event, "event_payload": dict(self.payload)}
        return {
            "text": escaped(cut(running_text(self.words), limits.FALLBACK_TEXT)) or "–",
            "blocks": fitting(self.blocks, limits.BLOCKS_OF_A_MESSAGE, limits.MESSAGE_TEXT),
            "unfurl_links": False,
            "unfurl_media": False,
            "link_names": False,
            "parse": "none",
            **({"metadata": metadata} if self.event else {}),
        }


def modal(
    title: str,
    blocks: Sequence[Json],
    *,
    callback: str,
    submit: str = "",
    close: str = "Cancel",
    carries: object = "",
    tells_closing: bool = False,
) -> Json:
    """A view that opens over everything; `carries` is its private metadata, `tells_closing`: we hear of its end."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(one_line(title), limits.VIEW_TITLE),
        "close": plain(one_line(close), limits.VIEW_TITLE),
        **({"submit": plain(one_line(submit), limits.VIEW_TITLE)} if submit else {}),
        "blocks": fitting(blocks, limits.BLOCKS_OF_A_VIEW, limits.VIEW_TEXT),
        "private_metadata": str(carries)[: limits.PRIVATE_METADATA],
        **({"notify_on_close": True} if tells_closing else {}),
    }


def home(blocks: Sequence[Json]) -> Json:
    """The App Home of somebody."""
    return {"type": "home", "blocks": fitting(blocks, limits.BLOCKS_OF_A_VIEW, limits.VIEW_TEXT)}


def fitting(blocks: Sequence[Json], most: int, text: int) -> list[Json]:
    """As many blocks, with as much text, as there may be; controls at the end stay."""
    if len(blocks) <= most and text_of(blocks) <= text:
        return list(blocks)
    tail = [blocks[-1]] if blocks[-1]["type"] == "actions" else []
    kept, left = list[Json](), text - text_of(tail) - 100
    for block in blocks[: len(blocks) - len(tail)]:
        left -= text_of([block])
        if left < 0 or len(kept) + len(tail) + 1 >= most:
            break
        kept.append(block)
    return [*kept, context(plain("… there is more than Slack takes here.")), *tail]
