"""LINE on loopback: the Messaging API as strict as LINE, and the platform that posts events.

Errors have LINE's shape (reference, "Error responses"). Switches: `refusals` are statuses that the next requests get,
with Retry-After where one is given, `later` those after the next push; `loses_answers` takes a push and breaks off
before it answers; `breaks_off` takes nothing and breaks off; `preparing` has files answered 202. Files of our messages
are fetched where `reach` says what stands for a public address. What is not right about a request is LINE's own 400 or
401, so whoever sends it hears of it.
"""

import base64
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web

from .vendor_service import VendorService, broken_off

BOT = "U" + "b0" * 16
_RECEIVERS = re.compile(r"[UCR][0-9a-f]{32}\Z")
_PUSH = {"to", "messages", "notificationDisabled", "customAggregationUnits"}
_TEXT = {"type", "text", "emojis", "quoteToken", "quickReply", "sender"}
_MEDIA = {
    "image": {"originalContentUrl", "previewImageUrl"},
    "video": {"originalContentUrl", "previewImageUrl"},
    "audio": {"originalContentUrl", "duration"},
}
_UNAUTHORIZED = (
    "Authentication failed due to the following reason: invalid token. Confirm that the access token in the "
    "authorization header is valid."
)


@dataclass
class Push:
    """A push that was taken: the key, to whom, what, and what LINE called it."""

    key: str
    to: str
    messages: list[dict[str, Any]]
    sent: list[dict[str, str]]
    request_id: str

    @property
    def texts(self) -> list[str]:
        """What it says."""
        return [message["text"] for message in self.messages if message["type"] == "text"]


@dataclass
class FakeLine(VendorService):
    """`pushes` are those that were taken, `asked` counts every request for one."""

    token: str
    secret: str
    strangers: set[str] = field(default_factory=set)
    refusals: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    later: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    loses_answers: bool = False
    breaks_off: bool = False
    preparing: bool = False
    files: dict[str, tuple[bytes, str] | None] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)
    fetched: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    pushes: list[Push] = field(default_factory=list)
    asked: int = 0
    endpoint: dict[str, Any] = field(default_factory=dict)
    tried: dict[str, Any] = field(default_factory=lambda: {"success": True, "statusCode": 200, "reason": "OK"})
    events: int = 0

    def __post_init__(self) -> None:
        application = web.Application()
        application.router.add_post("/v2/bot/message/push", self._push)
        application.router.add_get("/v2/bot/message/{id}/content", self._content)
        application.router.add_get("/v2/bot/info", self._info)
        application.router.add_get("/v2/bot/channel/webhook/endpoint", self._endpoint)
        application.router.add_post("/v2/bot/channel/webhook/test", self._test)
        self.serve(application)

    # The platform

    def event(self, type_: str, user: str, **more: Any) -> dict[str, Any]:
        """An event of LINE, each later than the one before."""
        self.events += 1
        return {
            "type": type_,
            "webhookEventId": f"01K9FAKE{self.events:018d}",
            "deliveryContext": {"isRedelivery": False},
            "timestamp": 1_796_000_000_000 + self.events,
            "source": {"type": "user", "userId": user},
            "replyToken": f"{self.events:032x}",
            "mode": "active",
        } | more

    def text(self, user: str, text: str, *, id_: str = "") -> dict[str, Any]:
        """An event: somebody wrote."""
        message = {"id": id_ or str(593_100_000_000_000_000 + self.events), "type": "text", "quoteToken": "q"}
        return self.event("message", user, message={**message, "text": text})

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that LINE gives a post."""
        signature = base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()
        return {"Content-Type": "application/json; charset=utf-8", "x-line-signature": signature}

    async def post(self, url: str, *events: Mapping[str, Any]) -> int:
        """Post events to a webhook; its status. Raises ClientError."""
        body = json.dumps({"destination": BOT, "events": events}, ensure_ascii=False).encode()
        async with ClientSession() as session, session.post(url, data=body, headers=self.signed(body)) as response:
            return response.status

    # The API

    async def _push(self, request: web.Request) -> web.Response:
        self.asked += 1
        if trouble := self._trouble(request):
            return trouble
        if refusal := self._refusal(request):
            return refusal
        key = request.headers.get("X-Line-Retry-Key", "")
        if known := next((push for push in self.pushes if key and push.key == key), None):
            told = {"message": "The retry key is already accepted", "sentMessages": known.sent}
            return _answer(409, told, {"x-line-accepted-request-id": known.request_id})
        return await self._taken(key, await request.read(), request)

    async def _info(self, request: web.Request) -> web.Response:
        return self._told(request, {"userId": BOT, "basicId": "@216ru", "displayName": "Example", "chatMode": "bot"})

    async def _endpoint(self, request: web.Request) -> web.Response:
        if not self.endpoint:
            return _answer(404, {"message": "Not found"})
        return self._told(request, self.endpoint)

    async def _test(self, request: web.Request) -> web.Response:
        return self._told(request, {"timestamp": "2026-11-30T07:00:00Z", "detail": "200", **self.tried})

    def _told(self, request: web.Request, content: dict[str, Any]) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _answer(401, {"message": _UNAUTHORIZED})
        return _answer(200, content)

    def _trouble(self, request: web.Request) -> web.Response | None:
        """What a switch makes of it."""
        if self.breaks_off:
            return broken_off(request)
        if self.refusals:
            status, words, headers = self.refusals.pop(0)
            return _answer(status, {"message": words}, headers)
        return None

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Why the headers are refused."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _answer(401, {"message": _UNAUTHORIZED})
        if request.content_type != "application/json":
            return _answer(415, {"message": f"The content type, {request.content_type}, is not supported"})
        if not _is_uuid(request.headers.get("X-Line-Retry-Key", str(uuid.uuid4()))):
            return _answer(400, {"message": "The retry key is not a UUID in hexadecimal notation"})
        return None

    async def _taken(self, key: str, body: bytes, request: web.Request) -> web.Response:
        try:
            content = json.loads(body)
        except ValueError:
            return _answer(400, {"message": "The request body could not be parsed as JSON (line: 1, column: 1)"})
        if refusal := _fault(content):
            return _answer(400, refusal)
        if content["to"] in self.strangers:
            return _answer(400, {"message": "Failed to send messages"})
        first = 461_230_966_842_064_897 + 10 * len(self.pushes)
        sent = [{"id": str(first + at), "quoteToken": f"IStG{at}"} for at in range(len(content["messages"]))]
        self.refusals, self.later = [*self.refusals, *self.later], []
        self.pushes.append(Push(key, content["to"], content["messages"], sent, str(uuid.uuid4())))
        for url in (each for message in content["messages"] for name, each in message.items() if name.endswith("Url")):
            await self._fetch(url)
        return broken_off(request) if self.loses_answers else _answer(200, {"sentMessages": sent})

    async def _fetch(self, url: str) -> None:
        """As phones fetch what they show; only from where the tests say that they can reach."""
        public = next((each for each in self.reach if url.startswith(f"{each}/")), None)
        if public is None:
            return
        async with ClientSession() as session, session.get(self.reach[public] + url.removeprefix(public)) as got:
            self.fetched[url] = got.status, got.headers.get("Content-Type", ""), await got.read()

    async def _content(self, request: web.Request) -> web.Response:
        if trouble := self._trouble(request):
            return trouble
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _answer(401, {"message": _UNAUTHORIZED})
        id_ = request.match_info["id"]
        found = self.files.get(id_, ())
        if found == ():
            return _answer(404, {"message": "Not found"})
        if self.preparing:
            return web.Response(status=202)
        if not found:
            return _answer(410, {"message": "Gone"})
        return web.Response(body=found[0], content_type=found[1])


def _fault(content: Any) -> dict[str, Any] | None:
    """What is wrong with a push, as LINE says it."""
    if not isinstance(content, dict):
        return {"message": "The request body could not be parsed as JSON (line: 1, column: 1)"}
    if unknown := sorted(content.keys() - _PUSH):
        return {"message": f"The property, '{unknown[0]}', in the request body is invalid (line: -, column: -)"}
    if not isinstance(content.get("to"), str) or not _RECEIVERS.match(content["to"]):
        return {"message": "The property, 'to', in the request body is invalid (line: -, column: -)"}
    messages = content.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return _details([("Size must be between 1 and 5", "messages")])
    return _details([fault for at, message in enumerate(messages) for fault in _message_faults(at, message)])


def _message_faults(at: int, message: Any) -> list[tuple[str, str]]:
    kind = message.get("type") if isinstance(message, dict) else None
    if kind not in ("text", *_MEDIA):
        return [("Must be one of the following values: [text, image, video, audio, location]", f"messages[{at}].type")]
    if kind != "text":
        return _media_faults(at, message)
    if unknown := sorted(message.keys() - _TEXT):
        return [("Unknown property", f"messages[{at}].{unknown[0]}")]
    text = message.get("text")
    if not isinstance(text, str) or not text:
        return [("May not be empty", f"messages[{at}].text")]
    if len(text.encode("utf-16-le")) // 2 > 5000:
        return [("Length must be between 0 and 5000", f"messages[{at}].text")]
    return []


def _media_faults(at: int, message: Any) -> list[tuple[str, str]]:
    wanted = _MEDIA[message["type"]]
    if unknown := sorted(message.keys() - wanted - {"type"}):
        return [("Unknown property", f"messages[{at}].{unknown[0]}")]
    for name in sorted(wanted):
        value = message.get(name)
        if name == "duration":
            if not isinstance(value, int) or value < 1:
                return [("May not be empty", f"messages[{at}].{name}")]
        elif not isinstance(value, str) or not value.startswith("https://") or len(value) > 2000:
            return [("invalid uri scheme", f"messages[{at}].{name}")]
    return []


def _details(faults: list[tuple[str, str]]) -> dict[str, Any] | None:
    if not faults:
        return None
    details = [{"message": words, "property": place} for words, place in faults]
    return {"message": f"The request body has {len(faults)} error(s)", "details": details}


def _is_uuid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))


def _answer(status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(
        content, status=status, headers={"x-line-request-id": str(uuid.uuid4()), **(headers or {})}
    )
