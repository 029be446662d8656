"""The Bot API on loopback, as strict as the real one: what it would refuse is refused in its own words.

One server for several bots. It knows the chats it was told of, numbers messages in each, keeps what was sent, and gives
updates to whoever asks for them, with the rules of offsets and of one asker at a time. `meets` says how it treats what
is sent from now on:

    taken     as it should be
    flood     429 with `retry_after`
    broken    502, as a proxy before it answers
    blocked   403, the customer has blocked the bot
    migrated  400 with `migrate_to_chat_id`, until the new id is used
    lost      it does what is asked and dies before it answers
    away      the connection breaks before anything is read
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Literal

from aiohttp import web

from .vendor_service import VendorService

Meeting = Literal["taken", "flood", "broken", "blocked", "migrated", "lost", "away"]
RETRY_AFTER = 7
NEW_CHAT = -1009999
LARGEST_UPLOAD = 50 * 1024 * 1024

# Bot API 10.0: the parameters of each method, the required ones first.
_COMMON = [
    "business_connection_id",
    "message_thread_id",
    "direct_messages_topic_id",
    "disable_notification",
    "protect_content",
    "message_effect_id",
    "suggested_post_parameters",
    "reply_parameters",
    "reply_markup",
    "allow_paid_broadcast",
]
_CAPTION = ["caption", "parse_mode", "caption_entities"]
_METHODS: dict[str, tuple[list[str], list[str]]] = {
    "getMe": ([], []),
    "sendMessage": (["chat_id", "text"], ["parse_mode", "entities", "link_preview_options", *_COMMON]),
    "sendPhoto": (["chat_id", "photo"], [*_CAPTION, "show_caption_above_media", "has_spoiler", *_COMMON]),
    "sendDocument": (["chat_id", "document"], [*_CAPTION, "thumbnail", "disable_content_type_detection", *_COMMON]),
    "sendVideo": (["chat_id", "video"], [*_CAPTION, "supports_streaming", "duration", "width", "height", *_COMMON]),
    "sendAudio": (["chat_id", "audio"], [*_CAPTION, "duration", "performer", "title", *_COMMON]),
    "answerGuestQuery": (["guest_query_id", "result"], []),
    "answerCallbackQuery": (["callback_query_id"], ["text", "show_alert", "url", "cache_time"]),
    "sendChatAction": (["chat_id", "action"], ["message_thread_id", "business_connection_id"]),
    "getFile": (["file_id"], []),
    "getUpdates": ([], ["offset", "limit", "timeout", "allowed_updates"]),
    "setWebhook": (
        ["url"],
        ["secret_token", "allowed_updates", "max_connections", "drop_pending_updates", "ip_address", "certificate"],
    ),
    "deleteWebhook": ([], ["drop_pending_updates"]),
    "getWebhookInfo": ([], []),
}
_FILES = {"sendPhoto": "photo", "sendDocument": "document", "sendVideo": "video", "sendAudio": "audio"}


class Refusal(Exception):
    """What the Bot API answers instead of a result."""

    def __init__(self, status: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.status = status
        self.parameters = parameters


@dataclass
class FakeBot:
    """What the server knows of one bot."""

    token: str
    chats: set[int] = field(default_factory=set)
    sent: list[dict[str, Any]] = field(default_factory=list)
    """What arrived: the method, its parameters, and the files by their fields."""
    calls: list[str] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    meets: Meeting = "taken"
    numbers: int = 100
    presses: list[str] = field(default_factory=list)
    """The buttons that were pressed and not answered."""
    actions: list[dict[str, Any]] = field(default_factory=list)
    acted: asyncio.Event = field(default_factory=asyncio.Event)
    asking: int = 0
    trouble: dict[str, Any] = field(default_factory=dict)
    """What getWebhookInfo says of posts that failed."""
    """How often updates were asked for."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody waits for updates."""
    webhook_set: asyncio.Event = field(default_factory=asyncio.Event)
    fails_from: int = 0
    """After so many messages it meets the next as `fails_with` says; 0 for never."""
    fails_with: Meeting = "flood"

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def tell(self, update: dict[str, Any]) -> None:
        """There is an update for whoever asks."""
        self.updates.append(update)
        self.news.set()


class FakeTelegram(VendorService):
    """The server; `url` is what stands for https://api.telegram.org."""

    def __init__(self, *tokens: str) -> None:
        self.bots = {token: FakeBot(token) for token in tokens}
        application = web.Application(client_max_size=LARGEST_UPLOAD + 1024 * 1024)
        application.router.add_route("*", "/bot{token}/{method}", self._call)
        application.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self.serve(application)

    @property
    def url(self) -> str:
        return self.base

    async def stop(self) -> None:
        """End; whoever waits for updates gets none."""
        for bot in self.bots.values():
            bot.news.set()
        await super().stop()

    async def _call(self, request: web.Request) -> web.Response:
        bot = self.bots.get(request.match_info["token"])
        method = request.match_info["method"]
        try:
            if bot is None:
                raise Refusal(401, "Unauthorized")
            if bot.meets == "away":
                _abort(request)
            parameters, files = await _parameters(request)
            bot.calls.append(method)
            _demand_known(method, parameters, files)
            result = await self._method(method)(bot, parameters, files)
            if bot.meets == "lost":
                _abort(request)
        except Refusal as error:
            return _refused(error)
        return web.json_response({"ok": True, "result": result})

    def _method(self, name: str) -> Callable[..., Awaitable[Any]]:
        return {
            "getMe": _get_me,
            "getFile": _get_file,
            "sendChatAction": _act,
            "answerCallbackQuery": _hear,
            "getUpdates": _get_updates,
            "setWebhook": _set_webhook,
            "deleteWebhook": _delete_webhook,
            "getWebhookInfo": _get_webhook_info,
            "answerGuestQuery": _answer_guest,
        }.get(name, lambda bot, parameters, files: _send(bot, name, parameters, files))

    async def _file(self, request: web.Request) -> web.Response:
        bot, path = self.bots.get(request.match_info["token"]), request.match_info["path"]
        if bot is None or path.removeprefix("files/") not in bot.files:
            raise web.HTTPNotFound
        return web.Response(body=bot.files[path.removeprefix("files/")])


def _abort(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError


def _refused(error: Refusal) -> web.Response:
    if error.status == 502:
        return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
    words = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: ", 429: "Too Many Requests: "}
    told = {"ok": False, "error_code": error.status, "description": words.get(error.status, "") + str(error)}
    return web.json_response(told | ({"parameters": error.parameters} if error.parameters else {}), status=error.status)


async def _parameters(request: web.Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Parameters and files, as the Bot API takes them: a query, a form, or JSON."""
    if request.content_type == "application/json":
        return dict(await request.json()), {}
    found: dict[str, Any] = dict(request.query)
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
            found[name] = value.filename
        else:
            found[name] = value
    return found, files


def _demand_known(method: str, parameters: dict[str, Any], files: dict[str, bytes]) -> None:
    """The real one ignores what it does not know; here that would hide a mistake."""
    if method not in _METHODS:
        raise Refusal(404, "Not Found")
    required, others = _METHODS[method]
    if unknown := set(parameters) - {*required, *others, *files}:
        raise Refusal(400, f"unknown parameters {sorted(unknown)}")
    for name in required:
        if not parameters.get(name) and name not in files:
            raise Refusal(400, {"text": "message text is empty"}.get(name, f"{name} is empty"))


async def _send(bot: FakeBot, method: str, parameters: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
    chat = _demand_chat(bot, parameters)
    _demand_limits(method, parameters, files)
    bot.numbers += 1
    bot.sent.append({"method": method, **parameters, "files": files})
    kind = "private" if chat > 0 else "supergroup"
    message = {"message_id": bot.numbers, "date": 1_700_000_000, "chat": {"id": chat, "type": kind}}
    return message | ({"text": parameters["text"]} if method == "sendMessage" else {})


def _demand_chat(bot: FakeBot, parameters: dict[str, Any]) -> int:
    meets = bot.fails_with if 0 < bot.fails_from <= len(bot.sent) else bot.meets
    _demand_calm(meets)
    if meets == "blocked":
        raise Refusal(403, "bot was blocked by the user")
    try:
        chat = int(parameters["chat_id"])
    except ValueError:
        raise Refusal(400, "chat not found") from None
    if meets == "migrated" and chat != NEW_CHAT:
        raise Refusal(400, "group chat was upgraded to a supergroup chat", migrate_to_chat_id=NEW_CHAT)
    if chat not in bot.chats and chat != NEW_CHAT:
        raise Refusal(400, "chat not found")
    return chat


def _demand_calm(meets: Meeting) -> None:
    if meets == "flood":
        raise Refusal(429, f"retry after {RETRY_AFTER}", retry_after=RETRY_AFTER)
    if meets == "broken":
        raise Refusal(502, "")


def _demand_limits(method: str, parameters: dict[str, Any], files: dict[str, bytes]) -> None:
    mode = parameters.get("parse_mode")
    text, caption = (_shown(parameters.get(name, ""), mode) for name in ("text", "caption"))
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refusal(400, "message is too long")
    if len(caption.encode("utf-16-le")) // 2 > 1024:
        raise Refusal(400, "message caption is too long")
    if parameters.get("parse_mode") not in (None, "HTML", "MarkdownV2", "Markdown"):
        raise Refusal(400, "unsupported parse_mode")
    for name in ("reply_parameters", "link_preview_options", "entities"):
        if name in parameters:
            _json(parameters[name], name)
    markup = _json(parameters.get("reply_markup", "{}"), "reply keyboard markup JSON object")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text") or not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise Refusal(400, "BUTTON_DATA_INVALID")
    if method in _FILES and (content := files.get(_FILES[method])) is not None:
        if not content:
            raise Refusal(400, "file must be non-empty")
        if len(content) > LARGEST_UPLOAD:
            raise Refusal(413, "Request Entity Too Large")
        if method == "sendPhoto" and content.startswith(b"not a picture"):
            raise Refusal(400, "IMAGE_PROCESS_FAILED")


class _Html(HTMLParser):
    """The text that is shown of Telegram's HTML (Bot API, "HTML style")."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in ("b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"):
            raise Refusal(400, f'can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refusal(400, "can't parse entities: Unmatched end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def _shown(text: str, mode: str | None) -> str:
    if mode != "HTML":
        return text
    reader = _Html()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise Refusal(400, "can't parse entities: Can't find end tag")
    return reader.text


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(400, f"can't parse {name}") from None


async def _get_me(bot: FakeBot, *_: Any) -> dict[str, Any]:
    return {"id": bot.id, "is_bot": True, "first_name": "Example", "username": "ExampleSupportBot"}


async def _hear(bot: FakeBot, parameters: dict[str, Any], _: Any) -> bool:
    if parameters["callback_query_id"] not in bot.presses:
        raise Refusal(400, "query is too old and response timeout expired or query ID is invalid")
    bot.presses.remove(parameters["callback_query_id"])
    return True


async def _act(bot: FakeBot, parameters: dict[str, Any], _: Any) -> bool:
    _demand_chat(bot, parameters)
    if parameters["action"] not in ("typing", "upload_photo", "upload_document"):
        raise Refusal(400, "wrong parameter action in request")
    bot.actions.append(parameters)
    bot.acted.set()
    return True


async def _get_file(bot: FakeBot, parameters: dict[str, Any], _: Any) -> dict[str, Any]:
    _demand_calm(bot.meets)
    content = bot.files.get(parameters["file_id"])
    if content is None or bot.meets == "blocked":
        raise Refusal(400, "wrong file_id or the file is temporarily unavailable")
    if len(content) > 20 * 1024 * 1024:
        raise Refusal(400, "file is too big")
    id_ = parameters["file_id"]
    return {"file_id": id_, "file_unique_id": f"u{id_}", "file_size": len(content), "file_path": f"files/{id_}"}


async def _get_updates(bot: FakeBot, parameters: dict[str, Any], _: Any) -> list[dict[str, Any]]:
    if bot.webhook.get("url"):
        raise Refusal(409, "can't use getUpdates method while webhook is active; use deleteWebhook to delete it first")
    bot.asking += 1
    bot.news.set()  # whoever waits is sent away
    offset, limit = int(parameters.get("offset", 0)), int(parameters.get("limit", 100))
    wanted = _json(parameters.get("allowed_updates", "[]"), "allowed_updates")
    bot.updates = [each for each in bot.updates if each["update_id"] >= offset]
    found = [each for each in bot.updates if not wanted or any(kind in each for kind in wanted)]
    if not found and int(parameters.get("timeout", 0)):
        await _wait(bot, bot.asking)
        found = [each for each in bot.updates if each["update_id"] >= offset]
    return found[:limit]


async def _wait(bot: FakeBot, question: int) -> None:
    await asyncio.sleep(0)  # those who are sent away go first
    bot.news.clear()
    bot.asked.set()
    await bot.news.wait()
    if bot.asking != question:
        raise Refusal(409, "terminated by other getUpdates request; make sure that only one bot instance is running")


async def _set_webhook(bot: FakeBot, parameters: dict[str, Any], _: Any) -> bool:
    if not parameters["url"].startswith("https://"):
        raise Refusal(400, "bad webhook: An HTTPS URL must be provided for webhook")
    secret = parameters.get("secret_token", "")
    if not all(character.isascii() and (character.isalnum() or character in "_-") for character in secret):
        raise Refusal(400, "secret token contains unallowed characters")
    bot.webhook = dict(parameters)
    bot.webhook_set.set()
    return True


async def _delete_webhook(bot: FakeBot, *_: Any) -> bool:
    bot.webhook = {}
    return True


async def _get_webhook_info(bot: FakeBot, *_: Any) -> dict[str, Any]:
    known = {"url": bot.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}
    return known | bot.trouble


async def _answer_guest(bot: FakeBot, parameters: dict[str, Any], _: Any) -> dict[str, Any]:
    _json(parameters["result"], "result")
    bot.sent.append({"method": "answerGuestQuery", **parameters})
    return {"inline_message_id": "inline1"}
