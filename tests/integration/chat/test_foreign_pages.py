"""A page that may not show the chat may read that it may not, in its language, and nothing else."""

import json

import pytest

from .conftest import World

SHOP, FOREIGN = "https://shop.example", "https://other.example"


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "Der Chat ist auf dieser Seite nicht verfügbar."), ("en-GB", "Chat is not available on this page.")],
)
async def test_it_is_refused_in_its_own_language(world: World, language: str, text: str) -> None:
    process = await world.process({"web": {"origins": [SHOP], "color": "#123456"}})
    url = process.url(f"web/start?language={language}")
    async with process.session.get(url, headers={"Origin": FOREIGN}) as response:
        assert response.status == 403
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Vary"] == "Origin"
        assert response.headers["Cache-Control"] == "no-store"
        content = await response.json()
    assert content["texts"]["unavailable"] == text
    assert set(content) == {"language", "direction", "color", "texts", "detail"}
    assert set(content["texts"]) == {"button", "open", "close", "unavailable"}
    assert "channels.chat.web.origins" in content["detail"]


async def test_what_is_refused_does_not_depend_on_visitors_or_the_desk(world: World) -> None:
    process = await world.process({"web": {"origins": [SHOP]}})

    async def refusal() -> str:
        headers = {"Origin": FOREIGN, "Authorization": f"Bearer {visitor.token}"}
        async with process.session.get(process.url("web/start"), headers=headers) as response:
            return json.dumps(await response.json())

    visitor = await process.visit()
    before = await refusal()
    await visitor.write("message-number-0001", "something private")
    assert await refusal() == before


async def test_every_other_answer_stays_unreadable_to_it(world: World) -> None:
    process = await world.process({"web": {"origins": [SHOP]}})
    for method, path in (("POST", "web/poll"), ("POST", "web/files?name=a"), ("OPTIONS", "web/start")):
        async with process.session.request(method, process.url(path), headers={"Origin": FOREIGN}) as response:
            assert response.status == 403
            assert "Access-Control-Allow-Origin" not in response.headers
    async with process.session.get(process.url("nowhere/start"), headers={"Origin": FOREIGN}) as response:
        assert response.status == 404
        assert "Access-Control-Allow-Origin" not in response.headers
