"""The balance of intake: what was received is stored, and what was stored is in a ticket or can be named. Pure.

    received     the message is known, so that it is not taken twice
    stored       its bytes entered the queue
    filed        they left it into a ticket
    receipts     they left it as a receipt: what became of something we sent, or a customer changed, for its article
    suspended    they wait for a person
    dead         they could not be filed, and are kept
    dropped      a person threw them away
    in_progress  they are in the queue, to be filed; also what waits for its time, or for the message that it changes

received = stored = filed + receipts + suspended + dead + dropped + in_progress, exactly and at every moment, because
each step is counted in the script that makes it and all numbers are read in one. Whether something is a receipt shows
when it is read, so the other numbers hold messages and receipts alike. What is counted is compared with what lies
there: entries by channel, dead letters and suspended messages of all channels together. A difference means that
something was lost or was changed by hand.
"""

from collections.abc import Sequence

from pydantic import Field

from ...normalizer.envelope import Record
from ...queue.identifiers import time_of
from .snapshot import SeenChannel, Snapshot


class ChannelBalance(Record):
    """The balance of one channel."""

    channel: str
    received: int = Field(description="Messages and receipts that were acknowledged, each once.")
    stored: int
    filed: int = Field(description="Messages in tickets.")
    receipts: int = Field(description="What became of messages: ours delivered, read, failed; theirs edited, deleted.")
    suspended: int
    dead: int
    dropped: int = Field(description="Thrown away by a person.")
    in_progress: int = Field(description="In the queue, to be filed.")
    difference: int = Field(description="Messages that are missing (above 0) or too many (below 0); expected: 0.")
    oldest_at: int | None = Field(description="Milliseconds; when the oldest unfiled message or receipt came.")
    last_at: int | None = Field(description="Milliseconds; when the newest message or receipt came.")


class Balance(Record):
    """The balance of all channels."""

    channels: tuple[ChannelBalance, ...]
    entries_missing: int = Field(description="Entries of the queue fewer than counted; expected: 0.")
    dead_missing: int = Field(description="Dead letters fewer than counted; expected: 0.")
    suspended_missing: int = Field(description="Suspended messages fewer than counted; expected: 0.")

    @property
    def even(self) -> bool:
        """Whether nothing is missing and nothing too much."""
        totals = (self.entries_missing, self.dead_missing, self.suspended_missing)
        return not any(totals) and not any(row.difference for row in self.channels)

    @property
    def oldest_at(self) -> int | None:
        """When the oldest unfiled message came."""
        return min((row.oldest_at for row in self.channels if row.oldest_at), default=None)


def balance_of(seen: Snapshot, configured: Sequence[str]) -> Balance:
    """The balance; channels of the configuration that had no message yet are there with zeros."""
    kept = {channel.channel: _row(channel) for channel in seen.channels if channel.channel}
    empty = [_empty(name) for name in configured if name not in kept]
    channels = sorted([*kept.values(), *empty], key=lambda row: row.channel)
    present = sum(each.entered - each.done - each.dropped for each in seen.channels)
    suspended = sum(each.suspended - each.released - each.discarded for each in seen.channels)
    return Balance(
        channels=tuple(channels),
        entries_missing=present - seen.entries,
        dead_missing=sum(each.dead for each in seen.channels) - seen.dead,
        suspended_missing=suspended - seen.suspended,
    )


def _row(seen: SeenChannel) -> ChannelBalance:
    stored, filed = seen.entered - seen.released, seen.done - seen.suspended - seen.receipts
    suspended = seen.suspended - seen.released - seen.discarded
    dropped = seen.dropped + seen.discarded
    here = filed + seen.receipts + suspended + seen.dead + dropped + seen.in_progress
    lost = stored - here
    return ChannelBalance(
        channel=seen.channel,
        received=seen.received,
        stored=stored,
        filed=filed,
        receipts=seen.receipts,
        suspended=suspended,
        dead=seen.dead,
        dropped=dropped,
        in_progress=seen.in_progress,
        difference=lost if lost else seen.received - stored,
        oldest_at=seen.oldest or None,
        last_at=time_of(seen.last) if seen.last else None,
    )


def _empty(channel: str) -> ChannelBalance:
    return ChannelBalance(
        channel=channel,
        received=0,
        stored=0,
        filed=0,
        receipts=0,
        suspended=0,
        dead=0,
        dropped=0,
        in_progress=0,
        difference=0,
        oldest_at=None,
        last_at=None,
    )
