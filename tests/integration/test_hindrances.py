"""What `/readyz` warns of: accounts whose messages do not come or do not leave, by name, without the vendor's words."""

import json

from trunkline.gateway.hindrances import hindrances
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.unread_sources import UnreadSources
from trunkline.router.parking import Parking, account_key


async def park(engine: Engine, clock: ManualClock, channel: str, account: str, *, credentials: bool) -> None:
    """As park_account.lua keeps it."""
    facts = {"since": clock.now(), "until": clock.now() + 60_000, "failures": 1, "cause": "secret words"}
    name = account_key(channel, account)
    parked = json.dumps(facts | {"credentials": credentials})
    await engine.call("HSET", Parking(engine, clock).keys["accounts"], name, parked)


async def test_each_account_is_warned_of_once_by_name_and_with_what_to_do(engine: Engine) -> None:
    clock = ManualClock()
    sources = UnreadSources(engine, clock)
    await sources.failed("telegram", "support", "secret words", credentials=True)
    await sources.failed("telegram", "sales", "secret words", credentials=False, elsewhere=True)
    await park(engine, clock, "telegram", "support", credentials=True)
    await park(engine, clock, "twilio", "shop", credentials=False)

    told = await hindrances(engine, clock)

    assert [each.partition(":")[0] for each in told] == ["telegram support", "telegram sales", "twilio shop"]
    assert "trunkline channels check" in told[0]
    assert not any("secret words" in each for each in told)


async def test_nothing_is_warned_of_where_all_is_well(engine: Engine) -> None:
    assert await hindrances(engine, ManualClock()) == []
