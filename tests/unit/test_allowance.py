"""What is asked of the engine at once stays within an allowance."""

import asyncio

from trunkline.router.allowance import Allowance


async def test_steps_share_the_allowance_and_the_first_who_asked_is_the_first_to_go() -> None:
    allowance, under_way, begun = Allowance(10), list[int](), list[int]()

    async def step(number: int, cost: int) -> None:
        async with allowance.of(cost):
            begun.append(number)
            under_way.append(cost)
            assert sum(under_way) <= 10
            await asyncio.sleep(0)
            under_way.remove(cost)

    costs = [4, 6, 9, 1, 1, 10, 3, 3]
    await asyncio.gather(*(step(number, cost) for number, cost in enumerate(costs)))
    assert begun == list(range(len(costs)))


async def test_a_step_that_costs_more_than_all_of_it_runs_alone() -> None:
    allowance, alone = Allowance(10), asyncio.Event()

    async def small() -> None:
        async with allowance.of(1):
            assert alone.is_set()

    async with allowance.of(10_000):
        waiting = asyncio.create_task(small())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        alone.set()
    await waiting


async def test_a_step_that_fails_or_is_broken_off_gives_its_share_back() -> None:
    allowance = Allowance(1)

    async def step() -> None:
        async with allowance.of(1):
            raise ValueError

    holder = allowance.of(1)
    await holder.__aenter__()
    waiting = asyncio.create_task(step())
    await asyncio.sleep(0)
    waiting.cancel()
    await holder.__aexit__(None, None, None)
    results = await asyncio.gather(waiting, step(), step(), return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, ValueError, ValueError]
