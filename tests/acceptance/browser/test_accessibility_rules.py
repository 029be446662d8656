"""The rules themselves: each finds what it is there for, and leaves a good page alone."""

import pytest
from aiohttp import web

from .accessibility import faults, focus_faults, stops
from .serving import served
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

GOOD = """<html lang="en"><title>Good</title><link rel="icon" href="data:,">
<style>input, button { height: 24px; min-width: 24px }</style><!-- else the font says how high they are -->
<h1>Lamps</h1><p>Text <a href="#x">with a link</a></p><label>Name <input></label><button>Send</button>
<dialog open aria-label="Chat"><button aria-label="Close"><svg width="30" height="30"></svg></button></dialog>"""

BAD = {
    "<html><title>x</title>": "no lang",
    '<html lang="en">': "no title",
    '<html lang="en" dir="left"><title>x</title>': "dir is neither",
    '<meta name="viewport" content="width=device-width, user-scalable=no">': "zooming is switched off",
    '<div class="wide">wide</div><style>.wide { width: 3000px }</style>': "scrolls sideways",
    "<button></button>": "no accessible name",
    '<input placeholder="Name">': "no accessible name",
    "<button><svg></svg></button>": "no accessible name",
    '<img src="data:,">': "no alt",
    '<p role="knob">x</p>': "no such role: knob",
    '<button aria-controls="nobody">x</button>': "names nobody",
    '<button aria-expanded="open">x</button>': "aria-expanded is open",
    '<i id="a"></i><i id="a"></i>': "an id that is there twice",
    '<button tabindex="3">x</button>': "a tabindex above 0",
    "<dialog open>x</dialog>": "no name",
    '<p style="color: #999">faint</p>': "contrast 2.8",
    '<p style="opacity: 0.3">faint</p>': "contrast",
    '<div style="background: #1f5fbf"><p style="color: #123">dark on dark</p></div>': "contrast",
    '<button style="width: 10px; height: 10px; padding: 0" aria-label="x"></button>': "smaller than 24 px",
    '<div aria-hidden="true"><button>x</button></div>': "hidden from screen readers",
}


async def shown(watched: Watched, html: str) -> list[str]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html>" + html, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    async with served(application) as url:
        return await faults(await watched.open(url))


async def test_a_good_page_has_no_faults(watched: Watched) -> None:
    assert await shown(watched, GOOD) == []


@pytest.mark.parametrize("html", BAD)
async def test_a_fault_is_found(watched: Watched, html: str) -> None:
    watched.expect("Failed to load resource", "ERR_INVALID_URL")
    whole = html if html.startswith("<html") else GOOD + html

    found = await shown(watched, whole)

    assert any(BAD[html] in fault for fault in found), found
    assert len(found) <= 2


async def test_focus_that_does_not_show_is_found(watched: Watched) -> None:
    async def page(_: web.Request) -> web.Response:
        head = "<!doctype html><html lang=en><title>x</title>"
        style = "<style>.none:focus { outline: 0 } .away { position: absolute; left: -999px }</style>"
        body = '<button>good</button><button class="none">unseen</button><button class="away">far</button>'
        return web.Response(text=head + style + body, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    async with served(application) as url:
        watched.expect("Failed to load resource")
        found = focus_faults(await stops(await watched.open(url)))

    assert found == ["unseen: the focus does not show", "far: focused where nobody sees it"]
