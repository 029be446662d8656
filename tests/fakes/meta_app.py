"""What Meta tells of an app, its tokens and its accounts, on loopback and as strict as Meta.

`/app`, `debug_token` and the webhooks of an app ("Debug-Token", "Application Subscriptions": the token of the app
only), which apps an account posts to ("Subscribed Apps"), and the state of a WhatsApp number. Errors have the Graph
API's shape. What an account is like are the attributes.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .meta import INSTAGRAM, NUMBER, PAGE, VERSION
from .vendor_service import VendorService

APP, BUSINESS = "998877665544", "102290129340398"


@dataclass
class FakeMetaApp(VendorService):
    """One app with one page, its Instagram account, and one WhatsApp number."""

    token: str
    secret: str
    about: dict[str, Any] = field(default_factory=dict)
    """What `debug_token` tells of the token."""
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    subscribed: list[str] = field(default_factory=lambda: [APP])
    number: dict[str, Any] = field(default_factory=lambda: {"status": "CONNECTED", "quality_rating": "GREEN"})

    def __post_init__(self) -> None:
        application, base = web.Application(), f"/{VERSION}"
        application.router.add_get(f"{base}/app", self._app)
        application.router.add_get(f"{base}/debug_token", self._debug)
        application.router.add_get(f"{base}/{APP}/subscriptions", self._subscriptions)
        application.router.add_get(f"{base}/me", self._me)
        application.router.add_get(f"{base}/{{account}}/subscribed_apps", self._subscribed)
        application.router.add_get(f"{base}/{BUSINESS}/phone_numbers", self._numbers)
        application.router.add_get(f"{base}/{NUMBER}", self._number)
        self.serve(application)

    def _demand(self, request: web.Request, token: str) -> None:
        """Raises web.HTTPException, with Meta's words."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given != token:
            raise _error(400, 190, "Invalid OAuth access token - Cannot parse access token")
        if "appsecret_proof" not in request.query and request.host.startswith("localhost"):
            return  # Instagram Login knows none
        proof = hmac.digest(self.secret.encode(), given.encode(), "sha256").hex()
        if request.query.get("appsecret_proof") != proof:
            raise _error(400, 100, "Invalid appsecret_proof provided in the API argument")

    async def _app(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise _error(400, 190, "Invalid OAuth access token - Cannot parse access token")
        return web.json_response({"id": APP, "name": "Example Support"})

    async def _debug(self, request: web.Request) -> web.Response:
        self._demand(request, f"{APP}|{self.secret}")
        if request.query.get("input_token") != self.token:
            return web.json_response({"data": {"is_valid": False, "error": {"code": 190, "message": "Malformed"}}})
        told = {"app_id": APP, "is_valid": True, "expires_at": 0, "scopes": [], **self.about}
        return web.json_response({"data": told})

    async def _subscriptions(self, request: web.Request) -> web.Response:
        self._demand(request, f"{APP}|{self.secret}")
        return web.json_response({"data": self.webhooks})

    async def _me(self, request: web.Request) -> web.Response:
        self._demand(request, self.token)
        facts = {"id": PAGE, "name": "Example Shop", "instagram_business_account": {"id": INSTAGRAM}}
        facts |= {"user_id": INSTAGRAM, "username": "exampleshop"}
        return web.json_response(_chosen(request, facts))

    async def _subscribed(self, request: web.Request) -> web.Response:
        self._demand(request, self.token)
        account = request.match_info["account"]
        if account not in (PAGE, BUSINESS, "me"):
            raise _error(400, 100, "Unsupported get request. Object does not exist")
        of_number = [{"whatsapp_business_api_data": {"id": each, "name": "An app"}} for each in self.subscribed]
        of_page = [{"id": each, "name": "An app", "subscribed_fields": ["messages"]} for each in self.subscribed]
        return web.json_response({"data": of_number if account == BUSINESS else of_page})

    async def _numbers(self, request: web.Request) -> web.Response:
        self._demand(request, self.token)
        return web.json_response({"data": [{"id": NUMBER}]})

    async def _number(self, request: web.Request) -> web.Response:
        self._demand(request, self.token)
        facts = {"display_phone_number": "+1 555-078-3881", "verified_name": "Example Shop", **self.number}
        return web.json_response({**_chosen(request, facts), "id": NUMBER})


def _chosen(request: web.Request, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; Meta tells nothing else."""
    return {name: facts[name] for name in request.query.get("fields", "id").split(",") if name in facts}


def _error(status: int, code: int, words: str) -> web.HTTPException:
    kind = web.HTTPBadRequest if status == 400 else web.HTTPForbidden
    error = {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf"}
    return kind(text=web.json_response({"error": error}).text, content_type="application/json")
