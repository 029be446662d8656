"""Messages and calls that never came: Twilio posts them once or twice, and what failed then is only in its lists.

Every few minutes, and at the start, the list is asked for what was written to our senders since it was read last, with
`OVERLAP_MS` before that because messages appear in it late. What Twilio may still be posting is left for the next turn.
What is missing is stored as if it had been posted, under the same id, so it may come by both ways; one process asks at
a time, by a lease, and the place is moved on when all is stored. The list begins when the account is first configured:
what was written before is not taken.

Calls are looked for where the account answers them (`voice`): elsewhere another program may. Of a message that is found
only what its list tells is known, so a location or a button is its text.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import structlog

from ...config.errors import TrunklineError
from ...queue.clock import Clock
from ...queue.service import Periodic
from ..poll_place import PollPlace
from ..source_watch import SourceWatch
from ..vendor_post import Event
from .events import message_event
from .message_api import MessageApi, sent_at
from .missed_calls import missed_calls
from .parsing import SENT_AT
from .settings import CHANNEL

log = structlog.get_logger()

EVERY_SECONDS = 180.0
OVERLAP_MS = 15 * 60_000
GRACE_MS = 60_000
LEASE_MS = 10 * 60_000
_MOST_KNOWN = 20_000

Take = Callable[[str, Event], Awaitable[bool]]
"""Stores a message of an account; whether it was missing. Raises Temporary."""


class Reconciler:
    """Looks for what was written to `ours` at one account and never came."""

    def __init__(
        self,
        account: str,
        sid: str,
        ours: Sequence[str],
        api: MessageApi,
        place: PollPlace,
        clock: Clock,
        take: Take,
        watch: SourceWatch,
        *,
        longest_call: int | None = None,
    ) -> None:
        """`longest_call` is for how many milliseconds a caller may speak; None: calls are not looked for."""
        self._account = account
        self._sid = sid
        self._ours = ours
        self._api = api
        self._place = place
        self._clock = clock
        self._take = take
        self._longest_call = longest_call
        self._known: dict[str, None] = {}
        self._watch = watch
        self._periodic = Periodic(f"{CHANNEL}:{account}:reconciler", self._turn, EVERY_SECONDS)

    async def start(self) -> None:
        """The first turn begins at once. Idempotent."""
        await self._periodic.start()

    async def stop(self) -> None:
        """Break off; what was not stored is looked for again."""
        await self._periodic.stop()

    async def run_once(self) -> int | None:
        """How many messages were missing; None while another process looks. Raises TrunklineError."""
        before = await self._place.take(lease=LEASE_MS)
        if before is None:
            return None
        now = self._clock.true_now()
        missing = 0
        for ours in self._ours if before else ():
            missing += await self._looked(ours, before - OVERLAP_MS, now - GRACE_MS)
            if self._longest_call is not None and ":" not in ours:
                overlap = max(OVERLAP_MS, self._longest_call + 2 * GRACE_MS)
                missing += await self._looked_at_calls(ours, before - overlap, now - GRACE_MS)
        await self._place.take(now, lease=LEASE_MS)
        return missing

    async def _looked(self, ours: str, since: int, until: int) -> int:
        missing = 0
        async for message in self._api.listed(since, to=ours):
            sid = str(message.get("sid"))
            if message.get("direction") != "inbound" or sent_at(message) > until or sid in self._known:
                continue
            missing += await self._take(self._account, await self._event(message))
            self._keep(sid)
        return missing

    async def _looked_at_calls(self, ours: str, since: int, until: int) -> int:
        missing = 0
        found = missed_calls(self._api, self._sid, ours, since, until, known=self._known)
        async for call, ended, events in found:
            for event in events:
                missing += await self._take(self._account, event)
            if ended:
                self._keep(call)
        return missing

    def _keep(self, sid: str) -> None:
        """It is stored, and need not be asked about again."""
        self._known[sid] = None
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    async def _event(self, message: Mapping[str, Any]) -> Event:
        """As if Twilio had posted it."""
        names = {"MessageSid": "sid", "From": "from", "To": "to", "Body": "body", "NumMedia": "num_media"}
        fields = {name: str(message.get(told) or "") for name, told in names.items()}
        fields |= {"AccountSid": self._sid, "SmsStatus": "received", "NumMedia": fields["NumMedia"] or "0"}
        if fields["NumMedia"] != "0":
            fields |= await self._media(fields["MessageSid"])
        return message_event(fields, urlencode(fields).encode(), {SENT_AT: sent_at(message)})

    async def _media(self, sid: str) -> dict[str, str]:
        told: dict[str, str] = {}
        for index, media in enumerate(await self._api.media_of(sid)):
            told[f"MediaUrl{index}"] = self._api.address_of(sid, str(media.get("sid", "")))
            told[f"MediaContentType{index}"] = str(media.get("content_type", ""))
        return told

    async def _turn(self) -> None:
        try:
            missing = await self.run_once()
        except TrunklineError as error:
            await self._watch.failed(error)
            return
        if missing is not None:
            await self._watch.well()
        if missing:
            words = "messages and calls that Twilio could not post were found"
            log.warning(words, action="messages_found", account=self._account, messages=missing)
