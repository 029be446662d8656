"""X on loopback: its API as strict as X for one account, and the platform that posts events.

Every request has to be signed by OAuth 1.0a (RFC 5849), which is checked here from the beginning: key, token, time, a
nonce that was not there before, and the signature over what arrived. Errors have X's shape ("Response codes and
errors"). Switches: `refusals` are the answers that the next sends get; `loses_answers` takes a message and breaks off
before it answers; `breaks_off` takes nothing and breaks off; `gives_files` is the status of files; without
`webhooks` (None) the plan of the app has none.
"""

import base64
import hmac
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import ClientSession, web

from trunkline.normalizer.weighted_length import weighted_length

from .vendor_service import VendorService, broken_off

OWNER, HANDLE = "1720665183188922368", "examplelamps"
KEY, KEY_SECRET = "an-api-key", "an api key secret of the tests"
TOKEN, TOKEN_SECRET = f"{OWNER}-a-token", "a-token-secret-of-the-tests"
BEARER = "AAAA-an-app-token"
PROBLEM = "https://api.twitter.com/2/problems/"
PICTURES = {"image/jpeg", "image/png", "image/webp"}

Refusal = tuple[int, dict[str, Any], dict[str, str]]


@dataclass
class FakeX(VendorService):
    """`messages` and `posts` are what was taken, with X's ids; `asked` counts every request to send."""

    secret: str = KEY_SECRET
    token_secret: str = TOKEN_SECRET
    access: str = "read-write-directmessages"
    strangers: set[str] = field(default_factory=set)
    unanswerable: set[str] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    loses_answers: bool = False
    breaks_off: bool = False
    gives_files: int = 200
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] | None = field(default_factory=list)
    subscribed: bool = True
    activities: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    events: int = 0
    nonces: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        application = web.Application(client_max_size=50 * 1024 * 1024)
        router = application.router
        router.add_post("/2/dm_conversations/with/{person}/messages", self._message)
        router.add_post("/2/tweets", self._post)
        router.add_post("/2/media/upload", self._upload)
        router.add_get("/2/users/me", self._me)
        router.add_post("/oauth2/token", self._app_token)
        router.add_get("/2/webhooks", self._webhooks)
        router.add_get("/2/account_activity/webhooks/{id}/subscriptions/all", self._subscribed)
        router.add_get("/2/activity/subscriptions", self._activities)
        router.add_get("/media/{file}", self._file)
        router.add_get("/dm_media/{file}", self._private_file)
        self.serve(application)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """All that was taken."""
        return [*self.messages, *self.posts]

    # The platform

    def direct(self, person: str, text: str, *, id_: str = "", mine: bool = False, **data: Any) -> dict[str, Any]:
        """A body of the Account Activity API: somebody wrote directly, each later than the one before."""
        self.events += 1
        at = 1_796_000_000_000 + 1000 * self.events
        sender, receiver = (OWNER, person) if mine else (person, OWNER)
        entities = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}
        message = {
            "target": {"recipient_id": receiver},
            "sender_id": sender,
            "message_data": {"text": text, "entities": entities, **data},
        }
        event = {"type": "message_create", "id": id_ or str(2080 * 10**15 + self.events), "created_timestamp": str(at)}
        return {
            "for_user_id": OWNER,
            "direct_message_events": [{**event, "message_create": message}],
            "users": {person: _user(person), OWNER: _user(OWNER)},
        }

    def public(self, person: str, text: str, *, id_: str = "", **more: Any) -> dict[str, Any]:
        """A body of the Account Activity API: somebody wrote in public."""
        self.events += 1
        id_ = id_ or str(2080 * 10**15 + self.events)
        at = 1_796_000_000_000 + 1000 * self.events
        mentions = [
            {"id_str": OWNER, "screen_name": HANDLE, "indices": [each.start(), each.end()]}
            for each in re.finditer(f"@{HANDLE}", text)
        ]
        post = {
            "created_at": "Sat Nov 28 09:00:00 +0000 2026",
            "timestamp_ms": str(at),
            "id_str": id_,
            "text": text,
            "user": {"id_str": person, **_user(person)},
            "entities": {"hashtags": [], "symbols": [], "user_mentions": mentions, "urls": []},
            **more,
        }
        return {"for_user_id": OWNER, "user_has_blocked": False, "tweet_create_events": [post]}

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that X gives a post."""
        signature = base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()
        return {"Content-Type": "application/json", "x-twitter-webhooks-signature": f"sha256={signature}"}

    async def post(self, url: str, content: Mapping[str, Any]) -> int:
        """Post a body to a webhook; its status. Raises ClientError."""
        body = json.dumps(content, ensure_ascii=False).encode()
        async with ClientSession() as session, session.post(url, data=body, headers=self.signed(body)) as response:
            return response.status

    async def challenge(self, url: str, token: str = "OTk0ZjU2ZWQtNzY2YS00") -> bool:
        """Ask an address whether it knows the secret, as X does every hour."""
        async with ClientSession() as session, session.get(url, params={"crc_token": token, "nonce": "n"}) as response:
            answer = await response.json()
        digest = base64.b64encode(hmac.digest(self.secret.encode(), token.encode(), "sha256")).decode()
        return response.status == 200 and answer == {"response_token": f"sha256={digest}"}

    # The API

    def _switched(self, request: web.Request) -> web.Response | None:
        self.asked += 1
        if self.breaks_off:
            return broken_off(request)
        if self.refusals:
            status, problem, headers = self.refusals.pop(0)
            return web.json_response(problem, status=status, headers=headers)
        return self._unsigned(request)

    def _unsigned(self, request: web.Request) -> web.Response | None:
        """Why the signature is refused (RFC 5849 section 3.2)."""
        given = dict(_header(request.headers.get("Authorization", "")))
        known = {"oauth_consumer_key": KEY, "oauth_token": TOKEN, "oauth_signature_method": "HMAC-SHA1"}
        right = given.items() >= known.items() and given.get("oauth_version") == "1.0"
        nonce, stamp = given.get("oauth_nonce", ""), given.get("oauth_timestamp", "")
        if not right or not nonce or nonce in self.nonces or not stamp.isdigit():
            return _problem(401, "Unauthorized")
        self.nonces.add(nonce)
        if abs(time.time() - int(stamp)) > 300:
            return _problem(401, "Timestamp out of bounds.")
        signature = given.pop("oauth_signature", "")
        return None if hmac.compare_digest(signature, self._expected(request, given)) else _problem(401, "Unauthorized")

    def _expected(self, request: web.Request, protocol: Mapping[str, str]) -> str:
        place, _, query = request.raw_path.partition("?")
        pairs = [*protocol.items(), *parse_qsl(query, keep_blank_values=True)]
        encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
        address = f"http://{request.headers['Host'].lower()}{place}"
        base = "&".join(
            quote(each, safe="~") for each in (request.method, address, "&".join("=".join(each) for each in encoded))
        )
        key = f"{quote(self.secret, safe='~')}&{quote(self.token_secret, safe='~')}"
        return base64.b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()

    async def _message(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        content, person = await _json(request), request.match_info["person"]
        if fault := self._message_fault(content, person):
            return fault
        number = str(3080 * 10**15 + len(self.sent))
        self.messages.append({**content, "to": person, "id": number})
        data = {"dm_conversation_id": f"{person}-{OWNER}", "dm_event_id": number}
        return broken_off(request) if self.loses_answers else web.json_response({"data": data}, status=201)

    def _message_fault(self, content: Any, person: str) -> web.Response | None:
        if not isinstance(content, dict) or content.keys() - {"text", "attachments"} or not content:
            return _invalid("text", "one of text or attachments is required, and nothing else")
        text, attachments = content.get("text", "x"), content.get("attachments", [])
        if not isinstance(text, str) or not text.strip() or len(text) > 10_000:
            return _invalid("text", "the text is empty or too long")
        if len(attachments) > 1 or any(self._unknown_media(each.get("media_id"), "dm_image") for each in attachments):
            return _invalid("attachments", "one media id of this user at most")
        if not person.isdigit():
            return _invalid("participant_id", "is not valid")
        if person in self.strangers:
            return _problem(403, "You do not have permission to DM one or more participants.")
        return None

    async def _post(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        content = await _json(request)
        if fault := self._post_fault(content):
            return fault
        number = str(3080 * 10**15 + len(self.sent))
        self.posts.append({**content, "id": number})
        data = {"id": number, "text": content.get("text", ""), "edit_history_tweet_ids": [number]}
        return broken_off(request) if self.loses_answers else web.json_response({"data": data}, status=201)

    def _post_fault(self, content: Any) -> web.Response | None:  # noqa: PLR0911
        if not isinstance(content, dict) or content.keys() - {"text", "reply", "media"}:
            return _invalid("body", "unknown fields")
        text, media = content.get("text", ""), content.get("media", {}).get("media_ids", [])
        if not isinstance(text, str) or not (text.strip() or media):
            return _invalid("text", "text or media is required")
        if weighted_length(text) > 280:
            return _problem(403, "You are not permitted to perform this action. Your Tweet text is too long.")
        if len(media) > 4 or any(self._unknown_media(each, "tweet_image") for each in media):
            return _invalid("media.media_ids", "your media ids are invalid")
        below = content.get("reply", {}).get("in_reply_to_tweet_id", "")
        if not isinstance(below, str) or not below.isdigit():
            return _invalid("reply.in_reply_to_tweet_id", "is not valid")
        if below in self.unanswerable:
            return _problem(
                403,
                "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by "
                "the author of the post you are replying to.",
            )
        if text and any(post.get("text") == text for post in self.posts):
            return _problem(403, "You are not allowed to create a Tweet with duplicate content.")
        return None

    def _unknown_media(self, id_: Any, category: str) -> bool:
        return self.uploads.get(str(id_), {}).get("media_category") != category

    async def _upload(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        if request.content_type != "multipart/form-data":
            return _invalid("media", "multipart/form-data is required")
        form = await request.post()
        media = form.get("media")
        if not isinstance(media, web.FileField) or form.get("media_category") not in ("tweet_image", "dm_image"):
            return _invalid("media_category", "media and its category are required")
        content = media.file.read()
        if media.content_type not in PICTURES or form.get("media_type") != media.content_type:
            return _invalid("media", "the type is not supported")
        if len(content) > 5 * 1024 * 1024:
            return _invalid("media", "the file is too large")
        id_ = str(1880 * 10**15 + len(self.uploads))
        self.uploads[id_] = {"media_category": form["media_category"], "content": content}
        return web.json_response({"data": {"id": id_, "media_key": f"3_{id_}", "expires_after_secs": 86_400}})

    async def _me(self, request: web.Request) -> web.Response:
        if self.breaks_off:
            return broken_off(request)
        if refusal := self._unsigned(request):
            return refusal
        about = {"id": OWNER, "name": "Example Lamps", "username": HANDLE}
        return web.json_response({"data": about}, headers={"x-access-level": self.access})

    async def _app_token(self, request: web.Request) -> web.Response:
        basic = base64.b64encode(f"{quote(KEY, safe='')}:{quote(self.secret, safe='')}".encode()).decode()
        form = await request.post()
        if request.headers.get("Authorization") != f"Basic {basic}" or form.get("grant_type") != "client_credentials":
            error = {"code": 99, "message": "Unable to verify your credentials", "label": "authenticity_token_error"}
            return web.json_response({"errors": [error]}, status=403)
        return web.json_response({"token_type": "bearer", "access_token": BEARER})

    async def _webhooks(self, request: web.Request) -> web.Response:
        if self.webhooks is None:
            return _problem(403, "When authenticating requests to X API v2 endpoints, you must use keys and tokens …")
        return self._of_app(request) or web.json_response({"data": self.webhooks})

    async def _activities(self, request: web.Request) -> web.Response:
        return self._of_app(request) or web.json_response({"data": self.activities})

    def _of_app(self, request: web.Request) -> web.Response | None:
        right = request.headers.get("Authorization") == f"Bearer {BEARER}"
        return None if right else _problem(401, "Unauthorized")

    async def _subscribed(self, request: web.Request) -> web.Response:
        if refusal := self._unsigned(request):
            return refusal
        if request.match_info["id"] not in [each["id"] for each in self.webhooks or ()]:
            return _invalid("webhook_id", "WebhookIdInvalid")
        return web.json_response({"data": {"subscribed": self.subscribed}})

    async def _file(self, request: web.Request) -> web.Response:
        if self.gives_files != 200:
            return web.Response(status=self.gives_files)
        found = self.files.get(request.match_info["file"])
        return web.Response(body=found[0], content_type=found[1]) if found else web.Response(status=404)

    async def _private_file(self, request: web.Request) -> web.Response:
        return self._unsigned(request) or await self._file(request)


def _user(id_: str) -> dict[str, str]:
    named = {OWNER: ("Example Lamps", HANDLE)}.get(id_, (f"Maria {id_[-2:]}", f"maria{id_[-2:]}"))
    return {"id": id_, "name": named[0], "screen_name": named[1]}


def _header(given: str) -> Iterator[tuple[str, str]]:
    """The parameters of a header Authorization (section 3.5.1)."""
    scheme, _, rest = given.partition(" ")
    if scheme == "OAuth":
        for each in re.finditer(r'(\w+)="([^"]*)"', rest):
            yield unquote(each[1]), unquote(each[2])


async def _json(request: web.Request) -> Any:
    if request.content_type != "application/json":
        return None
    try:
        return json.loads(await request.read())
    except ValueError:
        return None


def _problem(status: int, detail: str) -> web.Response:
    title = {401: "Unauthorized", 403: "Forbidden"}[status]
    return web.json_response({"detail": detail, "type": "about:blank", "title": title, "status": status}, status=status)


def _invalid(name: str, words: str) -> web.Response:
    problem = {
        "errors": [{"parameters": {name: []}, "message": words}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEM}invalid-request",
    }
    return web.json_response(problem, status=400)
