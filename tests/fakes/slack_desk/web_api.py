"""How the Web API lets a call in, and what it answers: the same way for all methods.

In this order a call is refused: what no method is, a token that is not good for it, too many calls, a scope that is
missing, arguments that are missing or that the method does not have; then by the method itself. Slack ignores arguments
that it does not know; here they are refused, since whoever sends one means something by it that does not happen.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ..vendor_service import broken_off
from .arguments import Arguments
from .call_rates import CallRates
from .methods import Call, Grant, Method, Methods
from .refusal import Json, Refused
from .switches import Switches
from .tokens import Tokens, client_of
from .workspace import Workspace

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream")


class WebApi:
    """The methods on a workspace. `calls` are all that came, by method and arguments, also those that were refused."""

    def __init__(self, workspace: Workspace, methods: Methods, tokens: Tokens, switches: Switches) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.rates: CallRates | None = CallRates(workspace.now)
        self._workspace = workspace
        self._methods = methods
        self._tokens = tokens
        self._switches = switches

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What is answered to a request at `/api/{method}`."""
        name = request.match_info["method"]
        if self._switches.is_on(self._switches.breaks, name):
            return broken_off(request)
        if status := self._switches.next_of(self._switches.failures, name):
            return web.Response(status=status, text="upstream connect error")
        headers = dict[str, str]()
        try:
            told: Json = {"ok": True, **await self._run(request, name, headers)}
        except TooOften as error:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=error.headers)
        except Refused as error:
            told = error.answer
        await self._switches.wait(name)
        if told["ok"] and self._switches.is_on(self._switches.loses, name):
            return broken_off(request)
        return web.json_response(told, headers=headers)

    async def _run(self, request: web.Request, name: str, headers: dict[str, str]) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        grant = self._grant(request, method)
        headers["X-OAuth-Scopes"] = ",".join(sorted(grant.scopes))
        given = Arguments(await _given(request, method))
        self.calls.append((name, given.given))
        self._demand_rate(name, method, given)
        call = Call(self._workspace, given, grant)
        call.demand_scope(*method.scopes)
        method.demand_arguments(given)
        if error := self._switches.next_of(self._switches.refusals, name):
            raise Refused(error)
        return method.run(call)

    def _grant(self, request: web.Request, method: Method) -> Grant:
        if method.token == "none":
            return Grant("", "none", set())
        grant = self._tokens.granted(request)
        if grant.kind != method.token:
            raise Refused("not_allowed_token_type")
        return grant

    def _demand_rate(self, name: str, method: Method, given: Arguments) -> None:
        pause = self._switches.next_of(self._switches.pauses, name)
        if pause is None and self.rates is not None:
            pause = self.rates.wait(name, method.a_minute, str(given.given.get("channel", "")))
        if pause:
            raise TooOften(pause)


class TooOften(Exception):
    """Answered with 429; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.headers = {"Retry-After": str(wait)}


async def _given(request: web.Request, method: Method) -> Mapping[str, Any]:
    """All arguments of a request, in its address and in its body."""
    asked: dict[str, Any] = {**request.query, **(client_of(request) if method.token == "none" else {})}
    if request.method == "GET" or not request.can_read_body:
        return asked
    if request.content_type == "application/json":
        return {**asked, **_object(await request.text())} if method.takes_json else asked
    if request.content_type not in _FORMS:
        raise Refused("invalid_post_type")
    return {**asked, **{str(name): str(value) for name, value in (await request.post()).items()}}


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("invalid_json") from None
    if not isinstance(found, dict):
        raise Refused("json_not_object")
    return {name: value for name, value in found.items() if value is not None}
