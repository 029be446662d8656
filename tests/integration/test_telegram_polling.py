"""Updates that are asked for: stored first and forgotten by Telegram after, by one process at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.conformance.telegram_subject import TOKEN, update
from tests.fakes.telegram import FakeBot, FakeTelegram
from trunkline.adapters.poll_place import LEASE_MS, PollPlace
from trunkline.adapters.source_watch import Remedies, SourceWatch
from trunkline.adapters.telegram.bot_api import BotApi
from trunkline.adapters.telegram.poll_metrics import poll_metrics
from trunkline.adapters.telegram.polling import LONG_PAUSE, Poller
from trunkline.adapters.vendor_post import Event
from trunkline.config.errors import CredentialsRefused, DeliveryDeferred, EngineUnavailable, TrunklineError
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.unread_sources import UnreadSources

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"


@dataclass
class Store:
    """Keeps what it is given, unless it is away."""

    stored: list[str] = field(default_factory=list)
    failure: TrunklineError | None = None

    async def __call__(self, bot: str, events: Sequence[Event]) -> None:
        assert bot == "support"
        if self.failure is not None:
            raise self.failure
        self.stored += [event.external_id for event in events]


@dataclass
class Asking:
    """Pollers of one bot, and what they ask."""

    engine: Engine
    fake: FakeTelegram
    clock: ManualClock = field(default_factory=ManualClock)
    store: Store = field(default_factory=Store)
    apis: list[BotApi] = field(default_factory=list)
    pauses: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    @property
    def bot(self) -> FakeBot:
        return self.fake.bots[TOKEN]

    def poller(self, wait: int = 0) -> Poller:
        """That of one more process."""
        api = BotApi(self.fake.url, TOKEN)
        self.apis.append(api)
        place = PollPlace(self.engine, self.clock, "telegram", "support")
        sources = UnreadSources(self.engine, self.clock)
        watch = SourceWatch(sources, "telegram", "support", Remedies("give another token", "wait"))
        return Poller("support", api, place, self.store, watch, wait=wait, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        await self.pauses.put(seconds)
        await asyncio.Event().wait()

    async def close(self) -> None:
        for api in self.apis:
            await api.close()
        await self.fake.stop()


@pytest.fixture
async def asking(engine: Engine) -> AsyncIterator[Asking]:
    made = Asking(engine, FakeTelegram(TOKEN))
    await made.fake.start()
    yield made
    await made.close()


async def test_what_is_asked_for_is_stored_and_asked_for_once(asking: Asking) -> None:
    poller = asking.poller()
    asking.bot.updates = [update(1), update(2)]
    assert await poller.run_once() == 2
    assert asking.store.stored == ["1001:1", "1001:2"]
    assert await poller.run_once() == 0
    assert asking.bot.updates == []
    assert [family.samples[0].value for family in poll_metrics([poller])] == [2, 0]


async def test_who_pressed_a_button_is_told_that_it_is_heard_of(asking: Asking) -> None:
    recorded = json.loads((FIXTURES / "callback_query.json").read_bytes())
    late = {"update_id": recorded["update_id"] + 1, "callback_query": recorded["callback_query"] | {"id": "late"}}
    asking.bot.updates, asking.bot.presses = [late, recorded], [recorded["callback_query"]["id"]]
    assert await asking.poller().run_once() == 2
    assert (len(asking.store.stored), asking.bot.presses) == (2, [])


async def test_nothing_is_forgotten_by_telegram_before_it_is_stored(asking: Asking) -> None:
    poller = asking.poller()
    asking.bot.updates = [update(1)]
    asking.store.failure = EngineUnavailable("away")
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            await poller.run_once()
    assert asking.bot.updates == [update(1)]
    asking.store.failure = None
    assert await poller.run_once() == 1
    assert asking.store.stored == ["1001:1"]


async def test_one_process_asks_and_the_next_goes_on_where_it_stopped(asking: Asking) -> None:
    first, second = asking.poller(), asking.poller()
    asking.bot.updates = [update(1)]
    assert (await first.run_once(), await second.run_once()) == (1, None)
    asking.clock.advance(LEASE_MS)
    asking.bot.updates = [update(1), update(2)]
    assert (await second.run_once(), await first.run_once()) == (1, None)
    assert asking.store.stored == ["1001:1", "1001:2"]


async def test_a_process_that_lost_its_lease_while_it_stored_moves_nothing(asking: Asking) -> None:
    first, second = (PollPlace(asking.engine, asking.clock, "telegram", "support") for _ in range(2))
    assert await first.take() == 0
    asking.clock.advance(LEASE_MS)
    assert await second.take() == 0
    assert await first.take(7) is None
    assert await second.take() == 0
    assert await second.take(5) == 5


async def test_a_webhook_that_was_set_before_is_removed(asking: Asking) -> None:
    asking.bot.webhook = {"url": "https://elsewhere.example"}
    asking.bot.updates = [update(1)]
    assert await asking.poller().run_once() == 1
    assert asking.bot.webhook == {}


async def test_another_gateway_that_asks_for_the_same_bot_is_a_hindrance_that_passes(asking: Asking) -> None:
    poller = asking.poller(wait=25)
    task = asyncio.create_task(poller.run_once())
    await asking.bot.asked.wait()
    async with ClientSession() as other, other.get(f"{asking.fake.url}/bot{TOKEN}/getUpdates") as response:
        assert response.status == 200
    with pytest.raises(DeliveryDeferred, match="terminated by other getUpdates"):
        await task
    assert await asking.poller().run_once() is None
    asking.bot.updates = [update(1)]
    assert await poller.run_once() == 1


async def test_a_token_that_is_not_known_is_tried_again_after_a_minute(asking: Asking) -> None:
    poller, bot = asking.poller(), asking.bot
    asking.fake.bots.clear()
    with pytest.raises(CredentialsRefused):
        await poller.run_once()
    await poller.start()
    assert await asking.pauses.get() == LONG_PAUSE
    assert {family.name: family.samples[0].value for family in poll_metrics([poller])} == {
        "trunkline_telegram_polled_updates": 0,
        "trunkline_telegram_poll_hindered": 1,
    }
    (unread,) = await UnreadSources(asking.engine, asking.clock).list()
    assert (unread.account, unread.credentials, unread.remedy) == ("support", True, "give another token")
    await poller.stop()
    asking.fake.bots[TOKEN] = bot


async def test_what_one_process_told_is_taken_back_by_the_first_that_can_ask(asking: Asking) -> None:
    sources = UnreadSources(asking.engine, asking.clock)
    await sources.failed("telegram", "support", "401", credentials=True)
    poller = asking.poller(wait=25)
    await poller.start()
    asking.bot.tell(update(1))
    async with asyncio.timeout(20):
        while await sources.list():
            asking.bot.asked.clear()
            await asking.bot.asked.wait()
    await poller.stop()


async def test_it_waits_for_what_is_not_there_yet_and_leaves_the_bot_to_the_next_when_it_stops(asking: Asking) -> None:
    poller = asking.poller(wait=25)
    await poller.start()
    await asking.bot.asked.wait()
    asking.bot.tell(update(1))
    while asking.bot.updates:  # the next question says that it is stored
        asking.bot.asked.clear()
        await asking.bot.asked.wait()
    await poller.stop()
    assert asking.store.stored == ["1001:1"]
    assert await asking.poller().run_once() == 0
