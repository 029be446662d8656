"""Slack on loopback: the Web API as strict as Slack, the platform that posts events, and Socket Mode.

Errors have Slack's shape: 200 with `ok: false` and a name, 429 with Retry-After. Switches: `refusals` are errors that
the next calls get, by method; `pauses` is a Retry-After for the next calls of a method; `loses_answers` takes a
message and breaks off before it answers; `breaks_off` takes nothing and breaks off, as `breaks_off_all` does for
every method. What is not right about a request is Slack's own error, so whoever sends it hears of it.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, WSMsgType, web

from trunkline.adapters.slack_signature import signature_of

from .vendor_service import VendorService, broken_off

OURS, THEIRS = "T0OURS", "T0THEIRS"
APP, APP_USER, APP_BOT = "A0APP", "U0APP", "B0APP"
SUPPORT, DIRECT, MARIA = "C0SUPPORT", "D0MARIA", "U0MARIA"

_ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # method: what it needs, what it takes besides
    "chat.postMessage": (
        frozenset({"channel"}),
        frozenset({"text", "mrkdwn", "thread_ts", "username", "unfurl_links", "unfurl_media", "metadata"}),
    ),
    "conversations.open": (frozenset({"users"}), frozenset({"return_im"})),
    "conversations.replies": (
        frozenset({"channel", "ts"}),
        frozenset({"oldest", "limit", "include_all_metadata", "cursor"}),
    ),
    "conversations.history": (
        frozenset({"channel"}),
        frozenset({"oldest", "limit", "include_all_metadata", "cursor"}),
    ),
    "users.info": (frozenset({"user"}), frozenset()),
    "files.info": (frozenset({"file"}), frozenset()),
    "files.getUploadURLExternal": (frozenset({"filename", "length"}), frozenset({"alt_txt"})),
    "files.completeUploadExternal": (frozenset({"files"}), frozenset({"channel_id", "thread_ts", "initial_comment"})),
    "apps.connections.open": (frozenset(), frozenset()),
    "auth.test": (frozenset(), frozenset()),
}


@dataclass
class FakeSlack(VendorService):
    """One workspace with one app. `messages` are those that were taken, by channel; `calls` every method called."""

    token: str
    secret: str
    app_token: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {SUPPORT: [], DIRECT: []})
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    pauses: dict[str, list[int]] = field(default_factory=dict)
    loses_answers: bool = False
    breaks_off: bool = False
    breaks_off_all: bool = False
    page: int = 200
    scopes: str = (
        "chat:write,users:read,users:read.email,files:read,files:write,reactions:read,channels:history,groups:history,"
        "im:history,im:write"
    )
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    events: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        application = web.Application()
        application.router.add_post("/api/{method}", self._call)
        application.router.add_get("/files-pri/{id}/download", self._give)
        application.router.add_post("/upload/{id}", self._upload)
        application.router.add_get("/socket", self._socket)
        self.serve(application)

    async def stop(self) -> None:
        """End, with all connections."""
        for socket in self.sockets:
            await socket.close()
        await super().stop()

    @property
    def api(self) -> str:
        """Where its API is."""
        return f"{self.base}/api"

    @property
    def posted(self) -> list[dict[str, Any]]:
        """All messages of the app."""
        return [message for messages in self.channels.values() for message in messages if "bot_id" in message]

    # The platform

    def event(self, event: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """What Slack posts of an event, under an id of its own."""
        self.events += 1
        authorization = {"enterprise_id": None, "team_id": OURS, "user_id": APP_USER, "is_bot": True}
        return {
            "token": "verification",
            "team_id": OURS,
            "api_app_id": APP,
            "event": dict(event),
            "type": "event_callback",
            "event_id": f"Ev{self.events:010d}",
            "event_time": 1_796_000_000,
            "authorizations": [authorization | {"is_enterprise_install": False}],
            "is_ext_shared_channel": True,
            "event_context": "4-context",
        } | more

    def message(self, text: str, *, ts: str = "", user: str = MARIA, **more: Any) -> dict[str, Any]:
        """An event: somebody of another workspace wrote."""
        at = ts or f"{1_796_000_001 + self.events}.000100"
        told = {"type": "message", "user": user, "text": text, "ts": at, "event_ts": at, "channel": SUPPORT}
        return self.event({**told, "channel_type": "channel", "team": THEIRS, "user_team": THEIRS, **more})

    def signed(self, body: bytes, stamp: str | None = None) -> dict[str, str]:
        """The headers that Slack gives a post."""
        at = stamp if stamp is not None else str(int(time.time()))
        signature = signature_of(self.secret.encode(), at, body)
        return {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature,
        }

    async def post(self, url: str, body: Mapping[str, Any], stamp: str | None = None) -> int:
        """Post to us; the status. Raises ClientError."""
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = self.signed(content, stamp)
        async with ClientSession() as session, session.post(url, data=content, headers=headers) as response:
            return response.status

    # The API

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        form = {str(name): str(value) for name, value in (await request.post()).items()}
        self.calls.append((method, form))
        if self.breaks_off_all or (self.breaks_off and method == "chat.postMessage"):
            return broken_off(request)
        if pauses := self.pauses.get(method):
            headers = {"Retry-After": str(pauses.pop(0))}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        error = self._fault(request, method, form)
        if error:
            needed = {"needed": "users:read"} if error == "missing_scope" else {}
            return web.json_response({"ok": False, "error": error, **needed})
        answer = getattr(self, f"_{method.replace('.', '_')}")(form)
        if self.loses_answers and method in ("chat.postMessage", "files.completeUploadExternal"):
            return broken_off(request)
        headers = {"X-OAuth-Scopes": self.scopes} if method == "auth.test" else None
        return web.json_response(answer if "ok" in answer else {"ok": True, **answer}, headers=headers)

    def _fault(self, request: web.Request, method: str, form: Mapping[str, str]) -> str:
        """What Slack says is wrong."""
        if method not in _ARGUMENTS:
            return "unknown_method"
        token = self.app_token if method == "apps.connections.open" else self.token
        given = request.headers.get("Authorization", "")
        if not given.startswith("Bearer "):
            return "not_authed"
        if given != f"Bearer {token}":
            return "invalid_auth"
        if request.content_type != "application/x-www-form-urlencoded":
            return "invalid_form_data"
        needed, taken = _ARGUMENTS[method]
        if not needed <= form.keys() or form.keys() - needed - taken:
            return "invalid_arguments"
        refusals = self.refusals.get(method)
        return refusals.pop(0) if refusals else ""

    def _auth_test(self, _: Mapping[str, str]) -> dict[str, Any]:
        about = {"url": "https://example.slack.com/", "team": "Example", "user": "support", "team_id": OURS}
        return {**about, "user_id": APP_USER, "bot_id": APP_BOT, "is_enterprise_install": False}

    def _chat_postMessage(self, form: Mapping[str, str]) -> dict[str, Any]:  # noqa: N802
        channel = self.channels.get(form["channel"])
        if channel is None:
            return _no("channel_not_found")
        if not form.get("text"):
            return _no("no_text")
        if len(form["text"]) > 40_000:
            return _no("msg_too_long")
        metadata = json.loads(form.get("metadata", "{}"))
        if metadata and not isinstance(metadata.get("event_payload"), dict):
            return _no("invalid_metadata_schema")
        ts = f"1796100000.{sum(map(len, self.channels.values())):06d}"
        message = {"type": "message", "ts": ts, "text": form["text"], "bot_id": APP_BOT, "user": APP_USER}
        message |= {name: form[name] for name in ("thread_ts", "username") if name in form}
        message |= {"metadata": metadata} if metadata else {}
        channel.append(message)
        return {"channel": form["channel"], "ts": ts, "message": message}

    def _conversations_open(self, form: Mapping[str, str]) -> dict[str, Any]:
        return {"channel": {"id": DIRECT}} if form["users"] in self.people else _no("user_not_found")

    def _conversations_replies(self, form: Mapping[str, str]) -> dict[str, Any]:
        found = self.channels.get(form["channel"])
        if found is None:
            return _no("channel_not_found")
        return self._listed([each for each in found if form["ts"] in (each.get("thread_ts"), each["ts"])], form)

    def _conversations_history(self, form: Mapping[str, str]) -> dict[str, Any]:
        found = self.channels.get(form["channel"])
        return _no("channel_not_found") if found is None else self._listed(found, form)

    def _listed(self, messages: list[dict[str, Any]], form: Mapping[str, str]) -> dict[str, Any]:
        begin = int(form.get("cursor") or 0)
        told = [each for each in messages if float(each["ts"]) >= float(form.get("oldest", 0))]
        shown = [dict(each) for each in told[begin : begin + self.page]]
        if form.get("include_all_metadata") != "true":
            shown = [{name: value for name, value in each.items() if name != "metadata"} for each in shown]
        more = {"next_cursor": str(begin + self.page)} if len(told) > begin + self.page else {"next_cursor": ""}
        return {"messages": shown, "has_more": bool(more["next_cursor"]), "response_metadata": more}

    def _users_info(self, form: Mapping[str, str]) -> dict[str, Any]:
        user = self.people.get(form["user"])
        return {"user": {"id": form["user"], **user}} if user else _no("user_not_found")

    def _files_info(self, form: Mapping[str, str]) -> dict[str, Any]:
        file = self.files.get(form["file"])
        if file is None:
            return _no("file_not_found")
        url = f"{self.base}/files-pri/{form['file']}/download"
        return {"file": {"id": form["file"], "url_private_download": url, **file}}

    def _files_getUploadURLExternal(self, form: Mapping[str, str]) -> dict[str, Any]:  # noqa: N802
        if not form["length"].isdigit() or form["length"] == "0":
            return _no("invalid_arguments")
        id_ = f"F0UP{len(self.uploads)}"
        self.uploads[id_] = {"name": form["filename"], "length": int(form["length"]), "content": None}
        return {"upload_url": f"{self.base}/upload/{id_}", "file_id": id_}

    def _files_completeUploadExternal(self, form: Mapping[str, str]) -> dict[str, Any]:  # noqa: N802
        channel = self.channels.get(form.get("channel_id", ""))
        files = json.loads(form["files"])
        if channel is None:
            return _no("channel_not_found")
        if any(self.uploads.get(each.get("id"), {}).get("content") is None for each in files):
            return _no("file_not_found")
        shared = [
            {"id": each["id"], "name": self.uploads[each["id"]]["name"], "title": each.get("title", "")}
            for each in files
        ]
        ts = f"1796100000.{sum(map(len, self.channels.values())):06d}"
        thread = {"thread_ts": form["thread_ts"]} if "thread_ts" in form else {}
        channel.append({"type": "message", "ts": ts, "text": "", "bot_id": APP_BOT, "files": shared, **thread})
        return {"files": shared}

    def _apps_connections_open(self, _: Mapping[str, str]) -> dict[str, Any]:
        return {"url": self.base.replace("http", "ws") + "/socket"}

    async def _upload(self, request: web.Request) -> web.Response:
        upload = self.uploads.get(request.match_info["id"])
        content = await request.read()
        if upload is None or upload["length"] != len(content):
            return web.Response(status=400, text="wrong length")
        upload["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def _give(self, request: web.Request) -> web.StreamResponse:
        if self.breaks_off_all:
            return broken_off(request)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise web.HTTPFound("https://slack.com/signin")
        content = self.contents.get(request.match_info["id"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        self.stirred.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data)["envelope_id"])
                self.stirred.set()
        return socket


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}
