"""What a filing leaves to be fetched: one entry of the queue `media` for each file that is not here yet. Pure.

Files of one account lie in `LANES` lanes, so that so many are fetched at once and one that must wait holds up few. An
entry names the file by its place in the article and says nothing of what it is.
"""

import json
from collections.abc import Sequence
from typing import Any

from ..normalizer.envelope import Attachment

QUEUE = "media"
LANES = 4  # of one account


def references_of(files: Sequence[Attachment]) -> tuple[str, ...]:
    """By what they are fetched."""
    return tuple(each.fetch for each in files if each.fetch)


def fetches_of(
    files: Sequence[Attachment], *, article: str, ticket: str, channel: str, account: str, begin: int = 0
) -> list[dict[str, Any]]:
    """Lane and payload of each, as `file_message.lua` pushes them; of those from the place `begin` on."""
    names = {"channel": channel, "account": account, "ticket": ticket, "article": article}
    first = int(article[-4:], 16)
    lane = f"{channel}:{account}".replace("\0", "")
    return [
        {"lane": f"{lane}:{(first + place) % LANES}", "payload": json.dumps({**names, "file": place})}
        for place, file in enumerate(files)
        if file.state == "fetching" and place >= begin
    ]
