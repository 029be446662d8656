"""Who may call Slack now: budgets of calls that all processes of a workspace share.

Whoever is about to call a method takes the call from the budgets first, and hears how long to wait when there is no
room; nobody is held meanwhile, so that the caller puts its entry off and works on what is for other channels. A call is
taken from all of its buckets or from none.

While something more urgent waits for a bucket, nothing less urgent is let through it: what is refused is noted with its
urgency until it can come again and `GRACE_MS` longer. Whoever never comes again holds up nobody for longer than that.
So where more is urgent than Slack takes at all, the rest waits; that is what the digest is for.

What Slack answers with 429 parks the narrowest bucket of the call for as long as `Retry-After` says, for every process.

Limits: what was called without asking here is not counted. A time further ahead than it can be, after the workspace's
clock was set back, is cut to what it can be: a bucket's own length, or `LONGEST_PARKED_MS`.
"""

from enum import IntEnum

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments
from .slack_call_rates import buckets_of

GRACE_MS = 250
LONGEST_PARKED_MS = 3_600_000

_TAKE = Script.beside(__file__, "slack_call_take.lua")
_PARK = Script.beside(__file__, "slack_call_park.lua")


class Urgency(IntEnum):
    """What a call is for, the most urgent first."""

    PERSON = 0  # somebody looks at the screen and waits: an answer, a view
    OFFER = 1
    CARD = 2
    DIGEST = 3
    EDIT = 4  # of a message that stands already


class CallBudgets:
    """The budgets of a workspace, for all of Slack's teams."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._spent = engine.keys("slack", "calls", "spent")
        self._parked = engine.keys("slack", "calls", "parked")
        self._wanted = engine.keys("slack", "calls", "wanted")

    async def take(self, method: str, urgency: Urgency, *, team: str, channel: str = "") -> int:
        """Take a call: 0, or after how many milliseconds to ask again.

        Raises ValueError for a method without a rate or a message without its channel; EngineUnavailable, EngineFull.
        """
        buckets = buckets_of(method, team, channel)
        given: ScriptArguments = {
            "now": self._clock.now(),
            "urgency": int(urgency),
            "grace": GRACE_MS,
            "longest": LONGEST_PARKED_MS,
            "buckets": [each.name for each in buckets],
            "intervals": [each.rate.interval for each in buckets],
            "at_once": [each.rate.at_once for each in buckets],
        }
        keys = {"spent": self._spent, "parked": self._parked, "wanted": self._wanted}
        return int(await self._engine.run(_TAKE, keys, given))

    async def park(self, method: str, seconds: int, *, team: str, channel: str = "") -> None:
        """Slack answered 429 and wants no such call for so many seconds; an earlier, longer wait stays.

        Raises as `take`.
        """
        bucket = buckets_of(method, team, channel)[0].name
        until = self._clock.now() + min(max(seconds, 1) * 1000, LONGEST_PARKED_MS)
        await self._engine.run(_PARK, {"parked": self._parked}, {"bucket": bucket, "parked_until": until})
