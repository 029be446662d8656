"""The feed over HTTP: pages and server-sent events of the same CloudEvents."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientResponse

if TYPE_CHECKING:
    from .conftest import Face


async def event(response: ClientResponse) -> dict[str, str]:
    """The next event of a stream; comments and settings are passed over."""
    fields: dict[str, str] = {}
    async for line in response.content:
        text = line.decode().rstrip("\n")
        if not text and "data" in fields:
            return fields
        if text and not text.startswith(":"):
            name, _, value = text.partition(": ")
            fields[name] = value
    raise AssertionError("the stream has ended")


async def test_the_feed_is_read_in_pages_to_its_end(face: "Face") -> None:
    for _ in range(3):
        await face.ticket()
    seen: list[dict[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page = (await face.get(f"/v1/events?after={after}&limit=2")).body
        seen += page["items"]
        after = page["next"]
    assert [int(each["cursor"]) for each in seen] == list(range(1, len(seen) + 1))
    assert (await face.get("/v1/events?limit=500")).body["items"] == seen
    created = seen[0]
    assert (created["specversion"], created["type"], created["sequence"]) == ("1.0", "ticket.created", 1)
    assert created["partitionkey"] == created["subject"] == created["data"]["ticket"]["id"]
    assert created["source"] == f"/trunkline/{face.desk.engine.keys.workspace}"


async def test_a_stream_gives_what_was_and_what_comes(face: "Face") -> None:
    await face.ticket()
    async with face.session.get("/v1/events/stream", headers=face.headers("ada")) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        first = await event(response)
        assert (first["id"], first["event"]) == ("1", "ticket.created")
        second = await event(response)
        await face.ticket()
        third = await event(response)
    assert [second["event"], third["event"]] == ["message.received", "message.queued"]
    assert json.loads(third["data"])["cursor"] == third["id"] == "3"


async def test_a_stream_goes_on_where_the_client_was(face: "Face") -> None:
    for _ in range(2):
        await face.ticket()
    headers = face.headers("admin") | {"Last-Event-ID": "4"}
    async with face.session.get("/v1/events/stream?after=1", headers=headers) as response:
        assert (await event(response))["id"] == "5"
    async with face.session.get("/v1/events/stream?after=2", headers=face.headers("admin")) as response:
        assert (await event(response))["id"] == "3"


@pytest.fixture
def one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.desk.events_api.MOST_STREAMS", 1)


@pytest.mark.usefixtures("one_stream")
async def test_there_are_only_so_many_streams(face: "Face") -> None:
    async with face.session.get("/v1/events/stream", headers=face.headers("admin")) as response:
        assert response.status == 200
        (await face.get("/v1/events/stream")).refused(429, "overloaded")


async def test_a_position_that_is_gone_is_410_and_says_where_the_feed_begins(face: "Face") -> None:
    for _ in range(2):
        await face.ticket()
    await face.desk.engine.call("XTRIM", face.desk.feed.keys["lines"], "MINID", "4-0")
    for path in ("/v1/events?after=1", "/v1/events/stream?after=1", "/v1/events"):
        assert "3" in (await face.get(path)).refused(410, "gone")
    assert (await face.get("/v1/events?after=3&limit=1")).body["items"][0]["cursor"] == "4"


async def test_a_position_that_cannot_be_one_is_refused(face: "Face") -> None:
    for query in ("after=-1", "after=x", "after=1&limit=501", "since=1", "after=1234567890123456"):
        (await face.get(f"/v1/events?{query}")).refused(422, "invalid")
    (await face.get("/v1/events/stream", headers={"Last-Event-ID": "x"})).refused(422, "invalid")
    assert (await face.get("/v1/events?after=999999")).body == {"items": [], "next": None}
