"""What `/readyz` warns of: accounts whose messages do not come or do not leave, by name, without the vendor's words."""

import json
from typing import Any
from unittest.mock import patch

from trunkline.gateway.hindrances import KEPT_SECONDS, LOOKED_AT, KeptHindrances, hindrances
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.unread_sources import UnreadSources
from trunkline.router.parking import Parking, account_key
from trunkline.router.ticket_keys import TicketKeys


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


async def test_what_it_costs_to_ask_does_not_grow_with_what_waits_nor_with_how_often_it_is_asked(
    engine: Engine,
) -> None:
    clock, seconds, looked = ManualClock(), [0.0], list[int]()
    await park(engine, clock, "twilio", "shop", credentials=False)
    parking, name = Parking(engine, clock), account_key("twilio", "shop")
    waiting = [f"{number:016d}\0ticket:{number}" for number in range(1200)]
    for key, members in (
        (parking.keys["waiting"], [f"{name}\0{each}" for each in waiting]),
        (TicketKeys(engine).outbox.keys["later"], waiting),
    ):
        await engine.call("ZADD", key, *(part for each in members for part in ("0", each)))
    assert (await parking.list())[0].waiting == 1200
    run = engine.run

    async def counted(script: Any, keys: Any, args: Any) -> Any:
        looked.append(args["limit"])
        return await run(script, keys, args)

    kept = KeptHindrances(engine, clock, lambda: seconds[0])
    with patch.object(engine, "run", counted):
        told = [await kept.list() for _ in range(50)]
        assert {len(each) for each in told} == {1}
        assert looked == [LOOKED_AT]
        await park(engine, clock, "twilio", "support", credentials=True)
        assert len(await kept.list()) == 1
        seconds[0] += KEPT_SECONDS
        assert len(await kept.list()) == 2
