"""Slack for agents on loopback: one workspace with one app, as strict as Slack and stricter where Slack is lenient.

    async with FakeSlackDesk() as slack:
        ann = slack.workspace.add_person("Ann", email="ann@example.com")
        support = slack.workspace.add_channel("support", [slack.workspace.bot_user, ann.id])
        SlackApi(slack.api, slack.token)

The state is in `workspace`, what came in is in `web_api.calls`, what goes wrong is in `switches`. Rates hold by the
clock that is given (`now`, milliseconds since 1970); `web_api.rates = None` lifts them.

Limits: no Enterprise Grid, no conversations of several people, no user groups, and one token of each kind at a time
unless it is rotated. What Slack does not document is written where it is decided.
"""

import time
from collections.abc import Callable

from aiohttp import web

from ..vendor_service import VendorService
from . import chat_methods, conversation_methods, people_methods
from .files import Files
from .methods import Method
from .response_urls import ResponseUrls
from .sockets import Sockets
from .switches import Switches
from .tokens import SCOPES, Tokens
from .view_methods import ViewMethods
from .views import Views
from .web_api import WebApi
from .workspace import Person, Workspace

TEAM, APP, BOT_USER, BOT = "T0DESK", "A0DESK", "U0DESK", "B0DESK"
BOT_TOKEN, APP_TOKEN = "xoxb-of-the-desk", "xapp-of-the-desk"
LARGEST = 64 * 1024 * 1024


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class FakeSlackDesk(VendorService):
    """The stand-in; it listens once it is started."""

    def __init__(self, now: Callable[[], int] = _wall_clock) -> None:
        self.now = now
        self.token, self.app_token = BOT_TOKEN, APP_TOKEN
        self.workspace = Workspace(now, TEAM, APP, BOT_USER, BOT)
        self.workspace.people[BOT_USER] = Person(BOT_USER, "Desk", team=TEAM, is_bot=True)
        self.tokens = Tokens(now)
        self.tokens.give(BOT_TOKEN, "bot", SCOPES)
        self.tokens.give(APP_TOKEN, "app", {"connections:write"})
        self.switches = Switches()
        self.views = Views(self.workspace)
        self.files = Files(self.workspace, self.tokens, self.switches)
        self.sockets = Sockets(self.workspace)
        self.response_urls = ResponseUrls(self.workspace)
        self.web_api = WebApi(self.workspace, self._methods(), self.tokens, self.switches)
        application = web.Application(client_max_size=LARGEST)
        self.add_routes(application)
        self.serve(application)

    def _methods(self) -> dict[str, Method]:
        return {
            **chat_methods.METHODS,
            **conversation_methods.METHODS,
            **people_methods.METHODS,
            **self.tokens.methods,
            **ViewMethods(self.views).methods,
            **self.files.methods,
            **self.sockets.methods,
        }

    def add_routes(self, application: web.Application) -> None:
        """Where it answers what."""
        application.router.add_route("*", "/api/{method}", self.web_api.answer)
        application.router.add_get("/link/", self.sockets.connect)
        application.router.add_post("/actions/" + self.workspace.team + "/{id}", self.response_urls.answer)
        application.router.add_post("/upload/v1/{id}", self.files.take)
        application.router.add_get("/files-pri/" + self.workspace.team + "-{id}/{tail:.*}", self.files.give)

    async def start(self) -> None:
        """Begin to listen."""
        await super().start()
        self.workspace.base = self.base

    async def stop(self) -> None:
        """End, with all connections."""
        await self.sockets.stop()
        await super().stop()

    @property
    def api(self) -> str:
        """Where its API is."""
        return f"{self.base}/api"
