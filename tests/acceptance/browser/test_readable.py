"""The check for readable pages: what is faint or has no name is found, so that finding nothing means something."""

import pytest
from aiohttp import web

from .readable import faint_texts, nameless
from .serving import served
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = """<!doctype html><html lang="en"><title>A page</title><link rel=icon href=data:,>
<h1>Title</h1><p style="color: #777; background: #fff">just faint</p><p style="color: #767676">just dark enough</p>
<p style="color: #949494; font-size: 24px">large</p><p hidden style="color: #fff">not shown</p>
<div style="background: #000"><p style="color: rgb(255 255 255 / 40%)">through</p></div>
<button></button><a href="#">named</a><meter></meter><table><tr><th>x</th></tr></table><input>
<i id="a"></i><b id="a"></b>
"""


async def test_faint_texts_and_nameless_elements_are_found(watched: Watched) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    async with served(application) as url:
        opened = await watched.open(url)
        assert await faint_texts(opened) == ["just faint 4.48", "through 3.66"]
        found = [each.split(">")[0] for each in await nameless(opened)]
    assert found == ["<button", "<meter", "<table", "<th", "<input", "id a twice"]
