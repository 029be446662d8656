"""A customer's page with the widget: another origin than the desk's, under a policy as strict as one would write it."""

import html
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from .serving import served

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>A shop</h1><p>Lamps, and what belongs to them.</p><a href="#lamps">All lamps</a>
<script src="{desk}/chat/widget.js" data-site="web" async{attributes}></script></body></html>"""


def page(desk: str, query: Mapping[str, str]) -> web.Response:
    """The page; `lang` and the widget's own attributes come from the query: `?data-button=bar`."""
    given = {name: value for name, value in query.items() if name.startswith("data-")}
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())
    text = _PAGE.format(lang=query.get("lang", "en"), desk=desk, attributes=attributes)
    sockets = desk.replace("http", "ws", 1)
    policy = f"default-src 'none'; script-src {desk}; connect-src {desk} {sockets}; img-src data:"
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})


@asynccontextmanager
async def shop(desk: str, port: int = 0) -> AsyncIterator[str]:
    """Its address."""

    async def answer(request: web.Request) -> web.Response:
        return page(desk, request.query)

    application = web.Application()
    application.router.add_get("/", answer)
    async with served(application, port) as url:
        yield url
