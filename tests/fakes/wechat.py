"""WeChat on loopback: the API of an official account as strict as WeChat, and the platform that posts.

Errors have WeChat's shape: 200 with `errcode` and `errmsg` ("General error codes"). Switches: `refusals` are codes that
the next requests but those for a token get, `statuses` HTTP statuses; `loses_answers` takes a message and breaks off
before it answers; `breaks_off` takes nothing and breaks off; `expire` has the token refused. What is not right about a
request is WeChat's own error, so whoever sends it hears of it.
"""

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from aiohttp import BodyPartReader, ClientSession, web
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from .vendor_service import VendorService, broken_off

ACCOUNT = "gh_97417a04a28d"
MOST = 5
_OPENID = re.compile(r"o[0-9A-Za-z_-]{27}\Z")
_TYPES = {"text": {"content"}, "image": {"media_id"}, "voice": {"media_id"}}
_TYPES["video"] = {"media_id", "thumb_media_id", "title", "description"}
_LARGEST = {"image": 10 * 2**20, "voice": 2 * 2**20, "video": 10 * 2**20, "thumb": 64 * 2**10}
_ENDINGS = {"image": ("png", "jpeg", "jpg", "gif"), "voice": ("amr", "mp3"), "video": ("mp4",), "thumb": ("jpg",)}
_MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40125: "invalid appsecret",
    40164: "invalid ip 203.0.113.7, not in whitelist",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    47001: "data format error",
    48001: "api unauthorized",
    76021: "cgi_path not found, please check",
}


@dataclass
class FakeWechat(VendorService):
    """`sent` are the messages that were taken, `asked` counts requests for one, `left` how many more somebody takes."""

    app_id: str
    secret: str
    token: str
    key: str
    sent: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    left: dict[str, int] = field(default_factory=dict)
    refusals: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    loses_answers: bool = False
    breaks_off: bool = False
    stranger: bool = False
    """The machine that asks is not in the whitelist."""
    files: dict[str, tuple[bytes, str] | str] = field(default_factory=dict)
    uploads: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    asked_for_tokens: list[bool] = field(default_factory=list)
    """Of each request for a token that was answered, whether it was to be made anew."""
    stubborn: bool = False
    """Gives the token that it refuses until it is to be made anew."""
    fails_when_forced: bool = False
    """Makes no token anew, for it is out of order."""
    quota: dict[str, int] = field(default_factory=lambda: {"daily_limit": 500000, "used": 1, "remain": 499999})
    reached: dict[str, Any] = field(
        default_factory=lambda: {"dns": [{"ip": "203.0.113.9"}], "ping": [{"ip": "203.0.113.9", "package_loss": "0%"}]}
    )
    now: float = 0.0
    encrypts: bool = True

    def __post_init__(self) -> None:
        self._made = 1
        self._refused: set[str] = set()
        self._numbers = 0
        application = web.Application(client_max_size=32 * 2**20)
        application.router.add_post("/cgi-bin/stable_token", self._stable_token)
        application.router.add_post("/cgi-bin/message/custom/send", self._send)
        application.router.add_post("/cgi-bin/media/upload", self._upload)
        application.router.add_get("/cgi-bin/media/get", self._media)
        application.router.add_post("/cgi-bin/openapi/quota/get", self._quota)
        application.router.add_post("/cgi-bin/callback/check", self._check)
        application.router.add_get("/films/{name}", self._film)
        self.serve(application)

    @property
    def access_token(self) -> str:
        """The one that is good now."""
        return f"{self._made}_an-access-token-of-the-tests"

    def expire(self) -> None:
        """The access token is not taken any more."""
        self._refused.add(self.access_token)
        self._made += not self.stubborn

    # The platform

    def message(self, who: str, kind: str, **more: Any) -> dict[str, Any]:
        """A message, each later than the one before."""
        self._numbers += 1
        at = 1_796_000_000 + self._numbers
        head = {"ToUserName": ACCOUNT, "FromUserName": who, "CreateTime": at, "MsgType": kind}
        return {**head, **({} if kind == "event" else {"MsgId": (at << 32) + self._numbers}), **more}

    def query(self, cipher: str = "", stamp: str | None = None) -> dict[str, str]:
        """What WeChat writes into the query of a post."""
        stamp = str(int(self.now or time.time())) if stamp is None else stamp
        nonce = str(int.from_bytes(os.urandom(4), "big"))
        given = {"signature": signature(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        if not cipher:
            return given
        msg = signature(self.token, stamp, nonce, cipher)
        return {**given, "openid": "o" * 28, "encrypt_type": "aes", "msg_signature": msg}

    def posted(self, content: bytes, *, compatible: bool = False) -> tuple[bytes, dict[str, str]]:
        """Body and query of a post with this message."""
        if not self.encrypts:
            return content, self.query()
        cipher = encrypted(self.key, content, self.app_id)
        inner = content.removeprefix(b"<xml>").removesuffix(b"</xml>") if compatible else _tag("ToUserName", ACCOUNT)
        body = b"<xml>" + inner + _tag("Encrypt", cipher) + b"</xml>"
        return body, self.query(cipher)

    async def post(self, url: str, message: Mapping[str, Any], **how: bool) -> int:
        """Post a message to a webhook; its status. Its writer may be answered five times from now on."""
        self.left[str(message["FromUserName"])] = MOST
        body, query = self.posted(xml_of(message), **how)
        async with ClientSession() as session, session.post(f"{url}?{urlencode(query)}", data=body) as response:
            return response.status

    async def ask(self, url: str, echo: str) -> tuple[int, str]:
        """Ask whether the address is theirs, as when it is entered; status and answer."""
        query = urlencode({**self.query(), "echostr": echo})
        async with ClientSession() as session, session.get(f"{url}?{query}") as response:
            return response.status, await response.text()

    # The API

    async def _stable_token(self, request: web.Request) -> web.Response:
        if self.breaks_off:
            return broken_off(request)
        try:
            content = await request.json()
        except ValueError:
            return _refused(47001)
        if content.get("grant_type") != "client_credential" or (self.fails_when_forced and content["force_refresh"]):
            return _refused(-1 if self.fails_when_forced else 40002)
        if content.get("appid") != self.app_id or self.stranger:
            return _refused(40164 if self.stranger else 40013)
        if content.get("secret") != self.secret:
            return _refused(40125)
        force = content.get("force_refresh") is True
        self.asked_for_tokens.append(force)
        self._made += force
        return web.json_response({"access_token": self.access_token, "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        self.asked += 1
        if trouble := self._trouble(request):
            return trouble
        body = await request.read()
        if re.search(rb"\\u[0-9a-fA-F]{4}", body):
            return _refused(40033)
        try:
            content = json.loads(body)
        except ValueError:
            return _refused(47001)
        if code := self._fault(content):
            return _refused(code)
        self.left[content["touser"]] -= 1
        self.sent.append(content)
        return broken_off(request) if self.loses_answers else web.json_response({"errcode": 0, "errmsg": "ok"})

    def _fault(self, content: Any) -> int:
        """What is wrong with a message, as WeChat says it."""
        if not isinstance(content, dict) or not isinstance(content.get("touser"), str):
            return 47001
        to, kind = content["touser"], content.get("msgtype")
        if not _OPENID.match(to) or kind not in _TYPES:
            return 40008 if _OPENID.match(to) else 40003
        inner = content.get(kind)
        if not isinstance(inner, dict) or content.keys() - {"touser", "msgtype", kind} or inner.keys() - _TYPES[kind]:
            return 47001
        if code := self._fault_within(kind, inner):
            return code
        return 45015 if to not in self.left else 0 if self.left[to] else 45047

    def _fault_within(self, kind: str, inner: Mapping[str, Any]) -> int:
        if kind != "text":
            return 0 if self.uploads.get(inner.get("media_id", ""), ("",))[0] == kind else 40007
        text = str(inner.get("content", ""))
        return 44004 if not text.strip() else 45002 if len(text.encode()) > 2048 else 0

    async def _upload(self, request: web.Request) -> web.Response:
        if trouble := self._trouble(request):
            return trouble
        kind = request.query.get("type", "")
        if kind not in _LARGEST:
            return _refused(40004)
        part = await (await request.multipart()).next() if request.content_type == "multipart/form-data" else None
        if not isinstance(part, BodyPartReader) or part.name != "media" or not part.filename:
            return _refused(41005)
        if part.filename.rpartition(".")[2].lower() not in _ENDINGS[kind]:
            return _refused(40004)
        content = bytes(await part.read())
        if len(content) > _LARGEST[kind]:
            return _refused(45001)
        media_id = f"media-{len(self.uploads) + 1}"
        self.uploads[media_id] = kind, part.filename, content
        return web.json_response({"type": kind, "media_id": media_id, "created_at": 1_796_000_000})

    async def _media(self, request: web.Request) -> web.Response:
        if trouble := self._trouble(request):
            return trouble
        found = self.files.get(request.query.get("media_id", ""))
        if found is None:
            return _refused(40007)
        if isinstance(found, str):
            return web.json_response({"video_url": f"{self.base}/films/{found}"})
        name = f'attachment; filename="{request.query["media_id"]}.{found[1].partition("/")[2]}"'
        return web.Response(body=found[0], content_type=found[1], headers={"Content-Disposition": name})

    async def _film(self, request: web.Request) -> web.Response:
        found = self.files.get(request.match_info["name"])
        if not isinstance(found, tuple):
            return web.Response(status=404)
        return web.Response(body=found[0], content_type=found[1])

    async def _quota(self, request: web.Request) -> web.Response:
        if trouble := self._trouble(request):
            return trouble
        if (await request.json()).get("cgi_path") != "/cgi-bin/message/custom/send":
            return _refused(76021)
        return web.json_response({"errcode": 0, "errmsg": "ok", "quota": self.quota})

    async def _check(self, request: web.Request) -> web.Response:
        return self._trouble(request) or web.json_response(self.reached)

    def _trouble(self, request: web.Request) -> web.Response | None:
        """What a switch, or the access token, makes of it."""
        if self.breaks_off:
            return broken_off(request)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), text="<html>a gateway of WeChat</html>")
        token = request.query.get("access_token", "")
        if not token:
            return _refused(41001)
        if token in self._refused or token != self.access_token:
            return _refused(40001)
        code = self.refusals.pop(0) if self.refusals else 0
        return _refused(code) if code else None


def signature(*parts: str) -> str:
    """As WeChat signs."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypted(key: str, content: bytes, app_id: str) -> str:
    """As WeChat encrypts."""
    raw = base64.b64decode(f"{key}=")
    inner = os.urandom(16) + len(content).to_bytes(4, "big") + content + app_id.encode()
    count = 32 - len(inner) % 32
    encryptor = Cipher(AES(raw), CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(inner + bytes([count]) * count) + encryptor.finalize()).decode()


def xml_of(message: Mapping[str, Any]) -> bytes:
    """As WeChat writes a message."""
    return b"<xml>" + b"".join(_tag(name, value) for name, value in message.items()) + b"</xml>"


def _tag(name: str, value: Any) -> bytes:
    if isinstance(value, Mapping):
        inner = "".join(_tag(each, said).decode() for each, said in value.items())
    elif isinstance(value, int):
        inner = str(value)
    else:
        inner = escape(value) if "]]>" in value else f"<![CDATA[{value}]]>"
    return f"<{name}>{inner}</{name}>\n".encode()


def _refused(code: int) -> web.Response:
    words = f"{_MESSAGES.get(code, 'refused')} rid: 6565f3bd-4d25a283-73c6a452"
    return web.json_response({"errcode": code, "errmsg": words})
