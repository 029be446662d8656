"""The long poll: the same conversation, the same frames, without a socket."""

import asyncio

from .conftest import World

ID = "message-number-{:04d}"


def message(number: int, text: str = "Hello") -> dict[str, str]:
    return {"type": "message", "id": ID.format(number), "text": text}


async def test_a_conversation_by_polls_alone(world: World) -> None:
    process = await world.process()
    welcome, stored, line = await process.poll(after=0, frames=[message(1)])
    assert [welcome["type"], stored["type"], line["type"]] == ["welcome", "stored", "line"]
    assert (stored["position"], line["position"]) == (1, 1)
    waiting = asyncio.create_task(process.poll(token=welcome["token"], after=1, wait=25))
    await process.answer(welcome["visitor"], 1, "Good morning")
    answer, status = await waiting
    assert (answer["position"], answer["from"], answer["text"]) == (2, "agent", "Good morning")
    assert status == {"type": "status", "online": True, "opens_at": None}


async def test_a_poll_that_brings_and_waits_for_nothing_is_welcomed_with_all_that_is_there(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    for number in range(60):
        await process.answer(visitor.id, number)
    welcome, *lines = await process.poll(token=visitor.token)
    assert (welcome["type"], welcome["token"]) == ("welcome", visitor.token)
    assert [line["position"] for line in lines] == list(range(1, 61))


async def test_a_poll_and_a_socket_see_the_same(world: World) -> None:
    first, second = await world.process(), await world.process()
    visitor = await first.visit()
    await visitor.write(ID.format(1), "Hello?")
    frames = await second.poll(token=visitor.token, after=0, frames=[message(1, "Hello?"), message(2, "by poll")])
    assert [frame["position"] for frame in frames if frame["type"] == "stored"] == [1, 2]
    await visitor.until("line", position=2)
    shown = [frame for frame in frames if frame["type"] == "line"]
    assert shown == [frame for frame in visitor.heard if frame["type"] == "line"]


async def test_a_wait_without_news_ends_empty(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    assert [frame["type"] for frame in await process.poll(token=visitor.token, wait=0.01)] == ["status"]


async def test_a_poll_under_way_is_answered_when_the_process_ends(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    world.was_asked.clear()
    waiting = asyncio.create_task(process.poll(token=visitor.token, wait=25))
    await world.was_asked.wait()
    await process.service.stop()
    assert [frame["type"] for frame in await waiting] == ["status"]


async def test_what_is_wrong_with_a_poll_is_a_problem_document_that_the_page_may_read(world: World) -> None:
    process = await world.process({"web": {"origins": ["https://shop.example"]}})
    headers = {"Origin": "https://shop.example"}
    cases = [("web/poll", "{", 400), ("web/poll", '{"token":"x"}', 401), ("nowhere/poll", "{}", 404)]
    for path, body, status in cases:
        async with process.session.post(process.url(path), data=body, headers=headers) as response:
            assert response.status == status
            assert response.content_type == "application/problem+json"
            if status != 404:
                assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    foreign = {"Origin": "https://evil.example"}
    async with process.session.post(process.url("web/poll"), data="{}", headers=foreign) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_client_that_polls_without_end_is_asked_to_wait(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    url = process.url("web/poll")
    for _ in range(200):
        async with process.session.post(url, json={"token": visitor.token, "wait": 0.001}) as response:
            if response.status == 429:
                break
            assert response.status == 200
    assert response.status == 429
    assert int(response.headers["Retry-After"]) >= 1
    other = await process.visit()
    assert await other.write(ID.format(1), "still here") == 1


async def test_a_page_asks_beforehand_and_hears_what_it_may_send(world: World) -> None:
    process = await world.process({"web": {"origins": ["https://shop.example"]}})
    for origin, status in (("https://shop.example", 204), ("https://evil.example", 403)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        async with process.session.options(process.url("web/files"), headers=headers) as response:
            assert response.status == status
            if status == 204:
                assert response.headers["Access-Control-Allow-Origin"] == origin
                assert "authorization" in response.headers["Access-Control-Allow-Headers"]
